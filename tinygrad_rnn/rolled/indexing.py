"""Reading by arrays of positions, with the positions as arguments: a table's rows, the classes of a loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..engine.primitive import Every, Primitive


def index_of(pattern: tuple[Any, ...], ids: tuple[Any, ...]) -> tuple[Any, ...]:
    """The index whose array number k stands where ``pattern`` says ("at", k)."""
    return tuple(ids[part[1]] if isinstance(part, tuple) else part for part in pattern)


def _put(g: Any, *ids: Any, pattern: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, g.dtype)
    np.add.at(out, index_of(pattern, ids), g)
    return out


def _take_rule(g: Any, y: Any, x: Any, *ids: Any, pattern: tuple[Any, ...], position: int) -> Any:
    return put_at(g, *ids, pattern=pattern, shape=x.shape) if position == 0 else None


def _put_rule(g: Any, y: Any, x: Any, *ids: Any, pattern: tuple[Any, ...], shape: Any, position: int) -> Any:
    return take(g, *ids, pattern=pattern) if position == 0 else None


take = Primitive("take", lambda x, *ids, pattern: x[index_of(pattern, ids)], Every(_take_rule))
put_at = Primitive("put_at", _put, Every(_put_rule))


def opened(primitive: Primitive, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """The operation with the arrays of its index among its arguments, as (primitive, args, kwargs)."""
    index = kwargs.get("index")
    parts = index if isinstance(index, tuple) else (index,)
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    if not arrays or primitive.name not in ("getitem", "put") or any(each.dtype.kind == "b" for each in arrays):
        return primitive, args, kwargs
    places = {id(each): k for k, each in enumerate(arrays)}
    pattern = tuple(("at", places[id(part)]) if isinstance(part, np.ndarray) else part for part in parts)
    if primitive.name == "getitem":
        return take, (*args, *arrays), {"pattern": pattern}
    return put_at, (*args, *arrays), {"pattern": pattern, "shape": kwargs["shape"]}
