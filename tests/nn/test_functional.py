"""Functions and losses: warnings, refusals word for word, chance, and what the comparison with PyTorch leaves out."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn
from tinygrad_rnn.nn import functional as F


def ones(*shape: int) -> tg.Tensor:
    return tg.ones(*shape)


# Shapes that broadcast where they should not


CLASSES = {"mse_loss": "MSELoss", "l1_loss": "L1Loss", "smooth_l1_loss": "SmoothL1Loss", "huber_loss": "HuberLoss"}


@pytest.mark.parametrize("name", CLASSES)
def test_a_column_against_a_row_is_warned_about(name: str) -> None:
    message = (
        rf"{name} was given an input of shape \(3, 1\) and a target of shape \(3,\), which broadcast to \(3, "
        rf"3\): every "
        r"output is compared with several targets. Make the shapes equal, for example with target.view_as\(input\)."
    )
    with pytest.warns(UserWarning, match=message) as caught:
        assert getattr(F, name)(ones(3, 1), tg.zeros(3)).shape == ()
        getattr(nn, CLASSES[name])()(ones(3, 1), tg.zeros(3))
    assert [Path(warning.filename) for warning in caught] == [Path(__file__)] * 2  # the line of the caller
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        getattr(F, name)(ones(3), tg.zeros(3))


def test_kl_div_by_the_mean_is_warned_about() -> None:
    message = "kl_div with reduction='mean' divides by the number of entries; the Kullback-Leibler divergence is"
    with pytest.warns(UserWarning, match=message):
        F.kl_div(ones(2, 2), ones(2, 2))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize(("shape", "dim"), [((3,), 0), ((3, 2), 1), ((3, 2, 2), 0), ((3, 2, 1, 2), 1)])
def test_softmax_without_a_dim_is_warned_about(name: str, shape: tuple[int, ...], dim: int) -> None:
    x = tg.randn(*shape)
    with pytest.warns(UserWarning, match=f"{name} was given no dim and takes dim={dim}, PyTorch's old choice"):
        found = getattr(F, name)(x)
    np.testing.assert_array_equal(found.numpy(), getattr(F, name)(x, dim).numpy())


# Numbers where naive formulas break


def test_cross_entropy_is_stable_where_the_naive_formula_is_not() -> None:
    scores = tg.tensor([[1000.0, 1001.0, 1002.0]])
    np.testing.assert_allclose(F.softmax(scores, 1).numpy(), [[0.09003057, 0.24472847, 0.66524096]], rtol=1e-5)
    assert F.cross_entropy(scores, tg.tensor([0])).item() == pytest.approx(2.4076059, rel=1e-6)
    assert F.cross_entropy(tg.tensor([[-1e4, 1e4]]), tg.tensor([0])).item() == pytest.approx(2e4)
    assert F.binary_cross_entropy_with_logits(tg.tensor([-1e4]), tg.tensor([1.0])).item() == pytest.approx(1e4)
    assert F.logsigmoid(tg.tensor(-1e4)).item() == pytest.approx(-1e4)
    assert F.elu(tg.tensor([1e4])).item() == pytest.approx(1e4)


def test_nothing_left_to_average_is_not_a_number() -> None:
    assert np.isnan(F.cross_entropy(ones(2, 3), tg.tensor([-100, -100])).item())
    assert F.cross_entropy(ones(2, 3), tg.tensor([-100, -100]), reduction="sum").item() == 0


def test_a_repeated_row_receives_the_sum_of_its_gradients() -> None:
    table = nn.Embedding(4, 2, padding_idx=3)
    assert not table.weight.detach().numpy()[3].any()
    table(tg.tensor([1, 1, 2, 3])).sum().backward()
    assert table.weight.grad is not None
    assert table.weight.grad.tolist() == [[0, 0], [2, 2], [1, 1], [0, 0]]


def test_pretrained_vectors_are_frozen_unless_asked() -> None:
    vectors = tg.randn(3, 2)
    frozen, free = nn.Embedding.from_pretrained(vectors), nn.Embedding.from_pretrained(vectors, freeze=False)
    assert not frozen.weight.requires_grad and free.weight.requires_grad
    assert frozen.weight.array is vectors.array and frozen.weight.name == "weight"
    assert frozen(tg.tensor(1)).tolist() == vectors[1].tolist()


# Chance


def test_dropout_keeps_the_mean_and_its_mask_is_in_the_graph() -> None:
    x = tg.ones(200, 200, requires_grad=True)
    y = F.dropout(x, 0.25, generator=tg.Generator().manual_seed(1))
    values, counts = np.unique(y.detach().numpy(), return_counts=True)
    np.testing.assert_allclose(values, [0, 4 / 3], rtol=1e-6)
    assert abs(counts[0] / 40000 - 0.25) < 0.01
    assert y.primitive is not None and y.primitive.name == "mul" and y.args[0] is x
    np.testing.assert_array_equal(y.args[1], y.detach().numpy())
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), y.args[1])
    again = F.dropout(x, 0.25, generator=tg.Generator().manual_seed(1))
    np.testing.assert_array_equal(again.detach().numpy(), y.detach().numpy())
    assert F.dropout(x, 0.25, training=False) is x and nn.Dropout().eval()(x) is x
    module = nn.Dropout(0.25, generator=tg.Generator().manual_seed(1))
    np.testing.assert_array_equal(module(x).detach().numpy(), y.detach().numpy())


def test_one_hot() -> None:
    assert F.one_hot(tg.tensor([[0, 2]])).tolist() == [[[1, 0, 0], [0, 0, 1]]]
    assert F.one_hot(tg.tensor(1), 4).tolist() == [0, 1, 0, 0]
    assert F.one_hot(tg.tensor([1])).dtype == tg.int64


# What is refused

IDS = tg.tensor([0, 1])
REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: nn.Linear(3, 2)(ones(4, 2)),
        RuntimeError,
        "Linear expects an input of shape (..., 3), in_features last; (4, 2) was given.",
    ),
    (
        lambda: F.linear(ones(4, 2), ones(2, 3)),
        RuntimeError,
        "linear needs an input (..., in) and a weight (out, in) with the same size in; the input is (4, 2), the weight "
        "(2, 3).",
    ),
    (
        lambda: nn.Linear(3, 2)(tg.tensor([1, 2, 3])),
        RuntimeError,
        "Linear has parameters of float32 and was given an input of int64: convert the input with x.float(), or look "
        "whole numbers up in an Embedding.",
    ),
    (
        lambda: F.linear(ones(3), ones(2, 3).double()),
        RuntimeError,
        "linear has parameters of float64 and was given an input of float32: convert the input with x.to(float64), or "
        "the model with model.to(float32).",
    ),
    (
        lambda: nn.Bilinear(1, 2, 3)(ones(4, 1), ones(4, 1)),
        RuntimeError,
        "bilinear with a weight of shape (3, 1, 2) needs inputs (..., 1) and (..., 2) with equal sizes in "
        "front; (4, 1) "
        "and (4, 1) were given.",
    ),
    (
        lambda: nn.Embedding(3, 2)(ones(2)),
        RuntimeError,
        "embedding looks up rows by whole numbers; indices of float32 were given: use x.long().",
    ),
    (lambda: nn.Embedding(3, 2)(tg.tensor([1, 3])), IndexError, "embedding has 3 rows, 0 to 2; the index 3 was given."),
    (lambda: nn.Embedding(3, 2)(tg.tensor([-1])), IndexError, "embedding has 3 rows, 0 to 2; the index -1 was given."),
    (lambda: nn.Embedding(3, 2, padding_idx=3), ValueError, "padding_idx is one of the 3 rows; 3 was given."),
    (
        lambda: nn.Embedding.from_pretrained(ones(2)),
        ValueError,
        "from_pretrained takes a table (num_embeddings, embedding_dim); (2,) was given.",
    ),
    (lambda: nn.Dropout(1.5), ValueError, "dropout needs a probability from 0 to 1; 1.5 was given."),
    (lambda: F.dropout(ones(1), -1), ValueError, "dropout needs a probability from 0 to 1; -1 was given."),
    (
        lambda: nn.LayerNorm((3, 2))(ones(2, 3)),
        RuntimeError,
        "layer_norm over (3, 2) needs an input (..., 3, 2); (2, 3) was given.",
    ),
    (lambda: nn.RMSNorm(3)(ones(2)), RuntimeError, "rms_norm over (3,) needs an input (..., 3); (2,) was given."),
    (
        lambda: F.one_hot(ones(1)),
        RuntimeError,
        "one_hot takes whole numbers; a tensor of float32 was given: use x.long().",
    ),
    (lambda: F.one_hot(IDS, 1), RuntimeError, "one_hot takes numbers from 0 to 0; 0 to 1 were given."),
    (lambda: F.one_hot(IDS[:0]), RuntimeError, "one_hot cannot guess num_classes from an empty tensor: pass it."),
    (lambda: F.glu(ones(3)), RuntimeError, "glu halves axis -1, which has an odd size in (3,): make it even."),
    (
        lambda: nn.PReLU(2)(ones(2, 3)),
        RuntimeError,
        "prelu needs one weight, or one per channel: the input of shape (2, 3) has 3 channels and the weight "
        "2 entries.",
    ),
    (
        lambda: nn.ELU(1, True, 2),  # type: ignore[call-arg]
        TypeError,
        "ELU takes the arguments (alpha, inplace); 3 were given.",
    ),
    (
        lambda: nn.ELU(1, alpha=2),  # type: ignore[misc]
        TypeError,
        "ELU takes the arguments (alpha, inplace): alpha was given twice.",
    ),
    (
        lambda: nn.Tanh(inplace=True),  # type: ignore[call-arg]
        TypeError,
        "Tanh takes no arguments: inplace is unknown.",
    ),
    (lambda: nn.MSELoss("average"), ValueError, "reduction is 'mean', 'sum' or 'none'; 'average' was given."),
    (lambda: nn.MSELoss("batchmean"), ValueError, "reduction is 'mean', 'sum' or 'none'; 'batchmean' was given."),
    (
        lambda: F.mse_loss(ones(1), ones(1), reduction="x"),
        ValueError,
        "reduction is 'mean', 'sum' or 'none'; 'x' was given.",
    ),
    (
        lambda: F.smooth_l1_loss(ones(1), ones(1), beta=-1),
        RuntimeError,
        "smooth_l1_loss does not support a negative beta; -1 was given.",
    ),
    (
        lambda: F.huber_loss(ones(1), ones(1), delta=0),
        RuntimeError,
        "huber_loss needs a delta above 0; 0 was given.",
    ),
    (
        lambda: F.cross_entropy(ones(2, 3), tg.tensor([0, 3])),
        IndexError,
        "cross_entropy has 3 classes, 0 to 2; the target 3 was given.",
    ),
    (
        lambda: F.nll_loss(ones(2, 3), tg.tensor([0, -1])),
        IndexError,
        "nll_loss has 3 classes, 0 to 2; the target -1 was given.",
    ),
    (
        lambda: F.cross_entropy(ones(2, 3), tg.tensor([[0], [1]])),
        RuntimeError,
        "cross_entropy with an input of shape (2, 3) needs a target of shape (2,) holding classes as whole "
        "numbers; (2, 1) "
        "of int64 was given.",
    ),
    (
        lambda: F.nll_loss(ones(2, 3), ones(2)),
        RuntimeError,
        "nll_loss with an input of shape (2, 3) needs a target of shape (2,) holding classes as whole numbers; (2,) of "
        "float32 was given.",
    ),
    (
        lambda: F.cross_entropy(ones(2, 3), ones(2)),
        RuntimeError,
        "cross_entropy with probabilities needs a target of the input's shape (2, 3); (2,) of float32 was given. For "
        "classes, give whole numbers (target.long()).",
    ),
    (
        lambda: F.cross_entropy(ones(2, 3), ones(2, 3), ignore_index=1),
        RuntimeError,
        "ignore_index is for targets that are classes: with probabilities leave it out.",
    ),
    (
        lambda: F.cross_entropy(ones(2, 3), IDS, label_smoothing=2),
        RuntimeError,
        "label_smoothing is from 0 to 1; 2 was given.",
    ),
    (
        lambda: F.cross_entropy(ones(2, 3), IDS, weight=ones(2)),
        RuntimeError,
        "weight has one number per class, shape (3,); (2,) was given.",
    ),
    (
        lambda: F.cross_entropy(ones(2, 3), IDS, weight=ones(3).requires_grad_()),
        RuntimeError,
        "class weights are constants of a loss and receive no gradient: pass weight.detach().",
    ),
    (
        lambda: F.cross_entropy(IDS, IDS),
        RuntimeError,
        "cross_entropy needs real numbers of shape (batch, classes, ...) or (classes); a tensor of int64 and "
        "shape (2,) "
        "was given.",
    ),
    (
        lambda: F.binary_cross_entropy(ones(2, 1), ones(2)),
        ValueError,
        "binary_cross_entropy needs a target of the input's shape (2, 1); (2,) was given: use target.view_as(input) if "
        "they have the same entries.",
    ),
    (
        lambda: F.binary_cross_entropy(ones(2) * 2, ones(2)),
        RuntimeError,
        "binary_cross_entropy needs probabilities from 0 to 1; numbers from 2 to 2 were given. For raw scores use "
        "binary_cross_entropy_with_logits.",
    ),
    (
        lambda: F.binary_cross_entropy_with_logits(ones(2), ones(1)),
        ValueError,
        "binary_cross_entropy_with_logits needs a target of the input's shape (2,); (1,) was given: use "
        "target.view_as(input) if they have the same entries.",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), REFUSED, ids=[message[:60] for _, _, message in REFUSED])
def test_what_is_refused(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message


def test_the_layer_in_an_error_is_called_by_its_name() -> None:
    model: Any = nn.Module()
    model.decoder = nn.Linear(3, 2)
    with pytest.raises(RuntimeError, match=r"^decoder expects an input of shape"):
        model.decoder(ones(2))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_a_dtype_to_compute_in(name: str) -> None:
    x = tg.tensor([1.0, 2.0, 3.0])
    found, exact = getattr(F, name)(x, dim=0, dtype=tg.float64), getattr(F, name)(x.double(), dim=0)
    assert found.dtype == tg.float64 and found.tolist() == exact.tolist()


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_ctc_behind_log_softmax(reduction: str) -> None:
    torch = pytest.importorskip("torch")
    scores = np.random.default_rng(0).normal(size=(9, 3, 5))
    labels, heard, said = [[1, 1, 2, 4], [3, 0, 0, 0], [2, 3, 2, 0]], [9, 4, 7], [4, 1, 3]
    found = []
    for library in (tg, torch):
        x = library.tensor(scores, requires_grad=True)
        loss = library.nn.functional.ctc_loss(
            library.nn.functional.log_softmax(x, -1), library.tensor(labels), library.tensor(heard),
            library.tensor(said), reduction=reduction,
        )  # fmt: skip
        loss.sum().backward()
        found.append((loss.detach().numpy(), x.grad.numpy()))
    for mine, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)


def test_ctc_has_second_derivatives() -> None:
    """Behind states that cannot be, too, which stand at -1e30."""
    labels, lengths = tg.tensor([[1, 1], [2, 0]]), (tg.tensor([4, 3]), tg.tensor([2, 1]))
    scores = tg.tensor(np.random.default_rng(0).normal(size=(4, 2, 3)), requires_grad=True)
    assert tg.autograd.gradgradcheck(lambda x: F.ctc_loss(tg.log_softmax(x, -1), labels, *lengths), (scores,))


def test_a_choice_by_chance_that_has_a_derivative() -> None:
    """The larger tau, the nearer to equal shares; choices as often as softmax says; the derivative of the softmax."""
    logits = tg.tensor([[1.0, 0.0, -1.0]], dtype=tg.float64).expand(4000, 3)

    def drawn(x: tg.Tensor, **options: Any) -> tg.Tensor:
        tg.manual_seed(0)
        return tg.nn.functional.gumbel_softmax(x, **options)

    soft, hard = drawn(logits), drawn(logits, hard=True)
    np.testing.assert_allclose(soft.log().div(2).softmax(-1).numpy(), drawn(logits, tau=2.0).numpy(), rtol=1e-9)
    assert set(np.unique(np.round(hard.numpy(), 12))) == {0, 1} and (hard.argmax(-1) == soft.argmax(-1)).all()
    np.testing.assert_allclose(hard.mean(0).numpy(), logits[0].softmax(-1).numpy(), atol=0.03)
    x = logits[:5].clone().requires_grad_()
    way = tg.tensor([1.0, -2.0, 0.5], dtype=tg.float64)
    first, second = (tg.autograd.grad((drawn(x, hard=each) * way).sum(), x)[0] for each in (True, False))
    assert first.tolist() == second.tolist() and first.abs().max() > 0.01


#: Functions of networks that PyTorch has at its top too, with the order of arguments they have there.
AT_THE_TOP: dict[str, Callable[[Any, Any], Any]] = {
    "adaptive_avg_pool1d": lambda t, x: t.adaptive_avg_pool1d(x, 2),
    "avg_pool1d": lambda t, x: t.avg_pool1d(x, 3, 1, 1, False, False),
    "bilinear": lambda t, x: t.bilinear(x, x + 1, x.mT, x[0, :1, :2].reshape(2)),
    "celu": lambda t, x: t.celu(x, 0.5),
    "channel_shuffle": lambda t, x: t.channel_shuffle(x, 2),
    "conv1d": lambda t, x: t.conv1d(x, x[:, :, :2], None, 2, 1),
    "conv_transpose1d": lambda t, x: t.conv_transpose1d(x, x.permute(1, 2, 0), None, 2, 1, 1),
    "cosine_similarity": lambda t, x: t.cosine_similarity(x, x + 1, -1),
    "group_norm": lambda t, x: t.group_norm(x, 2, x[0, :, 0], x[1, :, 1], 0.1),
    "hardshrink": lambda t, x: t.hardshrink(x, 0.3),
    "layer_norm": lambda t, x: t.layer_norm(x, (4,), x[0, 0], x[1, 1], 0.1),
    "max_pool1d": lambda t, x: t.max_pool1d(x, 2, 1, 1),
    "pairwise_distance": lambda t, x: t.pairwise_distance(x, x * 2, 1.0, 0.1, True),
    "prelu": lambda t, x: t.prelu(x, x[0, :, 0]),
    "rms_norm": lambda t, x: t.rms_norm(x, (4,), x[0, 0], 0.1),
    "selu": lambda t, x: t.selu(x),
    "threshold": lambda t, x: t.threshold(x, 0.2, -1.0),
    "vmap": lambda t, x: t.vmap(lambda row: row @ row.mT, 1)(x),
}


@pytest.mark.parametrize("name", AT_THE_TOP)
def test_functions_at_the_top_equal_torch(name: str) -> None:
    torch, x = pytest.importorskip("torch"), np.sin(np.arange(32.0) ** 2).reshape(2, 4, 4)
    mine, theirs = (AT_THE_TOP[name](t, t.tensor(x)).numpy() for t in (tg, torch))
    np.testing.assert_allclose(mine, theirs, rtol=1e-6)
    assert isinstance(tg.ones(1).dtype, tg.dtype)


def test_a_precision_of_products_that_is_not_there() -> None:
    with pytest.raises(RuntimeError, match="takes 'highest', 'high' or 'medium', got 'low'"):
        tg.set_float32_matmul_precision("low")
