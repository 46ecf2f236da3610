"""``out=``: the result of a function, written into a tensor there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def into(out: Any, name: str, make: Callable[[], Any]) -> Any:
    """``out`` with what ``make`` gives, the result of the function ``name``; an empty one takes its shape.

    Raises:
        TypeError: if ``out`` is no tensor, or not as many tensors as the function gives.
        RuntimeError: if it has another shape, cannot hold these numbers, or the result has a history.
    """
    several = isinstance(out, (tuple, list))
    if not all(hasattr(each, "overwrite") for each in (out if several else [out])):
        raise TypeError(f"{name}() takes for out= a tensor, or as many as it gives, and got {type(out).__name__}")
    made = make()
    results = made if isinstance(made, (tuple, list)) else [made]
    if several != isinstance(made, (tuple, list)) or (several and len(out) != len(made)):
        gives = f"{len(made)} tensors" if isinstance(made, (tuple, list)) else f"a {type(made).__name__}"
        raise TypeError(f"{name}() takes for out= as many tensors as it gives: it gives {gives}")
    for place, result in zip(out if several else [out], results, strict=True):
        if not hasattr(result, "overwrite"):
            raise TypeError(f"{name}() takes no out=: it gives a {type(result).__name__}")
        if result.requires_grad:
            raise RuntimeError(
                f"{name}() with out= has no derivative, and an argument requires a gradient; leave out= away, or use "
                "no_grad()"
            )
        fits = place.array.size or place.shape == result.shape
        written = (place if fits else place.new_empty(result.shape)).overwrite(result)
        if not fits:
            place.data = written
    return out if not hasattr(made, "_fields") else type(made)(*out)
