"""Every public callable given what it cannot take: no word of numpy's, and none of Python's about our inside."""

from __future__ import annotations

import inspect
import operator
import re
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import TABLE
from tinygrad_rnn import nn

F = nn.functional
INF: Any = "inf"


def x() -> tg.Tensor:
    return tg.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])


#: What fits an argument of this name, as far as one value fits everywhere.
FITS: dict[str, Callable[[], Any]] = {
    "dim": lambda: 0,
    "dims": lambda: (0, 1),
    "dim0": lambda: 0,
    "dim1": lambda: 1,
    "index": lambda: tg.tensor([[0, 1, 0], [1, 0, 1]]),
    "mask": lambda: x() > 0.3,
    "condition": lambda: x() > 0.3,
    "tensors": lambda: [x(), x()],
    "shape": lambda: (3, 2),
    "size": lambda: (2, 3),
    "sizes": lambda: (2, 3),
    "value": lambda: 1.0,
    "start": lambda: 0,
    "length": lambda: 1,
    "end": lambda: 3,
    "steps": lambda: 3,
    "chunks": lambda: 2,
    "k": lambda: 1,
    "n": lambda: 2,
    "m": lambda: 2,
    "q": lambda: 0.5,
    "p": lambda: 0.5,
    "normalized_shape": lambda: (3,),
    "equation": lambda: "ij,ij->i",
    "num_classes": lambda: 3,
    "lr": lambda: 0.1,
    "params": lambda: [nn.Parameter(x())],
    "parameters": lambda: [nn.Parameter(x())],
    "optimizer": lambda: tg.optim.SGD([nn.Parameter(x())], 0.1),
    "func": lambda: tg.sin,
    "max_norm": lambda: 1.0,
    "clip_value": lambda: 1.0,
    "in_features": lambda: 3,
    "out_features": lambda: 2,
    "input_size": lambda: 3,
    "hidden_size": lambda: 2,
    "num_embeddings": lambda: 4,
    "embedding_dim": lambda: 2,
    "num_features": lambda: 3,
    "in1_features": lambda: 3,
    "in2_features": lambda: 3,
    "weight": lambda: tg.ones(4, 3),
    "step_size": lambda: 2,
    "milestones": lambda: [2],
    "lr_lambda": lambda: lambda t: 1.0,
    "gamma": lambda: 0.5,
    "T_max": lambda: 5,
    "T_0": lambda: 5,
    "lengths": lambda: tg.tensor([2, 1]),
    "sequences": lambda: [x(), x()],
    "dataset": lambda: tg.utils.data.TensorDataset(x()),
    "batch_size": lambda: 2,
}


class Unknown:
    """Something that nobody expects."""

    def __repr__(self) -> str:
        return "<unknown>"


#: What does not fit most arguments.
WRONG: dict[str, Callable[[], Any]] = {
    "a list": lambda: [1.0, 2.0],
    "a ragged list": lambda: [[1.0], [2.0, 3.0]],
    "a pair of tensors": lambda: (x(), x()),
    "None": lambda: None,
    "an array": lambda: np.ones((4, 5)),
    "a module": lambda: nn.Linear(2, 2),
    "a function": lambda: Unknown,
    "an object": Unknown,
    "a word": lambda: "a",
    "a negative number": lambda: -7,
    "a huge number": lambda: 10**30,
    "zero": lambda: 0,
    "a fraction": lambda: 1.5,
    "NaN": lambda: float("nan"),
    "a tensor of another shape": lambda: tg.ones(4, 5),
    "a tensor of three axes": lambda: tg.ones(2, 1, 7),
    "a single number": lambda: tg.tensor(2.0),
    "an empty tensor": lambda: tg.ones(0, 3),
    "integers": lambda: tg.tensor([[1, 2, 9], [-4, 5, 6]]),
    "truth values": lambda: tg.tensor([[True, False, True]]),
    "too large an axis": lambda: 5,
    "axes out of range": lambda: (0, 9),
    "a dictionary": lambda: {"a": 1},
}

#: So many layers or pieces are begun, and nobody waits for their end.
ENDLESS = {"num_layers", "num_encoder_layers", "num_decoder_layers", "output_size", "indices_or_sections"}

#: What numpy says, and what Python says of code that was not written for what it was given.
FOREIGN = re.compile(
    r"ufunc|read-only|out of bounds for array|axis \d+ is out of bounds|tuple index|list index|boolean negative|"
    r"numpy boolean|could not (be )?broadcast|cannot reshape array|object arrays|zero-size array|operands could|"
    r"setting an array element|inhomogeneous|ambiguous. Use a\.any|only integer scalar arrays|division by zero|"
    r"too large to|Maximum allowed|Unable to allocate|has no attribute|unsupported operand|not supported between|"
    r"is not iterable|not subscriptable|is not callable|has no len|cannot be interpreted as an integer|"
    r"must be real number|bad operand type|not enough values|too many values|invalid literal|could not convert|"
    r"cannot unpack|indices must be|unhashable|must be str|can only concatenate|math domain|Cannot cast|"
    r"expected str|cannot convert|argument must be|iteration over a 0-d|dimension mismatch|out of range for"
    r" (int|array)|issubclass|isinstance\(\)|must be a (string|number)|NoneType' object|'array'"
)
FOREIGN_KINDS = (ArithmeticError, MemoryError, AttributeError, np.exceptions.AxisError, RecursionError, AssertionError)

#: Not called: they leave something behind or ask for a file, are of the inside, or a tuple and a list of Python's.
LEFT = {
    "save", "load", "draw", "compare", "TrainingFlow", "data", "scope", "step", "set_default_dtype",
    "set_default_device", "seed", "manual_seed", "set_printoptions", "set_rng_state", "set_detect_anomaly",
    "set_grad_enabled", "inference_mode", "enable_grad", "no_grad", "compute_like_ieee754", "keep_freed_memory",
    "open_doors", "Primitive", "Every", "become", "overwrite", "record", "fresh", "Size", "GradientFlow",
}  # fmt: skip


def foreign(error: BaseException) -> str:
    """What is not ours about an error; "" if all is."""
    frames = list(traceback.walk_tb(error.__traceback__))
    if frames[-1][0].f_globals.get("__name__", "").partition(".")[0] == "numpy":
        return "raised inside numpy"
    if isinstance(error, FOREIGN_KINDS) or type(error).__module__.startswith("numpy"):
        return f"a {type(error).__name__}"
    found = FOREIGN.search(str(error))
    return f"says {found[0]!r}" if found else ""


def callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function, method, and class, by name."""
    doors: dict[str, ModuleType] = {
        each.__name__.replace("tinygrad_rnn", "tg"): each
        for each in (
            tg, F, nn, nn.init, nn.utils, nn.utils.rnn, tg.optim, tg.optim.lr_scheduler, tg.func, tg.autograd,
            tg.autograd.functional, tg.utils.data, tg.utils.checkpoint,
        )
    }  # fmt: skip
    for door, module in doors.items():
        for name, value in sorted(vars(module).items()):
            ours = str(getattr(value, "__module__", "")).startswith("tinygrad_rnn") or isinstance(value, tg.Primitive)
            if name[0] != "_" and callable(value) and ours and name not in LEFT:
                yield f"{door}.{name}", value
    for name in dir(tg.Tensor):
        value = getattr(tg.Tensor, name, None)
        if callable(value) and name not in LEFT and (name[0] != "_" or name in ("__getitem__", "__setitem__")):
            yield f"Tensor.{name}", value


#: Instead of a default by which every attempt would make the weights of a large network.
SMALLER = {"d_model": 8}


def arguments(function: Callable[..., Any]) -> dict[str, Any] | None:
    """What may fit its parameters without a default; None if it tells none."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    given: dict[str, Any] = {}
    for each in parameters:
        needed = each.default is each.empty or each.name in ("dim", "other", "min", "max", "hx", "weight", "reduction")
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD) and (needed or len(given) < 3):
            given[each.name] = FITS.get(each.name, x)() if needed else SMALLER.get(each.name, each.default)
        elif each.kind is each.VAR_POSITIONAL:
            given[each.name] = 2
    return given


def attempt(call: Callable[..., Any], *args: Any) -> str:
    """What is foreign about the refusal of a call."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call(*args)
        except Exception as error:
            return f"{foreign(error)}: {type(error).__name__}: {error}" if foreign(error) else ""
    return ""


CALLABLES = dict(callables())


@pytest.mark.parametrize("name", CALLABLES)
def test_every_refusal_is_in_our_words(name: str) -> None:
    function = CALLABLES[name]
    given = arguments(function) or {}
    found = []
    for place, parameter in enumerate(given):
        for what, wrong in WRONG.items():
            if what == "a huge number" and parameter in ENDLESS:
                continue
            args = [wrong() if each == parameter else value for each, value in given.items()]
            if name.startswith("Tensor.") and place == 0:
                break
            if fault := attempt(function, *args):
                found.append(f"{parameter} = {what}: {fault}")
    assert not found, "\n".join(found)


def in_no_grad(tensor: tg.Tensor) -> Any:
    with tg.no_grad():
        return tensor.numpy()


def ones_in(value: tg.Tensor) -> bool:
    return bool((value == 1).all())


def unchecked(value: Any) -> Any:
    """A value that the type checker knows nothing of: it would refuse these calls as well."""
    return value


#: What is no tensor, where one is asked for: the call, and what its message names.
NO_TENSOR: dict[str, tuple[Callable[[], Any], str, str]] = {
    "the pair of an RNN, to a module": (
        lambda: unchecked(nn.Linear(2, 2))(nn.RNN(3, 2)(x())),
        "Linear()",
        "take output",
    ),
    "the pair of an RNN, to a loss": (
        lambda: unchecked(F.mse_loss)(nn.RNN(3, 2)(x()), x()),
        "mse_loss()",
        "take output",
    ),
    "a list, to a loss": (
        lambda: unchecked(nn.MSELoss())(x(), [1.0]),
        "MSELoss()",
        "target is of type list; use tensor(...)",
    ),
    "a list, to a function": (
        lambda: unchecked(tg.softmax)([1.0], 0),
        "softmax()",
        "input is of type list; use tensor(...)",
    ),
    "an array, to a module": (lambda: unchecked(nn.LSTM(3, 2))(np.ones((2, 3))), "LSTM()", "tensor(...)"),
    "None, to a loss": (
        lambda: unchecked(F.cross_entropy)(x(), None),
        "cross_entropy()",
        "target is None; look for a function",
    ),
    "None, to an operation": (lambda: unchecked(tg.tanh)(None), "tanh()", "None; look for a function without return"),
    "None among tensors": (lambda: unchecked(tg.cat)([x(), None]), "cat()", "None"),
    "a module, to an optimiser": (
        lambda: unchecked(tg.optim.Adam)(nn.Linear(2, 2)),
        "Adam()",
        "list(module.parameters())",
    ),
    "a module, to clipping": (
        lambda: unchecked(nn.utils.clip_grad_norm_)(nn.Linear(2, 2), 1),
        "clip_grad_norm_()",
        "parameters",
    ),
    "a module, to a product": (lambda: unchecked(tg.matmul)(x(), nn.Linear(2, 2)), "matmul()", "call it, module(x)"),
    "a pair, to a method": (lambda: x().type_as((x(), x())), "type_as()", "a tuple"),
}


@pytest.mark.parametrize("name", NO_TENSOR)
def test_what_is_no_tensor_is_named_with_the_cure(name: str) -> None:
    call, function, cure = NO_TENSOR[name]
    with pytest.raises(TypeError, match=re.escape(function)) as caught:
        call()
    assert cure in str(caught.value)


FUNCTIONS = [name for name, each in CALLABLES.items() if re.match(r"tg\.\w+$", name) and not isinstance(each, type)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_the_result_cannot_be_written_into_is_refused(name: str) -> None:
    given = list((arguments(CALLABLES[name]) or {}).values())
    with pytest.raises(TypeError) as caught:
        CALLABLES[name](*given, out="no tensor")
    assert "out" in str(caught.value) and not foreign(caught.value)


#: Functions of another form than that of the table, given tensors of PyTorch, alone and beside ours.
OF_PYTORCH: dict[str, Callable[[Any], Any]] = {
    "softmax": lambda x: tg.softmax(x, 0),
    "cat": lambda x: tg.cat([x, x]),
    "stack": lambda x: tg.stack([tg.ones(2), x]),
    "where": lambda x: tg.where(x > 0, tg.ones(2), tg.ones(2)),
    "reshape": lambda x: tg.reshape(x, (2, 1)),
    "gather": lambda x: tg.gather(x, 0, tg.tensor([0])),
    "index_select": lambda x: tg.index_select(x, 0, tg.tensor([0])),
    "isclose": lambda x: tg.isclose(tg.ones(2), x),
    "+": lambda x: tg.ones(2) + x,
    "+ on the right": lambda x: x + tg.ones(2),
    "@": lambda x: tg.ones(2) @ x,
    "method": lambda x: tg.ones(2).mul(x),
    "a module": lambda x: nn.Tanh()(x),
    "a loss": lambda x: nn.functional.mse_loss(x, x),
}
OF_PYTORCH |= {
    name: partial(lambda row, x: row(*[x] * len(row.__signature__.parameters)), row)
    for name, row in TABLE.items()
    if row.about
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", OF_PYTORCH)
@pytest.mark.parametrize("tracked", [False, True])
def test_a_tensor_of_pytorch_is_named_with_the_cure(name: str, tracked: bool) -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=re.escape("is of PyTorch; use from_numpy(x.detach().numpy())")):
        OF_PYTORCH[name](torch.ones(2, requires_grad=tracked))


@pytest.mark.filterwarnings("error")
def test_numbers_of_pytorch_are_data() -> None:
    torch = pytest.importorskip("torch")
    made = tg.tensor([torch.ones(2, dtype=torch.float64), torch.zeros(2, dtype=torch.float64).requires_grad_()])
    assert made.tolist() == [[1, 1], [0, 0]] and made.dtype == tg.float64


class Own(nn.Module):
    """A module of a user, with a mistake of the user's own."""

    def forward(self, input: Any) -> Any:
        return input.nothing_of_the_sort


def test_mistakes_of_users_are_left_as_they_are() -> None:
    with pytest.raises(AttributeError, match="'list' object has no attribute 'nothing_of_the_sort'"):
        Own()([1])
    with pytest.raises(ZeroDivisionError):
        tg.func.grad(lambda t: t.sum() / (1 // 0))(x())
    with pytest.raises(TypeError, match=r"softmax\(\) missing 1 required positional argument: 'dim'"):
        unchecked(tg.softmax)(x())


def parameter(lib: Any) -> Any:
    return lib.nn.Parameter(lib.ones(2))


#: Names that are not there: the module, the name, and what is said.
UNKNOWN = [
    (tg, "sofmax", "did you mean 'softmax'?"),
    (tg, "LSTM", "it is tinygrad_rnn.nn.LSTM"),
    (tg, "mse_loss", "it is tinygrad_rnn.nn.functional.mse_loss"),
    (nn, "DataParallel", "PyTorch's and stays out; use nn.parallel.DistributedDataParallel"),
    (tg, "svd", "use x.detach().numpy() and numpy's"),
    (tg, "jit", "leave it out"),
    (tg, "channels_last", "entries lie in memory in the order in which they are read"),
    (nn, "LTSM", "did you mean 'LSTM'?"),
    (nn, "Conv2d", "PyTorch's and stays out; use Conv1d over the last axis"),
    (F, "crossentropy", "did you mean 'cross_entropy'?"),
    (nn, "PoissonLoss", "did you mean 'PoissonNLLLoss'?"),
    (nn.init, "xavier_unifrom_", "did you mean 'xavier_uniform_'?"),
    (tg.optim, "SDG", "did you mean 'SGD'?"),
    (tg.optim.lr_scheduler, "StepLr", "did you mean 'StepLR'?"),
    (tg.autograd, "gradd", "did you mean 'grad'?"),
    *((tg.distributions, name, "write its log_prob") for name in ("Beta", "Uniform", "Poisson")),
    (tg.optim, "swa_utils", "keep the mean of the parameters"),
    (tg.autograd, "graph", "use utils.checkpoint.checkpoint"),
    (tg, "random", "use get_rng_state() and set_rng_state(state)"),
    (tg.utils.data, "TensorDatasets", "did you mean 'TensorDataset'?"),
    (tg, "qqqqq", "dir() lists what there is"),
]


@pytest.mark.parametrize(("module", "name", "says"), UNKNOWN, ids=[f"{m.__name__}.{n}" for m, n, _ in UNKNOWN])
def test_an_unknown_name_is_answered(module: ModuleType, name: str, says: str) -> None:
    with pytest.raises(AttributeError, match=re.escape(says)):
        getattr(module, name)
    assert not hasattr(module, name)


#: Names of PyTorch's that its objects have and ours have not: what makes one, the names, and what is said.
NOT_IN_CLASSES: dict[str, tuple[Callable[[Any], Any], tuple[str, ...], str]] = {
    "tensor": (lambda t: t.ones(2), ("register_post_accumulate_grad_hook",), "use x.register_hook(...)"),
    "module": (
        lambda t: t.nn.Linear(1, 1),
        (
            *("register_load_state_dict_pre_hook", "register_load_state_dict_post_hook"),
            *("register_state_dict_pre_hook", "register_state_dict_post_hook"),
        ),
        "do the same before or after that call",
    ),
    **{
        kind: (partial(lambda kind, t: getattr(t.nn, kind)(1, 1), kind), ("mode",), "use type(module).__name__")
        for kind in ("RNN", "LSTM", "GRU")
    },
    "optimizer": (
        lambda t: t.optim.Adam([parameter(t)]),
        ("register_step_pre_hook", "register_step_post_hook"),
        "do the same before or after that call",
    ),
    "distribution": (lambda t: t.distributions.Normal(t.zeros(1), t.ones(1)), ("expand",), "expand what it is made of"),
}


@pytest.mark.parametrize("name", NOT_IN_CLASSES)
def test_a_name_of_pytorchs_that_stays_out_of_a_class_says_so(name: str) -> None:
    make, names, says = NOT_IN_CLASSES[name]
    made = make(tg)
    for each in names:
        with pytest.raises(AttributeError) as caught:
            getattr(made, each)
        assert f"{type(made).__name__} has no {each!r}, which is PyTorch's and stays out; {says}" in str(caught.value)
        assert not hasattr(type(made), each), "a class may still ask"
        assert hasattr(make(pytest.importorskip("torch")), each), "PyTorch has it"
    own: Any = type("Own", (type(made),), dict.fromkeys(names, 5))
    assert [getattr(own, each) for each in names] == [5] * len(names), "a subclass may have one of its own"


def test_an_attribute_of_ones_own_may_have_the_name_of_one_that_stays_out() -> None:
    made: Any = nn.LSTM(1, 1)
    made.mode = "stacked"
    assert made.mode == "stacked"


def test_python_guesses_what_an_unknown_name_of_a_tensor_should_be() -> None:
    code = "import tinygrad_rnn as tg; tg.ones(2).sqeeze()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Did you mean: 'squeeze'?" in done.stderr


#: What is harmless, each with what comes out.
HARMLESS: dict[str, Callable[[], bool]] = {
    "a comparison with a word": lambda: ((x() == "a") is False) and (x() != "a") is True,
    "a comparison with None": lambda: ((x() == None) is False) and (x() != None) is True,  # noqa: E711
    "numpy() inside no_grad": lambda: ones_in(tg.tensor(in_no_grad(tg.ones(2, requires_grad=True)))),
    "a device for Tensor": lambda: tg.Tensor([1, 1], device="cpu").tolist() == [1, 1],
    "alpha before what is added": lambda: tg.ones(2).add_(2, tg.ones(2)).tolist() == [3, 3],
    "a norm of order inf, as a word": lambda: float(nn.utils.get_total_norm([-x()], INF)) == pytest.approx(0.6),
    "a number of threads": lambda: vars(tg)["set_num_threads"](tg.get_num_threads()) is None,
    "a precision of products": lambda: vars(tg)["set_float32_matmul_precision"]("high") is None,
    "deterministic algorithms": lambda: vars(tg)["use_deterministic_algorithms"](True, warn_only=True) is None,
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_harmless_is_done(name: str) -> None:
    assert HARMLESS[name]()


def tensors_one_by_one(name: str, count: int, lib: Any) -> Any:
    return operator.attrgetter(name)(lib)(*[lib.ones(2, 2)] * count)


def a_list_of_tensors(name: str, lib: Any) -> Any:
    return getattr(lib, name)([lib.ones(2), lib.ones(3)])


def state_of_an_optimiser(state: Any, lib: Any) -> Any:
    return lib.optim.SGD([parameter(lib)], lr=0.1).load_state_dict(state)


def loss_of_tensors(name: str, count: int, lib: Any) -> Any:
    if lib is not tg and name in ("HuberLoss", "PoissonNLLLoss", "CTCLoss"):
        raise TypeError("PyTorch makes these of anything")
    return getattr(lib.nn, name)(*[lib.ones(2, 2)] * count)


def state_of_a_schedule(name: str, options: Any, lib: Any) -> Any:
    made = getattr(lib.optim.lr_scheduler, name)(lib.optim.SGD([parameter(lib)], lr=0.1), **options)
    return made.load_state_dict(5)


LOSSES = [name for name in vars(nn) if name.endswith("Loss")]
#: Calls that PyTorch refuses too: with the library, and what is said here.
MISUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    **{
        f"{count} to {name}": (
            partial(tensors_one_by_one, name, count),
            f"{name.removeprefix('linalg.')}() takes a list of tensors, [a, b], and a tensor was given first",
        )
        for name in ("cat", "stack", "vstack", "hstack", "dstack", "column_stack", "linalg.multi_dot")
        for count in (1, 2)
    },
    **{
        f"a list to {name}": (
            partial(a_list_of_tensors, name),
            f"{name}() takes tensors, and something among its arguments is a list of tensors; give them one by one",
        )
        for name in ("block_diag", "broadcast_tensors")
    },
    **{
        f"{name} of input and target": (
            partial(loss_of_tensors, name, 2),
            "was given a tensor: make it once, then call it with (",
        )
        for name in LOSSES
    },
    "the place of a slice": (lambda t: t.zeros(3).__setitem__(slice(2), t.ones(3)), "float32[3] in float32[2]"),
    "the place of an entry": (lambda t: t.zeros(3).__setitem__(1, t.ones(3)), "float32[3] in float32[]"),
    **{
        f"shapes in {name}": (call, f"{name}() is not possible with input")
        for name, call in {
            "masked_fill": lambda t: t.ones(3).masked_fill(t.ones(2) > 0, 1.0),
            "lerp": lambda t: t.lerp(t.ones(3), t.ones(2), 0.5),
            "addcmul": lambda t: t.ones(3).addcmul_(t.ones(2), t.ones(2)),
            "isclose": lambda t: t.isclose(t.ones(3), t.ones(2)),
            "clamp": lambda t: t.ones(3).clamp_(t.ones(2)),
            "GaussianNLLLoss": lambda t: t.nn.GaussianNLLLoss()(t.ones(3), t.ones(2), t.ones(3)),
        }.items()
    },
    "modules one by one": (
        lambda t: t.nn.ModuleList(t.nn.Tanh(), t.nn.Tanh()),
        "ModuleList(): too many positional arguments; it takes items",
    ),
    "a loss of one": (lambda t: t.nn.MSELoss()(t.ones(2)), "MSELoss.forward() missing 1 required positional"),
    "an activation of nothing": (lambda t: t.nn.Tanh()(), "Tanh.forward() missing 1 required positional"),
    "an activation of two": (lambda t: t.nn.ReLU()(t.ones(2), t.ones(2)), "ReLU(): too many positional arguments"),
    "a network of nothing": (lambda t: t.nn.LSTM(2, 3)(), "LSTM.forward() missing 1 required positional argument"),
    "an unknown option": (lambda t: t.nn.LSTM(2, 3, hidden=3), "LSTM() takes no hidden=: it takes input_size, hid"),
    "linspace of two": (lambda t: t.linspace(0, 1), "'steps'; it takes start, end, steps"),
    "no such module": (lambda t: t.nn.Sequential(t.nn.Tanh())[5], "a Sequential of length 1 has no item 5"),
    "no such module to remove": (
        lambda t: t.nn.ModuleList([t.nn.Tanh()]).__delitem__(-2),
        "a ModuleList of length 1 has no item -2",
    ),
    "no such parameter to replace": (
        lambda t: t.nn.ParameterList([parameter(t)]).__setitem__(1, parameter(t)),
        "a ParameterList of length 1 has no item 1",
    ),
    "a group without params": (
        lambda t: t.optim.SGD([parameter(t)], lr=0.1).add_param_group({"prams": [parameter(t)]}),
        "a group is a dictionary {'params': tensors, 'lr': ...}; a dictionary of ['prams'] was given",
    ),
    "a list for a group": (
        lambda t: t.optim.SGD([parameter(t)], lr=0.1).add_param_group([parameter(t)]),
        "a group is a dictionary {'params': tensors, 'lr': ...}; list was given",
    ),
    "a tensor after a group": (
        lambda t: t.optim.SGD([{"params": [parameter(t)]}, parameter(t)], lr=0.1),
        "a group is a dictionary {'params': tensors, 'lr': ...}; Parameter was given",
    ),
    "one group": (lambda t: t.optim.SGD({"params": [parameter(t)]}, lr=0.1), "one group was given: write [group]"),
    **{
        f"{state} for the state of an optimiser": (
            partial(state_of_an_optimiser, state),
            f"{said} was given, and nothing was loaded",
        )
        for state, said in [(None, "NoneType"), ({"x": 1}, "a dictionary of ['x']")]
    },
    **{
        f"5 for the state of {name}": (
            partial(state_of_a_schedule, name, options),
            "load_state_dict takes a state_dict(); int was given",
        )
        for name, options in [("StepLR", {"step_size": 2}), ("ReduceLROnPlateau", {}), ("LambdaLR", {"lr_lambda": abs})]
    },
}  # fmt: skip


@pytest.mark.parametrize("name", MISUSED)
def test_what_pytorch_refuses_too_is_said_by_the_name_that_was_called(name: str) -> None:
    call, says = MISUSED[name]
    with pytest.raises((TypeError, ValueError, RuntimeError, LookupError)) as caught:
        call(tg)
    text = str(caught.value)
    assert says in text and not foreign(caught.value) and not re.search(r"\b_[A-Za-z]+\.|\bself\b", text)
    with pytest.raises((TypeError, ValueError, RuntimeError, LookupError, AttributeError)):
        call(pytest.importorskip("torch"))
