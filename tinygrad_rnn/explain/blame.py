"""What the anomaly mode says: the operation, what went in and came out, the place, the line, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.describing import describe, described
from ..engine.folding import history
from ..engine.formula import forward, rules_applied
from ..engine.graph import Node, arguments
from .excerpt import made_from
from .lines import Line, line_of, where_around
from .naming import own_name
from .report import number

#: The argument that must be kept from bad numbers; the first for all other operations.
_BLAMED = {"div": 1, "remainder": 1, "floor_divide": 1}


class AnomalyError(RuntimeError):
    """The first NaN or infinite number.

    Attributes:
        node: the result of the operation that made it.
        line: the line of your code that recorded the operation; None if nobody looked for anomalies then.
        time: the time step; None outside every step.
        backward: whether it is a gradient.
    """

    __module__ = "tinygrad_rnn.autograd"  # where it is to be had, as tracebacks show it

    def __init__(self, message: str, node: Node, backward: bool) -> None:
        super().__init__(message)
        self.node = node
        self.line: Line | None = line_of(node)
        self.time = node.place.time
        self.backward = backward


def forward_error(node: Node) -> AnomalyError:
    """For an operation whose result is not finite."""
    names = _names(node)
    both = zip(names, arguments(node), strict=True)
    bad = [name for name, arg in both if isinstance(arg, Node) and "NaN" in _bad(arg.array)]
    line = line_of(node)
    around = where_around(line) if line is not None else None
    said = [f"result: {_range(node.array)}", *_inputs(node, names)]
    if bad:
        said.append(f"{' and '.join(bad)} held NaN already: a value from outside what is recorded, data or a parameter")
    elif around is not None:
        condition = around.condition if around.taken else f"~({around.condition})"
        said.append(
            f"It is computed in the branch of where() taken where {condition} holds: {around.branch}. where() computes "
            "both branches everywhere, and in the backward pass 0 * inf is NaN also where this one is not taken. "
            + _remedy(node, names, condition)
        )
    elif node.primitive is not None and node.primitive.name in ("log", "div", "sqrt", "rsqrt", "pow", "log2", "log10"):
        said.append(
            "If a where() further on takes another value there, that is too late: 0 * inf is NaN in the backward pass. "
            + _remedy(node, names, "condition")
        )
    return _error(node, node.array, forward(node, names), said, backward=False)


def backward_error(node: Node, position: int, g: Any, share: Any, roots: Any) -> AnomalyError:
    """For a derivative rule that gives what is not finite."""
    g, share = _array(g), _array(share)
    names, result = _names(node), own_name(node) or "y"
    (rule,) = rules_applied(node, [position], g, result, names, f"dL/d{result}")
    said = [
        f"rule: dL/d{names[position]} = {rule.text if rule is not None else '?'} = {_range(share)}",
        f"dL/d{result}: {_range(g)}",
        *_inputs(node, names),
    ]
    if not g.any() or (g.shape == share.shape and not g[~np.isfinite(share)].any()):
        # Nothing was asked of these entries: 0 times an infinite derivative.
        dead = _dead_branch(node, roots)
        if dead is None:
            said.append("No gradient arrives there, but 0 times an infinite derivative is NaN")
        else:
            which, where = dead
            holds, condition = ("holds", "condition") if which == 1 else ("does not hold", "~condition")
            said.append(
                f"No gradient arrives there: where(), {line_of(where) or describe(where)}, takes the other branch. "
                f"{names[position]} stands in the branch taken where the condition {holds}; where() computes both "
                f"branches everywhere, and 0 * inf is NaN. {_remedy(node, names, condition)}"
            )
    return _error(node, share, f"dL/d{names[position]} of {result} = {forward(node, names)}", said)


def arriving(node: Node, g: Any) -> AnomalyError:
    """For a gradient that is not finite although everything it was made from is."""
    g, name = _array(g), own_name(node) or "y"
    made = f" = {forward(node, _names(node))}" if node.primitive is not None else ""
    said = [
        f"dL/d{name}: {_range(g)}",
        "It was not finite when it arrived: what the uses of this value add up to is too large for "
        f"{g.dtype}, or backward() was given it, or a hook made it",
    ]
    return _error(node, g, f"dL/d{name} of {name}{made}", said)


def _error(node: Node, array: Any, what: str, said: Sequence[str], *, backward: bool = True) -> AnomalyError:
    """The error that names what ``array`` is and where it was made, and then says the rest."""
    where = f", in {node.place}" if node.place.parent is not None else ""
    line = line_of(node) or "unknown; run the forward pass inside detect_anomaly() as well, and it is named here"
    head = f"{' and '.join(_bad(array))} in the {'backward' if backward else 'forward'} pass: {what}{where}"
    return AnomalyError("\n  ".join([head, f"line: {line}", *said]), node, backward)


def _dead_branch(node: Node, roots: Any) -> tuple[int, Node] | None:
    """The nearest ``where()`` one of whose branches is made from ``node``, and which argument it is."""
    nodes = history(*((roots,) if isinstance(roots, Node) else roots))
    made = made_from({node.birth}, nodes)
    for each in nodes:
        if each.primitive is not None and each.primitive.name == "where":
            for position, arg in enumerate(arguments(each)):
                if position > 0 and isinstance(arg, Node) and arg.birth in made:
                    return position, each
    return None


def _remedy(node: Node, names: Sequence[str], condition: str) -> str:
    assert node.primitive is not None
    blamed = _BLAMED.get(node.primitive.name, 0)
    safe = [("safe" if i == blamed else name) for i, name in enumerate(names)]
    return (
        f"Keep the bad numbers out of the operation: safe = where({condition}, {names[blamed]}, 1.0), then "
        f"{forward(node, safe)} in the branch"
    )


def _names(node: Node) -> list[str]:
    """What the arguments are called: their names, or x (a, b, .. if there are several)."""
    args = arguments(node)
    several = sum(isinstance(arg, Node) for arg in args) > 1
    letters = iter("abcdefghijklmnopqrstuvw" if several else "x")
    return [(own_name(arg) or next(letters, "x")) if isinstance(arg, Node) else _text(arg) for arg in args]


def _text(value: Any) -> str:
    array = np.asarray(value)
    return number(array.item()) if array.ndim == 0 else described(array)


def _inputs(node: Node, names: Sequence[str]) -> list[str]:
    both = zip(names, arguments(node), strict=True)
    return [f"{name}: {_range(arg.array)}" for name, arg in both if isinstance(arg, Node)]


def _array(value: Any) -> Any:
    return np.asarray(value.array if isinstance(value, Node) else value)


def _bad(array: Any) -> dict[str, int]:
    """How many numbers there are of each kind that is not finite, if any."""
    if array.dtype.kind != "f":
        return {}
    kinds = {"NaN": np.isnan(array), "inf": np.isposinf(array), "-inf": np.isneginf(array)}
    return {name: int(found.sum()) for name, found in kinds.items() if found.any()}


def _range(array: Any) -> str:
    """The type and shape, how many numbers are not finite, and the range of the others."""
    parts = [described(array)]
    if array.dtype.kind != "f" or array.size == 0:
        return parts[0]
    bad = _bad(array)
    if bad:
        counts = ", ".join(f"{count} {name}" for name, count in bad.items())
        parts.append(f"{counts} of {array.size}" if array.size > 1 else next(iter(bad)))
    good = array[np.isfinite(array)]
    if good.size:
        low, high = number(good.min()), number(good.max())
        parts.append(("the others " if bad else "") + (low if low == high else f"from {low} to {high}"))
    return ", ".join(parts)
