"""Formulas over the whole table of operations: read back as Python, they compute what the engine computes."""

import ast
import itertools
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import TABLE, Node, Sample, formula, shown, told
from tests.ops.samples import SAMPLES
from tinygrad_rnn import Primitive

LETTERS = ["a", "b", "c", "d"]


def node_of(primitive: Primitive, sample: Sample) -> Node:
    """The result of an operation as if it had been recorded, also for operations that have no derivative."""
    args = tuple(tg.tensor(a) if isinstance(a, np.ndarray) else a for a in sample.args)
    node = tg.tensor(np.asarray(primitive.forward(*sample.args, **sample.kwargs)))
    node.primitive, node.args, node.kwargs = primitive, args, sample.kwargs
    return node


def derivative(node: Node, position: int, names: list[str]) -> str | None:
    """What the rule of an argument computes, written with ``y`` for the result."""
    (applied,) = formula.rules_applied(node, [position], np.ones_like(node.array), "y", names)
    return None if applied is None else applied.text


def names_of(sample: Sample) -> list[str]:
    return [LETTERS[i] if isinstance(a, np.ndarray) else repr(a) for i, a in enumerate(sample.args)]


def evaluate(text: str, values: dict[str, Any], kwargs: dict[str, Any]) -> Any:
    """The value of a formula, read as Python: names are arrays, functions are the primitives."""

    def call(primitive: Primitive) -> Any:
        def apply(*args: Any, **given: Any) -> Any:
            # One axis is written without brackets; what is not used is left out.
            used = {key: given.get(key, kwargs.get(key)) for key in defaults(primitive)}
            for key in ("dim", "dims", "shape", "shifts"):
                if key in used and isinstance(used[key], int) and needs_tuple(primitive, key):
                    used[key] = (used[key],)
            if "keepdim" in used:
                used["keepdim"] = given.get("keepdim", False)
            return np.asarray(primitive.forward(*args, **used))

        return apply

    scope = {name: call(primitive) for name, primitive in TABLE.items()}
    return eval(text, {"__builtins__": {}, "float64": np.float64, "nan": np.nan, "inf": np.inf}, scope | values)


def defaults(primitive: Primitive) -> list[str]:
    return list(SAMPLES[primitive.name][0].kwargs)


def needs_tuple(primitive: Primitive, key: str) -> bool:
    return any(isinstance(sample.kwargs.get(key), tuple) for sample in SAMPLES[primitive.name])


def readable(text: str) -> bool:
    """Whether a formula can be read back: index arrays, slices among the keywords and places are only described."""
    described = ("array[", "widths", "index=", " elsewhere")
    return ":" not in text.replace("->", "") and not any(words in text for words in described)


@pytest.mark.parametrize("name", TABLE)
def test_forward_computes_the_value(name: str) -> None:
    for sample in SAMPLES[name]:
        check_forward(TABLE[name], sample)


@pytest.mark.parametrize("name", TABLE)
def test_what_the_page_and_the_help_say_of_an_operation_computes_the_value(name: str) -> None:
    text, derivatives, args, result = told(TABLE[name])
    if readable(text):
        values = dict(zip(derivatives, args, strict=True))
        found = evaluate(text, values, shown(TABLE[name].tried_on()).kwargs)
        np.testing.assert_allclose(found, result, rtol=1e-5)


def check_forward(primitive: Primitive, sample: Sample) -> None:
    node = node_of(primitive, sample)
    names = names_of(sample)
    text = formula.forward(node, names)
    assert "\n" not in text and all(name in text for name, a in zip(names, sample.args, strict=True) if np.ndim(a))
    if readable(text):
        values = {name: a for name, a in zip(names, sample.args, strict=True) if isinstance(a, np.ndarray)}
        value = evaluate(text, values, sample.kwargs)
        np.testing.assert_allclose(value, node.array, rtol=1e-5)


@pytest.mark.parametrize("name", [name for name, primitive in TABLE.items() if primitive.differentiable])
def test_derivatives_compute_what_the_rule_computes(name: str) -> None:
    for sample in SAMPLES[name]:
        check_derivatives(TABLE[name], sample)


def check_derivatives(primitive: Primitive, sample: Sample) -> None:
    node = node_of(primitive, sample)
    names = names_of(sample)
    g = np.random.default_rng(0).uniform(0.5, 1.5, node.array.shape)
    for position, arg in enumerate(sample.args):
        text = derivative(node, position, names)
        rule = primitive.rules[position]
        assert (text is None) == (rule is None)
        if text is None or not isinstance(arg, np.ndarray):
            continue
        wanted = rule(g, node.array, *sample.args, **sample.kwargs)
        (applied,) = formula.rules_applied(node, [position], g, "y", names)
        assert applied is not None and applied.text == text
        np.testing.assert_allclose(applied.array, wanted, rtol=1e-12)
        if readable(text):
            values = {name: a for name, a in zip(names, sample.args, strict=True) if isinstance(a, np.ndarray)}
            value = evaluate(text, values | {"g": g, "y": node.array}, sample.kwargs)
            np.testing.assert_allclose(np.broadcast_to(value, np.shape(wanted)), wanted, rtol=1e-4, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "forward", "derivatives"),
    [
        (lambda a, b: a.tanh(), "tanh(a)", ["g * (1 - y * y)"]),
        (lambda a, b: a + b, "a + b", ["g", "g"]),
        (lambda a, b: a - b, "a - b", ["g", "-g"]),
        (lambda a, b: a / b, "a / b", ["g / b", "-g * y / b"]),
        (lambda a, b: a @ b, "a @ b", ["g @ b.mT", "a.mT @ g"]),
        (lambda a, b: a**2, "a ** 2", ["g * (2 * a)"]),
        (lambda a, b: a.relu(), "relu(a)", ["where(a <= 0, 0, g)"]),
        (lambda a, b: a.mT, "a.mT", ["g.mT"]),
        (lambda a, b: a[0], "a[0]", ["g at [0], 0 elsewhere"]),
        (lambda a, b: a[None, ..., 1:], "a[None, ..., 1:]", ["g at [None, ..., 1:], 0 elsewhere"]),
        (lambda a, b: a.floor(), "floor(a)", ["0"]),
        (lambda a, b: tg.nn.functional.linear(a, b), "a @ b.mT", ["g @ b", "g.mT @ a"]),
        (lambda a, b: a.softmax(1), "softmax(a, dim=1)", ["y * (g - sum(g * y, dim=1, keepdim=True))"]),
    ],
)  # fmt: skip
def test_how_it_reads(make: Any, forward: str, derivatives: list[str | None]) -> None:
    a, b = (tg.tensor(np.arange(1.0, 5.0).reshape(2, 2) + i, requires_grad=True) for i in range(2))
    node = make(a, b)
    names = ["a" if arg is a else "b" if arg is b else str(arg) for arg in node.args]
    assert formula.forward(node, names) == forward
    found = [derivative(node, position, names) for position in range(len(names))]
    assert found[: len(derivatives)] == derivatives


def symbol(name: str, array: Any) -> Any:
    return formula.Symbol(name, array)


def test_brackets_where_they_are_needed_and_nowhere_else() -> None:
    a, b, c = (symbol(name, np.array([[2.0, 3.0], [5.0, 7.0]]) + i) for i, name in enumerate("abc"))
    v = symbol("v", np.array([1.0, 2.0]))
    for expression, text in [
        (a + b + c, "a + b + c"),
        (a + (b + c), "a + (b + c)"),
        (a - (b - c), "a - (b - c)"),
        ((a - b) * c, "(a - b) * c"),
        (a / (b * c), "a / (b * c)"),
        (a * b / c, "a * b / c"),
        (-a * b, "-a * b"),
        (-(a * b), "-(a * b)"),
        ((a * b) ** 2, "(a * b) ** 2"),
        ((a**2) ** 2, "(a ** 2) ** 2"),
        ((a + b).mT @ c, "(a + b).mT @ c"),
        ((a @ b).mT, "(a @ b).mT"),
        (a // (b * c), "a // (b * c)"),
        ((a > b) & (b > c), "(a > b) & (b > c)"),
        (2 * a, "2 * a"),
        (a * 0.5, "a * 0.5"),
        (a.record(TABLE["linear"], (v, a + b), {}), "(a + b) @ v"),
        (a.record(TABLE["affine"], (v, a, v), {}), "a @ v + v"),
        (a.record(TABLE["linear"], (a + b, b + c), {}), "(a + b) @ (b + c).mT"),
    ]:
        assert expression.text == text
        if "mT" not in text and "&" not in text:
            values = {s.text: s.array for s in (a, b, c, v)}
            np.testing.assert_allclose(eval(text, {}, values), expression.array)


SIGNS = ("add", "sub", "mul", "div", "matmul", "linear", "affine", "neg", "pow", "remainder", "floor_divide")


@pytest.mark.parametrize("outer", SIGNS)
def test_an_operation_inside_another_is_read_as_it_was_computed(outer: str) -> None:
    """Of all that is written by a sign, one inside the other: Python reads it as with brackets around everything."""
    sizes = {name: 1 if name == "neg" else 3 if name == "affine" else 2 for name in SIGNS}
    for inner, position in itertools.product(SIGNS, range(sizes[outer])):
        letters = [symbol(letter, np.full((2, 2), 2 - 0.25 * n)) for n, letter in enumerate("abcdef")]
        inside = letters[0].record(TABLE[inner], tuple(letters[: sizes[inner]]), {})
        args = [inside if k == position else letters[3 + k] for k in range(sizes[outer])]
        made = letters[0].record(TABLE[outer], tuple(args), {})
        bracketed = formula.template_of(TABLE[outer], args[0]).format(*(f"({each.text})" for each in args))
        assert ast.dump(ast.parse(made.text)) == ast.dump(ast.parse(bracketed)), (made.text, bracketed)


def test_a_leaf_has_no_formula() -> None:
    assert formula.forward(tg.tensor(1.0), []) == ""
    assert derivative(tg.tensor(1.0), 0, []) is None
