"""Runs the text of one program on both libraries and says in what they differ."""

from __future__ import annotations

import functools
import itertools
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

import tinygrad_rnn as tg
from tests.fuzz import stated

#: Entries of states that choose in PyTorch how a step is computed, or that its schedules keep in groups.
APART = (
    "foreach", "fused", "capturable", "differentiable", "decoupled_weight_decay", "base_momentum", "max_momentum",
    "max_lr", "min_lr", "initial_lr",
)  # fmt: skip
_HOOK = re.compile(r"(\w+)\.register_hook")
_WRITES = re.compile(r"x\d+(\[.*\] .?=| .=|\.\w+_\()")
_NOTHING = "raise RuntimeError"
#: Relative and absolute roughness by dtype.
_ROUGH = {"float64": (1e-7, 1e-9), "float32": (2e-4, 2e-5), "float16": (2e-2, 2e-2)}


class Find(NamedTuple):
    """A difference.

    Attributes:
        sort: "silent" (another result), "loud" (refused here alone) or "given" (refused by PyTorch alone).
        line: the line that is refused; of a silent difference "".
        says: the values, or the message of who refuses.
    """

    sort: str
    line: str
    says: str


def data(library: Any, *shape: int, seed: int = 0, dtype: str = "float32", below: int = 0) -> Any:
    """Numbers that look random and are the same in both libraries; integers below a bound if there is one."""
    count = np.arange(1, int(np.prod(shape)) + 1)
    numbers = (count * (seed + 7)) % below if below else np.sin(count * (1.7 + seed) + seed)
    return library.tensor(numbers.reshape(shape), dtype=library.int64 if below else getattr(library, dtype))


def fill(library: Any, module: Any) -> None:
    """Gives the parameters of a module numbers that are the same in both libraries."""
    with library.no_grad():
        for seed, parameter in enumerate(module.parameters()):
            numbers = data(library, *parameter.shape, seed=seed).to(parameter.dtype)
            parameter.copy_(numbers * 0.5 + 0.1)


@functools.lru_cache(4096)
def _compiled(line: str) -> CodeType:
    return compile(line, "<program>", "exec")


def start(library: Any) -> dict[str, Any]:
    """The names a program knows at its beginning."""
    return {
        "T": library,
        "M": stated,
        "F": library.nn.functional,
        "np": np,
        "data": functools.partial(data, library),
        "fill": functools.partial(fill, library),
    }


def run(
    library: Any, lines: Sequence[str], after: Callable[[dict[str, Any], int], None] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The names a program leaves behind, and for each line what was said when it was refused ("" if it was not).

    After each line ``after`` is called with the names so far.
    """
    names = start(library)
    given, said = set(names) | {"__builtins__"}, []
    for number, line in enumerate(lines):
        if hook := _HOOK.search(line):  # PyTorch crashes on a view whose memory changed, unless its history was seen
            getattr(names.get(hook[1]), "grad_fn", None)
        try:
            exec(_compiled(line), names)
            said.append("")
        except Exception as error:
            said.append(f"{type(error).__name__}: {str(error).strip() or 'nothing'}")
        if after is not None:
            after(_own(names, given), number)
    return _own(names, given), said


def _own(names: dict[str, Any], given: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in names.items() if name not in given and name[0] != "_"}


def parts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The tensors and plain values in a value, with their places in it."""
    if hasattr(value, "requires_grad_") and not hasattr(value, "state_dict"):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in APART:  # steps are counted by numbers here, by tensors there
                yield from parts(float(each) if key in ("step", "mu_product") else each, f"{path}[{key!r}]")
    elif isinstance(value, (list, tuple)) and not hasattr(value, "batch_sizes"):
        yield f"len({path})", len(value)
        for number, each in enumerate(value):
            yield from parts(each, f"{path}[{number}]")
    elif hasattr(value, "named_parameters"):
        yield from parts(dict(value.named_parameters()), path)
        yield from parts(value.state_dict(), f"{path}.state_dict()")
    elif hasattr(value, "param_groups"):
        yield from parts(value.state_dict(), f"{path}.state_dict()")
    elif hasattr(value, "last_epoch"):
        yield f"{path}.last_epoch", value.last_epoch
        yield from parts([float(rate) for rate in value.get_last_lr()], f"{path}.get_last_lr()")
    elif hasattr(value, "batch_sizes"):
        yield from parts(tuple(value), path)
    elif isinstance(value, (int, float, str, bool, np.ndarray, type(None))):
        yield path, value


def arrays(names: dict[str, Any]) -> list[Any]:
    """The memory of all tensors there are, and of their gradients."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tensors = [value for _, value in parts(names, "") if hasattr(value, "requires_grad_")]
        return [each.detach().numpy() for x in tensors for each in (x, x.grad) if each is not None]


def _array(value: Any) -> Any:
    return value.detach().numpy(force=True) if hasattr(value, "detach") else np.asarray(value)


def _numbers(mine: Any, theirs: Any, kind: str) -> bool:
    """Whether two arrays are equal, up to rounding in the coarsest type that had a part in them."""
    mine, theirs = np.asarray(mine), np.asarray(theirs)
    if theirs.dtype.kind != "f":
        return bool(np.array_equal(mine, theirs))
    rtol, atol = _ROUGH[kind]
    with np.errstate(all="ignore"):
        wide, other = mine.astype(np.float64), theirs.astype(np.float64)
        scale = np.abs(other[np.isfinite(other)]).max(initial=1.0)
        return bool(np.allclose(wide, other, rtol=rtol, atol=atol * scale, equal_nan=True))


def differs(path: str, mine: Any, theirs: Any, kind: str) -> str:
    """What differs in a value, in words; nothing if nothing does."""
    if not hasattr(theirs, "requires_grad_"):
        if type(mine) is not type(theirs):
            return f"{path}: {mine!r} for {theirs!r}"
        same = _numbers(mine, theirs, kind) if isinstance(theirs, (int, float, np.ndarray)) else mine == theirs
        return "" if same else f"{path}: {mine!r} for {theirs!r}"
    if not hasattr(mine, "requires_grad_"):
        return f"{path}: {mine!r} for {theirs!r}"
    kinds = [str(each.dtype).split(".")[-1] for each in (mine, theirs)]
    try:
        _ = mine.requires_grad
    except RuntimeError as error:
        return f"{path}: {error}"
    if kinds[0] != kinds[1]:
        return f"{path}.dtype: {kinds[0]} for {kinds[1]}"
    try:
        _ = theirs.requires_grad, theirs.is_leaf
    except RuntimeError:  # a view whose history PyTorch gave up: using it is refused there
        return ""
    if tuple(mine.shape) != tuple(theirs.shape):
        return f"{path}.shape: {mine.shape} for {theirs.shape}"
    wanted = stated.way_back(theirs)
    if mine.requires_grad != wanted and not (mine.requires_grad and stated.constant(mine)):
        return f"{path}.requires_grad: {mine.requires_grad} for {theirs.requires_grad} of {kinds[0]}"
    if mine.requires_grad == wanted and mine.is_leaf != (theirs.is_leaf or not wanted):
        if theirs.is_leaf and stated.constant(mine):  # and so it could be made to ask for a gradient
            return ""
        return f"{path}.is_leaf: {mine.is_leaf} for {theirs.is_leaf} of {kinds[0]}"
    if not _numbers(_array(mine), _array(theirs), kind):
        return f"{path}: {_array(mine).tolist()} for {_array(theirs).tolist()}"
    if mine.grad is None or theirs.grad is None:
        return "" if mine.grad is theirs.grad else f"{path}.grad: {mine.grad} for {theirs.grad}"
    return differs(f"{path}.grad", mine.grad, theirs.grad, kind)


def _shared(tensors: Sequence[Any]) -> list[bool]:
    arrays = [_array(tensor) for tensor in tensors]
    return [bool(np.shares_memory(a, b)) for a, b in itertools.combinations(arrays, 2)]


def compare(mine: dict[str, Any], theirs: dict[str, Any]) -> str:
    """The first difference between what two runs left behind."""
    found, wanted = (dict(parts(names, "")) for names in (mine, theirs))
    if found.keys() != wanted.keys():
        return f"names: {sorted(set(found) ^ set(wanted))} (or values of other types)"
    kinds = {str(getattr(value, "dtype", "")).split(".")[-1] for value in wanted.values()}
    kind = next((each for each in ("float16", "float32") if each in kinds), "float64")
    for path in wanted:
        if problem := differs(path, found[path], wanted[path], kind):
            return problem.replace("['", "", 1).replace("']", "", 1)
    top = [name for name, value in theirs.items() if hasattr(value, "requires_grad_") and hasattr(value, "dtype")]
    pairs = list(itertools.combinations(top, 2))
    for (a, b), here, there in zip(
        pairs, *(_shared([run[name] for name in top]) for run in (mine, theirs)), strict=True
    ):
        if here != there:
            return f"{a} and {b} {'share' if here else 'do not share'} memory, unlike in PyTorch"
    return ""


def finds(lines: Sequence[str], promised: Sequence[str] | None = None) -> list[Find]:
    """All in which the two libraries differ: refusals of one of them, line by line, and the first other result.

    With ``promised``, PyTorch runs these lines instead.
    """
    import torch

    found: list[Find] = []
    left, other = list(lines), list(lines if promised is None else promised)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while True:
            (mine, here), (theirs, there) = run(tg, left), run(torch, other)
            walks = [n for n, a in enumerate(here) if a and there[n] and ("backward" in left[n] or "grad(" in left[n])]
            if walks:  # what such a walk had found when it was refused is nobody's promise
                left, other = ([line for n, line in enumerate(some) if n not in walks] for some in (left, other))
                continue
            # A write that is refused has changed nothing; PyTorch may have come half the way.
            halves = [n for n, a in enumerate(here) if a and there[n] and _WRITES.match(left[n])]
            if any(other[n] != _NOTHING for n in halves):
                other = [_NOTHING if n in halves else line for n, line in enumerate(other)]
                continue
            odd = next((n for n, (a, b) in enumerate(zip(here, there, strict=True)) if bool(a) != bool(b)), None)
            if odd is not None:
                (mine, _), (theirs, _) = run(tg, left[:odd]), run(torch, other[:odd])
            if problem := compare(mine, theirs):
                return [*found, Find("silent", "", problem)]
            if odd is None:
                return found
            found.append(Find("loud" if here[odd] else "given", left[odd], here[odd] or there[odd]))
            del left[odd], other[odd]


def shrunk(lines: Sequence[str], find: Find) -> list[str]:
    """The program without the lines that a find does without."""

    def still(some: Sequence[str]) -> bool:
        return any(each.sort == find.sort and each.line == find.line for each in finds(some))

    left = list(lines)
    for size in (4, 2, 1, 1):
        for end in range(len(left), 0, -size):
            shorter = left[: max(end - size, 0)] + left[end:]
            if still(shorter):
                left = shorter
    return left
