"""The reverse of a program, by the engine's rules: of a loop it is a loop that carries the state's gradient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..engine.graph import NO_KWARGS
from ..engine.primitive import Primitive
from .building import Builder
from .split import Parted
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
        if isinstance(value, Value) and value.op in ("mul", "neg"):
            a, b = value.args if value.op == "mul" else (value.args[0], -1.0)
            if self.has_gradient(a) != self.has_gradient(b):
                g, a = (a, b) if self.has_gradient(a) else (b, a)
                if not isinstance(a, Value) or a.dtype.kind == "f":  # truth values are neither added up nor negated
                    return g, a
        return None

    def _times(self, a: Any, b: Any) -> Any:
        if not isinstance(a, Value) and not isinstance(b, Value):
            return a * b
        number, factor = (b, a) if isinstance(a, Value) else (a, b)
        return self("neg", [factor]) if not isinstance(number, Value) and number == -1.0 else self("mul", [a, b])

    def __call__(
        self, primitive: Primitive | str, args: Sequence[Any], kwargs: Mapping[str, Any] = NO_KWARGS,
        name: str | None = None,
    ) -> Value:  # fmt: skip
        op = primitive if isinstance(primitive, str) else primitive.name
        if op in ("mul", "neg"):
            a, b = args if op == "mul" else (args[0], -1.0)
            if self.has_gradient(a) != self.has_gradient(b):
                g, a = (a, b) if self.has_gradient(a) else (b, a)
                inner = self._factored(g)
                if inner is not None and (op == "mul" or isinstance(inner[1], Value)):  # (g a) b = g (a b)
                    return self("mul", [inner[0], self._times(inner[1], a)], name=name)
                args = [g, a] if op == "mul" else args
        if op == "add":
            one, two = self._factored(args[0]), self._factored(args[1])
            if one is not None and two is not None and one[0] is two[0]:
                a, b = one[1], two[1]
                if isinstance(a, Value) and isinstance(b, Value) and a.shape == b.shape:  # g a + g b = g (a + b)
                    if a.op == "neg":
                        a, b = b, a
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
    """Blocks of one axis side by side, with zeros where there is none; None if they are anything else."""
    shape, found = puts[0].shape, []
    for put in puts:
        index = put.kwargs["index"] if isinstance(put.kwargs["index"], tuple) else (put.kwargs["index"],)
        if not all(isinstance(part, slice) for part in index):
            return None
        cut = [k for k, part in enumerate(index) if part != slice(None)]
        if len(cut) != 1:
            return None
        found.append((cut[0], *index[cut[0]].indices(shape[cut[0]]), put.args[0]))
    axis, end, blocks = found[0][0], 0, []

    def zeros(size: int) -> list[Value]:
        return [build.full((*shape[:axis], size, *shape[axis + 1 :]), puts[0].dtype)] if size else []

    for along, start, stop, stride, block in sorted(found, key=lambda each: each[:2]):
        if along != axis or start < end or stride != 1:
            return None
        blocks += [*zeros(start - end), block]
        end = stop
    blocks += zeros(shape[axis] - end)
    return build("cat", blocks, {"dim": axis}) if len(blocks) > 1 else blocks[0]


Received = defaultdict[Any, list[Value]]  # what the uses of a value give back
Read = Callable[[Value], Value]


def _label(value: Value) -> str:
    name = label(value)
    return f"d{name}" if len(name) < 20 else f"d_{value.op}"


def differentiate(
    top: Builder, roots: Sequence[Value], seeds: Sequence[Value], wanted: Sequence[Value]
) -> list[Value | None]:
    """The gradients of the ``wanted`` values, given those of the roots; None for those from which nothing flows."""
    line = order(roots)
    needs = _on_the_way(line, wanted)
    received = Received(list)
    for root, seed in zip(roots, seeds, strict=True):
        received[root].append(seed)
    for item in reversed(line):
        if isinstance(item, Loop):
            _loop_reversed(top, item, received, needs)
        else:
            _handed_on(top, item, received, needs, lambda value: value)
    return [total(top, received[each], _label(each)) if received.get(each) else None for each in wanted]


def _handed_on(build: Builder, value: Value, received: Received, needs: set[Value], read: Read) -> None:
    """Give what an operation received on to its arguments."""
    if value.kind == "op" and value in needs and received.get(value):  # masks give nothing back
        g = total(build, received.pop(value), _label(value))
        for arg, part in build.pulled(value, g, read):
            if arg in needs:
                received[arg].append(part)


def _on_the_way(line: Sequence[Any], wanted: Sequence[Value]) -> set[Value]:
    """The values that depend on the wanted ones."""
    needs = set(wanted)
    carried = {carry: [first, new] for loop in line if isinstance(loop, Loop) for carry, first, new in loop.carries}

    def sources(value: Value) -> Sequence[Any]:
        if value.kind == "op":
            return value.args if value.primitive.differentiable else ()
        if value.kind in ("given", "carry"):
            return carried.get(value, ())
        return [value.source if value.kind == "row" else value.source[1]]

    for item in line:
        inside = isinstance(item, Loop)
        values = order([*item.roots(), *(carry for carry, *_ in item.carries)], item) if inside else [item]
        before = -1
        while len(needs) != before:  # what a carry depends on may come a step later
            before = len(needs)
            needs.update([each for each in values if any(source in needs for source in sources(each))])
    return needs


def _loop_reversed(top: Builder, loop: Loop, received: Received, needs: set[Value]) -> None:
    """The loop through which what a loop left is differentiated; adds to what its first values and inputs receive."""

    def given(kind: str, value: Value) -> list[Value]:
        left = loop.left.get((kind, value))
        return [total(top, received[left], _label(value))] if left in received else []

    back, body = Loop(loop.steps, not loop.back, loop.large), loop.body()
    carried: dict[Value, Value] = {}
    parts = Received(list, {value: [back.row(g) for g in given("stacked", value)] for value in body})
    for carry, _, new in loop.carries:
        if carry in needs:
            (end,) = given("final", carry) or [top.full(carry.shape, carry.dtype)]
            carried[carry] = back.carry(end, _label(carry))
            parts[carry] = [back.row(g) for g in given("before", carry)]
            if new in needs:
                parts[new].append(carried[carry])
    build = Linear({*carried.values(), *(g for each in parts.values() for g in each)})

    def read(value: Value) -> Value:
        """Where the way back finds a value of the way there: in a row of what was kept of it."""
        views = []
        while value.loop is loop and value.op in VIEWS and value.args[0].loop is loop:
            views.append(value)
            value = value.args[0]
        if value.loop is loop:
            kept = "before" if value.kind == "carry" else "stacked"
            value = back.row(value.source if value.kind == "row" else loop.after(kept, value))
        for view in reversed(views):
            value = Builder.__call__(build, view.primitive, [value], view.kwargs, view.name)
        return value

    for value in reversed(body):
        _handed_on(build, value, parts, needs, read)
    made = {value: total(build, each, _label(value)) for value, each in parts.items() if each and value.loop is loop}
    for carry, d_carry in carried.items():
        state = next(each for each in back.carries if each[0] is d_carry)
        state[2] = made[carry] if carry in made else top.full(carry.shape, carry.dtype)
    shared = [g for value, each in parts.items() if value.loop is not loop for g in each]
    parted = Parted(top, back, read=[*shared, *(g for value, g in made.items() if value.kind == "row")])
    for value, each in parts.items():
        if value.loop is not loop:
            received[value] += [_summed(top, parted, g, loop.steps) for g in each]
    for value, g in made.items():
        if value.kind == "row":
            whole = top("broadcast_to", [g], {"shape": value.source.shape}) if g.loop is None else parted.whole(g)
            received[value.source].append(whole)
    for carry, first, _ in loop.carries:
        if carry in carried and first in needs:
            received[first].append(parted.final(carried[carry]))


def _summed(top: Builder, parted: Parted, g: Value, steps: int) -> Value:
    """The sum over the steps of what each gives back to something they share: of products it is one product."""
    if g.loop is None:
        return top("mul", [g, float(steps)])
    if g.op == "matmul" and g.ndim == 2 and g.args[0].op == "transpose":
        a, b = g.args[0].args[0], g.args[1]
        if a.loop is not None and b.loop is not None and a.ndim == b.ndim == 2:
            wholes = [parted.whole(a), parted.whole(b)]
            a, b = (top("reshape", [x], {"shape": (x.shape[0] * x.shape[1], x.shape[2])}) for x in wholes)
            turned = top("transpose", [a], {"dim0": 0, "dim1": 1})
            return _noted(top("matmul", [turned, b]), "the sum over t = one product")
    if g.op == "sum_to" and g.args[0].loop is not None:
        return _noted(top("sum_to", [parted.whole(g.args[0])], {"shape": g.shape}), "the sum over t")
    return _noted(top("sum", [parted.whole(g)], {"dim": (0,), "keepdim": False}), "the sum over t")


def _noted(value: Value, note: str) -> Value:
    value.note = note
    return value
