"""What the engine promises, as tables of cases: the tests run them, and docs/contract.md is written from them."""

from __future__ import annotations

from typing import NamedTuple


class Refused(NamedTuple):
    """Code that is refused.

    Attributes:
        situation: what people do.
        code: statements; the last one is refused.
        error: the type of the exception.
        says: what its message must hold: what was given, why it cannot be, what to do.
    """

    situation: str
    code: str
    error: str
    says: tuple[str, ...]


REFUSED = [
    Refused(
        "A second backward pass over a used graph",
        """
        w = tg.tensor(0.5, requires_grad=True)
        h = tg.tanh(w * 2)
        (h * h).backward()
        (h * 3).backward()
        """,
        "RuntimeError",
        (
            "tanh",
            "a second time",
            "hidden state carried over from the previous chunk",
            "h = h.detach()",
            "retain_graph=True",
        ),
    ),
    Refused(
        "A backward pass from several numbers",
        """
        x = tg.tensor([1.0, 2.0], requires_grad=True)
        (x * 2).backward()
        """,
        "RuntimeError",
        ("(2,)", ".sum()", ".mean()", "backward(gradient=...)"),
    ),
    Refused(
        "Nothing requires a gradient",
        """
        x = tg.tensor([1.0, 2.0])
        (x * 2).sum().backward()
        """,
        "RuntimeError",
        ("none requires a gradient", "requires_grad=True", "detach()", "no_grad()"),
    ),
    Refused(
        "A gradient of integers",
        "tg.tensor([1, 2], requires_grad=True)",
        "RuntimeError",
        ("int64", "x.float()"),
    ),
    Refused(
        "An input of ``grad`` that was not used",
        """
        x, y = (tg.tensor(1.0, requires_grad=True) for _ in range(2))
        tg.autograd.grad(x * 2, [x, y])
        """,
        "RuntimeError",
        ("input 1 was not used", "allow_unused=True", "materialize_grads=True"),
    ),
    Refused(
        "A tensor that needs a gradient, given to numpy",
        """
        x = tg.tensor([1.0, 2.0], requires_grad=True)
        np.stack([x, x])
        """,
        "RuntimeError",
        ("lose", "x.detach().numpy()"),
    ),
    Refused(
        "A value changed in place after it was used",
        """
        w = tg.tensor([1.0, 2.0], requires_grad=True)
        y = tg.exp(w)
        with tg.no_grad(): _ = y.mul_(2)
        y.sum().backward()
        """,
        "RuntimeError",
        ("changed in place after it was used", "the result of", "exp", "x = x + 1 rather than x += 1"),
    ),
    Refused(
        "A parameter changed between forward and backward",
        """
        w, v = (tg.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
        loss = (w * v).sum()
        with tg.no_grad(): _ = v.sub_(0.1)
        loss.backward()
        """,
        "RuntimeError",
        ("changed in place after it was used", "argument 1 of", "mul", "Call backward() before changing it"),
    ),
    Refused(
        "A leaf that requires a gradient changed in place",
        """
        w = tg.tensor([1.0, 2.0], requires_grad=True)
        w += 1
        """,
        "RuntimeError",
        ("leaf", "no_grad()"),
    ),
    Refused(
        "The truth of several numbers",
        "bool(tg.tensor([1.0, 2.0]))",
        "RuntimeError",
        ("2", "any()", "all()"),
    ),
    Refused(
        "A hook on a tensor that no gradient reaches",
        "tg.tensor([1.0]).register_hook(print)",
        "RuntimeError",
        ("does not require",),
    ),
    Refused(
        "The first NaN, in the anomaly mode",
        """
        x = tg.tensor([4.0, 0.0], requires_grad=True)
        with tg.autograd.detect_anomaly(): tg.sqrt(x).sum().backward()
        """,
        "tinygrad_rnn.autograd.AnomalyError",
        ("inf in the backward pass", "sqrt", "dL/dy / (2 * y)", "from 0 to 4"),
    ),
]


class Kink(NamedTuple):
    """A derivative at a point where there is none, or a value that is a convention.

    Attributes:
        code: the function of x (and w).
        at: x.
        value, slope: what it is and what its derivative is there.
        why: the convention.
        torch: whether PyTorch's is the same.
    """

    code: str
    at: str
    value: str
    slope: str
    why: str
    torch: bool = True


KINKS = [
    Kink("abs(x)", "0.0", "0.0", "0.0", "the middle of -1 and 1"),
    Kink("relu(x)", "0.0", "0.0", "0.0", "a unit that is just off"),
    Kink("sign(x)", "0.0", "0.0", "0.0", "constant on both sides"),
    Kink("floor(x)", "2.0", "2.0", "0.0", "constant between jumps; so are ceil, round and trunc"),
    Kink("clamp(x, 0, 1)", "1.0", "1.0", "1.0", "the bounds belong to the inside"),
    Kink("maximum(x, w)", "[1.0, 3.0]", "[1.0, 3.0]", "[0.5, 1.0]", "w = [1, 1]: a tie shares the gradient"),
    Kink("minimum(x, w)", "[1.0, 3.0]", "[1.0, 1.0]", "[0.5, 0.0]", "w = [1, 1]: a tie shares the gradient"),
    Kink("amax(x)", "[2.0, 2.0, 1.0]", "2.0", "[0.5, 0.5, 0.0]", "ties share the gradient; it sums to 1"),
    Kink("amin(x)", "[2.0, 1.0, 1.0]", "1.0", "[0.0, 0.5, 0.5]", "ties share the gradient; it sums to 1"),
    Kink(
        "x[[0, 0, 1]].sum()",
        "[5.0, 6.0, 7.0]",
        "16.0",
        "[2.0, 1.0, 0.0]",
        "an entry that is read twice counts twice",
    ),
    Kink(
        "zeros(3).scatter(0, tensor([0, 0, 1]), x).sum()",
        "[5.0, 6.0, 7.0]",
        "13.0",
        "[0.0, 1.0, 1.0]",
        "of several values written to one place the last stays, and only that one counts (PyTorch: [1, 1, 1])",
        torch=False,
    ),
    Kink(
        "x.scatter_reduce(0, tensor([0, 0]), tensor([5.0, 6.0]), 'sum', include_self=False).sum()",
        "[1.0, 2.0]",
        "13.0",
        "[0.0, 1.0]",
        "without the entry itself, it counts only where nothing comes",
    ),
    Kink("x ** 0", "0.0", "1.0", "0.0", "constant, although x ** -1 is infinite"),
    Kink("x ** 0.5", "0.0", "0.0", "inf", "a vertical tangent"),
    Kink("sqrt(x)", "0.0", "0.0", "inf", "a vertical tangent"),
    Kink("log(x)", "0.0", "-inf", "inf", "the limit"),
    Kink("x.norm()", "[0.0, 0.0]", "0.0", "[0.0, 0.0]", "the middle of all directions"),
    Kink("softmax(x, 0)[0]", "[1000.0, 0.0]", "1.0", "[0.0, 0.0]", "no overflow, however large the numbers"),
    Kink("logsumexp(x, 0)", "[1000.0, 1000.0]", "1000.6931", "[0.5, 0.5]", "no overflow, however large the numbers"),
    Kink("relu(x)", "NaN", "NaN", "1.0", "NaN goes on, here and in every function with a kink"),
    Kink("maximum(x, w)", "[NaN, 3.0]", "[NaN, 3.0]", "[1.0, 1.0]", "w = [1, 1]: NaN goes on"),
    Kink("x.max()", "[NaN, 2.0, 1.0]", "NaN", "[1.0, 0.0, 0.0]", "what is NaN is the largest, and the smallest"),
    Kink("amax(x)", "[NaN, 2.0, 1.0]", "NaN", "[1.0, 0.0, 0.0]", "as max(), where PyTorch has NaN", torch=False),
    Kink("2 ** x + 0 ** x", "1.0", "2.0", "1.3863", "0 ** x is constant for x > 0"),
    Kink("sigmoid(x)", "-1000.0", "0.0", "0.0", "no overflow, however large the numbers"),
    Kink(
        "where(x > 0, sqrt(x), 0.0)",
        "0.0",
        "0.0",
        "NaN",
        "0 * inf in the branch that is not taken; write where(x > 0, sqrt(where(x > 0, x, 1.0)), 0.0)",
    ),
]


class Typed(NamedTuple):
    """An expression and the type of its numbers."""

    code: str
    dtype: str
    why: str = ""


TYPED = [
    Typed("tg.tensor([1.0, 2.0])", "float32", "Python's floats take the default type"),
    Typed("tg.tensor([1, 2])", "int64"),
    Typed("tg.tensor([True])", "bool"),
    Typed("tg.tensor(np.ones(2))", "float64", "arrays keep theirs"),
    Typed("tg.ones(2) * 2", "float32", "a number never changes the type of a tensor of its kind"),
    Typed("tg.ones(2) * np.float64(2)", "float32", "nor does a numpy scalar"),
    Typed("tg.ones(2) * np.array(2.0)", "float32", "nor an array without axes"),
    Typed("tg.ones(2) * tg.tensor(2.0, dtype=tg.float64)", "float32", "nor a tensor without axes"),
    Typed("tg.ones(2) + tg.ones(2, dtype=tg.float64)", "float64", "of two tensors with axes the wider type counts"),
    Typed("np.ones(2) * tg.ones(2)", "float64", "an array counts as a tensor, and the result is one"),
    Typed("tg.tensor([1], dtype=tg.uint8) + 1000", "uint8", "the higher bits of 1001 are cut off: 233"),
    Typed("tg.tensor([1.0], dtype=tg.float16) / 70_000", "float16", "to which 70,000 is infinity; not so in PyTorch"),
    Typed("tg.tensor([True]) ** True", "int8", "as in numpy; in PyTorch bool"),
    Typed("tg.ones(2, dtype=tg.int16).sum(dtype=tg.int32)", "int32", "as asked"),
    Typed("tg.tensor([1, 2]) * 1.5", "float32", "integers and a real number: the default type"),
    Typed("tg.tensor([1, 2]) / 2", "float32", "division gives real numbers"),
    Typed("tg.tensor([1, 2]) // 2", "int64"),
    Typed("tg.tensor([True, False]).sum()", "int64", "counting"),
    Typed("tg.tensor([1, 2]).exp()", "float32"),
    Typed("tg.ones(2) > 0", "bool"),
    Typed("tg.ones(2).argmax()", "int64"),
]


class Kept(NamedTuple):
    """A promise about the lifetime of a graph: a title, why, and code in the form of a Python session."""

    title: str
    why: str
    session: str


KEPT = [
    Kept(
        "Leaves add up, other values do not",
        "``.grad`` of a leaf is the sum of all backward passes until it is set to None or 0. A value that is not a "
        "leaf has no ``.grad`` unless ``retain_grad()`` asks for it.",
        """
        >>> x = tg.tensor(3.0, requires_grad=True)
        >>> (x * x).backward()
        >>> (x * x).backward()
        >>> x.grad
        tensor(12.)
        """,
    ),
    Kept(
        "The same graph twice is exactly twice",
        "Gradients of the values in between belong to one pass and are never added to the next one's.",
        """
        >>> x = tg.tensor(3.0, requires_grad=True)
        >>> y = (x * x).exp().log()
        >>> y.backward(retain_graph=True)
        >>> once = x.grad.item()
        >>> y.backward()
        >>> x.grad.item() == 2 * once
        True
        """,
    ),
    Kept(
        "A used graph can still be looked at",
        "``draw``, ``contributions``, ``gradient_flow``, ``backward_steps`` and ``program`` work before and after "
        "``backward()``, use nothing up and do not touch ``.grad``. After an optimiser's step they tell the numbers "
        "from before it, as long as no other change came in between and the parameter has at most a megabyte.",
        """
        >>> w = tg.tensor(0.5, requires_grad=True)
        >>> w.name = "w"
        >>> y = w * 3
        >>> y.backward()
        >>> tg.optim.SGD([w], lr=0.1).step()
        >>> print(tg.contributions(y, w))
        t  place  operation    size     share
        -  -----  -----------  ----  --------
                  w * 3           3  100.00 %
                  dL/dw = sum     3
        """,
    ),
    Kept(
        "``grad`` uses up only what lies between",
        "What lies below the inputs of ``autograd.grad`` can still be used.",
        """
        >>> x = tg.tensor(2.0, requires_grad=True)
        >>> h = x * x
        >>> (over_h,) = tg.autograd.grad(h * h, h)
        >>> tg.autograd.grad(h, x, over_h)
        (tensor(32.),)
        """,
    ),
    Kept(
        "What has a gradient is settled when an operation is recorded",
        "Asking for a gradient later changes nothing that was recorded; a leaf that stopped asking receives nothing.",
        """
        >>> a, w = tg.ones(2), tg.ones(2, requires_grad=True)
        >>> y = (a * w).sum()
        >>> a.requires_grad = True
        >>> y.backward()
        >>> a.grad is None, w.grad
        (True, tensor([1., 1.]))
        """,
    ),
    Kept(
        "What requires a gradient has a way back",
        "`requires_grad` says whether a gradient could come from a tensor to a leaf that asks for one. PyTorch says so "
        "too of a view taken inside no_grad(), or before its tensor asked for a gradient, of integers that a real "
        "number was written into, and of unique(), and gives nothing back; of a first derivative that is constant in "
        "pieces it says that there is none, and here it is 0.",
        """
        >>> x = tg.ones(3, requires_grad=True)
        >>> with tg.no_grad():
        ...     view = x.view(-1)
        >>> view.requires_grad, x.unique().requires_grad
        (False, False)
        """,
    ),
    Kept(
        "A gradient has memory of its own",
        "What ``grad`` returns and what ``.grad`` holds can be written to, and shares memory with no other gradient "
        "and no seed. PyTorch hands out the same memory several times where a rule only passes a gradient on.",
        """
        >>> a, b = tg.ones(2, requires_grad=True), tg.ones(2, requires_grad=True)
        >>> over_a, over_b = tg.autograd.grad((a + b).sum(), [a, b])
        >>> _ = over_a.mul_(3)
        >>> over_a, over_b
        (tensor([3., 3.]), tensor([1., 1.]))
        """,
    ),
    Kept(
        "A graph lives as long as somebody holds it",
        "When the last name of a loss goes, so does its graph, without the garbage collector: hooks, writing in place, "
        "pictures and saved files leave no circles. As in PyTorch, ``backward(create_graph=True)`` does: ``.grad`` "
        "then knows the graph, and the graph its leaves, until ``.grad`` is set to None.",
        """
        >>> import weakref
        >>> x = tg.ones(3, requires_grad=True) * 2
        >>> _ = x.register_hook(lambda g: g * 2)
        >>> x[1] = x[0] * 3
        >>> known = weakref.ref(x)
        >>> del x
        >>> known() is None
        True
        """,
    ),
    Kept(
        "Every use counts",
        "A value used twice in one operation has two edges in the graph, and both are counted.",
        """
        >>> x = tg.tensor(3.0, requires_grad=True)
        >>> (x * x).backward()
        >>> x.grad
        tensor(6.)
        """,
    ),
    Kept(
        "What is no tensor is numpy's",
        "A type of numbers is one of numpy, and so are the arrays that an optimiser remembers; PyTorch has a type of "
        "its own, with ``is_floating_point``, and tensors, with ``zero_``.",
        """
        >>> p = tg.nn.Parameter(tg.ones(2))
        >>> p.is_floating_point(), p.dtype.kind == "f"
        (True, True)
        >>> adam = tg.optim.Adam([p])
        >>> p.sum().backward()
        >>> adam.step()
        >>> adam.state[p]["exp_avg"][...] = 0
        """,
    ),
    Kept(
        "Values are copied in, unless you say otherwise",
        "``tensor(array)`` copies; ``from_numpy(array)`` and ``.numpy()`` share the memory.",
        """
        >>> array = np.zeros(2)
        >>> copied, shared = tg.tensor(array), tg.from_numpy(array)
        >>> array[0] = 7
        >>> copied.tolist(), shared.tolist()
        ([0.0, 0.0], [7.0, 0.0])
        """,
    ),
    Kept(
        "A file keeps what lies in the same memory",
        "Tensors that share all of their memory do so again when they are loaded, as tied weights. A part of another "
        "tensor is saved apart, and is a tensor of its own; in PyTorch it is a part again.",
        """
        >>> import io
        >>> x, file = tg.zeros(2), io.BytesIO()
        >>> tg.save([x, x, x[:1]], file)
        >>> _ = file.seek(0)
        >>> same, again, part = tg.load(file)
        >>> same[0] = 5.0
        >>> again.tolist(), part.tolist()
        ([5.0, 0.0], [0.0])
        """,
    ),
    Kept(
        "An in-place change is an operation",
        "A tensor that is written to keeps its older self in the graph: what was computed from it before keeps its "
        "meaning.",
        """
        >>> x = tg.tensor([1.0, 2.0], requires_grad=True)
        >>> y = x * 1
        >>> z = y * 10
        >>> y[0] = 5.0
        >>> (z + y).sum().backward()
        >>> x.grad
        tensor([10., 11.])
        """,
    ),
    Kept(
        "Overflow and division by 0 give inf and NaN, and never a warning",
        "As IEEE 754 says and PyTorch does; ``detect_anomaly`` finds the first. Integers divided by 0 are refused. "
        "Small numbers count: a norm squares and adds in double precision. The powers 1/2 and -1/2 of -inf and -0.0 "
        "are those of IEEE 754, where PyTorch takes the square root.",
        """
        >>> with np.errstate(all="raise"):
        ...     print(tg.tensor(0.0).log(), 1 / tg.tensor(0.0), tg.tensor(1e3).exp())
        tensor(-inf) tensor(inf) tensor(inf)
        >>> 1e-25 / tg.tensor([1e-25, 0.0]).norm()
        tensor(1.)
        >>> tg.tensor(-np.inf) ** -0.5
        tensor(0.)
        """,
    ),
    Kept(
        "What is linear in pieces has a second derivative",
        "It is 0 and can be asked for, also where PyTorch says that there is none (clamp, where). At a kink it is that "
        "of the side whose first derivative is taken: that of elu at 0 is 1, as at its left, where PyTorch has 0. An "
        "entry 0 of a norm of power 2.5 has 0, which is true, where PyTorch has NaN.",
        """
        >>> x = tg.tensor([-1.0, 2.0], requires_grad=True)
        >>> (slope,) = tg.autograd.grad(x.clamp(min=0).sum(), x, create_graph=True)
        >>> tg.autograd.grad(slope.sum(), x)
        (tensor([0., 0.]),)
        >>> zero = tg.tensor(0.0, requires_grad=True)
        >>> (slope,) = tg.autograd.grad(tg.nn.functional.elu(zero), zero, create_graph=True)
        >>> tg.autograd.grad(slope, zero)
        (tensor(1.),)
        >>> x = tg.tensor([0.0, 1.0], requires_grad=True)
        >>> (slope,) = tg.autograd.grad(x.norm(2.5), x, create_graph=True)
        >>> tg.autograd.grad(slope[0], x)
        (tensor([0., 0.]),)
        """,
    ),
    Kept(
        "float16 adds up in float32",
        "Sums, means, norms, softmax and what is made of them; so do the sigmoid and gelu. Layers that normalise, and "
        "functions composed of others, round to float16 after each operation, where PyTorch rounds at the end.",
        """
        >>> tg.ones(70_000, dtype=tg.float16).mean()
        tensor(1., dtype=float16)
        """,
    ),
    Kept(
        "Cut the graph between chunks",
        "``detach()`` is the same value without its history: gradients stop there, and what came before is not used"
        " again.",
        """
        >>> w = tg.tensor(0.5, requires_grad=True)
        >>> h = tg.tensor(1.0)
        >>> for chunk in range(3):
        ...     h = h.detach()
        ...     for _ in range(4):
        ...         h = tg.tanh(w * h)
        ...     h.backward()
        """,
    ),
    Kept(
        "Only what needs a gradient is recorded",
        "Inside ``no_grad()`` nothing is; ``enable_grad()`` records again inside it. Both are context managers and "
        "decorators.",
        """
        >>> w = tg.tensor(0.5, requires_grad=True)
        >>> with tg.no_grad():
        ...     y = w * 2
        >>> y.requires_grad, (w * 2).requires_grad, (tg.ones(1) * 2).requires_grad
        (False, True, False)
        """,
    ),
]
