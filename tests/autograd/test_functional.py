"""``autograd.functional`` and ``func`` beside PyTorch's, and beside formulas."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

from .programs import leaf, numbers, refusal
from .test_programs import assert_same, plain


def cube(x: Any) -> Any:
    return (x**3).sum()


def two(a: Any, b: Any) -> Any:
    return (a.exp() * b).sum()


def vectors(a: Any, b: Any) -> Any:
    return a * b.sum(), (a * a).sum()


def ab(lib: Any) -> tuple[Any, Any]:
    return numbers(lib, 2), numbers(lib, 3, seed=1)


def same_size(lib: Any) -> tuple[Any, Any]:
    return numbers(lib, 3), numbers(lib, 3, seed=1)


FUNCTIONAL: dict[str, Callable[[Any, Any], Any]] = {
    "vjp of one": lambda lib, f: f.vjp(cube, numbers(lib, 3)),
    "vjp of several": lambda lib, f: f.vjp(vectors, ab(lib), (numbers(lib, 2, seed=2), numbers(lib, seed=3))),
    "vjp of a matrix": lambda lib, f: f.vjp(lambda x: x.tanh(), numbers(lib, 2, 3), numbers(lib, 2, 3, seed=1)),
    "jvp of one": lambda lib, f: f.jvp(lambda x: x**2, numbers(lib, 3), numbers(lib, 3, seed=1)),
    "jvp of several": lambda lib, f: f.jvp(vectors, ab(lib), (numbers(lib, 2, seed=2), numbers(lib, 3, seed=3))),
    "jvp of a linear function": lambda lib, f: f.jvp(lambda x: x * 2, numbers(lib, 3), numbers(lib, 3, seed=1)),
    "jacobian of one": lambda lib, f: f.jacobian(lambda x: x**2, numbers(lib, 2, 3)),
    "jacobian of a number": lambda lib, f: f.jacobian(cube, numbers(lib, 2, 2)),
    "jacobian of several inputs": lambda lib, f: f.jacobian(lambda a, b: a * b, same_size(lib)),
    "jacobian of several outputs": lambda lib, f: f.jacobian(vectors, ab(lib)),
    "jacobian of a tuple of one": lambda lib, f: f.jacobian(lambda x: (x * x,), (numbers(lib, 2),)),
    "jacobian of a constant": lambda lib, f: f.jacobian(lambda x: lib.ones(2, dtype=lib.float64), numbers(lib, 3)),
    "hessian of one": lambda lib, f: f.hessian(cube, numbers(lib, 3)),
    "hessian of several": lambda lib, f: f.hessian(lambda a, b: (a * b).prod(), same_size(lib)),
    "hessian where an input is linear": lambda lib, f: f.hessian(two, same_size(lib)),
    "hessian of a linear function": lambda lib, f: f.hessian(lambda x: (x * 2).sum(), numbers(lib, 3)),
    "vhp": lambda lib, f: f.vhp(cube, numbers(lib, 3), numbers(lib, 3, seed=1)),
    "vhp of several": lambda lib, f: f.vhp(two, same_size(lib), same_size(lib)),
    "hvp": lambda lib, f: f.hvp(cube, numbers(lib, 2, 2), numbers(lib, 2, 2, seed=1)),
    "hvp of several": lambda lib, f: f.hvp(two, same_size(lib), same_size(lib)),
}


def nested(lib: Any) -> dict[str, Any]:
    return {"w": numbers(lib, 3), "l": [numbers(lib, 3, seed=1), (numbers(lib, 2, seed=2),)]}


def number_of(p: Any, x: Any) -> Any:
    return (p["w"] ** 2 * x * p["l"][0]).sum() + p["l"][1][0].prod() * x.sum()


def several_of(p: Any, x: Any) -> Any:
    return {"o": p["w"] ** 2 * x, "t": (p["l"][0].sum() * p["l"][1][0],)}


def of_a_nesting(name: str, which: Any, lib: Any, f: Any) -> Any:
    return getattr(f, name)(several_of, argnums=which)(nested(lib), numbers(lib, 3, seed=4))


def of_each(dims: Any, lib: Any, f: Any) -> Any:
    nesting = {"w": numbers(lib, 3, 3), "l": [numbers(lib, 3, 3, seed=1), (numbers(lib, 3, 3, seed=2),)]}
    return lib.vmap(several_of, in_dims=dims)(nesting, numbers(lib, 3, 3, seed=4))


def gradients_of_a_model(lib: Any, f: Any) -> Any:
    """Of its parameters: for a batch, and for every sample."""
    model = lib.nn.Sequential(lib.nn.Linear(3, 2), lib.nn.Tanh(), lib.nn.Linear(2, 1)).double()
    parameters = {name: numbers(lib, *p.shape, seed=len(name)) for name, p in model.named_parameters()}
    buffers = dict(model.named_buffers())

    def loss(p: Any, b: Any, x: Any, y: Any) -> Any:
        return ((f.functional_call(model, (p, b), (x,)) - y) ** 2).mean()

    batch = numbers(lib, 4, 3), numbers(lib, 4, 1, seed=1)
    each = lib.vmap(f.grad(loss), in_dims=(None, None, 0, 0))(parameters, buffers, *batch)
    return f.grad_and_value(loss)(parameters, buffers, *batch), each, list(each)


FUNC: dict[str, Callable[[Any, Any], Any]] = {
    "grad": lambda lib, f: f.grad(cube)(numbers(lib, 3)),
    "grad of the second argument": lambda lib, f: f.grad(two, argnums=1)(*same_size(lib)),
    "grad of both": lambda lib, f: f.grad(two, argnums=(0, 1))(*same_size(lib)),
    "grad and more": lambda lib, f: f.grad(lambda x: (cube(x), x * 2), has_aux=True)(numbers(lib, 3)),
    "grad and value": lambda lib, f: f.grad_and_value(cube)(numbers(lib, 3)),
    "grad and value and more": lambda lib, f: f.grad_and_value(lambda x: (cube(x), x * 2), has_aux=True)(
        numbers(lib, 3)
    ),
    "grad three times": lambda lib, f: f.grad(f.grad(f.grad(lambda x: x**5)))(numbers(lib)),
    "keyword arguments": lambda lib, f: f.grad(lambda x, *, k: (x**k).sum())(numbers(lib, 3), k=3),
    "grad of a constant": lambda lib, f: f.grad(lambda x: lib.ones(()))(numbers(lib, 2)),
    "vjp": lambda lib, f: apply(f.vjp(lambda x: x.sin(), numbers(lib, 3)), numbers(lib, 3, seed=1)),
    "vjp of a tuple": lambda lib, f: apply(f.vjp(vectors, *ab(lib)), (numbers(lib, 2, seed=2), numbers(lib, seed=3))),
    "vjp of a dictionary": lambda lib, f: f.vjp(lambda x: {"a": x * 2, "b": x**2}, numbers(lib, 3))[1](
        {"a": numbers(lib, 3, seed=1), "b": numbers(lib, 3, seed=2)}
    ),
    "jvp": lambda lib, f: f.jvp(vectors, ab(lib), (numbers(lib, 2, seed=2), numbers(lib, 3, seed=3))),
    "jacrev": lambda lib, f: f.jacrev(lambda x: x**2)(numbers(lib, 2, 3)),
    "jacrev of both": lambda lib, f: f.jacrev(lambda a, b: a * b, argnums=(0, 1))(*same_size(lib)),
    "jacrev of a tuple": lambda lib, f: f.jacrev(vectors)(*ab(lib)),
    "jacrev and more": lambda lib, f: f.jacrev(lambda x: (x**2, x * 3), has_aux=True)(numbers(lib, 2)),
    "hessian": lambda lib, f: f.hessian(cube)(numbers(lib, 2, 2)),
    "hessian of both": lambda lib, f: f.hessian(lambda a, b: (a * b).prod(), argnums=(0, 1))(*same_size(lib)),
    "jacrev of grad": lambda lib, f: f.jacrev(f.grad(lambda x: (x**3).prod()))(numbers(lib, 3)),
    "gradients of a model": gradients_of_a_model,
    "grad of a nesting": lambda lib, f: f.grad(number_of)(nested(lib), numbers(lib, 3, seed=4)),
    "grad and value of both": lambda lib, f: f.grad_and_value(number_of, (1, 0))(nested(lib), numbers(lib, 3, seed=4)),
    "grad twice of a nesting": lambda lib, f: f.jacrev(f.grad(number_of))(nested(lib), numbers(lib, 3, seed=4)),
    "vjp of a nesting": lambda lib, f: apply(
        f.vjp(several_of, nested(lib), numbers(lib, 3, seed=4)), several_of(nested(lib), numbers(lib, 3, seed=5))
    ),
    "jvp of a nesting": lambda lib, f: f.jvp(
        several_of, (nested(lib), numbers(lib, 3, seed=4)), (nested(lib), numbers(lib, 3, seed=5))
    ),
    **{
        f"{name} of {which}": partial(of_a_nesting, name, which)
        for name in ("jacrev", "jacfwd", "hessian")
        for which in (0, (0, 1), (0,))
    },
    **{
        f"vmap along {dims}": partial(of_each, dims)
        for dims in (0, (0, 0), ({"w": 0, "l": [1, (0,)]}, None), ({"w": None, "l": 0}, 0), (None, -1), (0, None))
    },
    "under no_grad": lambda lib, f: lib.no_grad()(f.grad(cube))(leaf(lib, 3)),
}


def apply(made: Any, cotangents: Any) -> Any:
    return made[0], made[1](cotangents), made[1](cotangents)


@pytest.mark.parametrize("name", FUNCTIONAL)
def test_functional_as_in_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = (plain(FUNCTIONAL[name](lib, lib.autograd.functional)) for lib in (tg, torch))
    assert_same(ours, theirs)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # its jvp uses its own torch.jit.script
@pytest.mark.parametrize("name", FUNC)
def test_func_as_in_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = (plain(FUNC[name](lib, lib.func)) for lib in (tg, torch))
    assert_same(ours, theirs)


def test_a_constant_has_no_derivative_when_strict() -> None:
    f = tg.autograd.functional
    x = numbers(tg, 3)
    with pytest.raises(RuntimeError, match="does not depend on the inputs"):
        f.jacobian(lambda x: tg.ones(2), x, strict=True)
    with pytest.raises(RuntimeError, match="input 1 has no influence on the outputs"):
        f.vjp(lambda a, b: a.sum(), (x, x), strict=True)


@pytest.mark.parametrize("lib_name", ["tinygrad_rnn", "torch"])
def test_results_are_connected_only_on_request(lib_name: str) -> None:
    lib = pytest.importorskip(lib_name)
    f = lib.autograd.functional
    x = leaf(lib, 3)
    assert not f.jacobian(lambda x: x**2, x).requires_grad
    assert not f.hvp(cube, x, numbers(lib, 3))[1].requires_grad
    jacobian = f.jacobian(lambda x: x**3, x, create_graph=True)
    jacobian.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 6 * x.detach().numpy())
    x.grad = None
    f.jvp(lambda x: x**3, x, numbers(lib, 3, seed=1), create_graph=True)[1].sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 6 * x.detach().numpy() * numbers(lib, 3, seed=1).numpy())


@pytest.mark.parametrize("lib_name", ["tinygrad_rnn", "torch"])
def test_what_func_closes_over_can_be_differentiated(lib_name: str) -> None:
    lib = pytest.importorskip(lib_name)
    w, x = leaf(lib, 3), leaf(lib, 3, seed=1)
    slope = lib.func.grad(lambda x: (w * x**3).sum())(x)  # 3 w x^2
    slope.sum().backward()
    np.testing.assert_allclose(w.grad.numpy(), 3 * x.detach().numpy() ** 2)
    np.testing.assert_allclose(x.grad.numpy(), 6 * (w * x).detach().numpy())
    assert not lib.func.grad(cube)(numbers(lib, 3)).requires_grad


def test_what_is_refused() -> None:
    f, g = tg.autograd.functional, tg.func
    x = numbers(tg, 3)
    assert refusal(lambda: f.vjp(lambda x: x * 2, x)) == "RuntimeError"
    assert refusal(lambda: f.vjp(lambda x: x * 2, x, numbers(tg, 2))) == "RuntimeError"
    assert refusal(lambda: f.hessian(lambda x: x * 2, x)) == "RuntimeError"
    assert refusal(lambda: f.vjp(lambda x: 3.0, x), TypeError) == "TypeError"
    assert refusal(lambda: f.vjp(cube, 3.0), TypeError) == "TypeError"
    assert refusal(lambda: f.jacobian(cube, x, strategy="forward-mode"), NotImplementedError) == "NotImplementedError"
    with pytest.raises(
        RuntimeError, match=r"a single number, a tensor without axes; this one returned a tensor of shape"
    ):
        g.grad(lambda x: x * 2)(x)
    with pytest.raises(RuntimeError, match=r"argnums=2 names argument 2, and the function was given 1"):
        g.grad(cube, argnums=2)(x)
    with pytest.raises(TypeError, match="takes and returns nestings of tensors, and no 3"):
        g.grad(number_of)({"w": x, "l": [x, (3,)]}, x)
    with pytest.raises(RuntimeError, match="the tangents have the shapes"):
        g.jvp(cube, (x,), (numbers(tg, 2),))
