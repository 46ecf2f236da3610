"""What the tests beside PyTorch share."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def torch_in_double() -> Iterator[None]:
    """PyTorch keeps the product of NAdam's momentums in the default type: in float32 it would be the less exact one."""
    try:
        import torch
    except ModuleNotFoundError:
        yield
        return
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)
