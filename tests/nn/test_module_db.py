"""PyTorch's own samples for its modules, of those there are here: the same numbers, gradients, states and refusals."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.side_by_side import database, given_to, leaves

torch = pytest.importorskip("torch")
common = database("common_modules")
pytestmark = pytest.mark.slow

#: Modules that are not aimed at, and why.
APART = {
    "TransformerEncoder": "all samples give it a layer of PyTorch; compared in test_attention.py",
    **dict.fromkeys(("LazyConv1d", "LazyConvTranspose1d"), "what waits for its shape cannot be copied there"),
    "CTCLoss": "its gradient there is right behind log_softmax alone; compared so in test_functional.py",
}
INFOS = {
    name: info for info in common.module_db if hasattr(tg.nn, name := info.module_cls.__name__) and name not in APART
}

#: Samples that are not aimed at, by words in their names, and why.
LEFT_OUT: dict[str, str] = {}
#: Samples that come out otherwise, and why.
OTHERWISE = {"TransformerDecoderLayer 18 float32 train norm_first_False_batch_first_False_bias_False": "rounding"}


class Sample(NamedTuple):
    name: str
    dtype: str
    training: bool
    given: Any
    refused: bool


def samples(kind: str) -> Iterator[Sample]:
    """All samples of a module, in both types and modes, that are aimed at."""
    info = INFOS[kind]
    for dtype in ("float64", "float32"):
        for training in (True, False) if info.train_and_eval_differ else (True,):
            torch.manual_seed(0)
            options = {"device": "cpu", "dtype": getattr(torch, dtype), "requires_grad": True, "training": training}
            errors = info.module_error_inputs_func
            rows = [(each, False) for each in info.module_inputs_func(info, **options)]
            rows += [(each.module_error_input, True) for each in (errors(info, **options) if errors else ())]
            for number, (given, refused) in enumerate(rows):
                name = f"{kind} {number} {dtype} {'train' if training else 'eval'} {given.desc}".strip()
                if not any(word in name for word in LEFT_OUT):
                    yield Sample(name, dtype, training, given, refused)


def run(library: Any, kind: str, sample: Sample, weights: Any = None) -> dict[str, Any]:
    """What a module makes of a sample: weights, outputs, gradients and the state afterwards, by name."""
    made, given = sample.given.constructor_input, sample.given.forward_input
    module = getattr(library.nn, kind)(*given_to(library, made.args), **given_to(library, made.kwargs))
    module.to(getattr(library, sample.dtype)).train(sample.training)
    if weights is not None:
        module.load_state_dict(weights)
    found = {f"weight{name}": tensor.clone() for name, tensor in leaves(module.state_dict()).items()}
    if given is None:
        return found
    args, kwargs = given_to(library, given.args), given_to(library, given.kwargs)
    outputs = module(*args, **kwargs)
    roots = leaves(outputs)
    found |= {f"output{name}": tensor for name, tensor in roots.items()}
    losses = [(root * (root.detach() + 0.5)).sum() for root in roots.values() if root.requires_grad]
    if losses:
        sum(losses[1:], losses[0]).backward()
    inputs = leaves([args, kwargs]) | leaves(dict(module.named_parameters()))
    found |= {f"gradient{name}": x.grad for name, x in inputs.items() if x.requires_grad}
    return found | {f"state{name}": tensor for name, tensor in leaves(module.state_dict()).items()}


def difference(kind: str, sample: Sample) -> str:
    """What differs from PyTorch, in words; nothing if nothing does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            wanted = run(torch, kind, sample)
        except Exception as error:
            try:
                run(tg, kind, sample)
            except (IndexError, RuntimeError, TypeError, ValueError):
                return ""
            return f"not refused: {error}"
        weights = {name.removeprefix("weight."): x for name, x in wanted.items() if name.startswith("weight")}
        try:
            found = run(tg, kind, sample, weights)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    if list(found) != list(wanted):
        return f"{list(found)} for {list(wanted)}"
    return "".join(filter(None, (_differs(name, found[name], wanted[name]) for name in wanted)))


def _differs(name: str, found: Any, wanted: Any) -> str:
    if found is None or wanted is None:
        return "" if found is wanted else f"{name}: {found} for {wanted}; "
    mine, theirs = found.detach().numpy(), wanted.detach().numpy()
    if mine.shape != theirs.shape or mine.dtype != theirs.dtype:
        return f"{name}: {mine.dtype} {mine.shape} for {theirs.dtype} {theirs.shape}; "
    exact = theirs.dtype == np.float64
    scale = np.abs(theirs[np.isfinite(theirs)]).max(initial=1.0)
    close = np.allclose(
        mine, theirs, rtol=1e-9 if exact else 1e-4, atol=(1e-11 if exact else 2e-6) * scale, equal_nan=True
    )
    return "" if close else f"{name}: {mine} for {theirs}; "


@pytest.mark.parametrize("kind", INFOS)
def test_equals_torch_on_its_samples(kind: str, compared: Counter[str]) -> None:
    found = {sample.name: difference(kind, sample) for sample in samples(kind)}
    compared["samples of modules"] += len(found)
    wrong = {name: problem for name, problem in found.items() if problem}
    assert set(wrong) == {name for name in found if name in OTHERWISE}, wrong


def test_the_share_that_is_as_in_torch() -> None:
    aimed_at = sum(len(list(samples(kind))) for kind in INFOS)
    share = 1 - len(OTHERWISE) / aimed_at
    print(f"{share:.2%} of {aimed_at} samples of modules")
    assert aimed_at > 1_100 and share >= 0.995
