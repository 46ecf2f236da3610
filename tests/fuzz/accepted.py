"""Differences from PyTorch that are kept on purpose, found by random programs: each with what is to be expected."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

import tinygrad_rnn as tg
from tests.fuzz.run import Find, arrays, compare, finds, run


class Accepted(NamedTuple):
    """A kept difference, of results; what one library alone refuses is counted and not judged.

    Attributes:
        why: what is otherwise, as docs/contract.md says it.
        explains: whether it is all that differs in a program.
        shows: a program that shows it.
    """

    why: str
    explains: Callable[[Sequence[str]], bool]
    shows: str


class Instead:
    """Whether a program gives here what PyTorch does if in its lines the patterns are replaced by what is promised.

    With ``refused``, or what PyTorch refuses then.
    """

    def __init__(self, *pairs: tuple[str, str], refused: bool = False) -> None:
        self.pairs, self.refused = pairs, refused

    def __call__(self, program: Sequence[str]) -> bool:
        promised = list(program)
        for pattern, put in self.pairs:
            promised = [re.sub(pattern, put, line) for line in promised]
        return promised != list(program) and _same(program, promised, self.refused)


def _same(program: Sequence[str], promised: Sequence[str], refused: bool = False) -> bool:
    known = {find.line for find in finds(program) if find.sort == "given"}
    found = finds(program, promised)
    return all(find.sort == "loud" or (find.sort == "given" and (refused or find.line in known)) for find in found)


def retained_axes(program: Sequence[str]) -> bool:
    """Whether it comes out the same if a gradient is retained after the axes were changed in place, not before."""
    promised, names = list(program), run(tg, program)[0]
    for number, line in enumerate(program):
        if moved := re.match(r"(x\d+)\.(?:un)?(?:squeeze|transpose|t)_\(", line):
            for earlier in range(number):
                kept = re.match(r"(x\d+)\.retain_grad\(\)", promised[earlier])
                if kept and names.get(kept[1]) is names.get(moved[1]):
                    promised[earlier], promised[number] = "pass", f"{line}; {moved[1]}.retain_grad()"
    return promised != list(program) and _same(program, promised)


def hooked_views(program: Sequence[str]) -> bool:
    """Whether it comes out the same if what is written into a view with a hook is computed beside it and copied."""
    promised = list(program)
    for number, line in enumerate(program):
        if hook := re.search(r"(x\d+)\.register_hook", line):
            x = hook[1]
            for later in range(number + 1, len(program)):
                put = re.sub(rf"^{x}\.(?!requires_grad)(\w+)_\((.*)\)$", rf"{x}.copy_({x}.\1(\2))", promised[later])
                put = re.sub(rf"^{x} ([-+*/])= (.*)$", rf"{x}.copy_({x} \1 \2)", put)
                promised[later] = re.sub(
                    rf"^{x}(\[.*\]) (.?=) (.*)$", rf"_ = {x}.clone(); _\1 \2 \3; {x}.copy_(_)", put
                )
    return promised != list(program) and _same(program, promised)


def retyped(program: Sequence[str]) -> bool:
    """Whether it comes out the same if gradients are brought to the type of the data that something was given."""
    promised = list(program)
    for number, line in enumerate(program):
        if given := re.match(r"(x\d+)\.data = ", line):
            for later in range(number + 1, len(program)):
                if "backward(" in program[later]:
                    promised[later] += f"; M.retype({given[1]})"
                elif re.search(rf"= T\.autograd\.grad\(.*, {given[1]}[,)].*\.clone\(\)$", program[later]):
                    promised[later] += f".to({given[1]}.dtype)"
    return promised != list(program) and _same(program, promised)


def rounding(program: Sequence[str]) -> bool:
    """Whether it comes out the same if, after each line, what differs by rounding, or a 0 by its sign, is PyTorch's."""
    import torch

    there = [run(torch, program[: end + 1])[0] for end in range(len(program))]
    rounded = []

    def rounds(names: dict[str, object], line: int) -> None:
        for mine, theirs in zip(arrays(names), arrays(there[line]), strict=False):
            if mine.shape == theirs.shape and mine.dtype == theirs.dtype and mine.dtype.kind == "f":
                other = (mine != theirs) | (np.signbit(mine) != np.signbit(theirs))
                other &= np.isclose(mine, theirs, rtol=4 * np.finfo(mine.dtype).eps, atol=0)
                if other.any() and mine.flags.writeable:
                    rounded.append(line)
                    np.copyto(mine, theirs, where=other)

    mine, _ = run(tg, program, rounds)
    return bool(rounded) and not compare(mine, there[-1])


def overflow(program: Sequence[str]) -> bool:
    """Whether PyTorch has NaN or infinity where a finite number is here, and both agree in float64."""
    import torch

    wide = [line.replace("T.float16", "T.float64") for line in program]
    if wide == list(program) or any(find.sort == "silent" for find in finds(wide)):
        return False
    mine, theirs = (arrays(run(library, program)[0]) for library in (tg, torch))
    pairs = list(zip(mine, theirs, strict=False))
    return all(
        a.shape == b.shape and a.dtype == b.dtype and (np.isclose(a, b, 1e-2, equal_nan=True) | ~np.isfinite(b)).all()
        for a, b in pairs
    )


def order_in_memory(program: Sequence[str]) -> bool:
    """Whether nothing but the last line differs, which copies, or finds it ordered, what lies otherwise in memory."""
    import torch

    read = re.search(r"(x\d+) = (x\d+)\.(contiguous|reshape|flatten|is_contiguous)", program[-1])
    if read is None or not _same(program[:-1], program[:-1]):
        return False
    found = [run(library, program)[0] for library in (tg, torch)]
    ordered = [bool(names[read[2]].is_contiguous()) for names in found if read[2] in names]
    if sorted(ordered) != [False, True]:
        return False
    return read[3] == "is_contiguous" or not compare(*({"x": names[read[1]]} for names in found))


ACCEPTED = [
    Accepted(
        "A view taken inside no_grad() is a tensor of its own that shares the memory, as detach() gives it.",
        Instead((r"(with T\.no_grad\(\): x\d+ = )(.*)", r"\1(\2).detach()")),
        """
        x0 = T.ones(3, requires_grad=True)
        with T.no_grad(): x1 = x0.view(-1)
        x2 = x1.requires_grad
        """,
    ),
    Accepted(
        "A view does not change when what it was taken from asks for a gradient later.",
        Instead(
            (r"^(x\d+)\.((?:un)?squeeze|transpose|t)_\(", r"\1.data = \1.data.\2("),
            (r"^(x\d+)\.((?:view\(-1\)\.)?)(?!requires_grad_|detach_)(\w+_\()", r"\1.data.\2\3"),
            (r"^(x\d+)(\[.*\] [-+*/]?=| [-+*/]=) ", r"\1.data\2 "),
        ),
        """
        x0 = T.zeros(2)
        x1 = x0.view(-1)
        x1.mul_(2)
        x0.requires_grad_()
        """,
    ),
    Accepted(
        "lerp() is differentiated as it is written, with the end that is nearer: infinities may meet there.",
        Instead((r"(x\d+)\.lerp\(", r"M.lerp(\1, ")),
        """
        x0 = T.tensor([0.0, 1.0], requires_grad=True)
        x1 = x0.lerp(x0, 0.5)
        x1.backward(T.tensor([float('inf'), 1.0]))
        """,
    ),
    Accepted(
        "unique() is a dead end for gradients and its result says so; in PyTorch its backward pass is what refuses.",
        Instead((r"\.unique\(\)", ".detach().unique()")),
        """
        x0 = T.ones(3, requires_grad=True).unique()
        x1 = x0.requires_grad
        """,
    ),
    Accepted(
        "grad() returns what the hooks of a value made of its gradient; in PyTorch only if the walk ends there.",
        Instead(
            (
                r"for g in (T\.autograd\.grad\(.*), \[(x\d+), (x\d+)\], materialize_grads=True",
                r"for each in (\2, \3) for g in \1, [each], retain_graph=True, materialize_grads=True",
            )
        ),
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = x0 * 2
        x1.register_hook(lambda g: g * 2)
        x2 = [g * 1 for g in T.autograd.grad(x1.sum(), [x0, x1], materialize_grads=True, allow_unused=True)]
        """,
    ),
    Accepted(
        "A leaf that stopped asking for a gradient calls no hooks.",
        Instead((r"^(x\d+)\.requires_grad = False$", r"\g<0>; (\1._backward_hooks or {}).clear()")),
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = x0 * T.ones(2, requires_grad=True)
        x2 = []; x0.register_hook(lambda g, to=x2: to.append(g.clone()))
        x0.requires_grad = False
        x1.sum().backward()
        """,
    ),
    Accepted(
        "Writing past the graph leaves it as it is; PyTorch then reads views anew from what they were taken from.",
        Instead(
            (r"with T\.no_grad\(\): (x\d+)(\[.*\] | [-+*/])= ", r"with T.no_grad(): \1.data\2= "),
            (r"with T\.no_grad\(\): (x\d+)\.(\w+_\()", r"with T.no_grad(): \1.data.\2"),
            (r"\.detach\(\)", ".data"),
        ),
        """
        x0 = T.ones(2, 2, requires_grad=True)
        x1 = (x0 * 1)[0]
        x2 = x1.view(2)
        x3 = x2.detach().mul_(2.0)
        x4 = T.autograd.grad(x2.sum(), x1, allow_unused=True)[0]; x4 = x4 is None
        """,
    ),
    Accepted(
        "Writing through .data is writing through detach(): a rule that needs what was there refuses.",
        Instead((r"\.data\.(\w+_\()", r".detach().\1"), refused=True),
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = x0.expm1()
        x1.data.mul_(2)
        (x1 * x1).sum().backward()
        """,
    ),
    Accepted(
        "The .grad that a value retains after it was given other axes in place is that of the later value.",
        retained_axes,
        """
        x0 = T.ones(2, 3, requires_grad=True)
        x1 = x0 * 2
        x1.retain_grad()
        x1.t_()
        (x1 * x1).sum().backward()
        """,
    ),
    Accepted(
        "A tensor that is given other axes in place has these alone; PyTorch takes it for written and reads views of "
        "the same memory anew, so that hooks put on them later are not called.",
        Instead((r"^(x\d+)\.((?:un)?squeeze|transpose|t)_\(", r"\1 = \1.\2(")),
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = (x0 * 1).view(1, 2)
        x2 = x1.view(2, 1)
        x2.squeeze_()
        x1.register_hook(lambda g: g * 2)
        x2.sum().backward()
        """,
    ),
    Accepted(
        "A hook of a view that is written to afterwards is called with the gradient of what the view was before.",
        hooked_views,
        """
        x0 = T.ones(2, 2, requires_grad=True)
        x1 = x0 * 1
        x2 = x1.mT
        x3 = []; x2.register_hook(lambda g, to=x3: to.append(g.clone()))
        x2.mul_(3)
        x1.sum().backward()
        """,
    ),
    Accepted(
        "The gradient of what was given data of another type has the type of these.",
        retyped,
        """
        x0 = T.ones(2, dtype=T.float64, requires_grad=True)
        x1 = x0.float() * 2
        x0.data = T.ones(2)
        x1.sum().backward()
        """,
    ),
    Accepted(
        "Of several values written to one place only the one that stays has a gradient.",
        Instead(
            (r"^(x\d+)\[(.*)\] = (.*)$", r"M.put(\1, np.s_[\2], \3)"),
            (r"^(x\d+)\[(.*)\] ([-+*/])= (.*)$", r"M.put(\1, np.s_[\2], \1[\2] \3 \4)"),
        ),
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = T.zeros(2)
        x1[[0, 0]] = x0
        x1.sum().backward()
        """,
    ),
    Accepted(
        "The derivative of a product is the product of the others, also where infinity is among them, and a function "
        "of its factors alone.",
        Instead((r"(x\d+)\.(cumprod|prod)\(", r"M.\2(\1, ")),
        """
        x0 = T.tensor([float('inf'), 2.0], requires_grad=True)
        x0.prod().backward()
        """,
    ),
    Accepted(
        "The derivative of amax() and amin() is 0 but at the extremes, and where they are NaN that of max() and min().",
        Instead((r"(x\d+)\.a(max|min)\(", r"M.extreme('\2', \1, ")),
        """
        x0 = T.tensor([float('nan'), 2.0], requires_grad=True)
        x0.amax().backward()
        """,
    ),
    Accepted(
        "The derivative of elu(), celu() and selu() at NaN is that of positive numbers, as PyTorch has it for a few "
        "numbers; of many it computes several at once, and then it is NaN.",
        Instead((r"(?:T\.nn\.functional|F)\.([cs]?elu)\((x\d+)\)", r"M.elu('\1', \2)")),
        """
        x0 = T.tensor([float('nan')] * 64, requires_grad=True)
        x1 = T.nn.functional.selu(x0)
        x1.backward(T.zeros(64))
        """,
    ),
    Accepted(
        "gelu(), silu(), mish() and hardswish() are x times a weight and are differentiated as such: an infinite "
        "gradient is NaN where it comes in two parts. So are the pieces of hardsigmoid() and softshrink().",
        Instead(
            (
                r"(?:T\.nn\.functional|F)\.(gelu|silu|mish|hardswish|hardsigmoid|softshrink)\((x\d+)\)",
                r"M.ACTIVE['\1'](\2)",
            )
        ),
        """
        x0 = T.zeros(1, requires_grad=True)
        T.nn.functional.silu(x0).backward(T.tensor([float('inf')]))
        """,
    ),
    Accepted(
        "No gradient, be it NaN or infinite, flows through what nan_to_num() replaced or nansum() left out, through "
        "atan2(0, 0) or 0 ** x.",
        Instead(
            (r"(x\d+)\.nan_to_num\(\)", r"T.where(\1.isfinite(), \1, \1.detach().nan_to_num())"),
            (r"(x\d+)\.nansum\(", r"T.where(\1.isnan(), 0, \1).sum("),
            (r"(x\d+)\.atan2\(", r"M.atan2(\1, "),
            (r"= (0|0\.0) \*\* (x\d+)", r"= T.where(\2 >= 0, \1 ** \2.detach(), \1 ** \2)"),
        ),
        """
        x0 = T.tensor([float('nan'), 2.0], requires_grad=True)
        x0.nan_to_num().backward(T.tensor([float('inf'), 1.0]))
        """,
    ),
    Accepted(
        "The derivative of x ** p is computed also where p, a tensor, is 0, since its own in p is 1 / x there and not "
        "0; hence a NaN, or infinity, that comes to it stays NaN.",
        Instead((r"(x\d+)\.pow\((x\d+)\)", r"M.pow(\1, \2)")),
        """
        x0, x1 = T.tensor([2.0, 3.0], requires_grad=True), T.zeros(2)
        x0.pow(x1).backward(T.tensor([float('nan'), 1.0]))
        """,
    ),
    Accepted(
        "The variance is differentiated as it is written: NaN if the mean is infinite, or n - correction 0.",
        Instead((r"(x\d+)\.(var|std)\(", r"M.\2(\1, ")),
        """
        x0 = T.tensor([float('inf'), 1.0, 1.0], requires_grad=True)
        x0.var(-1).backward()
        """,
    ),
    Accepted(
        "The number of entries that are not 0, norm(0), has the derivative 0; in PyTorch it has none.",
        Instead((r"(x\d+)\.norm\(0\)", r"(\1.norm(0) + \1.sign().nan_to_num().sum() * 0)")),
        """
        x0 = T.ones(2, requires_grad=True)
        x0.norm(0).backward()
        """,
    ),
    Accepted(
        "Of bounds that are equal the one that is returned has the gradient; in PyTorch the lower one has none.",
        Instead((r"(x\d+)\.clamp\((x\d+), \2\)", r"T.where(\1 == \2, \1, \2)")),
        """
        x0 = T.tensor(-1.0, requires_grad=True)
        x1 = T.tensor(-0.5, requires_grad=True)
        x2 = x0.clamp(x1, x1)
        x2.backward()
        """,
    ),
    Accepted(
        "What is left of a division without rest is 0.0, as in Python; in PyTorch -0.0 for a negative number.",
        Instead((r"(\S+ % \S+|\S+\.remainder\(.*\))$", r"(\1) + 0")),
        """
        x0 = T.tensor(-3.0) % 3
        x1 = x0.atan2(T.tensor(-1.0))
        """,
    ),
    Accepted(
        "The last digit is no promise, nor is the sign of a 0 that comes of a running sum, an order or a walk; hence "
        "neither is what jumps there, a quotient rounded down or 1 / 0.",
        rounding,
        """
        x0 = T.tensor([-0.0, 0.0]).amax()
        x1 = 1 / x0
        """,
    ),
    Accepted(
        "float16 overflows on one way of computing and not on another; where the result is finite here, it is right.",
        overflow,
        """
        x0 = T.tensor(-2.0, dtype=T.float16, requires_grad=True)
        x1 = x0.atan2(x0)
        x2 = T.autograd.grad((x1**3).sum(), x1, create_graph=True)[0].clone()
        x3 = T.autograd.grad((x2**3).sum(), x0, create_graph=True)[0].clone()
        (x3 * x2).sum().backward()
        """,
    ),
    Accepted(
        "What is scattered to one place is added up before what is there is added; it may stay finite on that way.",
        Instead(
            (r"= (x\d+)\.(scatter|index)_add\(", r"= \1 + T.zeros_like(\1).\2_add("),
            (r"^(x\d+)\.(scatter|index)_add_\((.*)\)$", r"\1.add_(T.zeros_like(\1).\2_add(\3))"),
        ),
        """
        x0 = T.tensor([3e38, -3e38])
        x1 = x0.scatter_add(0, T.tensor([0, 0]), x0)
        """,
    ),
    Accepted(
        "Equal entries keep their order when they are sorted; in PyTorch, of more than 16, only with stable=True.",
        Instead((r"\.((?:arg)?sort)\((-?\d)\)", r".\1(dim=\2, stable=True)")),
        """
        x0 = T.tensor([1.0, 2.0, 0.0] * 8).argsort(0)
        """,
    ),
    Accepted(
        "How a computed result lies in memory is no promise, hence neither is whether reshape() copies it.",
        order_in_memory,
        """
        x0 = T.ones(3, 2).t().softmax(0)
        x1 = x0.contiguous()
        """,
    ),
    Accepted(
        "An empty product has the type that its factors have together; PyTorch looks at one of them.",
        Instead(
            (
                r"(T\.einsum\(.*), (x\d+), (x\d+)\)",
                r"\1, *(x.to(T.promote_types(\2.dtype, \3.dtype)) for x in (\2, \3)))",
            )
        ),
        """
        x0, x1 = T.ones(2, 0, dtype=T.float64), T.ones(2, 0)
        x2 = T.einsum('ij,kj->ik', x0, x1)
        """,
    ),
]


def reason(find: Find, program: Sequence[str]) -> str:
    """Why a find is accepted; nothing if it is not."""
    rows = ACCEPTED if find.sort == "silent" else ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if alone := next((row.why for row in rows if row.explains(program)), ""):
            return alone
        promises = [(row.why, row.explains) for row in rows if isinstance(row.explains, Instead)]
        numbers = [pair for _, each in promises for pair in each.pairs if "M." in pair[1] or "T.where" in pair[1]]
        for why, each in promises:  # several at once
            if Instead(*numbers, *each.pairs, refused=each.refused)(program):
                return why
        return ""
