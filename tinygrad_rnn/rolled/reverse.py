"""The reverse of a program, by the engine's rules: of a loop it is a loop that carries the state's gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..engine.graph import NO_KWARGS
from ..engine.primitive import Primitive
from .building import Builder
from .split import Parted
from .stacked import Inseparable
from .values import Loop, Value, order
from .wording import VIEWS, label


class Linear(Builder):
    """Builds steps backwards: all is linear in the gradient, so that what it is multiplied by comes together."""

    def __init__(self, gradients: set[Value]) -> None:
        super().__init__()
        self._linear: dict[Value, bool] = dict.fromkeys(gradients, True)

    def has_gradient(self, value: Any) -> bool:
        if not isinstance(value, Value):
            return False
        if value not in self._linear:
            inside = value.loop is not None and value.kind == "op"
            self._linear[value] = inside and any(self.has_gradient(arg) for arg in value.args)
        return self._linear[value]

    def _factored(self, value: Any) -> tuple[Value, Any] | None:
        """(g, a) if the value is a gradient g times an a that depends on none."""
        if isinstance(value, Value) and value.op == "mul":
            a, b = value.args
            if self.has_gradient(a) != self.has_gradient(b):
                return (a, b) if self.has_gradient(a) else (b, a)
        if isinstance(value, Value) and value.op == "neg" and self.has_gradient(value):
            return value.args[0], -1.0
        return None

    def _times(self, a: Any, b: Any) -> Any:
        if not isinstance(a, Value) and not isinstance(b, Value):
            return a * b
        for one, other in ((a, b), (b, a)):
            if not isinstance(one, Value) and one == -1.0:
                return self("neg", [other])
        return self("mul", [a, b])

    def __call__(
        self, primitive: Primitive | str, args: Sequence[Any], kwargs: Mapping[str, Any] = NO_KWARGS,
        name: str | None = None,
    ) -> Value:  # fmt: skip
        op = primitive if isinstance(primitive, str) else primitive.name
        if op == "mul" and self.has_gradient(args[0]) != self.has_gradient(args[1]):
            g, a = args if self.has_gradient(args[0]) else (args[1], args[0])
            if (inner := self._factored(g)) is not None:  # (g a) b = g (a b)
                return self("mul", [inner[0], self._times(inner[1], a)], name=name)
            return super().__call__("mul", [g, a], name=name)
        if op == "neg" and (inner := self._factored(args[0])) is not None and isinstance(inner[1], Value):
            return self("mul", [inner[0], self._times(inner[1], -1.0)], name=name)
        if op == "add":
            one, two = self._factored(args[0]), self._factored(args[1])
            if one is not None and two is not None and one[0] is two[0]:
                a, b = one[1], two[1]
                if isinstance(a, Value) and isinstance(b, Value) and a.shape == b.shape:  # g a + g b = g (a + b)
                    if a.op == "neg":
                        return self("mul", [one[0], self("sub", [b, a.args[0]])], name=name)
                    both = self("sub", [a, b.args[0]]) if b.op == "neg" else self("add", [a, b])
                    return self("mul", [one[0], both], name=name)
        return super().__call__(primitive, args, kwargs, name)


def total(build: Builder, parts: Sequence[Value], name: str | None = None) -> Value:
    """The sum of what the uses of a value give back; parts of it that lie side by side are joined."""
    puts = [part for part in parts if part.op == "put"]
    if puts and (joined := _joined(build, puts)) is not None:
        parts = [joined, *(part for part in parts if part.op != "put")]
    made = parts[0]
    for part in parts[1:]:
        made = build("add", [made, part])
    if name and made.kind == "op" and made.name is None:
        made.name, made.note = name, made.note or f"dL/{name}"
    return made


def _joined(build: Builder, puts: Sequence[Value]) -> Value | None:
    shape, found = puts[0].shape, []
    for put in puts:
        index = put.kwargs["index"] if isinstance(put.kwargs["index"], tuple) else (put.kwargs["index"],)
        if not all(isinstance(part, slice) and part.step is None for part in index):
            return None
        spans = [part.indices(size)[:2] for part, size in zip(index, shape, strict=False)]
        axes = [k for k, (span, size) in enumerate(zip(spans, shape, strict=False)) if span != (0, size)]
        if len(axes) != 1:
            return None
        found.append((axes[0], *spans[axes[0]], put.args[0]))
    axis, end = found[0][0], 0
    if any(each[0] != axis for each in found):
        return None
    blocks: list[Value] = []

    def gap(size: int) -> None:
        blocks.append(build.full((*shape[:axis], size, *shape[axis + 1 :]), puts[0].dtype))

    for _, start, stop, part in sorted(found, key=lambda each: each[1]):
        if start < end:
            return None
        if start > end:
            gap(start - end)
        blocks.append(part)
        end = stop
    if end < shape[axis]:
        gap(shape[axis] - end)
    return blocks[0] if len(blocks) == 1 else build("cat", blocks, {"dim": axis})


def _label(value: Value) -> str:
    name = label(value)
    return f"d{name}" if len(name) < 20 else f"d_{value.op}"


def differentiate(top: Builder, roots: Sequence[Value], seeds: Sequence[Value], wanted: Sequence[Value]) -> list[Value]:
    """The gradients of the ``wanted`` values, given those of the roots."""
    line = order(roots)
    needs = _on_the_way(line, wanted)
    received: dict[Value, list[Value]] = {}
    for root, seed in zip(roots, seeds, strict=True):
        received.setdefault(root, []).append(seed)
    for item in reversed(line):
        if isinstance(item, Loop):
            _loop_reversed(top, item, received, needs)
        elif item.kind == "op" and item in received and item in needs:
            g = total(top, received[item], _label(item))
            for arg, part in top.pulled(item, g, lambda value: value):
                if arg in needs:
                    received.setdefault(arg, []).append(part)
    return [
        total(top, received[each], _label(each)) if each in received else top.full(each.shape, each.dtype)
        for each in wanted
    ]


def _on_the_way(line: Sequence[Any], wanted: Sequence[Value]) -> set[Value]:
    """The values that depend on the wanted ones."""
    needs = set(wanted)
    for item in line:
        if isinstance(item, Loop):
            before = -1
            while len(needs) != before:  # what a carry depends on may come a step later
                before = len(needs)
                for each in order(item.roots() + [carry for carry, *_ in item.carries], item):
                    if each.kind == "row":
                        found = each.source in needs
                    elif each.kind == "carry":
                        _, first, new = next(carry for carry in item.carries if carry[0] is each)
                        found = first in needs or new in needs
                    else:
                        found = each.primitive.differentiable and any(
                            a in needs for a in each.args if isinstance(a, Value)
                        )
                    if found:
                        needs.add(each)
        elif item.kind == "op":
            if item.primitive.differentiable and any(a in needs for a in item.args if isinstance(a, Value)):
                needs.add(item)
        elif item.kind != "given" and item.source[1] in needs:
            needs.add(item)
    return needs


def _loop_reversed(top: Builder, loop: Loop, received: dict[Value, list[Value]], needs: set[Value]) -> None:
    """The loop through which what a loop left is differentiated; adds to what its first values and inputs receive."""

    def given(kind: str, value: Value) -> list[Value]:
        left = loop.left.get((kind, value))
        return [total(top, received[left], _label(value))] if left is not None and left in received else []

    back = Loop(loop.steps, not loop.back)
    carried: dict[Value, Value] = {}
    for carry, *_ in loop.carries:
        if carry in needs:
            end = given("final", carry)
            carried[carry] = back.carry(end[0] if end else top.full(carry.shape, carry.dtype), _label(carry))
    starts = set(carried.values())
    parts: dict[Value, list[Value]] = {}
    same: list[tuple[Value, Value]] = []

    def add(value: Value, g: Value) -> None:
        if value in needs:
            if value.loop is loop:
                parts.setdefault(value, []).append(g)
            else:
                same.append((value, g))

    rows: list[Value] = []
    for carry, _, new in loop.carries:
        if carry in carried:
            add(new, carried[carry])
        for g in given("before", carry):
            rows.append(back.row(g))
            add(carry, rows[-1])
    body = loop.body()
    arriving = {value: [back.row(g) for g in given("stacked", value)] for value in body}
    build = Linear(starts.union(rows, *arriving.values()))

    def read(value: Value) -> Value:
        """Where the way back finds a value of the way there: in a row of what was kept of it."""
        views = []
        while value.op in VIEWS and value.loop is loop and value.args[0].loop is loop:
            views.append(value)
            value = value.args[0]
        found = value
        if value.kind == "row":
            found = back.row(value.source)
        elif value.loop is loop:
            found = back.row(loop.after("before" if value.kind == "carry" else "stacked", value))
        for view in reversed(views):
            found = Builder.__call__(build, view.primitive, [found], view.kwargs, view.name)
        return found

    for value in reversed(body):
        here = arriving[value] + parts.pop(value, [])
        if here and value in needs:
            g = total(build, here, _label(value))
            for arg, part in build.pulled(value, g, read):
                add(arg, part)
    made = {value: total(build, each, _label(value)) for value, each in parts.items()}
    for carry, d_carry in carried.items():
        entry = next(each for each in back.carries if each[0] is d_carry)
        entry[2] = made[carry] if carry in made else top.full(carry.shape, carry.dtype)
    parted = Parted(top, back)
    for value, g in same:
        received.setdefault(value, []).append(_summed(top, parted, g, loop.steps))
    for value, g in made.items():
        if value.kind == "row":
            whole = top("broadcast_to", [g], {"shape": value.source.shape}) if g.loop is None else parted.whole(g)
            received.setdefault(value.source, []).append(whole)
    for carry, first, _ in loop.carries:
        if carry in carried and first in needs:
            received.setdefault(first, []).append(parted.final(carried[carry]))


def _summed(top: Builder, parted: Parted, g: Value, steps: int) -> Value:
    """The sum over the steps of what each gives back to something they share: of products it is one product."""
    if g.loop is None:
        return top("mul", [g, float(steps)])
    whole: Callable[[Value], Value] = parted.whole
    if g.op == "matmul" and g.ndim == 2 and g.args[0].op == "transpose" and g.args[0].args[0].ndim == 2:
        a, b = g.args[0].args[0], g.args[1]
        if a.loop is not None and b.loop is not None and b.ndim == 2:
            rows = [top("reshape", [w], {"shape": (w.shape[0] * w.shape[1], w.shape[2])}) for w in (whole(a), whole(b))]
            turned = top("transpose", [rows[0]], {"dim0": 0, "dim1": 1})
            return _noted(top("matmul", [turned, rows[1]], NO_KWARGS))
    if g.op == "mul" and g.ndim == 2 and {each.op for each in g.args if isinstance(each, Value)} == {"unsqueeze"}:
        a, b = sorted(g.args, key=lambda each: -each.kwargs["dim"] % 3)
        column, row = (a, b) if a.shape[-1] == 1 and b.shape[0] == 1 else (b, a)
        if column.shape[-1] == 1 and row.shape[0] == 1 and column.loop is not None and row.loop is not None:
            turned = top("transpose", [whole(column.args[0])], {"dim0": 0, "dim1": 1})
            return _noted(top("matmul", [turned, whole(row.args[0])]))
    if g.op == "sum_to" and g.args[0].loop is not None:
        return _noted(top("sum_to", [whole(g.args[0])], {"shape": g.shape}), "the sum over t")
    try:
        return _noted(top("sum", [whole(g)], {"dim": (0,), "keepdim": False}), "the sum over t")
    except Inseparable:
        return top("mul", [g, float(steps)])


def _noted(value: Value, note: str = "the sum over t = one product") -> Value:
    value.note = note
    return value
