"""What is compared with PyTorch: modules and losses, each with inputs, written once for both libraries.

A case builds a module with `lib.nn` and calls it, where `lib` is tinygrad_rnn or torch. `run` gives every output and
every gradient of sum(outputs * fixed coefficients), so two runs can be compared number for number.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Arrays = dict[str, Array]


def _call(lib: Any, module: Any, x: dict[str, Any]) -> Any:
    return module(*x.values())


@dataclass(frozen=True)
class Case:
    """A name, how to build the module, what it is given, how it is called."""

    name: str
    build: Callable[[Any], Any]
    shapes: dict[str, Any]  # name -> shape of a random array, or the array itself
    call: Callable[[Any, Any, dict[str, Any]], Any] = field(default=_call)

    @property
    def tolerance(self) -> float:
        """1e-10, but for three functions whose constants (1/6, alpha, 1e-12) PyTorch keeps in single precision."""
        return 2e-7 if self.name.startswith(("Hardsigmoid", "CELU", "BCELoss")) else 1e-10

    def inputs(self) -> Arrays:
        """The same numbers at every run."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        return {k: v if isinstance(v, np.ndarray) else rng.standard_normal(v) for k, v in self.shapes.items()}


def run(
    lib: Any, case: Case, weights: Arrays | None = None, dtype: str = "float64", second: bool = False
) -> tuple[Arrays, Arrays]:
    """(weights, results) of a case in one library: outputs, gradients of inputs, gradients of parameters.

    With `second` the gradients are those of sum(gradients * fixed coefficients): second derivatives.
    """
    real_type = getattr(lib, dtype)
    if weights is None:
        lib.manual_seed(zlib.crc32(case.name.encode()))
    module = case.build(lib).to(real_type)
    if weights is not None:
        module.load_state_dict({name: lib.tensor(value) for name, value in weights.items()})
    weights = {name: value.numpy().copy() for name, value in module.state_dict().items()}
    inputs = case.inputs()
    x = {k: lib.tensor(v, dtype=real_type if v.dtype.kind == "f" else None) for k, v in inputs.items()}
    real = {name: tensor for name, tensor in x.items() if tensor.dtype == real_type}
    for tensor in real.values():
        tensor.requires_grad_()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs = _flat(case.call(lib, module, x))
    results = {f"output {i}": output.detach().numpy().copy() for i, output in enumerate(outputs)}
    leaves = {f"d/d{name}": tensor for name, tensor in real.items()}
    leaves |= {f"d/d{name}": parameter for name, parameter in module.named_parameters()}

    def total(tensors: list[Any]) -> Any:
        return sum(
            (x * lib.tensor(np.cos(np.arange(x.numel())).reshape(tuple(x.shape)), dtype=real_type)).sum()
            for x in tensors
            if x.requires_grad
        )

    if second:
        wanted = list(leaves.values())
        found = lib.autograd.grad(total(outputs), wanted, create_graph=True, allow_unused=True)
        bent = total([g for g in found if g is not None])
        curved = not isinstance(bent, int)  # otherwise nothing depends on anything twice
        again = lib.autograd.grad(bent, wanted, allow_unused=True) if curved else [None] * len(wanted)
        for name, g in zip(leaves, again, strict=True):
            results[name] = np.zeros(tuple(leaves[name].shape)) if g is None else g.detach().clone().numpy()
        return weights, results
    total(outputs).backward()
    for name, leaf in leaves.items():
        if leaf.grad is not None:
            results[name] = leaf.grad.numpy().copy()
    return weights, results


def compare(case: Case, found: Arrays, expected: Arrays) -> None:
    """Assert that two runs gave the same arrays."""
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert (found[name].shape, found[name].dtype) == (value.shape, value.dtype), name
        np.testing.assert_allclose(found[name], value, rtol=case.tolerance, atol=case.tolerance, err_msg=name)


def _flat(value: Any) -> list[Any]:
    if isinstance(value, (tuple, list)):
        return [tensor for part in value if part is not None for tensor in _flat(part)]
    return [value]


# Recurrent cells and networks


def _cells() -> list[Case]:
    cases = []
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("RNNCell", {}),
        ("RNNCell", {"nonlinearity": "relu"}),
        ("RNNCell", {"bias": False}),
        ("LSTMCell", {}),
        ("LSTMCell", {"bias": False}),
        ("GRUCell", {}),
        ("GRUCell", {"bias": False}),
    ]
    for kind, options in kinds:
        for what, lead in [("batch", (3,)), ("unbatched", ())]:
            for given in (True, False):
                letters = "hc" if kind == "LSTMCell" else "h"
                states = dict.fromkeys(letters, (*lead, 5)) if given else {}

                def build(lib: Any, kind: str = kind, options: dict[str, Any] = options) -> Any:
                    return getattr(lib.nn, kind)(4, 5, **options)

                def call(lib: Any, module: Any, x: dict[str, Any]) -> Any:
                    states = [x[letter] for letter in "hc" if letter in x]
                    hx = tuple(states) if len(states) == 2 else states[0] if states else None
                    return module(x["x"], hx)

                name = f"{kind} {options} {what} {'state' if given else 'no state'}"
                cases.append(Case(name, build, {"x": (*lead, 4), **states}, call))
    return cases


NETWORKS: list[tuple[str, dict[str, Any]]] = [
    ("RNN", {}),
    ("RNN", {"nonlinearity": "relu", "num_layers": 2}),
    ("LSTM", {}),
    ("GRU", {}),
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"bias": False},
    {"num_layers": 3},
    {"bidirectional": True},
    {"num_layers": 2, "bidirectional": True, "batch_first": True},
    {"batch_first": True},
]
LENGTHS = {"longest first": [6, 4, 1], "any order": [2, 6, 5]}


def network_call(batch_first: bool, lengths: list[int] | None) -> Callable[..., Any]:
    """How a network is called: with the states among the inputs, packed by `lengths` if there are any."""

    def call(lib: Any, module: Any, x: dict[str, Any]) -> Any:
        states = [x[letter] for letter in "hc" if letter in x]
        hx = tuple(states) if len(states) == 2 else states[0] if states else None
        if lengths is None:
            return module(x["x"], hx)
        rnn = lib.nn.utils.rnn
        ordered = lengths == sorted(lengths, reverse=True)
        packed = rnn.pack_padded_sequence(x["x"], lib.tensor(lengths), batch_first=batch_first, enforce_sorted=ordered)
        output, state = module(packed, hx)
        return rnn.pad_packed_sequence(output, batch_first=batch_first, padding_value=0.5), state

    return call


def _networks() -> list[Case]:
    cases = []
    options = [(kind, {**base, **more}) for kind, base in NETWORKS for more in OPTIONS]
    options += [("LSTM", {"proj_size": 2}), ("LSTM", {"proj_size": 2, "num_layers": 2, "bidirectional": True})]
    for kind, chosen in options:

        def build(lib: Any, kind: str = kind, chosen: dict[str, Any] = chosen) -> Any:
            return getattr(lib.nn, kind)(3, 4, **chosen)

        first = chosen.get("batch_first", False)

        def shapes(time: int, lead: tuple[int, ...], state: bool, kind: str = kind, chosen: Any = chosen) -> Any:
            first, count = chosen.get("batch_first", False), chosen.get("num_layers", 1)
            count *= 2 if chosen.get("bidirectional") else 1
            found = {"x": (*lead, time, 3) if first else (time, *lead, 3)}
            if state:
                found["h"] = (count, *lead, chosen.get("proj_size", 4))
                if kind == "LSTM":
                    found["c"] = (count, *lead, 4)
            return found

        plain = network_call(first, None)
        cases.append(Case(f"{kind} {chosen}", build, shapes(5, (3,), False), plain))
        cases.append(Case(f"{kind} {chosen} state", build, shapes(5, (3,), True), plain))
        cases.append(Case(f"{kind} {chosen} unbatched", build, shapes(4, (), True), plain))
        if "bias" not in chosen:
            for order, lengths in LENGTHS.items():
                call = network_call(first, lengths)
                cases.append(Case(f"{kind} {chosen} packed, {order}", build, shapes(6, (3,), True), call))
    cases.append(Case("LSTM one step", lambda lib: lib.nn.LSTM(3, 4), {"x": (1, 2, 3)}))
    return cases


# Layers, activations, losses

IDS = np.array([[1, 4, 2], [0, 4, 4]])
KINKS = np.array([-30.0, -6.0, -3.0, -1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0, 3.0, 6.0, 19.0, 21.0])


def _batch_norm_without(lib: Any) -> Any:
    return lib.nn.BatchNorm1d(3, affine=False, track_running_stats=False)


LAYERS: list[tuple[str, Callable[[Any], Any], dict[str, Any]]] = [
    ("Linear", lambda lib: lib.nn.Linear(4, 3), {"x": (2, 4)}),
    ("Linear, no batch", lambda lib: lib.nn.Linear(4, 3), {"x": (4,)}),
    ("Linear, two batch axes", lambda lib: lib.nn.Linear(4, 3), {"x": (2, 5, 4)}),
    ("Linear, no bias", lambda lib: lib.nn.Linear(4, 3, bias=False), {"x": (2, 4)}),
    ("Bilinear", lambda lib: lib.nn.Bilinear(4, 3, 2), {"x": (5, 4), "y": (5, 3)}),
    ("Bilinear, two batch axes", lambda lib: lib.nn.Bilinear(4, 3, 2, bias=False), {"x": (5, 6, 4), "y": (5, 6, 3)}),
    ("Embedding", lambda lib: lib.nn.Embedding(5, 3), {"ids": IDS}),
    ("Embedding, padding", lambda lib: lib.nn.Embedding(5, 3, padding_idx=4), {"ids": IDS}),
    ("Embedding, padding from the end", lambda lib: lib.nn.Embedding(5, 3, padding_idx=-3), {"ids": IDS}),
    ("Embedding, short rows", lambda lib: lib.nn.Embedding(5, 3, None, 0.7, 1.0), {"ids": IDS}),
    ("Embedding, by frequency", lambda lib: lib.nn.Embedding(5, 3, scale_grad_by_freq=True), {"ids": IDS}),
    ("EmbeddingBag", lambda lib: lib.nn.EmbeddingBag(5, 3, mode="max", padding_idx=1), {"ids": IDS}),
    ("LocalResponseNorm", lambda lib: lib.nn.LocalResponseNorm(2, 0.5), {"x": (2, 3, 4)}),
    ("Unflatten", lambda lib: lib.nn.Unflatten(1, (2, 3)), {"x": (2, 6, 2)}),
    ("Hardshrink", lambda lib: lib.nn.Hardshrink(0.7), {"x": (4, 3)}),
    ("Softshrink", lambda lib: lib.nn.Softshrink(0.3), {"x": (4, 3)}),
    ("Threshold", lambda lib: lib.nn.Threshold(0.2, -3.0), {"x": (4, 3)}),
    ("InstanceNorm1d", lambda lib: lib.nn.InstanceNorm1d(3), {"x": (2, 3, 5)}),
    ("InstanceNorm1d, no batch", lambda lib: lib.nn.InstanceNorm1d(3, affine=True), {"x": (3, 5)}),
    ("InstanceNorm1d, tracked", lambda lib: lib.nn.InstanceNorm1d(3, track_running_stats=True), {"x": (2, 3, 5)}),
    ("InstanceNorm1d, eval", lambda lib: lib.nn.InstanceNorm1d(3, track_running_stats=True).eval(), {"x": (2, 3, 5)}),
    ("weight_norm", lambda lib: lib.nn.utils.parametrizations.weight_norm(lib.nn.Linear(4, 3)), {"x": (2, 4)}),
    ("weight_norm of old", lambda lib: lib.nn.utils.weight_norm(lib.nn.Conv1d(3, 2, 2), dim=None), {"x": (2, 3, 4)}),
    ("LayerNorm", lambda lib: lib.nn.LayerNorm(6), {"x": (2, 3, 6)}),
    ("LayerNorm, two axes", lambda lib: lib.nn.LayerNorm((3, 6), eps=0.1), {"x": (2, 3, 6)}),
    ("LayerNorm, no bias", lambda lib: lib.nn.LayerNorm(6, bias=False), {"x": (2, 6)}),
    ("LayerNorm, plain", lambda lib: lib.nn.LayerNorm(6, elementwise_affine=False), {"x": (2, 6)}),
    ("RMSNorm", lambda lib: lib.nn.RMSNorm(6), {"x": (2, 3, 6)}),
    ("RMSNorm, two axes", lambda lib: lib.nn.RMSNorm((3, 6), eps=0.1), {"x": (2, 3, 6)}),
    ("BatchNorm1d", lambda lib: lib.nn.BatchNorm1d(3), {"x": (4, 3)}),
    ("BatchNorm1d, length", lambda lib: lib.nn.BatchNorm1d(3, eps=0.1, momentum=None), {"x": (4, 3, 2)}),
    ("BatchNorm1d, eval", lambda lib: lib.nn.BatchNorm1d(3).eval(), {"x": (4, 3)}),
    ("BatchNorm1d, eval, no statistics", lambda lib: _batch_norm_without(lib).eval(), {"x": (4, 3, 2)}),
    ("Flatten", lambda lib: lib.nn.Flatten(), {"x": (2, 3, 4)}),
    ("Flatten, some", lambda lib: lib.nn.Flatten(0, 1), {"x": (2, 3, 4)}),
    ("Dropout, p=0", lambda lib: lib.nn.Dropout(0.0), {"x": (2, 3)}),
    ("Dropout, p=1", lambda lib: lib.nn.Dropout(1.0), {"x": (2, 3)}),
    ("Dropout, eval", lambda lib: lib.nn.Dropout(0.5).eval(), {"x": (2, 3)}),
    (
        "Sequential",
        lambda lib: lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.Tanh(), lib.nn.Linear(4, 1)),
        {"x": (5, 3)},
    ),
    ("PReLU, kinks", lambda lib: lib.nn.PReLU(), {"x": KINKS}),
    ("PReLU, channels", lambda lib: lib.nn.PReLU(3), {"x": (2, 3, 4)}),
]

ACTIVATIONS: list[tuple[str, dict[str, Any]]] = [
    ("ReLU", {}),
    ("ReLU6", {}),
    ("LeakyReLU", {}),
    ("LeakyReLU", {"negative_slope": 0.3}),
    ("ELU", {}),
    ("ELU", {"alpha": 0.3}),
    ("CELU", {"alpha": 0.3}),
    ("SELU", {}),
    ("GELU", {}),
    ("GELU", {"approximate": "tanh"}),
    ("SiLU", {}),
    ("Mish", {}),
    ("Sigmoid", {}),
    ("LogSigmoid", {}),
    ("Tanh", {}),
    ("Tanhshrink", {}),
    ("Softplus", {}),
    ("Softplus", {"beta": 2.0, "threshold": 1.0}),
    ("Softsign", {}),
    ("Hardtanh", {}),
    ("Hardtanh", {"min_val": -3.0, "max_val": 0.5}),
    ("Hardsigmoid", {}),
    ("Hardswish", {}),
    ("GLU", {"dim": 0}),
    ("Softmax", {"dim": 0}),
    ("Softmin", {"dim": -1}),
    ("LogSoftmax", {"dim": 0}),
    ("Softmax", {}),
]

REDUCTIONS = ("mean", "sum", "none")
CLASSES = np.array([2, 0, 3, 3, 1])
HOLES = np.array([2, -100, 3, 3, 1])
GRID = np.array([[0, 3], [2, 2], [1, 0]])


def _softmax(x: Array) -> Array:
    e: Array = np.exp(x - x.max(1, keepdims=True))
    shares: Array = e / e.sum(1, keepdims=True)
    return shares


SHARES = _softmax(np.random.default_rng(5).standard_normal((5, 4)))
WEIGHT = [0.5, 2.0, 1.0, 0.1]
UNIT = np.array([0.0, 1.0, 0.0, 1.0, 0.3, 0.6, 1e-4, 0.9999])
BITS = np.array([0.0, 1.0, 1.0, 0.0, 0.2, 1.0, 1.0, 0.0])

LOSSES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("MSELoss", {}, {"x": (3, 2), "t": (3, 2)}),
    ("L1Loss", {}, {"x": (3, 2), "t": (3, 2)}),
    ("SmoothL1Loss", {}, {"x": (7, 2), "t": (7, 2)}),
    ("SmoothL1Loss", {"beta": 0.4}, {"x": (7, 2), "t": (7, 2)}),
    ("SmoothL1Loss", {"beta": 0.0}, {"x": (7, 2), "t": (7, 2)}),
    ("HuberLoss", {}, {"x": (7, 2), "t": (7, 2)}),
    ("HuberLoss", {"delta": 0.4}, {"x": (7, 2), "t": (7, 2)}),
    ("CrossEntropyLoss", {}, {"x": (5, 4), "t": CLASSES}),
    ("CrossEntropyLoss", {"weight": WEIGHT}, {"x": (5, 4), "t": CLASSES}),
    ("CrossEntropyLoss", {"weight": WEIGHT, "label_smoothing": 0.3}, {"x": (5, 4), "t": HOLES}),
    ("CrossEntropyLoss", {"ignore_index": 3}, {"x": (5, 4), "t": CLASSES}),
    ("CrossEntropyLoss", {"label_smoothing": 0.2}, {"x": (5, 4), "t": CLASSES}),
    ("CrossEntropyLoss", {"label_smoothing": 0.2}, {"x": (5, 4), "t": HOLES}),
    ("CrossEntropyLoss", {}, {"x": (4,), "t": np.array(2)}),
    ("CrossEntropyLoss", {"label_smoothing": 0.1, "weight": WEIGHT}, {"x": (3, 4, 2), "t": GRID}),
    ("CrossEntropyLoss", {}, {"x": (3, 4, 2), "t": GRID}),
    ("CrossEntropyLoss", {}, {"x": (5, 4), "t": SHARES}),
    ("CrossEntropyLoss", {"weight": WEIGHT, "label_smoothing": 0.2}, {"x": (5, 4), "t": SHARES}),
    ("CrossEntropyLoss", {}, {"x": (4,), "t": SHARES[0]}),
    ("NLLLoss", {}, {"x": (5, 4), "t": CLASSES}),
    ("NLLLoss", {"weight": WEIGHT}, {"x": (5, 4), "t": HOLES}),
    ("NLLLoss", {"weight": WEIGHT, "ignore_index": 0}, {"x": (3, 4, 2), "t": GRID}),
    ("NLLLoss", {}, {"x": (4,), "t": np.array(1)}),
    ("BCELoss", {}, {"x": UNIT, "t": BITS}),
    ("BCELoss", {"weight": [0.5, 2.0, 1.0, 0.1, 1, 1, 2, 3]}, {"x": UNIT[::-1].copy(), "t": BITS}),
    ("BCELoss", {}, {"x": SHARES, "t": SHARES[::-1].copy()}),
    ("BCEWithLogitsLoss", {}, {"x": KINKS, "t": np.linspace(0, 1, 14)}),
    ("BCEWithLogitsLoss", {"pos_weight": [3.0, 0.5]}, {"x": (4, 2), "t": np.eye(4)[:, :2]}),
    ("BCEWithLogitsLoss", {"weight": [3.0, 0.5]}, {"x": (4, 2), "t": np.eye(4)[:, :2]}),
    ("KLDivLoss", {}, {"x": (5, 4), "t": SHARES}),
    ("KLDivLoss", {"log_target": True}, {"x": (5, 4), "t": np.log(SHARES)}),
    ("KLDivLoss", {"reduction": "batchmean"}, {"x": (5, 4), "t": SHARES}),
]


def _loss(kind: str, options: dict[str, Any], shapes: dict[str, Any], number: int) -> list[Case]:
    cases = []
    for reduction in [options["reduction"]] if "reduction" in options else REDUCTIONS:

        def build(lib: Any, reduction: str = reduction) -> Any:
            named = {k: lib.tensor(v, dtype=lib.float64) if "weight" in k else v for k, v in options.items()}
            return getattr(lib.nn, kind)(**{**named, "reduction": reduction})

        cases.append(Case(f"{kind} {number} {options} {reduction}", build, shapes))
    return cases


NETWORK_CASES = _networks()  # a choice, recorded; test_parity.py has the whole matrix
CASES: list[Case] = _cells() + NETWORK_CASES
CASES += [Case(name, build, shapes) for name, build, shapes in LAYERS]
for _kind, _options in ACTIVATIONS:
    for _x in (KINKS, (4, 3, 2)):
        CASES.append(
            Case(
                f"{_kind} {_options} {'kinks' if _x is KINKS else 'random'}",
                lambda lib, kind=_kind, options=_options: getattr(lib.nn, kind)(**options),  # type: ignore[misc]
                {"x": _x},
            )
        )
for _number, (_kind, _options, _shapes) in enumerate(LOSSES):
    CASES += _loss(_kind, _options, _shapes, _number)
assert len({case.name for case in CASES}) == len(CASES)
