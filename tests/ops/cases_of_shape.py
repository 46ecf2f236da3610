"""The cases of cases.py that move entries: shapes, axes, joining, indexing; and assignments in place."""

from __future__ import annotations

from typing import Any

from .cases import CASES, Case, Draw, add, either, functional, shapes, unary

# Arrangement

add("reshape", either(*[((2, 6), {"shape": s}) for s in [(12,), (3, 4), (-1,), (4, -1), (2, 3, 2, 1)]]))
add(
    "reshape to one", shapes([()], [(1,)], [(1, 1)]), lambda lib, x: x.reshape(()) + x.view(1, 1) + x.reshape([1]).sum()
)
add("reshape of nothing", shapes([(0,)], [(2, 0)]), lambda lib, x: x.reshape(0, 3).view(3, 0, 2))
add("view after permute", shapes([(2, 3)]), lambda lib, x: x.t().contiguous().view(-1) * x.reshape(6))
add("flatten", either(*[((2, 1, 3), {"start_dim": a, "end_dim": b}) for a, b in [(0, -1), (1, 2), (0, 1), (1, 1)]]))
add("flatten a number", shapes([()], [(0, 2)]), lambda lib, x: lib.flatten(x))
add("unflatten", shapes([(6, 2)]), lambda lib, x: x.unflatten(0, (2, -1)))
add(
    "squeeze",
    either(((2, 1, 3, 1), {}), *[((2, 1, 3, 1), {"dim": d}) for d in (0, 1, -1, (1, 3), (0, 1))], ((), {"dim": 0})),
)
add("unsqueeze", either(*[((2, 3), {"dim": d}) for d in (0, 1, 2, -1, -3)], ((), {"dim": -1})))
add(
    "transpose",
    either(*[((2, 3, 1), {"dim0": a, "dim1": b}) for a, b in [(0, 1), (-1, 0), (1, 1)]], ((), {"dim0": 0, "dim1": -1})),
)
add("t", shapes([(2, 3)], [(3,)], [()]))
add("properties", shapes([(2, 3)], [(3, 1)]), lambda lib, x: [x.T, x.mT, x.T @ x])
add("permute", either(*[((2, 3, 1), {"dims": d}) for d in [(0, 1, 2), (2, 0, 1), (-1, 1, 0)]], ((), {"dims": ()})))
add("permute as method", shapes([(2, 3, 1)]), lambda lib, x: [x.permute(2, 0, 1), x.permute((1, 0, 2))])
_moves = [(0, 1), (-1, 0), ((0, 1), (-1, 0)), ((2, 0), (0, 1)), (1, 1)]
add("movedim", either(*[((2, 3, 4), {"source": s, "destination": d}) for s, d in _moves]))
add(
    "expand",
    shapes([(1, 3)], [(3,)], [()], [(2, 1, 1)]),
    lambda lib, x: [x.expand(2, *[-1] * x.ndim), x.expand((4, *x.shape))],
)
add("expand_as", shapes([(1, 3), (2, 3)], [(), (2,)]), lambda lib, x, y: x.expand_as(y) * y + x.broadcast_to(y.shape))
add(
    "repeat",
    shapes([(2, 3)], [(1, 0)]),
    lambda lib, x: [x.repeat(2, 1), x.repeat(3, 1, 2), x.repeat(0, 2), x.repeat((1, 2))],
)
add("repeat a number", shapes([()], [(2,)]), lambda lib, x: [x.repeat(3), x.repeat(2, 2)])
add("tile", either(*[((2, 3), {"dims": d}) for d in [(2,), (2, 1), (2, 1, 2), ()]]))
add("flip", either(*[((2, 3), {"dims": d}) for d in [(0,), (1,), (0, 1), (-1,), ()]], ((0, 2), {"dims": (0,)})))
add("flip as method", shapes([(2, 3)]), lambda lib, x: [x.flip(0), x.flip(0, 1), x.flip((1,))])
_rolls = [(1, 0), (-2, 1), ((1, 2), (0, 1)), (4, None), (1, -1), ((1, 1), (0, 0))]
add("roll", either(*[((3, 4), {"shifts": s, "dims": d}) for s, d in _rolls]))
add(
    "narrow",
    either(
        *[((3, 4), {"dim": d, "start": s, "length": n}) for d, s, n in [(0, 0, 2), (1, 1, 3), (-1, -2, 2), (0, 3, 0)]]
    ),
)
add("select", either(*[((3, 4), {"dim": d, "index": i}) for d, i in [(0, 0), (1, -1), (-1, 2)]]))
add("tril", either(*[(s, {"diagonal": k}) for s in [(3, 4), (2, 3, 3), (0, 2)] for k in (-1, 0, 1, 5)]))
add("triu", either(*[(s, {"diagonal": k}) for s in [(3, 4), (2, 3, 3), (4, 1)] for k in (-1, 0, 1, -5)]))
_diagonals = [((3, 4), {"offset": k}) for k in (-2, -1, 0, 1, 3, 7)] + [
    ((2, 3, 3), {"offset": 1, "dim1": -1, "dim2": 1})
]
add("diagonal", either(*_diagonals))
_pads = [
    ((2, 3), (1, 2)),
    ((2, 3), (1, 0, 0, 2)),
    ((3,), (-1, 2)),
    ((2, 3), (0, -1, 1, 1)),
    ((0,), (1, 1)),
    ((2, 3), ()),
]
add("pad", either(*[(s, {"pad": p, "value": v}) for s, p in _pads for v in (0.0, 1.5)]), functional("pad"))

# Joining and taking apart

add(
    "cat",
    shapes([(2, 3), (1, 3), (0, 3)], [(2, 3)], [(2, 3), (2, 3)]),
    lambda lib, *xs: [lib.cat(xs), lib.cat(list(xs), -2)],
)
add("cat along 1", shapes([(2, 3), (2, 1)], [(2, 0), (2, 2)]), lambda lib, *xs: lib.cat(xs, dim=1))
add("cat to nothing", shapes([(2, 3)]), lambda lib, x: lib.cat((lib.empty(0, dtype=x.dtype), x), 0))
add("stack", shapes([(2, 3)] * 3, [()] * 2, [(0,)]), lambda lib, *xs: [lib.stack(xs), lib.stack(xs, -1)])
add(
    "split",
    either(*[((5, 2), {"n": n}) for n in (1, 2, 5, 7, [1, 4], [2, 0, 3])]),
    lambda lib, x, n: list(lib.split(x, n)),
)
add("split along 1", shapes([(2, 5)]), lambda lib, x: [*x.split(2, dim=1), *x.split((4, 1), -1)])
add(
    "chunk",
    either(*[((5, 2), {"chunks": n}) for n in (1, 2, 3, 4, 9)]),
    lambda lib, x, chunks: list(lib.chunk(x, chunks)),
)
_cuts = [1, 2, 3, 9, (1, 3), (0, 0, 4), (-2,), (4, 1), (9,), ()]
add(
    "tensor_split",
    either(*[((5, 2), {"places": p}) for p in _cuts]),
    lambda lib, x, places: [*lib.tensor_split(x, places), *x.t().tensor_split(places, dim=-1)],
)
add("chunk along 1", shapes([(2, 4)], [(2, 0)]), lambda lib, x: list(x.chunk(2, dim=1)))
add("unbind", either(*[((2, 3), {"dim": d}) for d in (0, 1, -1)]), lambda lib, x, dim: list(lib.unbind(x, dim)))
add("iteration", shapes([(2, 3)]), lambda lib, x: sum((row * i for i, row in enumerate(x)), x[0]))

# Reading by index

_indices: list[Any] = [
    0, -1, slice(1, 3), slice(None, None, 2), None, ..., (slice(None), 1), (..., -2), (1, 2),
    (None, 0, slice(None), None),
    [0, 0, 2], [-1, -1, 0], ([0, 0, 2], [1, -1, 3]), (slice(1, 3), [3, 3, -1]), ([0, 0], slice(None), None),
    slice(3, 3),
    ([[0], [2]], [0, 0, 3]), [[0, 1], [1, 0]], (slice(None), [True, False, True, False]), [True, False, True], [],
    (0, [1, 1]), ([0, 2], 1), (..., [0, 0]), (None, [0, 1]), ([1, 0], None, [0, 0]), True,
]  # fmt: skip


def _as_tensors(lib: Any, index: Any) -> Any:
    if isinstance(index, tuple):
        return tuple(_as_tensors(lib, part) for part in index)
    return lib.tensor(index) if isinstance(index, list) and index else index


add("indexing", either(*[((3, 4), {"index": i}) for i in _indices]), lambda lib, x, index: x[_as_tensors(lib, index)])
_plain = [i for i in _indices if isinstance(i, (int, slice)) or (isinstance(i, list) and i != [[0, 1], [1, 0]])]
add("indexing by lists", either(*[((3, 4), {"index": i}) for i in _plain]), lambda lib, x, index: x[index])
_mixed: list[Any] = [
    (0, slice(None), [0, 1]), ([0, 1], slice(None), 0), (slice(None), 0, [0, 1]), ([0, 1], 0, slice(None)),
    (0, None, [1, 1]),
    (0, ..., [2, 0]), ([[0, 1]], slice(None), [[1, 1]]), (0, slice(None), [True, False, True, False]),
    (-1, slice(1, 2), [0, 0]),
]  # fmt: skip
add(
    "mixed indexing",
    either(*[((2, 3, 4), {"index": i}) for i in _mixed]),
    lambda lib, x, index: x[_as_tensors(lib, index)],
)
add("indexing a number", unary(), lambda lib, x: x[..., None] * 2 + x[None, ...].sum())
add("indexing by mask", unary(), lambda lib, x: x[x > 0])
add("chains of indices", shapes([(3, 4)]), lambda lib, x: x[1:][0][2] * x[:, 1][-1] + x[0, 1:3].sum())


def _gathered(larger: bool) -> Any:
    def draw(d: Draw) -> tuple[list[Any], dict[str, Any]]:
        dim = d.pick([0, 1, -1])
        shape = d.pick([(2, 2), (3, 4), (1, 3), (2, 0)])
        if larger:
            shape = tuple(5 if i == dim % 2 and size else size for i, size in enumerate(shape))
        return [d.real((3, 4)), d.whole(shape, 0, (3, 4)[dim]), d.real((5, 5))], {"dim": dim}

    return draw


def _taken(rows: int) -> Any:
    def draw(d: Draw) -> tuple[list[Any], dict[str, Any]]:
        dim = d.pick([0, 1, -1])
        positions = d.whole((rows,), 0, (3, 4)[dim])
        return [d.real((3, 4)), positions, d.real((rows, 4) if dim == 0 else (3, rows))], {"dim": dim}

    return draw


add("gather", _gathered(True), lambda lib, x, i, y, dim: lib.gather(x, dim, i))
add("scatter", _gathered(False), lambda lib, x, i, y, dim: x.scatter(dim, i[:1, :1], y[:1, :1]))
add("scatter a number", _gathered(True), lambda lib, x, i, y, dim: x.scatter(dim, i, 1.5))
add("scatter_add", _gathered(True), lambda lib, x, i, y, dim: lib.scatter_add(x, dim, i, y[: len(i), : i.shape[1]]))
add("index_select", _taken(5), lambda lib, x, i, y, dim: lib.index_select(x, dim, i))
add("index_add", _taken(5), lambda lib, x, i, y, dim: lib.index_add(x, dim, i, y, alpha=2))
add(
    "take_along_dim",
    _gathered(True),
    lambda lib, x, i, y, dim: lib.take_along_dim(x, lib.argsort(x, dim), dim),
    ties=False,
)
add("index_copy", _taken(2), lambda lib, x, i, y, dim: lib.index_copy(x, dim, lib.argsort(i), y))
add(
    "index_fill",
    _taken(5),
    lambda lib, x, i, y, dim: lib.index_fill(x, dim, i, 2.5) * lib.index_fill(x, dim, i, y[0, 0].detach()),
)
for _reduce in ["sum", "mean", "prod", "amax", "amin"]:
    add(
        f"scatter_reduce {_reduce}",
        _gathered(True),
        lambda lib, x, i, y, dim, reduce=_reduce: [
            lib.scatter_reduce(x, dim, i, y[: len(i), : i.shape[1]], reduce, include_self=own) for own in (True, False)
        ],
        derivatives=1 if _reduce == "prod" else 2,
        ties=False,  # an equal entry that is not included has a share of the gradient there
    )
add(
    "scatter with reduce", _gathered(True), lambda lib, x, i, y, dim: x.detach().scatter(dim, i, 1.5, reduce="multiply")
)
add(
    "index_put",
    _taken(5),
    lambda lib, x, i, y, dim: lib.index_put(x, (i % 3, i % 2), y.reshape(-1)[:5], accumulate=True),
)
add(
    "index_put of rows",
    shapes([(3, 4), (4,)]),
    lambda lib, x, v: x.clone().index_put_((lib.tensor([True, False, True]),), v),
)
add(
    "put and take",
    _gathered(True),
    lambda lib, x, i, y, dim: [
        lib.take(x, i - 1),
        lib.put(x, lib.tensor([-1, 4]), y[0, :2]),
        lib.put(x, i, y[: len(i), : i.shape[1]], accumulate=True),
    ],
)
add("masked_scatter", shapes([(2, 3), (7,)], [(3,), (6,)]), lambda lib, x, y: lib.masked_scatter(x, x > 0.2, y))
add("diag_embed", either(*[((2, 3), {"offset": k, "dim1": i}) for k in (0, 1, -2) for i in (0, 1, -2)]))
add("take_along_dim of all", _gathered(True), lambda lib, x, i, y, dim: lib.take_along_dim(x.contiguous(), i))
add("masked_fill", unary(value=[0.0, -1, 2.5]), lambda lib, x, value: x.masked_fill(x > 0.3, value) * x)
add("masked_fill by tensor", unary(), lambda lib, x: x.masked_fill(x > 0.3, lib.tensor(2.0)))
add("masked_select", unary(), lambda lib, x: lib.masked_select(x, x.abs() > 0.5))
add("masked_select, broadcast", shapes([(2, 3), (3,)], [(3,), (2, 1)]), lambda lib, x, m: lib.masked_select(x, m > 0))

# Writing


def _assigned(lib: Any, x: Any, v: Any, index: Any) -> Any:
    y = x * 2
    before = y.sum()
    y[_as_tensors(lib, index)] = v
    return [y * y, before]


_places: list[tuple[Any, tuple[int, ...]]] = [
    (0, (4,)), (-1, ()), (slice(0, 2), (2, 4)), (slice(0, 2), (1, 4)), ((1, 2), ()), ((slice(None), 1), (3,)),
    (..., (4,)),
    ([0, 2], (2, 4)), ([0, 2], (4,)), (([0, 1], [1, 1]), (2,)), ([True, False, True], (2, 4)), ((..., [0, 3]), (3, 2)),
    (([0, 2], 1), (2,)), (None, (3, 4)),
]  # fmt: skip


def _written(d: Draw) -> tuple[list[Any], dict[str, Any]]:
    index, shape = d.pick(_places)
    return [d.real((3, 4)), d.real(shape)], {"index": index}


def _in_place(lib: Any, x: Any, y: Any) -> Any:
    z = x * 1
    z += y
    z.mul_(x).sub_(y, alpha=2)
    z /= 3
    z.clamp_(-1, 1)
    z[0] *= 2
    return z.tanh_() + x


def _filled(lib: Any, x: Any) -> Any:
    z = x * 2
    z[:, 0].detach()
    z.masked_fill_(x > 0, 0.5)
    z.unsqueeze_(0)
    z[0, 0].detach()
    z[0, 1] = 7
    return z.squeeze_(0).t_() * 2


def _constant_then_written(lib: Any, x: Any) -> Any:
    out = lib.zeros(4, *x.shape, dtype=x.dtype)
    for i in range(3):
        out[i] = x * i
    out[3].copy_(lib.ones(*x.shape, dtype=x.dtype)) if not x.ndim else None
    return out


add("assignment", _written, _assigned)
add(
    "assignment of numbers",
    either(*[((3, 4), {"index": i}) for i, _ in _places]),
    lambda lib, x, index: _assigned(lib, x, 2.5, index),
)
add(
    "mixed assignment",
    either(*[((2, 3, 4), {"index": i}) for i in _mixed]),
    lambda lib, x, index: _assigned(lib, x, 2.5, index),
)
add(
    "mixed assignment of values",
    shapes([(2, 3, 4), (3, 2)]),
    lambda lib, x, v: _assigned(lib, x, v, (0, slice(None), [0, 1])),
)
add("assignment step by step", shapes([(3,)], [(2, 3)]), _constant_then_written)
add("in place", shapes([(3,), (3,)], [(2, 3), (3,)], [(2, 3), ()]), _in_place, derivatives=1)
add("filling", shapes([(2, 3)]), _filled)


def _through_views(lib: Any, x: Any) -> Any:
    y = lib.zeros(2, 3, dtype=x.dtype)
    y += x * 2
    row = y[0]
    row *= x[1]
    y.t()[1:].mul_(3)
    y[1][0] += 5
    y.view(-1)[-2:] = y[0].sum()
    return [y * y, y[0] * 2]


def _through_views_of_constants(lib: Any, x: Any) -> Any:
    y = lib.ones(2, *x.shape, dtype=x.dtype)
    y[0] += x
    y[1].t()[0] *= x[:, 0]
    y[0, 1:].exp_()
    return y


add("writing through views", shapes([(2, 3)]), _through_views)
add("writing through views of constants", shapes([(2, 3)], [(3, 2)]), _through_views_of_constants)
add("zeroing", shapes([(2, 3)]), lambda lib, x: (x * 2).zero_() + (x * 3).fill_(2.0) * x + (x * 1).copy_(x[0]))

__all__ = ["CASES", "Case"]
