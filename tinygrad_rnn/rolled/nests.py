"""Loops over time compiled by numba: what a step does becomes nests of loops over the entries of its arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .layout import Line, Ref
from .loops import LoopLayout
from .values import Value
from .wording import VIEWS, label, literal

#: How numba compiles: sums may be added up in another order, and nothing is assumed of NaN and infinity.
JIT = '@njit(error_model="numpy", fastmath={"contract", "reassoc", "nsz", "arcp"})'
#: Operations entry by entry, as numba compiles them.
_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}
_SIGNS |= {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}
_WRITTEN = {
    **{name: f"{{0}} {sign} {{1}}" for name, sign in _SIGNS.items()},
    **{name: f"{name}({{0}})" for name in ("abs", "sqrt", "expm1", "log", "log1p", "sin", "cos")},
    "exp": "{exp}({0})",
    "tanh": "{tanh}({0})",
    "neg": "-{0}",
    "sigmoid": "{one} / ({one} + {exp}(-{0}))",
    "relu": "{zero} if {0} <= {zero} else {0}",  # of NaN it is NaN
    "sign": "{one} if {0} > {zero} else -{one} if {0} < {zero} else {zero}",
    "maximum": "{0} if {0} >= {1} or {0} != {0} else {1}",
    "minimum": "{0} if {0} <= {1} or {0} != {0} else {1}",
    "where": "{1} if {0} else {2}",
}
#: Of float32, so that several numbers are computed at once: in 2 units of the last place (Moshier's Cephes library).
_SINGLE = {
    "exp": """
def {exp}(x):
    n = floor(float32(1.44269504) * x + float32(0.5))
    r = x - float32(0.693359375) * n + float32(2.12194440e-4) * n  # x less n log 2
    p = float32(1.9875691e-4) * r + float32(1.3981999e-3)
    p = ((p * r + float32(8.3334519e-3)) * r + float32(4.1665796e-2)) * r + float32(0.16666667)
    p = (p * r + float32(0.5)) * (r * r) + r + float32(1.0)
    power = int32((int32(n) + int32(127)) << int32(23)).view(float32)  # 2 ** n
    return float32(inf) if x > float32(88.3) else float32(0.0) if x < float32(-87.3) else p * power
""",
    "tanh": """
def {tanh}(x):
    z = x * x
    p = float32(-5.7049887e-3) * z + float32(2.0639089e-2)
    p = ((p * z - float32(5.3739716e-2)) * z + float32(0.13331442)) * z - float32(0.33333282)
    far = float32(1.0) - float32(2.0) / ({exp}(abs(x + x)) + float32(1.0))
    return p * z * x + x if abs(x) < float32(0.625) else -far if x < float32(0.0) else far
""",
}
#: From so many multiplications on BLAS is faster than a nest.
_LARGE = 40_000
#: So many rows are added up together, for a row that is added to is read and written each time.
_TOGETHER = 4
Index = tuple[str, ...]


class _Unwritten(Exception):
    """Why a loop cannot be compiled; it stays numpy's."""


class _Nest:
    """Values of one shape, computed entry by entry: lines with the values they compute, and the scalars these are."""

    def __init__(self, shape: Sequence[int], letters: Sequence[str]) -> None:
        if len(shape) > len(letters):
            raise _Unwritten(f"an array of {len(shape)} axes")
        self.shape = tuple(shape)
        self.index: Index = tuple("0" if n == 1 else letters[axis] for axis, n in enumerate(shape))
        self.lines: list[tuple[str, Value | None]] = []
        self.scalars: dict[Value, str] = {}


class Nests(LoopLayout):
    """The lines of one loop, as a call of a function that numba compiles where that can be."""

    large = True

    def _write(self, lines: list[Line]) -> None:
        try:
            self._compiled()
        except _Unwritten as reason:
            self.layout.notes.append(f"a loop of {self.loop.steps} steps stays in numpy, for it holds {reason}")
            super()._write(lines)

    def _compiled(self) -> None:
        self._letters = self.layout.letters or [self.layout.names(letter) for letter in "ijkl"]
        self.layout.letters = self._letters
        self._blocks: list[_Nest | list[str]] = []
        self._made: dict[Value, int] = {}  # in which block
        self._reads: dict[Value, list[tuple[int, bool]]] = {}  # of carries: by which blocks, and whether as it lies
        self._kept: set[Value] = set(self.layout.stacked)
        self._used: dict[str, None] = {}
        for _, _, new in self.loop.carries:
            self._kept.add(new)
        for value in self.body:
            self._add(value)
        for ref, value in self._copies:
            nest = self._new_nest(value.shape)
            nest.lines.append((f"{self._stored(ref, nest.index)} = {self._entry(value, nest.index, nest)}", None))
        layout, steps = self.layout, self.loop.steps
        text = [line for block in self._blocks for line in (self._text(block) if isinstance(block, _Nest) else block)]
        around = f"range({steps - 1}, -1, -1)" if self.loop.back else f"range({steps})"
        name = layout.names("backward_loop" if self.loop.back else "forward_loop")
        call = f"{name}({', '.join(self._used)})"
        layout.functions += [
            JIT,
            f"def {call}:",
            f"    for t in {around}:",
            *(f"        {each}" for each in text),
            "",
            "",
        ]
        layout.lines += [*self._first, (call, "the steps backwards: BPTT" if self.loop.back else "the steps")]

    def _text(self, nest: _Nest) -> list[str]:
        found = _around(list(zip(nest.index, nest.shape, strict=True)))
        indent = "    " * len(found)
        for line, value in nest.lines:
            found.append(indent + line)
            if value is not None and (value in self._kept or value in self.layout.inside):
                found.append(f"{indent}{self._place(value, nest.index)} = {nest.scalars[value]}")
        return found

    # Blocks

    def _new_nest(self, shape: Sequence[int]) -> _Nest:
        made = _Nest(shape, self._letters)
        self._blocks.append(made)
        return made

    def _add(self, value: Value) -> None:
        if value.op in VIEWS and self._is_view(value):
            return
        for each in (value, *(arg for arg in value.args if isinstance(arg, Value))):
            if each.dtype.char not in "fd?" or not each.size:
                raise _Unwritten(f"{value.op} of {each.dtype} of shape {each.shape}")
        if value.op == "cat":
            self._join(value)
        elif value.op in ("linear", "matmul"):
            self._multiply(value)
        elif value.op in ("sum", "mean", "sum_to"):
            self._sum(value)
        elif value.op in ("softmax", "log_softmax"):
            self._normalise(value)
        elif value.op in _WRITTEN and not value.kwargs:
            self._compute(value)
        elif value.op in VIEWS:
            nest = self._new_nest(value.shape)
            read = self._entry(value.args[0], self._through(value, nest.index))
            nest.lines.append((f"{self._place(value, nest.index)} = {read}", None))
        else:
            raise _Unwritten(value.op)
        self._made.setdefault(value, len(self._blocks) - 1)

    def _compute(self, value: Value) -> None:
        floats = {arg.dtype for arg in (*value.args, value) if isinstance(arg, Value) and arg.dtype.kind == "f"}
        bools = [arg for arg in value.args if isinstance(arg, Value) and arg.dtype.kind == "b"]
        if len(floats) > 1 or (bools and (value.op != "where" or bools != [value.args[0]])):
            raise _Unwritten(f"{value.op} of several types")
        nest, dtype = self._fitting(value), next(iter(floats), value.dtype)
        args = [
            self._entry(arg, nest.index, nest, value.shape) if isinstance(arg, Value) else _number(arg, dtype)
            for arg in value.args
        ]
        name = nest.scalars[value] = self._refs[value].variable or self.layout.variable(label(value))
        words = {"one": _number(1, dtype), "zero": _number(0, dtype), "exp": "exp", "tanh": "tanh"}
        if dtype.char == "f":
            words |= self._single(value.op)
        written = _WRITTEN[value.op].format(*args, **words)
        nest.lines.append((f"{name} = {written}", value))

    def _single(self, op: str) -> dict[str, str]:
        """The names of the functions of float32 that an operation calls; they are written when first needed."""
        layout = self.layout
        for needed in {"sigmoid": ("exp",), "exp": ("exp",), "tanh": ("exp", "tanh")}.get(op, ()):
            if needed not in layout.single:
                layout.single[needed] = layout.names(f"{needed}32")
                layout.functions += [
                    '@njit(fastmath={"contract"})',
                    *_SINGLE[needed].format(**layout.single).split("\n")[1:],
                ]
                layout.functions.append("")
        return layout.single

    def _fitting(self, value: Value) -> _Nest:
        """The first nest of its shape after what it reads, and after those who read what it replaces."""
        index = _Nest(value.shape, self._letters).index
        found = [self._source(arg, index, value.shape) for arg in value.args if isinstance(arg, Value)]
        bounds = [(self._made[root], as_it_lies) for root, as_it_lies in found if root in self._made]
        bounds += [
            bound
            for carry, _, new in self.loop.carries
            if new is value and self._refs[carry] == self._refs[new]
            for bound in self._reads.get(carry, ())
        ]
        for k, block in enumerate(self._blocks):
            fits = isinstance(block, _Nest) and block.shape == value.shape
            if fits and all(k > at or (k == at and as_it_lies) for at, as_it_lies in bounds):
                break
        else:
            k, block = len(self._blocks), self._new_nest(value.shape)
        self._made[value] = k
        for root, as_it_lies in found:
            if root.kind == "carry":
                self._reads.setdefault(root, []).append((k, as_it_lies))
        return block  # type: ignore[return-value]

    def _source(self, value: Value, index: Index, shape: Sequence[int]) -> tuple[Value, bool]:
        """Who holds what is read of a value at an index of ``shape``, and whether it is read as it lies there."""
        where = self._aligned(value, index, shape)
        while value.op in VIEWS and self._is_view(value):
            value, where = value.args[0], self._through(value, where)
        return value, value.shape == tuple(shape) and where == index

    def _join(self, value: Value) -> None:
        start, axis = 0, value.kwargs["dim"]
        for arg in value.args:
            if not self.layout.is_part(arg, value):
                nest = self._new_nest(arg.shape)
                place = (*nest.index[:axis], _plus(nest.index[axis], start), *nest.index[axis + 1 :])
                nest.lines.append((f"{self._place(value, place)} = {self._entry(arg, nest.index, nest)}", None))
            start += arg.shape[axis]
        self._made[value] = max([len(self._blocks) - 1, *(self._made.get(arg, 0) for arg in value.args)])

    def _multiply(self, value: Value) -> None:
        x, W = value.args
        if x.dtype != value.dtype or W.dtype != value.dtype or not 0 < x.ndim <= 2 or not 0 < W.ndim <= 2:
            raise _Unwritten(f"{value.op} of {x.ndim} and {W.ndim} axes")
        self._reads_whole(x, W)
        across = value.op == "linear" and W.ndim == 2  # rows of W are multiplied with rows of x
        if value.size * x.shape[-1] > _LARGE and x.ndim == W.ndim == 2:
            left, right, out = map(self._matrix, (x, W, value))
            self._blocks.append([f"dot({left}, {right}{'.T' if across else ''}, {out})"])
            return
        row, column, k, _ = self._letters
        batch, inner = x.shape[:-1], x.shape[-1]
        i, j = ("0" if batch == (1,) else row,) * len(batch), (column,) * (W.ndim - 1)
        each_row = _around(list(zip(i, batch, strict=True)))
        each_column = _around([(column, value.shape[-1])] if j else [])
        zero, out = _number(0, value.dtype), self._place(value, (*i, *j))
        if j and not (across and W.loop is not None):  # rows of W are added up, several numbers of each at once
            turned = self._turned(W) if across else ""
            lines, whole = [*each_column, f"    {out} = {zero}"], inner - inner % _TOGETHER
            for first, last, count in ((0, whole, _TOGETHER), (whole, inner, 1)):
                at = [f"{k} + {n}" if n else k for n in range(count)]
                rights = [f"{turned}[{n}, {column}]" if turned else self._entry(W, (n, column)) for n in at]
                terms = " + ".join(f"{self._entry(x, (*i, n))} * {right}" for n, right in zip(at, rights, strict=True))
                if first < last:
                    steps = f"{first}, {last}, {count}" if count > 1 else f"{first}, {last}" if first else str(last)
                    lines += [f"for {k} in range({steps}):", f"    {each_column[0]}"]
                    lines.append(f"        {out} += {terms}")
        else:
            total, right = self.layout.variable("total"), self._entry(W, (*j, k))
            added = [f"for {k} in range({inner}):", f"    {total} += {self._entry(x, (*i, k))} * {right}"]
            lines = [
                *each_column,
                *("    " * len(j) + line for line in (f"{total} = {zero}", *added, f"{out} = {total}")),
            ]
        self._blocks.append([*each_row, *("    " * len(each_row) + line for line in lines)])

    def _sum(self, value: Value) -> None:
        x, index = value.args[0], _Nest(value.args[0].shape, self._letters).index
        self._reads_whole(x)
        if value.op == "sum_to":
            extra = x.ndim - value.ndim
            kept = [axis for axis in range(extra, x.ndim) if value.shape[axis - extra] == x.shape[axis]]
            out = tuple(index[axis] if axis in kept else "0" for axis in range(extra, x.ndim))
        else:
            dims, keep = value.kwargs["dim"], value.kwargs["keepdim"]
            gone = {axis % x.ndim for axis in (range(x.ndim) if dims is None else np.atleast_1d(dims).tolist())}
            kept = [axis for axis in range(x.ndim) if axis not in gone]
            out = tuple(index[axis] if axis in kept else "0" for axis in range(x.ndim) if keep or axis in kept)
        outer, lines = _around([(index[axis], x.shape[axis]) for axis in kept]), []
        inner = _around([(index[axis], n) for axis, n in enumerate(x.shape) if axis not in kept])
        total = self.layout.variable("total")
        lines += [f"{total} = {_number(0, value.dtype)}", *inner]
        lines.append(f"{'    ' * len(inner)}{total} += {self._entry(x, index)}")
        count = f" / {_number(x.size // value.size, value.dtype)}" if value.op == "mean" else ""
        lines.append(f"{self._place(value, out)} = {total}{count}")
        self._blocks.append([*outer, *("    " * len(outer) + line for line in lines)])

    def _normalise(self, value: Value) -> None:
        x, index, axis = value.args[0], _Nest(value.shape, self._letters).index, value.kwargs["dim"] % value.ndim
        self._reads_whole(x)
        outer = _around([(at, n) for k, (at, n) in enumerate(zip(index, value.shape, strict=True)) if k != axis])
        along = _around([(index[axis], value.shape[axis])])
        first = self._entry(x, (*index[:axis], "0", *index[axis + 1 :]))
        given, out = self._entry(x, index), self._place(value, index)
        largest, total = self.layout.variable("largest"), self.layout.variable("total")
        exp = self._single("exp")["exp"] if value.dtype.char == "f" else "exp"
        many = value.op == "softmax"
        lines = [f"{largest} = {first}", *along, f"    {largest} = {given} if {given} > {largest} else {largest}"]
        lines += [f"{total} = {_number(0, value.dtype)}", *along]
        lines += [f"    {out} = {exp}({given} - {largest})", f"    {total} += {out}"]
        lines += [*along, f"    {out} = {out} / {total}" if many else f"    {out} = {given} - {largest} - log({total})"]
        self._blocks.append([*outer, *("    " * len(outer) + line for line in lines)])

    def _reads_whole(self, *values: Value) -> None:
        """Note carries that the next block reads otherwise than as they lie."""
        for value in values:
            root, _ = self._source(value, _Nest(value.shape, self._letters).index, value.shape)
            if root.kind == "carry":
                self._reads.setdefault(root, []).append((len(self._blocks), False))

    def _turned(self, W: Value) -> str:
        """The array of a transposed matrix: its rows are added up several numbers at once."""
        layout = self.layout
        if W not in layout.turned:
            name = layout.buffer(f"{self._refs[W].name}_T", W.shape[::-1], W.dtype)[0]
            layout.turned[W] = name
            self._first.append((f"copyto({name}, {self._refs[W].name}.T)", "so that its rows can be added up"))
        self._used[layout.turned[W]] = None
        return layout.turned[W]

    # Entries

    def _entry(self, value: Value, index: Index, nest: _Nest | None = None, shape: Sequence[int] | None = None) -> str:
        """An entry of a value: a scalar of this nest, a number, or where it lies."""
        if (number := value.number_everywhere) is not None:
            return _number(number, value.dtype)
        where = index if shape is None else self._aligned(value, index, shape)
        while True:
            if nest is not None and value in nest.scalars and where == nest.index and value.shape == nest.shape:
                return nest.scalars[value]
            if not (value.op in VIEWS and self._is_view(value)):
                return self._place(value, where)
            value, where = value.args[0], self._through(value, where)

    def _place(self, value: Value, index: Index) -> str:
        """Where the entry of a value lies."""
        while True:
            if value.kind == "row":
                value, index = value.source, ("t", *index)
            elif value in self.layout.inside:
                value, axis, start = self.layout.inside[value]
                index = (*index[:axis], _plus(index[axis], start), *index[axis + 1 :])
            elif value.op in VIEWS and self._is_view(value):
                value, index = value.args[0], self._through(value, index)
            else:
                self._kept.add(value)
                return self._stored(self._refs[value], index)

    def _stored(self, ref: Ref, index: Index) -> str:
        name = ref.name
        if ref.variable:
            if name not in self.layout.whole:
                raise _Unwritten("parts of what a step left")
            name, index = self.layout.whole[name], ("t + 1" if ref.part == "[1:]" else "t", *index)
        self._used[name] = None
        return f"{name}[{', '.join(index) or '()'}]"

    def _matrix(self, value: Value) -> str:
        """Where all of a matrix lies."""
        row, column, *_ = self._letters
        entry = self._entry(value, (row, column))
        for index, ending in ((f"{row}, {column}]", ""), (f"{column}, {row}]", ".T")):
            rest = entry.removesuffix(index)
            if rest != entry and rest.endswith(("[", ", ")):
                return (rest[:-1] if rest.endswith("[") else rest[:-2] + "]") + ending
        raise _Unwritten("a large product of parts")

    def _is_view(self, value: Value) -> bool:
        return np.may_share_memory(self._arrays[value], self._arrays[value.args[0]])

    def _aligned(self, value: Value, index: Index, shape: Sequence[int]) -> Index:
        """The index of an entry of ``shape`` in a value that is broadcast to it."""
        return tuple("0" if n == 1 else at for n, at in zip(value.shape, index[len(shape) - value.ndim :], strict=True))

    def _through(self, value: Value, index: Index) -> Index:
        """An index into a view as an index into what it shows."""
        shown, kwargs = value.args[0], value.kwargs
        match value.op:
            case "detach":
                return index
            case "broadcast_to":
                return self._aligned(shown, index, value.shape)
            case "permute":
                at = dict(zip([dim % value.ndim for dim in kwargs["dims"]], index, strict=True))
                return tuple(at[axis] for axis in range(value.ndim))
            case "transpose":
                turned, (one, two) = list(index), (kwargs["dim0"], kwargs["dim1"])
                turned[one], turned[two] = turned[two], turned[one]
                return tuple(turned)
            case "getitem":
                return _within(kwargs["index"], shown.shape, index)
        if [n for n in value.shape if n != 1] != [n for n in shown.shape if n != 1]:
            raise _Unwritten(value.op)
        rest = iter([at for at, n in zip(index, value.shape, strict=True) if n != 1])
        return tuple("0" if n == 1 else next(rest) for n in shown.shape)


def _within(parts: Any, shape: Sequence[int], index: Index) -> Index:
    parts = list(parts) if isinstance(parts, tuple) else [parts]
    missing = len(shape) - sum(part is not None and part is not Ellipsis for part in parts)
    if Ellipsis in parts:
        at = parts.index(Ellipsis)
        parts[at : at + 1] = [slice(None)] * missing
    else:
        parts += [slice(None)] * missing
    found, rest, sizes = [], iter(index), iter(shape)
    for part in parts:
        if part is None:
            next(rest)
            continue
        size = next(sizes)
        if isinstance(part, slice):
            start, _, step = part.indices(size)
            if step != 1:
                raise _Unwritten("a part with gaps")
            found.append(_plus(next(rest), start))
        elif isinstance(part, int):
            found.append(str(part % size))
        else:
            raise _Unwritten("an index that is an array")
    return tuple(found)


def _plus(index: str, start: int) -> str:
    if not start:
        return index
    return str(int(index) + start) if index.isdigit() else f"{start} + {index}"


def _number(number: Any, dtype: Any) -> str:
    if dtype.kind == "b":
        return literal(bool(number))
    written = literal(float(number))
    return written if dtype.char == "d" else f"float32({written})"


def _around(axes: Sequence[tuple[str, int]]) -> list[str]:
    """The heads of loops over axes, each inside the one before; one entry needs no loop."""
    heads: list[str] = []
    for letter, n in axes:
        if letter != "0":
            heads.append(f"{'    ' * len(heads)}for {letter} in range({n}):")
    return heads
