"""Differences from PyTorch that are kept on purpose, found by random programs: a row each, with reason and example."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tests.fuzz.run import Find


class Accepted(NamedTuple):
    """A kept difference, of results; what one library alone refuses is counted and not judged.

    Attributes:
        why: what is otherwise, as docs/contract.md says it.
        program: what a minimal program holds (a regular expression; its lines joined by newlines).
        says: what the find says (a regular expression).
        shows: a program that shows it.
    """

    why: str
    program: str
    says: str
    shows: str


ACCEPTED = [
    Accepted(
        "A view taken inside no_grad() requires no gradient; in PyTorch it says it does, though no way leads back.",
        r"with T\.no_grad\(\): x\d+ = ",
        r"(requires_grad|is_leaf): False for True of float",
        """
        x0 = T.ones(3, requires_grad=True)
        with T.no_grad(): x1 = x0.view(-1)
        """,
    ),
    Accepted(
        "A view does not change when what it was taken from asks for a gradient later.",
        r"requires_grad_\(\)|requires_grad = True",
        r"requires_grad: False for True of float",
        """
        x0 = T.ones(3)
        x1 = x0.view(-1)
        x0.requires_grad_()
        """,
    ),
    Accepted(
        "Integers and truth values never require a gradient, also not when something that does was written into them.",
        r"",
        r"\.(requires_grad|is_leaf): \w+ for \w+ of (u?int\d+|bool)$",
        """
        x0 = T.zeros(1, dtype=T.int64)
        x0[True] = T.tensor(2.0, requires_grad=True)
        """,
    ),
    Accepted(
        "unique() is a dead end for gradients and its result says so; in PyTorch its backward pass is what refuses.",
        r"\.unique\(",
        r"requires_grad: False for True of float",
        "x0 = T.ones(3, requires_grad=True).unique()",
    ),
    Accepted(
        "A first derivative that is constant in pieces still requires a gradient when the graph is asked for.",
        r"create_graph=True",
        r"requires_grad: True for False of float",
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = T.autograd.grad(x0.clamp(min=2).sum(), x0, create_graph=True)[0].clone()
        """,
    ),
    Accepted(
        "grad() fills no .grad, also not of values that retain theirs.",
        r"retain_grad\(\)[\s\S]*autograd\.grad\(",
        r"\.grad: (None|tensor)",
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = x0 * 2
        x1.retain_grad()
        x2 = T.autograd.grad(x1.sum(), x0)[0].clone()
        """,
    ),
    Accepted(
        "grad() returns what the hooks of a value made of its gradient; in PyTorch only if the walk ends there.",
        r"register_hook[\s\S]*autograd\.grad\(",
        r": ",
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = x0 * 2
        x1.register_hook(lambda g: g * 2)
        x2 = [g * 1 for g in T.autograd.grad(x1.sum(), [x0, x1])]
        """,
    ),
    Accepted(
        "A leaf that stopped asking for a gradient calls no hooks.",
        r"register_hook[\s\S]*requires_grad = False",
        r"^names",
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = x0 * T.ones(2, requires_grad=True)
        x2 = []; x0.register_hook(lambda g, to=x2: to.append(g.clone()))
        x0.requires_grad = False
        x1.sum().backward()
        """,
    ),
    Accepted(
        "A hook on a view sees all of its gradient, also that of what was written into its memory later.",
        r"(\w_\(|\.data|[-+*/\]] ?= )[\s\S]*register_hook|register_hook[\s\S]*(\w_\(|\.data|[-+*/\]] ?= )",
        r"^names|len\(|^x\d+\[\d\]: |grad: ",
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = x0.view(-1)
        x2 = []; x1.register_hook(lambda g, to=x2: to.append(g.clone()))
        with T.no_grad(): x1 /= x1
        (x1 * x1.detach()).sum().backward()
        """,
    ),
    Accepted(
        "The .grad that a value retains after it was given other axes in place is that of the later value.",
        r"retain_grad\(\)\n[\s\S]*(squeeze|transpose|t)_\(",
        r"grad",
        """
        x0 = T.ones(2, 3, requires_grad=True)
        x1 = x0 * 2
        x1.retain_grad()
        x1.t_()
        (x1 * x1).sum().backward()
        """,
    ),
    Accepted(
        "Of several values written to one place only the one that stays has a gradient.",
        r"x\d+\[.*\[-?\d\]?(, \[?-?\d\]?)+\].*=",
        r": ",
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = T.zeros(2)
        x1[[0, 0]] = x0
        x1.sum().backward()
        """,
    ),
    Accepted(
        "The derivative of a product is the product of the others, also where infinity is among them.",
        r"prod\(",
        r"grad: .*nan",
        """
        x0 = T.tensor([float('inf'), 2.0], requires_grad=True)
        x0.prod().backward()
        """,
    ),
    Accepted(
        "The derivative of a product is not written with the product, of which it is then no function.",
        r"prod\([\s\S]*create_graph=True[\s\S]*grad\(",
        r": ",
        """
        x0 = T.tensor([1.0], requires_grad=True)
        x1 = x0.prod()
        x2 = T.autograd.grad(x1 * x1 * x1, x0, create_graph=True)[0].clone()
        x3 = T.autograd.grad(x2.sum(), x1)[0].clone()
        """,
    ),
    Accepted(
        "The derivative of amax() and amin() where they are NaN is that of max() and min().",
        r"amax|amin",
        r": .* for .*nan",
        """
        x0 = T.tensor([float('nan'), 2.0], requires_grad=True)
        x0.amax().backward()
        """,
    ),
    Accepted(
        "No gradient flows through what nan_to_num() replaced, atan2(0, 0) and 0 ** x, be it NaN or infinite.",
        r"nan_to_num|atan2|0 \*\*|pow",
        r": .*nan",
        """
        x0 = T.tensor([float('nan'), 2.0], requires_grad=True)
        x0.nan_to_num().backward(T.tensor([float('inf'), 1.0]))
        """,
    ),
    Accepted(
        "Whether 0 times infinity comes up on the way through a rounded quotient, a variance, norm or product is open.",
        r"rounding_mode='trunc'|(var|std|norm|linear|mm|mv|dot|einsum)\(|@",
        r": .*nan",
        """
        x0 = T.ones(2, requires_grad=True)
        T.div(x0, 0, rounding_mode='trunc').sum().backward()
        """,
    ),
    Accepted(
        "The number of entries that are not 0, norm(0), has the derivative 0; in PyTorch it has none.",
        r"\.norm\(0",
        r"grad: .* for None",
        """
        x0 = T.ones(2, requires_grad=True)
        x0.norm(0).backward()
        """,
    ),
    Accepted(
        "What is left of a division without rest is 0.0, as in Python; in PyTorch -0.0 for a negative number.",
        r" %|remainder",
        r"3\.14|inf",
        "x0 = (T.tensor(-3.0) % 3).atan2(T.tensor(-1.0))",
    ),
    Accepted(
        "The sign of a 0 that comes of a sum, an order or a walk is no promise, hence neither is that of 1 / 0.",
        r"grad|@|sum|mean|amax|amin|norm|einsum",
        r"(inf|3\.14|0\.0).* for .*(inf|3\.14)",
        """
        x0 = T.tensor([-2.0, 1.0], requires_grad=True)
        x1 = T.autograd.grad(x0.amin().square(), x0)[0].clone()
        x2 = 1 / x1
        """,
    ),
    Accepted(
        "In which order numbers are added is no promise, be it that the sum of some is beyond the largest.",
        r"scatter_add|index_add",
        r"e\+308.* for .*inf|inf.* for .*e\+308",
        """
        x0 = T.tensor([1.7e308], dtype=T.float64)
        x1 = x0.index_add(0, T.tensor([0, 0]), T.tensor([1.7e308, -1.7e308], dtype=T.float64))
        """,
    ),
    Accepted(
        "How a computed result lies in memory is no promise, hence neither is whether reshape() copies it.",
        r"(contiguous|reshape|flatten)\S*$",
        r"memory|True for False|False for True",
        """
        x0 = T.ones(3, 2).t().softmax(0)
        x1 = x0.contiguous()
        """,
    ),
    Accepted(
        "Writing past the graph leaves it as it is; PyTorch then reads views anew from what they were taken from.",
        r"(detach\(\)\.mul_|with T\.no_grad\(\): x\d+ ?[-+*/.])[\s\S]*grad\(",
        r" for ",
        """
        x0 = T.ones(2, 2, requires_grad=True)
        x1 = (x0 * 1)[0]
        x2 = x1.view(2)
        x3 = x2.detach().mul_(2.0)
        x4 = T.autograd.grad(x2.sum(), x1, allow_unused=True)[0]; x4 = x4 is None
        """,
    ),
    Accepted(
        "Gradients of what was written to through .data are anybody's guess, here as there.",
        r"\.data( =|\.\w+_\()",
        r"grad|x\d+.*: ",
        """
        x0 = T.ones(2, requires_grad=True)
        x1 = x0.expm1()
        x1.data.mul_(2)
        (x1 * x1).sum().backward()
        """,
    ),
    Accepted(
        "An empty product has the type that its factors have together; PyTorch looks at one of them.",
        r"einsum",
        r"dtype: float64 for float32",
        "x0 = T.einsum('ij,kj->ik', T.ones(2, 0, dtype=T.float64), T.ones(2, 0))",
    ),
    Accepted(
        "What Adagrad keeps of a parameter begins with its first step.",
        r"Adagrad",
        r"^names.*'sum'",
        "x0 = T.ones(2, requires_grad=True); o = T.optim.Adagrad([x0])",
    ),
]


def reason(find: Find, program: Sequence[str]) -> str:
    """Why a find is accepted; nothing if it is not."""
    text = "\n".join(program)
    for row in ACCEPTED if find.sort == "silent" else ():
        if re.search(row.program, text) and re.search(row.says, find.says, re.DOTALL):
            return row.why
    return ""
