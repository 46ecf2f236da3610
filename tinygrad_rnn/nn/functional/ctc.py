"""Connectionist temporal classification: how likely a sequence of labels is, wherever its parts are heard."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.modes import following, goes_by_data
from ...engine.scope import here
from ...rolled.formulas import at_once
from ...surface.functions import cat, logaddexp, logsumexp, where
from ...surface.tensor import Tensor, wrap
from .losses import _reduced

__all__ = ["ctc_loss"]

IMPOSSIBLE = -1e30  # the logarithm of nothing, from which differences can still be taken


def ctc_loss(
    log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: int = 0,
    reduction: str = "mean", zero_infinity: bool = False,
) -> Tensor:  # fmt: skip
    """-log of the probability of the labels, summed over all ways to spread them over time (Graves et al. 2006).

    A way writes one class at each step; repetitions are then read as one, and blanks are left out. The sum runs over
    time in log alpha_t(s) = log sum exp(log alpha_(t-1) of s, s - 1 and, between different labels, s - 2) +
    log p_t(label s), where s counts the labels with a blank before, between and after them.

    Args:
        log_probs: (time, batch, classes), or (time, classes) for one sequence, from ``log_softmax``.
        targets: (batch, longest) or all labels one after the other; without the blank.
        input_lengths, target_lengths: of each sequence and its labels, tensors or sequences (batch).
        blank: the class that writes nothing.
        reduction: "mean" divides each loss by its number of labels first; "sum" or "none".
        zero_infinity: losses of labels that are too many for their sequence are 0 instead of infinite.

    Raises:
        RuntimeError: if lengths or labels do not fit.
    """
    for read in (targets, input_lengths, target_lengths):
        goes_by_data("ctc_loss", read)
    probs = log_probs if log_probs.ndim == 3 else log_probs.unsqueeze(1)
    steps, batch, classes = probs.shape
    heard, said = (np.asarray(getattr(each, "array", each)).reshape(-1) for each in (input_lengths, target_lengths))
    labels = _rows(targets.array, said, batch)
    if len(heard) != batch or len(said) != batch or (heard > steps).any() or not 0 <= blank < classes:
        raise RuntimeError(
            f"ctc_loss needs a length of at most {steps} for each of {batch} sequences, that of its labels, and a "
            f"blank from 0 to {classes - 1}; got {heard.tolist()}, {said.tolist()} and {blank}"
        )
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise RuntimeError(f"ctc_loss has labels from 0 to {classes - 1}, got {labels.min()} to {labels.max()}")
    states = np.full((batch, 2 * labels.shape[1] + 1), blank)
    states[:, 1::2] = labels
    leaps = np.full(states.shape, IMPOSSIBLE, probs.dtype)  # from one label to another without a blank
    leaps[:, 2:][(states[:, 2:] != blank) & (states[:, 2:] != states[:, :-2])] = 0
    start = np.where(np.arange(states.shape[1]) < 2, np.zeros_like(leaps), IMPOSSIBLE).astype(probs.dtype)
    rows = np.arange(batch)[:, None]
    on = (np.arange(steps)[:, None] < heard)[:, :, None]
    given = probs[:, rows, states], wrap(start), wrap(leaps), wrap(np.full((batch, 2), IMPOSSIBLE, probs.dtype))
    masked = () if on.all() else (wrap(on),)

    def walk(*args: Any) -> tuple[Tensor]:
        return _walked(*args, *masked)

    watched = here.watch is not None or following.told is not None
    (alpha,) = walk(*given) if watched else at_once(("ctc", len(masked)), walk, given, _walked, masked)
    last = np.stack([2 * said, np.maximum(2 * said - 1, 0)], 1)
    ends = where(wrap((np.arange(2) == 0) | (said > 0)[:, None]), alpha[rows, last], IMPOSSIBLE)
    losses = -logsumexp(ends, 1)
    losses = where(losses > -IMPOSSIBLE / 2, 0.0 if zero_infinity else np.inf, losses)
    if reduction == "mean":
        losses = losses / wrap(np.maximum(said, 1).astype(losses.dtype))
    return _reduced(losses if log_probs.ndim == 3 else losses.squeeze(0), reduction)


def _walked(written: Tensor, start: Tensor, leaps: Tensor, edge: Tensor, on: Any = None) -> tuple[Tensor]:
    """log alpha at the end, from the logarithms (time, batch, states) of what is written in each state."""
    alpha = written[0] + start
    for t in range(1, len(written)):
        before = cat([edge, alpha], 1)
        ways = logaddexp(logaddexp(alpha, before[:, 1:-1]), before[:, :-2] + leaps) + written[t]
        alpha = ways if on is None else where(on[t], ways, alpha)
    return (alpha,)


def _rows(targets: Any, lengths: Any, batch: int) -> Any:
    """Labels (batch, longest), 0 behind the end; given so, or one after the other."""
    flat = targets.ndim == 1 and (batch != 1 or len(targets) == lengths.sum())
    longest = int(lengths.max(initial=0))
    if (flat and len(targets) < lengths.sum()) or (not flat and targets.reshape(batch, -1).shape[1] < longest):
        raise RuntimeError(f"ctc_loss has labels of shape {targets.shape} and was told of {lengths.tolist()}")
    rows = np.zeros((batch, longest), np.int64)
    here = np.arange(longest) < lengths[:, None]
    rows[here] = targets[: lengths.sum()] if flat else targets.reshape(batch, -1)[:, :longest][here]
    return rows
