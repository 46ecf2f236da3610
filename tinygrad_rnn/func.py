"""Functions of functions: ``grad(f)`` is the function that computes the gradient of ``f``, and so on.

The names and arguments are those of ``torch.func``. They may be nested: ``grad(grad(f))`` is the second derivative. So
may arguments: a dictionary, list or tuple of tensors has a derivative of the same form.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .autograd.products import Tensors, check_shapes, fresh, jacobians, kind_of, transposed
from .autograd.products import pull as product
from .engine.folding import history
from .engine.modes import enable_grad
from .engine.refusing import shown
from .engine.scope import here
from .surface.functions import select, stack
from .surface.tensor import Tensor

__all__ = ["functional_call", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "vjp", "vmap"]

Function = Callable[..., Any]


def grad(func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """The function that computes the gradient of ``func`` with respect to its arguments ``argnums``.

    Args:
        func: returns a single number; with ``has_aux`` a pair of that and anything else.
        argnums: one position gives one gradient, a tuple of positions a tuple of gradients.
        has_aux: the new function returns (gradient, aux).

    >>> tg.func.grad(lambda x: x**3)(tg.tensor(2.0))
    tensor(12.)
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        slopes, value = both(*args, **kwargs)
        return (slopes, value[1]) if has_aux else slopes

    return gradient


def grad_and_value(func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """As ``grad``, but the new function returns (gradient, value); with ``has_aux`` (gradient, (value, aux))."""

    @functools.wraps(func)
    def both(*args: Any, **kwargs: Any) -> Any:
        call = _Call(func, args, argnums, has_aux, kwargs)
        value = _number(call.output)
        slopes = call.nested(call.pull((value,)))
        kept = call.handed(value)
        return slopes, (kept, call.aux()) if has_aux else kept

    return both


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """``(output, function)``: the output for ``primals``, and the function that maps v to v^T J, a tuple.

    ``output`` may be a tensor, or a tuple, list or dictionary of tensors; v has the same form. The function may be
    called any number of times. With ``has_aux``, ``func`` returns (output, aux), and so does ``vjp``: (output,
    function, aux).

    >>> y, vjp = tg.func.vjp(lambda x: x**3, tg.tensor(2.0))
    >>> y, vjp(tg.tensor(1.0))
    (tensor(8.), (tensor(12.),))
    """
    call = _Call(func, primals, tuple(range(len(primals))), has_aux)
    ys = _flat(call.output)

    def pull(cotangents: Any) -> Any:
        vs = _flat(cotangents)
        check_shapes("the vectors have", vs, "outputs", ys)
        return call.nested(call.pull(ys, vs, outer=any(v.requires_grad for v in vs)))

    kept = _map(call.output, call.handed)
    return (kept, pull, call.aux()) if has_aux else (kept, pull)


def jvp(
    func: Function, primals: Sequence[Any], tangents: Sequence[Any], *, strict: bool = False,
    has_aux: bool = False,
) -> Any:  # fmt: skip
    """``(output, J v)`` for v = ``tangents``, one for each of ``primals``; with ``has_aux`` (output, J v, aux).

    Two backward passes: u -> u^T J is linear in u, and its own vector-Jacobian product with v is J v.

    Raises:
        RuntimeError: if the tangents do not fit, and with ``strict`` if an output does not depend on the primals.
    """
    vs = _flat(tuple(tangents))
    check_shapes("the tangents have", vs, "primals", _flat(tuple(primals)))
    call = _Call(func, primals, tuple(range(len(primals))), has_aux)
    ys = _flat(call.output)
    if strict and not all(y.requires_grad for y in ys):
        raise RuntimeError("an output does not depend on the primals, so J v is 0; strict=True asks to be told")
    with enable_grad():
        us, rows = transposed(ys, call.xs)
    products = iter(call.pull(rows, vs, xs=us))
    kept, pushed = _map(call.output, call.handed), _map(call.output, lambda _: next(products))
    return (kept, pushed, call.aux()) if has_aux else (kept, pushed)


def jacrev(func: Function, argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False) -> Function:
    """The function that computes the Jacobian of ``func``, one backward pass for each entry of the output.

    For one output and one argument a tensor of shape (*output, *argument); a tuple ``argnums`` gives a tuple of these,
    and several outputs (a tuple, list or dictionary) the same structure of them. With ``has_aux``, ``func`` returns
    (output, aux), and the new function (Jacobian, aux).
    """

    @functools.wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        call = _Call(func, args, argnums, has_aux, kwargs)

        def rows(y: Tensor) -> Any:
            with enable_grad():
                return call.nested(jacobians(y, call.xs, lambda v: call.pull((y,), (v,))))

        found = _map(call.output, rows)
        return (found, call.aux()) if has_aux else found

    return jacobian


def hessian(func: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """The function that computes the second derivatives of ``func``: the Jacobian of its Jacobian.

    >>> tg.func.hessian(lambda x: x[0] * x[1])(tg.ones(2))
    tensor([[0., 1.],
            [1., 0.]])
    """
    return jacrev(jacrev(func, argnums), argnums)


def jacfwd(func: Function, argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False) -> Function:
    """As ``jacrev``: there is no mode that differentiates forwards, so that it is the same walk back."""
    return jacrev(func, argnums, has_aux=has_aux)


def vmap(func: Function, in_dims: Any = 0, out_dims: int = 0, randomness: str = "error") -> Function:
    """The function that applies ``func`` to every slice of its arguments and stacks the results.

    One call after the other: nothing is gained in time, and what ``func`` does to one sample is written once.

    Args:
        func: returns a tensor, or a tuple, list or dictionary of tensors.
        in_dims: the axis along which an argument is taken apart, or None for one that every call gets whole; one for
            all, or a tuple, with nestings for nestings.
        out_dims: the axis along which results are stacked.
        randomness: accepted; every call draws its own numbers.

    Raises:
        ValueError: if nothing is taken apart, or the arguments have axes of different lengths.
    """

    @functools.wraps(func)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        sizes = set[int]()
        _along(args, in_dims, lambda x, axis: sizes.add(x.shape[axis]))
        if len(sizes) != 1:
            raise ValueError(f"vmap takes arguments apart along axes of one length, and these are of {sorted(sizes)}")
        calls = [func(*_along(args, in_dims, functools.partial(select, index=i)), **kwargs) for i in range(sizes.pop())]
        columns = zip(*map(_flat, calls), strict=True)
        stacked = iter([stack(column, out_dims) for column in columns])
        return _map(calls[0], lambda _: next(stacked))

    return mapped


def functional_call(module: Any, parameter_and_buffer_dicts: Any, args: Any = (), kwargs: Any = None) -> Any:
    """``module(*args, **kwargs)`` with other tensors in the place of its parameters and buffers, by their paths.

    The module is as before afterwards, also after an error; parameters that are not named stay its own.

    Raises:
        KeyError: if there is no parameter and no buffer at a path.
    """
    dicts = parameter_and_buffer_dicts
    wanted = {k: v for each in (dicts if isinstance(dicts, (tuple, list)) else (dicts,)) for k, v in each.items()}
    places = [(*path.rpartition(".")[::2], tensor) for path, tensor in wanted.items()]
    owners = [(module.get_submodule(path), name, tensor) for path, name, tensor in places]
    if unknown := [path for (owner, name, _), path in zip(owners, wanted, strict=True) if name not in vars(owner)]:
        raise KeyError(f"the module has no parameter or buffer {unknown[0]!r}; named_parameters() lists them")
    before = [(vars(owner), name, vars(owner)[name]) for owner, name, _ in owners]
    try:
        for owner, name, tensor in owners:
            vars(owner)[name] = tensor
        return module(*(args if isinstance(args, tuple) else (args,)), **(kwargs or {}))
    finally:
        for attributes, name, tensor in before:
            attributes[name] = tensor


class _Call:
    """A call with tensors of our own in place of the arguments to be differentiated.

    Attributes:
        outer: whether somebody outside may be recording, to differentiate what comes out of this.
        xs: our own tensors, in all the nestings there are.
        output: what the function returned; without what it returned on the side.
    """

    def __init__(
        self, func: Function, args: Sequence[Any], argnums: int | tuple[int, ...], has_aux: bool,
        kwargs: Mapping[str, Any] = {},
    ) -> None:  # fmt: skip
        self.outer = bool(here.recording)
        given = list(args)
        with enable_grad():
            for n in (argnums,) if isinstance(argnums, int) else argnums:
                if not -len(given) <= n < len(given):
                    raise RuntimeError(f"argnums={argnums} names argument {n}, and the function was given {len(given)}")
                given[n] = _map(given[n], lambda x: fresh(x, self.outer))
            self._chosen = given[argnums] if isinstance(argnums, int) else tuple(given[n] for n in argnums)
            self.xs: Tensors = _flat(self._chosen)
            result = func(*given, **kwargs)
        self._aux: Any
        self.output, self._aux = result if has_aux else (result, None)

    def pull(
        self, ys: Tensors, vs: Tensors | None = None, *, xs: Tensors | None = None, outer: bool = False
    ) -> Tensors:
        """v^T J for every x, differentiable again with respect to what is outside; ``outer`` if v is outside."""
        own, outer = (*self.xs, *(xs or ())), outer or self.outer
        with enable_grad():
            again = outer and any(_others(y, own) for y in (*ys, *(vs or ())))
            found = product(ys, xs or self.xs, vs, again)
        return tuple(g if outer and _others(g, own) else g.detach() for g in found)

    def nested(self, found: Tensors) -> Any:
        """What was found for every x, as these lie in the arguments."""
        each = iter(found)
        return _map(self._chosen, lambda _: next(each))

    def handed(self, y: Tensor) -> Tensor:
        """``y`` for whoever is outside: with its graph only if it depends on something out there."""
        return y if self.outer and _others(y, self.xs) else y.detach()

    def aux(self) -> Any:
        """What the function returned on the side, its tensors as ``handed``."""
        return _map(self._aux, self.handed, strict=False)


def _others(y: Tensor, own: Sequence[Tensor]) -> bool:
    """Whether ``y`` depends on anything that requires a gradient besides our own tensors."""
    births = {x.birth for x in own if x.primitive is None}
    return any(node.primitive is None and node.tracked and node.birth not in births for node in history(y, closed=True))


def _number(value: Any) -> Tensor:
    if not isinstance(value, Tensor) or value.array.ndim != 0:
        raise RuntimeError(
            "grad() differentiates a function that returns a single number, a tensor without axes; this one "
            f"returned {kind_of(value)}"
        )
    return value


def _map(nested: Any, function: Callable[[Tensor], Any], strict: bool = True) -> Any:
    """``function`` of every tensor in tuples, lists and dictionaries, in the same structure.

    Anything else is refused, or, if not ``strict``, left as it is; so are then tuples and the like of a kind of their
    own.
    """
    if isinstance(nested, Tensor):
        return function(nested)
    if isinstance(nested, dict) and (strict or type(nested) is dict):
        return {key: _map(value, function, strict) for key, value in nested.items()}
    if isinstance(nested, (tuple, list)) and (strict or type(nested) in (tuple, list)):
        return type(nested)([_map(value, function, strict) for value in nested])
    if not strict:
        return nested
    raise TypeError(f"a function to be differentiated takes and returns nestings of tensors, and no {shown(nested)}")


def _along(nested: Any, dims: Any, function: Callable[..., Any]) -> Any:
    """``function(tensor, axis)`` of every tensor that has an axis in ``dims``: one for all, or nested as they are."""
    if dims is None:
        return nested
    if isinstance(nested, dict):
        return {key: _along(x, dims[key] if isinstance(dims, dict) else dims, function) for key, x in nested.items()}
    if isinstance(nested, (tuple, list)):
        each = dims if isinstance(dims, (tuple, list)) else [dims] * len(nested)
        return type(nested)([_along(x, axis, function) for x, axis in zip(nested, each, strict=True)])
    return function(nested, dims)


def _flat(nested: Any) -> Tensors:
    found: list[Tensor] = []
    _map(nested, found.append)
    return tuple(found)
