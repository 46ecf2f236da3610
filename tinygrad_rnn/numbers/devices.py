"""Where tensors live: in the memory of the processor, and nowhere else; and in which order their entries lie there."""

from __future__ import annotations

from enum import Enum
from typing import Any


class device:
    """PyTorch's name for a place where tensors live: ``device("cpu")``.

    Raises:
        RuntimeError: for any other place.
    """

    type = "cpu"
    index = None

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        if isinstance(type, device):
            return
        if str(type).partition(":")[0] != "cpu" or index not in (None, 0):
            raise RuntimeError(
                f"there is no device {type!r}: the numbers are in numpy arrays, which live in the processor's memory; "
                "use 'cpu', or ask cuda.is_available() first"
            )

    def __repr__(self) -> str:
        return "device(type='cpu')"

    def __str__(self) -> str:
        return "cpu"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device)

    def __hash__(self) -> int:
        return hash("cpu")


CPU = device()


def refuse_other_devices(wanted: Any) -> None:
    """Raise RuntimeError unless ``wanted`` is None or means the processor."""
    if wanted is not None:
        device(wanted)


class memory_format(Enum):
    """PyTorch's name for the order of entries in memory; the values are numpy's letters."""

    contiguous_format = "C"
    preserve_format = "K"


contiguous_format, preserve_format = memory_format


def ordered(wanted: Any) -> dict[str, str]:
    """What numpy's ``astype`` is told of a memory format: nothing to keep the order; RuntimeError if there is none."""
    if wanted is not None and not isinstance(wanted, memory_format):
        raise RuntimeError(
            f"there is no memory format {wanted!r} here: entries lie in the order in which they are read "
            "(contiguous_format), or where an operation copies as they did before (preserve_format)"
        )
    return {"order": "C"} if wanted is contiguous_format else {}


def set_default_device(device: Any) -> None:
    """Say where new tensors are made: on the processor, where they are anyway.

    Raises:
        RuntimeError: for any other place.
    """
    refuse_other_devices(device)


def get_default_device() -> device:
    """Where new tensors are made: on the processor."""
    return CPU


class _Absent:
    """What scripts ask of a processor of another kind."""

    @staticmethod
    def is_available() -> bool:
        """Whether tensors can live there: no."""
        return False

    @staticmethod
    def device_count() -> int:
        """How many there are: none."""
        return 0


class accelerator(_Absent):
    """What scripts ask before they use a processor of another kind: there is none."""

    @staticmethod
    def current_accelerator(check_available: bool = False) -> None:
        """The other processor: there is none."""


class backends:
    """The libraries PyTorch computes with on other processors; none of them is used here."""

    class mps(_Absent):
        """Apple's graphics cards."""

        is_built = _Absent.is_available

    class cudnn(_Absent):
        """NVIDIA's library. What is set here changes nothing: results are always the same."""

        enabled = False
        deterministic = True
        benchmark = False


class cuda(_Absent):
    """What scripts ask before they use a graphics card: there is none."""

    @staticmethod
    def manual_seed(seed: int) -> None:
        """Nothing to seed; as in PyTorch not an error."""

    manual_seed_all = manual_seed
