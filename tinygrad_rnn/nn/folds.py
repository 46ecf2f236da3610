"""Steps of an LSTM and a GRU on arrays: what `steps.py` writes in operations, as one function forward and one back.

Each pair computes the same numbers as the formula it is folded for, and its rules. Gates lie side by side on the last
axis: i, f, g, o or r, z, n, each of ``size`` entries. ``kept`` is what forward leaves for back, which fills ``d``, the
gradient of what the gates were computed from.
"""

from typing import Any

import numpy as np

from ..ops.elementwise import ONE, sigmoid, tanh

_sigmoid, _tanh = sigmoid.forward, tanh.forward


def lstm_memory(gates: Any, c: Any) -> tuple[Any, Any]:
    """c' = f * c + i * g."""
    size = gates.shape[-1] // 4
    i_f, g = _sigmoid(gates[..., : 2 * size]), _tanh(gates[..., 2 * size : 3 * size])
    y = i_f[..., size:] * c
    y += i_f[..., :size] * g
    return y, (i_f, g)


def lstm_memory_back(dc: Any, y: Any, gates: Any, c: Any, *, kept: Any) -> tuple[Any, Any]:
    """From dL/dc', through f * c + i * g and the three gates."""
    i_f, g = kept
    size, one = g.shape[-1], ONE[g.dtype]
    d = np.empty((*dc.shape[:-1], 4 * size), dc.dtype)
    d_i_f = d[..., : 2 * size]
    np.multiply(dc, g, out=d[..., :size])
    d[..., size : 2 * size] = dc * c
    d_i_f *= i_f * (one - i_f)
    np.multiply(dc * i_f[..., :size], one - g * g, out=d[..., 2 * size : 3 * size])
    d[..., 3 * size :] = 0
    return d, dc * i_f[..., size:]


def lstm_output(gates: Any, c: Any) -> tuple[Any, Any]:
    """h' = o * tanh(c')."""
    o, t = _sigmoid(gates[..., 3 * (gates.shape[-1] // 4) :]), _tanh(c)
    return o * t, (o, t)


def lstm_output_back(dh: Any, y: Any, gates: Any, c: Any, *, kept: Any) -> tuple[Any, Any]:
    """From dL/dh', through o * tanh(c') and the gate o."""
    o, t = kept
    size, one = o.shape[-1], ONE[o.dtype]
    d = np.zeros((*dh.shape[:-1], 4 * size), dh.dtype)
    np.multiply(dh * t, o * (one - o), out=d[..., 3 * size :])
    return d, dh * o * (one - t * t)


def gru_state(from_x: Any, from_h: Any, h: Any) -> tuple[Any, Any]:
    """h' = (1 - z) * n + z * h."""
    size = h.shape[-1]
    r_z = _sigmoid(from_x[..., : 2 * size] + from_h[..., : 2 * size])
    z = r_z[..., size:]
    n = _tanh(from_x[..., 2 * size :] + r_z[..., :size] * from_h[..., 2 * size :])
    return (ONE[z.dtype] - z) * n + z * h, (r_z, n)


def gru_state_back(dh: Any, y: Any, from_x: Any, from_h: Any, h: Any, *, kept: Any) -> tuple[Any, Any, Any]:
    """From dL/dh', through (1 - z) * n + z * h and the three gates. Of n, what comes from h is multiplied by r."""
    r_z, n = kept
    size, one = n.shape[-1], ONE[n.dtype]
    z = r_z[..., size:]
    d = np.empty((*dh.shape[:-1], 3 * size), dh.dtype)
    d_r_z, d_n = d[..., : 2 * size], d[..., 2 * size :]
    np.multiply(dh * (one - z), one - n * n, out=d_n)
    d[..., :size] = d_n * from_h[..., 2 * size :]
    d[..., size : 2 * size] = dh * h - dh * n
    d_r_z *= r_z * (one - r_z)
    d_from_h = d.copy()
    d_from_h[..., 2 * size :] *= r_z[..., :size]
    return d, d_from_h, dh * z
