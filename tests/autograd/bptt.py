"""Backpropagation through time written out by hand in numpy, one parameter's terms per time step."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def rnn(xs: Array, W: Array, U: Array, b: Array) -> tuple[float, dict[str, list[Array]], list[Array]]:
    """L = sum of h_T^2, h_t = tanh(W x_t + U h_(t-1) + b): L, the terms of dL/dW, dL/dU, dL/db, and every dL/dh_t."""
    hs = [np.zeros((xs.shape[1], U.shape[0]))]
    for x in xs:
        hs.append(np.tanh(x @ W.T + hs[-1] @ U.T + b))
    dh = 2 * hs[-1]
    terms: dict[str, list[Array]] = {"W": [], "U": [], "b": []}
    sizes = []
    for t in reversed(range(len(xs))):
        sizes.append(dh)
        dz = dh * (1 - hs[t + 1] ** 2)
        terms["W"].append(dz.T @ xs[t])
        terms["U"].append(dz.T @ hs[t])
        terms["b"].append(dz.sum(0))
        dh = dz @ U
    return float((hs[-1] ** 2).sum()), {name: each[::-1] for name, each in terms.items()}, sizes[::-1]


def lstm(xs: Array, W: Array, U: Array, b: Array) -> dict[str, list[Array]]:
    """L = sum of h_T^2 for an LSTM with gates stacked i, f, g, o: the terms of dL/dW, dL/dU, dL/db."""
    n = U.shape[1]
    h = c = np.zeros((xs.shape[1], n))
    kept = []
    for x in xs:
        z = x @ W.T + h @ U.T + b
        i, f, g, o = (
            sigmoid(z[:, :n]),
            sigmoid(z[:, n : 2 * n]),
            np.tanh(z[:, 2 * n : 3 * n]),
            sigmoid(z[:, 3 * n :]),
        )
        before = h, c
        c = f * c + i * g
        h = o * np.tanh(c)
        kept.append((x, *before, c, i, f, g, o))
    dh, dc = 2 * h, np.zeros_like(c)
    terms: dict[str, list[Array]] = {"W": [], "U": [], "b": []}
    for x, h_before, c_before, c_after, i, f, g, o in reversed(kept):
        tc = np.tanh(c_after)
        dc = dc + dh * o * (1 - tc**2)
        parts = [dc * g * i * (1 - i), dc * c_before * f * (1 - f), dc * i * (1 - g**2), dh * tc * o * (1 - o)]
        dz = np.concatenate(parts, 1)
        terms["W"].append(dz.T @ x)
        terms["U"].append(dz.T @ h_before)
        terms["b"].append(dz.sum(0))
        dh, dc = dz @ U, dc * f
    return {name: each[::-1] for name, each in terms.items()}


def gru(xs: Array, W: Array, U: Array, b: Array, d: Array) -> dict[str, list[Array]]:
    """L = sum of h_T^2 for a GRU, reset gate after the product: the terms of dL/dW, dL/dU, dL/db, dL/dd."""
    n = U.shape[1]
    h = np.zeros((xs.shape[1], n))
    kept = []
    for x in xs:
        a, v = x @ W.T + b, h @ U.T + d
        r, z = sigmoid(a[:, :n] + v[:, :n]), sigmoid(a[:, n : 2 * n] + v[:, n : 2 * n])
        m = np.tanh(a[:, 2 * n :] + r * v[:, 2 * n :])
        kept.append((x, h, v, r, z, m))
        h = (1 - z) * m + z * h
    dh = 2 * h
    terms: dict[str, list[Array]] = {"W": [], "U": [], "b": [], "d": []}
    for x, before, v, r, z, m in reversed(kept):
        dm = dh * (1 - z) * (1 - m**2)
        dz = dh * (before - m) * z * (1 - z)
        dr = dm * v[:, 2 * n :] * r * (1 - r)
        da, dv = np.concatenate([dr, dz, dm], 1), np.concatenate([dr, dz, dm * r], 1)
        terms["W"].append(da.T @ x)
        terms["U"].append(dv.T @ before)
        terms["b"].append(da.sum(0))
        terms["d"].append(dv.sum(0))
        dh = dh * z + dv @ U
    return {name: each[::-1] for name, each in terms.items()}
