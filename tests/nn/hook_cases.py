"""What module hooks are asked in the comparison with PyTorch: programs written once for both libraries.

Each takes the library and returns what its hooks saw, as nested lists, and the gradients that came out.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np

Case = Callable[[Any], Any]
Both = namedtuple("Both", "first second")


def new_list() -> list[Any]:
    """What a hook writes into."""
    return []


def plain(value: Any) -> Any:
    """Tensors as nested lists, anything else as it is."""
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    return value.detach().numpy().tolist() if hasattr(value, "detach") else value


def numbers(lib: Any, *shape: int, seed: int = 0) -> Any:
    """Random float64 values, the same in both libraries."""
    return lib.tensor(np.random.default_rng(seed).standard_normal(shape))


def filled(module: Any, lib: Any) -> Any:
    """The module in float64, its parameters with values that are the same in both libraries."""
    module = module.double()
    with lib.no_grad():
        for seed, p in enumerate(module.parameters()):
            p.copy_(numbers(lib, *p.shape, seed=seed))
    return module


def leaf(lib: Any, *shape: int, seed: int = 9) -> Any:
    """An input that needs a gradient."""
    return numbers(lib, *shape, seed=seed).requires_grad_()


def watch(module: Any, seen: list[Any], tag: str = "") -> Any:
    """Register a hook that writes down what it is given."""
    return module.register_full_backward_hook(lambda m, gx, gy: seen.append([tag, type(m).__name__, gx, gy]))


def watch_before(module: Any, seen: list[Any], tag: str = "before") -> Any:
    """The same for the gradients of the outputs."""
    return module.register_full_backward_pre_hook(lambda m, gy: seen.append([tag, type(m).__name__, gy]))


def module_of(lib: Any, function: Callable[..., Any]) -> Any:
    """A module without parameters."""

    class Plain(lib.nn.Module):  # type: ignore[misc]
        def forward(self, *args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

    return Plain()


def linear(lib: Any) -> Any:
    lin, x, seen = filled(lib.nn.Linear(3, 2), lib), leaf(lib, 4, 3), new_list()
    watch(lin, seen)
    watch_before(lin, seen)
    (lin(x) ** 2).sum().backward()
    return seen, x.grad, lin.weight.grad


def input_without_gradient(lib: Any) -> Any:
    lin, seen = filled(lib.nn.Linear(3, 2), lib), new_list()
    watch(lin, seen)
    watch_before(lin, seen)
    (lin(numbers(lib, 4, 3)) ** 2).sum().backward()
    return seen, lin.weight.grad


def nothing_needs_a_gradient(lib: Any) -> Any:
    lin, seen = filled(lib.nn.Linear(3, 2), lib).requires_grad_(False), new_list()
    watch(lin, seen)
    w = leaf(lib, 2)
    (lin(numbers(lib, 4, 3)) * w).sum().backward()
    return seen, w.grad


def without_recording(lib: Any) -> Any:
    lin, seen = filled(lib.nn.Linear(3, 2), lib), new_list()
    watch(lin, seen)
    with lib.no_grad():
        y = lin(leaf(lib, 4, 3))
    return seen, y, y.requires_grad


def every_part_of_a_tree(lib: Any) -> Any:
    nn, seen = lib.nn, new_list()
    net = filled(nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.Tanh(), nn.Linear(4, 2)), nn.Sigmoid()), lib)
    for name, module in net.named_modules():
        watch(module, seen, name)
        watch_before(module, seen, f"{name} before")
    x = leaf(lib, 2, 3)
    net(x).sum().backward()
    return seen, x.grad


def two_outputs(lib: Any) -> Any:
    x, seen = leaf(lib, 3), new_list()
    both = module_of(lib, lambda x: (x * 2, x.sum()))
    watch(both, seen)
    a, b = both(x)
    (a.prod() * b).backward()
    return seen, x.grad


def one_of_two_outputs(lib: Any) -> Any:
    x, seen = leaf(lib, 3), new_list()
    both = module_of(lib, lambda x: (x * 2, x.sum()))
    watch(both, seen)
    watch_before(both, seen)
    for chosen in (0, 1):
        both(x)[chosen].sum().backward()
    return seen, x.grad


def outputs_that_carry_nothing(lib: Any) -> Any:
    x, seen = leaf(lib, 3), new_list()
    module = module_of(lib, lambda x: (x.detach(), "text", x * x, None, x.argmax()))
    watch(module, seen)
    y = module(x)
    y[2].sum().backward()
    return seen, x.grad, y[0].requires_grad, y[1], y[3], y[4]


def a_pair_with_names(lib: Any) -> Any:
    x, seen = leaf(lib, 3), new_list()
    module = module_of(lib, lambda x: Both(x * 2, x**2))
    watch(module, seen)
    y = module(x)
    (y.first * y.second).sum().backward()
    return seen, x.grad


def outputs_inside_others(lib: Any) -> Any:
    x, seen = leaf(lib, 3), new_list()
    module = module_of(lib, lambda x: (x * 2, (x * 3, x * 4)))
    watch(module, seen)
    a, (b, c) = module(x)
    (a * b * c).sum().backward()
    return seen, x.grad


def inputs_of_all_kinds(lib: Any) -> Any:
    x, w, unused, seen = leaf(lib, 3), leaf(lib, 3, seed=8), leaf(lib, 2), new_list()
    module = module_of(lib, lambda x, n, ids, fixed, w, unused, *, scale: x[ids] * w * n + fixed * scale)
    watch(module, seen)
    scale = leaf(lib, 3, seed=7)
    module(x, 3, lib.tensor([0, 0, 2]), numbers(lib, 3), w, unused, scale=scale).sum().backward()
    return seen, x.grad, w.grad, scale.grad, unused.grad


def the_same_input_twice(lib: Any) -> Any:
    x, seen = leaf(lib, 3), new_list()
    module = module_of(lib, lambda a, b: a * b * b)
    watch(module, seen)
    module(x, x).sum().backward()
    return seen, x.grad


def an_output_that_is_the_input(lib: Any) -> Any:
    x, seen = leaf(lib, 3), new_list()
    module = module_of(lib, lambda x: x)
    watch(module, seen)
    (module(x) * x).sum().backward()
    return seen, x.grad


def a_way_around_the_output(lib: Any) -> Any:
    x, seen, kept = leaf(lib, 3), new_list(), new_list()

    def forward(x: Any) -> Any:
        kept.append(x * 2)
        return kept[0] * 3

    module = module_of(lib, forward)
    watch(module, seen)
    module(x)
    kept[0].sum().backward()
    return seen, x.grad


def replaced_on_the_way_out(lib: Any) -> Any:
    lin, x, seen = filled(lib.nn.Linear(3, 2), lib), leaf(lib, 4, 3), new_list()
    lin.register_full_backward_hook(lambda m, gx, gy: (gx[0] * 10,))
    watch(lin, seen)
    lin.register_full_backward_hook(lambda m, gx, gy: (gx[0] + 1,))
    lin(x).sum().backward()
    return seen, x.grad, lin.weight.grad


def replaced_on_the_way_in(lib: Any) -> Any:
    lin, x, seen = filled(lib.nn.Linear(3, 2), lib), leaf(lib, 4, 3), new_list()
    lin.register_full_backward_pre_hook(lambda m, gy: (gy[0] * 10,))
    watch_before(lin, seen)
    watch(lin, seen)
    lin(x).sum().backward()
    return seen, x.grad, lin.weight.grad


def replaced_in_part(lib: Any) -> Any:
    x, w, seen = leaf(lib, 3), leaf(lib, 3, seed=8), new_list()
    module = module_of(lib, lambda x, w: (x * w, x + w))
    module.register_full_backward_pre_hook(lambda m, gy: (gy[0], gy[0] * 5))
    module.register_full_backward_hook(lambda m, gx, gy: (gx[1] * 2, gx[0]))
    watch(module, seen)
    a, b = module(x, w)
    (a * b).sum().backward()
    return seen, x.grad, w.grad


def order_and_removal(lib: Any) -> Any:
    lin, x, seen = filled(lib.nn.Linear(3, 2), lib), leaf(lib, 4, 3), new_list()
    first = watch(lin, seen, "first")
    watch(lin, seen, "second")
    third = lin.register_full_backward_hook(lambda m, gx, gy: seen.append("third"), prepend=True)
    lin.register_full_backward_pre_hook(lambda m, gy: seen.append("pre 1"))
    lin.register_full_backward_pre_hook(lambda m, gy: seen.append("pre 2"), prepend=True)
    lin(x).sum().backward()
    third.remove()
    y = lin(x)
    first.remove()  # what was registered when the module was called is called
    y.sum().backward()
    lin(x).sum().backward()
    return seen, x.grad


def registered_too_late(lib: Any) -> Any:
    lin, x, seen = filled(lib.nn.Linear(3, 2), lib), leaf(lib, 4, 3), new_list()
    y = lin(x)
    watch(lin, seen)
    y.sum().backward()
    return seen, x.grad


def a_module_used_twice(lib: Any) -> Any:
    lin, x, seen = filled(lib.nn.Linear(3, 3), lib), leaf(lib, 3), new_list()
    watch(lin, seen)
    (lin(lin(x)) * lin(x)).sum().backward()
    return seen, x.grad, lin.weight.grad


def a_cell_at_every_step(lib: Any) -> Any:
    cell, seen = filled(lib.nn.LSTMCell(2, 3), lib), new_list()
    watch(cell, seen)
    watch_before(cell, seen)
    xs, h, c = numbers(lib, 4, 1, 2), leaf(lib, 1, 3), leaf(lib, 1, 3, seed=8)
    state = (h, c)
    for t in range(4):
        state = cell(xs[t], state)
    state[0].sum().backward()
    return seen, h.grad, c.grad, cell.weight_hh.grad


def a_plain_cell_with_inputs_that_need_gradients(lib: Any) -> Any:
    cell, seen = filled(lib.nn.GRUCell(2, 3), lib), new_list()
    watch(cell, seen)
    xs, h = leaf(lib, 4, 1, 2), leaf(lib, 1, 3)
    state = h
    for t in range(4):
        state = cell(xs[t], state)
    state.sum().backward()
    return seen, h.grad, xs.grad


def whole_networks(lib: Any) -> Any:
    found = []
    for kind in ("RNN", "LSTM", "GRU"):
        rnn, seen = filled(getattr(lib.nn, kind)(2, 3), lib), new_list()
        watch(rnn, seen)
        watch_before(rnn, seen)
        for x in (numbers(lib, 4, 1, 2), leaf(lib, 4, 1, 2)):
            output, h_n = rnn(x)
            output[-1].sum().backward()
            output, h_n = rnn(x)
            (output.sum() + (h_n[0] if kind == "LSTM" else h_n).sum() * 2).backward()
        found.append([seen, x.grad, rnn.weight_hh_l0.grad])
    return found


def an_embedding(lib: Any) -> Any:
    table, seen = filled(lib.nn.Embedding(3, 2), lib), new_list()
    watch(table, seen)
    table(lib.tensor([0, 2, 2])).sum().backward()
    return seen, table.weight.grad


def a_used_graph_kept(lib: Any) -> Any:
    lin, x, seen = filled(lib.nn.Linear(3, 2), lib), leaf(lib, 3), new_list()
    watch(lin, seen)
    loss = (lin(x) ** 2).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    return seen, x.grad


def differentiated_twice(lib: Any) -> Any:
    nn, x, seen = lib.nn, leaf(lib, 2, 3), new_list()
    net = filled(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)), lib)
    (g,) = lib.autograd.grad(net(x).sum(), x, create_graph=True)
    penalty = ((g.norm(2, dim=1) - 1) ** 2).mean()
    without = lib.autograd.grad(penalty, list(net.parameters()), allow_unused=True)
    watch(net, seen)
    net[0].register_full_backward_hook(lambda m, gx, gy: (gx[0] * 2,))
    (g,) = lib.autograd.grad(net(x).sum(), x, create_graph=True)
    penalty = ((g.norm(2, dim=1) - 1) ** 2).mean()
    once = list(seen)
    return once, without, g, lib.autograd.grad(penalty, list(net.parameters()), allow_unused=True)


def only_some_gradients_asked_for(lib: Any) -> Any:
    lin, x, seen = filled(lib.nn.Linear(3, 2), lib), leaf(lib, 3), new_list()
    watch(lin, seen)
    watch_before(lin, seen)
    loss = (lin(x) ** 2).sum()
    weight = lib.autograd.grad(loss, lin.weight, retain_graph=True)
    return seen, weight, lib.autograd.grad(loss, x)


def forward_hooks(lib: Any) -> Any:
    seen: list[Any] = []
    module = module_of(lib, lambda x, scale=1, *, shift=0: x * scale + shift)
    module.register_forward_hook(lambda m, args, y: seen.append(["plain", args, y]))
    module.register_forward_hook(lambda m, args, kwargs, y: seen.append([args, sorted(kwargs), y]), with_kwargs=True)
    module.register_forward_hook(lambda m, args, y: y * 2, prepend=True)
    module.register_forward_pre_hook(lambda m, args: (args[0] + 1, *args[1:]))
    module.register_forward_pre_hook(lambda m, args, kw: (args, {**kw, "shift": 5}), with_kwargs=True)
    module.register_forward_pre_hook(lambda m, args: seen.append(["first", args]), prepend=True)
    module.register_forward_pre_hook(lambda m, args: args[0] * 10)
    x = numbers(lib, 2)
    return [module(x, 3, shift=1), module(x, scale=2), seen]


def hooks_that_are_always_called(lib: Any) -> Any:
    seen: list[Any] = []

    def refuse(x: Any) -> Any:
        raise KeyError("no")

    module = module_of(lib, refuse)
    module.register_forward_hook(lambda m, args, y: seen.append("never"))
    module.register_forward_hook(lambda m, args, y: seen.append([args, y]), always_call=True)
    module.register_forward_hook(lambda m, args, kw, y: seen.append(y), always_call=True, with_kwargs=True)
    try:
        module(numbers(lib, 2))
    except KeyError as error:
        seen.append(str(error))
    return seen


def both_directions_together(lib: Any) -> Any:
    lin, x, seen = filled(lib.nn.Linear(3, 2), lib), leaf(lib, 3), new_list()
    lin.register_forward_pre_hook(lambda m, args: (args[0] * 2,))
    lin.register_forward_hook(lambda m, args, y: y * 3)
    watch(lin, seen)
    lin(x).sum().backward()
    return seen, x.grad, lin.weight.grad


CASES: list[Case] = [
    linear,
    input_without_gradient,
    nothing_needs_a_gradient,
    without_recording,
    every_part_of_a_tree,
    two_outputs,
    one_of_two_outputs,
    outputs_that_carry_nothing,
    a_pair_with_names,
    outputs_inside_others,
    inputs_of_all_kinds,
    the_same_input_twice,
    an_output_that_is_the_input,
    a_way_around_the_output,
    replaced_on_the_way_out,
    replaced_on_the_way_in,
    replaced_in_part,
    order_and_removal,
    registered_too_late,
    a_module_used_twice,
    a_cell_at_every_step,
    a_plain_cell_with_inputs_that_need_gradients,
    whole_networks,
    an_embedding,
    a_used_graph_kept,
    differentiated_twice,
    only_some_gradients_asked_for,
    forward_hooks,
    hooks_that_are_always_called,
    both_directions_together,
]
