"""PyTorch's own samples for its operations, of those there are here: the same numbers, two derivatives and refusals."""

from __future__ import annotations

import operator
import re
import types
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.side_by_side import given_to, leaves, listed_apart

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")
common = pytest.importorskip("torch.testing._internal.common_methods_invocations")

pytestmark = pytest.mark.slow  # together over a minute

DTYPES = ("float64", "float32", "int64", "bool")

#: Operations that are not aimed at, and why.
APART = {
    **dict.fromkeys(
        ("bernoulli", "multinomial", "nn.functional.dropout", "nn.functional.multi_head_attention_forward",
         "normal", "normal in_place", "normal number_mean", "rand_like", "randint", "randint_like", "randn",
         "randn_like"), "random numbers are others"),
    **dict.fromkeys(("empty", "empty_like", "new_empty"), "what is in memory is anybody's guess, here 0"),
    "nn.functional.triplet_margin_with_distance_loss": "all samples give it a module",
    "norm nuc": "there are no singular values here",
    "nn.functional.silu complex": "all samples are complex",
    **dict.fromkeys(
        [f"nn.functional.interpolate {mode}" for mode in ("bilinear", "bicubic", "trilinear")], "images and volumes"),
    "nn.functional.batch_norm without_cudnn": "all samples are for graphics cards",
}  # fmt: skip
#: Families of names that are not aimed at where they are not here, as patterns of whole names, and why.
FAMILIES = {
    r"fft\..*|stft|istft": "Fourier transforms",
    r"signal\..*": "windows of signals",
    r"complex|cfloat|cdouble|chalf|angle|polar|real|imag|conj.*|resolve_.*|m?H|view_as_(real|complex)":
        "complex numbers",
    r"special\.(?!entr$|xlog1py$|ndtr$|log_ndtr$).*|(di|l|poly|mvl)gamma|igammac?|i0|erfinv":
        "functions of Gauss, Bessel and others, which numpy has not, nor their derivatives",
    r"masked\..*": "PyTorch's prototype of masked tensors",
    r"(.*sparse.*|_segment_reduce)": "sparse tensors and ragged rows",
    r"(nn\.functional\.|grid_sampler_|max_).*[23]d(_with_indices_backward)?|nn\.functional\.(grid_sample|unfold)|"
    r"nn\.functional\.(pixel_(un)?shuffle|upsample_(bilinear|nearest))": "images and volumes",
    r"(linalg\.)?(cond|eig(|h|vals|valsh)|geqrf|householder_product|ldl_(factor|factor_ex|solve)|lstsq|matrix_rank|"
    r"lu(|_factor|_factor_ex|_solve|_unpack)|ormqr|(pca|svd)_lowrank|pinv(|erse)|qr|svd(|vals))":
        "singular values, and factors but Cholesky's",
    r"jiterator_.*|torch\._.*|torch\.ops\..*|_(?!_).*|native_.*|slice": "names that only PyTorch's own code calls",
    r"as_strided(|_copy|_scatter)|(new_)?empty_(permuted|strided)|resize_(|as_)": "an order in memory that is chosen",
    r"cauchy|exponential|geometric|log_normal|uniform|.*alpha_dropout|nn\.functional\.rrelu": "other random numbers",
}  # fmt: skip
#: Samples that are not aimed at, by words in their names, and why.
LEFT_OUT = {
    "'dropout_p': 0.5": "random numbers are others",
    "torch.channels_last": "an order in memory for images",
    "'out':": "nothing is written into a tensor that is handed in",
}
#: How many samples of an operation come out otherwise, and why.
OTHERWISE = {
    "topk": (14, "which of several equal numbers comes first is open"),
    "kthvalue": (10, "which of several equal numbers comes first is open"),
    "mode": (4, "of thousands of equal numbers, which is named is open"),
    "sort": (2, "equal truth values keep their order"),
    "argsort": (2, "equal truth values keep their order"),
    "__rpow__": (8, "integers with negative exponents are refused"),
    "logcumsumexp": (4, "rounding: beside 10000 float32 loses more there"),
    "nn.functional.layer_norm": (2, "rounding: what is 0 is 0 here, by either name"),
    "addbmm": (8, "in place the shape stays"),
    "nn.functional.ctc_loss": (24, "the gradient there is right behind log_softmax alone; so in test_functional.py"),
    "histogramdd": (96, "edges that do not rise are refused"),
}


def named(library: Any, name: str) -> Callable[..., Any] | None:
    """A function of a library by its path, or else the method of that name; None without either."""
    found = library
    for part in name.split("."):
        found = getattr(found, part, None)
    found = found if callable(found) else getattr(library.Tensor, name, None)
    found = operator.attrgetter(name) if isinstance(found, property | types.GetSetDescriptorType) else found
    return found if callable(found) else None


def key(info: Any) -> str:
    return f"{info.name} {info.variant_test_name}".strip()


INFOS = {key(info): info for info in common.op_db if named(tg, info.name) and key(info) not in APART}


#: A derivative that PyTorch does not know.
ABSENT = object()
#: Functions whose gradients have no graph in PyTorch.
ONCE = ("nn.functional.linear_cross_entropy",)
#: Functions whose samples name their second argument first.
EXCHANGED = ("einsum", "where", "nn.functional.embedding", "nn.functional.embedding_bag")


class Sample(NamedTuple):
    name: str
    given: Any
    form: str
    dtype: str


def forms(info: Any) -> Iterator[str]:
    """The names under which an operation can be called: function, aliases, method, in-place form."""
    yield info.name
    yield from (alias.name for alias in info.aliases if named(tg, alias.name))
    short = info.name.split(".")[-1]
    for variant, name in ((info.method_variant, short), (info.inplace_variant, f"{short}_")):
        if variant is not None and hasattr(tg.Tensor, name) and not name.startswith("__"):
            yield f"Tensor.{name}"


def samples(kind: str) -> list[Sample]:
    """All samples of an operation, in each type and form that there is, and what it refuses."""
    return listed_apart(lambda: _samples(kind))


def _samples(kind: str) -> Iterator[Sample]:
    info = INFOS[kind]
    for dtype in DTYPES:
        if (wanted := getattr(torch, dtype)) not in info.supported_dtypes("cpu"):
            continue
        torch.manual_seed(0)
        rows = list(info.sample_inputs("cpu", wanted, requires_grad=info.supports_autograd and dtype[0] == "f"))
        rows = [(number, given) for number, given in enumerate(rows) if not _left_out(given)]
        for form in forms(info):
            for number, given in rows:
                yield from _aimed_at(Sample(f"{kind} {number} {dtype} {form}", given, form, dtype))
    if info.error_inputs_func is not None:
        for number, error in enumerate(info.error_inputs("cpu")):
            if not _left_out(error.sample_input):
                yield from _aimed_at(Sample(f"{kind} refuses {number}", error.sample_input, info.name, "float32"))


def _aimed_at(sample: Sample) -> Iterator[Sample]:
    kept = "Tensor" in type(sample.given.input).__name__ or not _of_numbers(sample)
    image = "interpolate" in sample.form and sample.given.input.ndim > 3
    if kept and not image and not _of_singular_values(sample):
        yield sample


def _left_out(given: Any) -> bool:
    told = str(given.kwargs)
    return any(word in told for word in LEFT_OUT)


def _of_numbers(sample: Sample) -> bool:
    """Whether a function of tensors is given a Python number, of which here it makes one (docs/contract.md)."""
    return "refuses" in sample.name and isinstance(sample.given.input, (int, float))


def _of_singular_values(sample: Sample) -> bool:
    """Whether a norm of matrices is asked for that is made of their singular values, which there are not here."""
    if sample.form not in ("linalg.norm", "linalg.matrix_norm"):
        return False
    order, axes = [*sample.given.args, None, None][:2]
    order, axes = sample.given.kwargs.get("ord", order), sample.given.kwargs.get("dim", axes)
    matrices = isinstance(axes, tuple) or (axes is None and sample.given.input.ndim == 2)
    return order == "nuc" or (order in (2, -2) and (matrices or "matrix" in sample.form))


def call(library: Any, sample: Sample) -> dict[str, Any]:
    """What an operation gives for a sample: results, gradients, and the gradients of these."""
    positional, named_ones = given_to(library, [[sample.given.input, *sample.given.args], sample.given.kwargs])
    inputs = [x for x in leaves([positional, named_ones]).values() if x.requires_grad]
    function = named(library, sample.form)
    assert function is not None
    if sample.form in EXCHANGED:
        positional[:2] = positional[1::-1]
    if sample.form.endswith("_") and positional[0].requires_grad:
        positional[0] = positional[0] * 1
    result = function(*positional, **named_ones)
    results = leaves(library.tensor(result) if isinstance(result, (bool, int, float)) else result)
    found = {f"result{place}": x for place, x in results.items()}
    roots = [x for x in results.values() if x.requires_grad]
    if not roots:
        return found
    loss = sum((x * cotangent(library, x)).sum() for x in roots)
    twice = sample.dtype[0] == "f"
    slopes = library.autograd.grad(loss, inputs, create_graph=twice, allow_unused=True)
    found |= {f"gradient {n}": g for n, g in enumerate(slopes)}
    rough = [g for g in slopes if g is not None and g.requires_grad]
    if twice and rough:
        loss = sum((g * cotangent(library, g)).sum() for g in rough)
        try:
            bends = library.autograd.grad(loss, inputs, allow_unused=True)
        except RuntimeError as error:
            if not _unknown(error):
                raise
            bends = [ABSENT] * len(inputs)
        found |= {f"second {n}": g for n, g in enumerate(bends)}
    elif twice and library is torch and sample.form in ONCE:
        found |= {f"second {n}": ABSENT for n in range(len(inputs))}
    return found


def _unknown(error: Exception) -> bool:
    return "derivative for" in str(error) and "is not implemented" in str(error)


def cotangent(library: Any, x: Any) -> Any:
    numbers = np.cos(np.arange(x.numel()) * 1.3).reshape(tuple(x.shape))
    return library.tensor(numbers, dtype=x.dtype)


def difference(sample: Sample) -> str:
    """What differs from PyTorch, in words; nothing if nothing does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            wanted = call(torch, sample)
        except Exception as error:
            if _unknown(error):  # in PyTorch, and no refusal
                return ""
            try:
                call(tg, sample)
            except (IndexError, NotImplementedError, RuntimeError, TypeError, ValueError):
                return ""
            except Exception as own:
                return f"{type(own).__name__}: {own}"
            return f"not refused: {type(error).__name__}: {str(error).splitlines()[0][:90]}"
        try:
            found = call(tg, sample)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    for name in [name for name in wanted if not name.startswith("second")]:
        if name not in found:
            return f"{name} is missing"
        if problem := _differs(name, found[name], wanted[name]):
            return problem
    seconds = [name for name in sorted({*found, *wanted}) if name.startswith("second")]
    return next(filter(None, (_differs(name, found.get(name), wanted.get(name)) for name in seconds)), "")


def _differs(name: str, found: Any, wanted: Any) -> str:
    if wanted is ABSENT:
        return ""
    if found is None or wanted is None:
        other = wanted if found is None else found
        zero = other is None or (not name.startswith("result") and bool((other == 0).all()))
        return "" if zero else f"{name}: {found} for {wanted}"
    mine, theirs = found.detach().numpy(force=True), wanted.detach().numpy(force=True)
    if mine.shape != theirs.shape or mine.dtype != theirs.dtype:
        return f"{name}: {mine.dtype} {mine.shape} for {theirs.dtype} {theirs.shape}"
    if theirs.dtype.kind != "f":
        return "" if np.array_equal(mine, theirs) else f"{name}: {mine} for {theirs}"
    exact = theirs.dtype == np.float64
    scale = np.abs(theirs[np.isfinite(theirs)]).max(initial=1.0)
    rough = (1e-3, 3e-4) if name.startswith("second") else (1e-4, 5e-6)
    rtol, atol = (1e-7, 1e-10) if exact else rough
    close = np.allclose(mine, theirs, rtol=rtol, atol=atol * scale, equal_nan=True)
    return "" if close else f"{name}: {mine} for {theirs}"


@pytest.mark.parametrize("kind", INFOS)
def test_equals_torch_on_its_samples(kind: str, compared: Counter[str]) -> None:
    found = {sample.name: difference(sample) for sample in samples(kind)}
    compared["samples of operations"] += len(found)
    wrong = {name: problem for name, problem in found.items() if problem}
    assert len(wrong) == OTHERWISE.get(kind, (0, ""))[0], wrong


def test_the_share_that_is_as_in_torch() -> None:
    aimed_at = {kind: len(samples(kind)) for kind in INFOS}
    wrong = sum(count for count, _ in OTHERWISE.values())
    share = 1 - wrong / (sum(aimed_at.values()) - sum(aimed_at[kind] for kind in aimed_at if "space" in kind))
    print(f"{share:.2%} of the samples of {len(aimed_at)} operations, thousands of logspace and linspace apart")
    assert len(aimed_at) > 230 and set(OTHERWISE) <= set(aimed_at) and share >= 0.995


def test_the_share_of_names_that_are_here() -> None:
    kinds = {key(info): info.name for info in common.op_db if key(info) not in APART}
    missing = {kind for kind, name in kinds.items() if kind not in INFOS and not in_a_family(kind, name)}
    share = len(INFOS) / (len(INFOS) + len(missing))
    same = len(INFOS.keys() - OTHERWISE) / (len(INFOS) + len(missing))
    print(f"{len(INFOS)} of {len(INFOS) + len(missing)} operations ({share:.1%}), {same:.1%} without a difference")
    assert min(share, same) >= 0.95, (share, same, sorted(missing))


def in_a_family(kind: str, name: str) -> bool:
    return any(re.fullmatch(pattern, each) for pattern in FAMILIES for each in (kind, name))
