"""Right answers to the exercises, in several ways of writing each, and wrong ones with a word of what is said of them."""

# ruff: noqa: E501
RIGHT: dict[str, list[str]] = {
    "rnn_step": [
        "z = W_xh.dot(x) + W_hh.dot(h) + b_h\nreturn (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))",
        "return tg.tanh(tg.tensor(W_xh) @ tg.tensor(x) + tg.tensor(W_hh) @ tg.tensor(h) + tg.tensor(b_h))",
        "import math\nreturn [math.tanh(sum(W_xh[i][j] * x[j] for j in range(len(x))) + sum(W_hh[i][j] * h[j] for j in range(len(h))) + b_h[i]) for i in range(len(h))]",
        "return tg.nn.rnn_step(x, h, W_xh, W_hh, b_h)",
        "return np.tanh(np.concatenate([W_xh, W_hh], axis=1) @ np.concatenate([x, h]) + b_h)",
    ],
    "embedding_gradient": [
        "dE = np.zeros((count, g.shape[1]))\nnp.add.at(dE, ids, g)\nreturn dE",
        "return np.eye(count)[ids].T @ g",
        "return [[sum(g[t][k] for t in range(len(ids)) if ids[t] == word) for k in range(len(g[0]))] for word in range(count)]",
        "E = tg.zeros(count, g.shape[1], dtype=tg.float64, requires_grad=True)\nE[tg.tensor(ids)].backward(tg.tensor(g))\nreturn E.grad",
        "return tg.zeros(count, g.shape[1]).double().index_add(0, tg.tensor(ids), tg.tensor(g))",
    ],
    "softmax": [
        "return tg.softmax(tg.tensor(s), dim=1)",
        "out = []\nfor row in s:\n    e = np.exp(row - row.max())\n    out.append(e / e.sum())\nreturn out",
        "s = s - np.amax(s, 1)[:, None]\nreturn np.exp(s - np.log(np.exp(s).sum(1))[:, None])",
        "s = s.copy()\ns -= s.max(1, keepdims=True)\ns = np.exp(s)\ns /= s.sum(1, keepdims=True)\nreturn s",
    ],
    "cross_entropy_gradient": [
        "s = tg.tensor(s, requires_grad=True)\ntg.nn.functional.cross_entropy(s, tg.tensor(y)).backward()\nreturn s.grad",
        "e = np.exp(s - s.max(1)[:, None])\nreturn (e / e.sum(1)[:, None] - np.eye(s.shape[1])[y]) / s.shape[0]",
        "out = np.zeros(s.shape)\nfor n in range(len(y)):\n    e = np.exp(s[n] - max(s[n]))\n    for k in range(s.shape[1]):\n        out[n, k] = (e[k] / sum(e) - (k == y[n])) / len(y)\nreturn out",
    ],
    "bptt": [
        "W = tg.tensor(W_hh, requires_grad=True)\nh = tg.tensor(h)\nfor x in xs:\n    h = tg.tanh(tg.tensor(W_xh) @ tg.tensor(x) + W @ h)\n(0.5 * ((h - tg.tensor(target)) ** 2).sum()).backward()\nreturn W.grad",
        "states = [h]\nfor t in range(xs.shape[0]):\n    states.append(np.tanh(W_xh @ xs[t] + W_hh @ states[t]))\ndh, total = states[-1] - target, 0\nwhile len(states) > 1:\n    h = states.pop()\n    dz = dh * (1 - h * h)\n    total = total + dz[:, None] * states[-1][None, :]\n    dh = dz @ W_hh\nreturn total",
        "def back(h, xs):\n    if len(xs) == 0:\n        return h - target, np.zeros(W_hh.shape)\n    new = np.tanh(W_xh @ xs[0] + W_hh @ h)\n    g, total = back(new, xs[1:])\n    dz = g * (1 - new ** 2)\n    return dz @ W_hh, total + np.outer(dz, h)\nreturn back(h, xs)[1].tolist()",
    ],
    "start": [
        "return np.eye(hidden)",
        "u, _, v = np.linalg.svd(random.standard_normal((hidden, hidden)))\nreturn u @ v",
        "return tg.nn.init.orthogonal_(tg.empty(hidden, hidden))",
        "return np.roll(np.eye(hidden), 1, axis=0)",
        "a = random.standard_normal((hidden, hidden))\nq, _ = np.linalg.qr(a)\nreturn 0.99 * q",
    ],
    "lstm_step": [
        "h, c = tg.nn.lstm_step(x, h, c, W_xh, W_hh, b)\nreturn h, c",
        "return tg.stack(tg.nn.lstm_step(x, h, c, W_xh, W_hh, b))",
        "n = len(h)\nz = W_xh @ x + W_hh @ h + b\ns = lambda v: 0.5 * (1 + np.tanh(v / 2))\nc = s(z[n:2 * n]) * c + s(z[:n]) * np.tanh(z[2 * n:3 * n])\nreturn [s(z[3 * n:]) * np.tanh(c), c]",
        "z = tg.tensor(W_xh) @ tg.tensor(x) + tg.tensor(W_hh) @ tg.tensor(h) + tg.tensor(b)\ni, f, g, o = z.chunk(4)\nc = f.sigmoid() * tg.tensor(c) + i.sigmoid() * g.tanh()\nreturn o.sigmoid() * c.tanh(), c",
    ],
    "gru_step": [
        "return tg.nn.gru_step(x, h, W_xh, W_hh, b_xh, b_hh)",
        "n = len(h)\na, d = W_xh @ x + b_xh, W_hh @ h + b_hh\nout = []\nfor k in range(n):\n    r = 1 / (1 + np.exp(-a[k] - d[k]))\n    z = 1 / (1 + np.exp(-a[n + k] - d[n + k]))\n    new = np.tanh(a[2 * n + k] + r * d[2 * n + k])\n    out.append(new + z * (h[k] - new))\nreturn out",
        "a, d = (W_xh @ x + b_xh).reshape(3, -1), (W_hh @ h + b_hh).reshape(3, -1)\nr, z = 1 / (1 + np.exp(-(a + d)[:2]))\nreturn z * h + (1 - z) * np.tanh(a[2] + r * d[2])",
    ],
    "clip": [
        "norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))\nreturn [g * most / norm for g in gradients] if norm > most else gradients",
        "total = 0.0\nfor g in gradients:\n    for number in np.ravel(g):\n        total += number * number\nif total ** 0.5 <= most:\n    return list(gradients)\nreturn [g * (most / total ** 0.5) for g in gradients]",
        "p = [tg.zeros(g.shape, requires_grad=True).double() for g in gradients]\nfactor = most / max(most, float(tg.sqrt(sum((tg.tensor(g) ** 2).sum() for g in gradients))))\nreturn tuple(tg.tensor(g) * factor for g in gradients)",
    ],
    "layer_norm_gradient": [
        "x = tg.tensor(x, requires_grad=True)\ntg.nn.functional.layer_norm(x, x.shape[1:]).backward(tg.tensor(g))\nreturn x.grad",
        "n = x.shape[1]\nout = np.empty(x.shape)\nfor k in range(len(x)):\n    s = np.sqrt(np.var(x[k]) + 1e-5)\n    y = (x[k] - np.mean(x[k])) / s\n    out[k] = (np.eye(n) - 1 / n - np.outer(y, y) / n) @ g[k] / s\nreturn out",
        "m, s = x.mean(1, keepdims=True), (x.var(1, keepdims=True) + 1e-5) ** 0.5\nds = -(g * (x - m)).sum(1, keepdims=True) / s ** 2\ndx = g / s + ds * (x - m) / s / x.shape[1]\nreturn dx - g.mean(1, keepdims=True) / s",
    ],
    "truncated": [
        "for start in range(0, len(xs), k):\n    h = h.detach()\n    for x in xs[start:start + k]:\n        h = tg.nn.rnn_step(x, h, W_xh, W_hh)\nreturn h",
        "last = (len(xs) - 1) // k * k\nwith tg.no_grad():\n    for x in xs[:last]:\n        h = tg.tanh(W_xh @ x + W_hh @ h)\nfor x in xs[last:]:\n    h = tg.tanh(W_xh @ x + W_hh @ h)\nreturn h",
        "count = 0\nfor x in xs:\n    if count == k:\n        h, count = tg.tensor(h.detach().numpy()), 0\n    h = tg.tanh(x @ W_xh.T + h @ W_hh.T)\n    count += 1\nreturn h",
    ],
    "adam": [
        "m = m + (g - m) * 0.1\nv = v + (g * g - v) * 0.001\nrate = lr * (1 - 0.999 ** t) ** 0.5 / (1 - 0.9 ** t)\nreturn p - rate * m / (v ** 0.5 + 1e-8 * (1 - 0.999 ** t) ** 0.5), m, v",
        "q, m, v = np.zeros(len(p)), m.copy(), v.copy()\nfor i in range(len(p)):\n    m[i] = 0.9 * m[i] + (1 - 0.9) * g[i]\n    v[i] = 0.999 * v[i] + (1 - 0.999) * g[i] ** 2\n    q[i] = p[i] - lr * (m[i] / (1 - 0.9 ** t)) / (np.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8)\nreturn [q, m, v]",
        "p, g, m, v = map(tg.as_tensor, (p, g, m, v))\nm = 0.9 * m + 0.1 * g\nv = 0.999 * v + 0.001 * g.square()\nreturn p - lr * (m / (1 - 0.9 ** t)) / ((v / (1 - 0.999 ** t)).sqrt() + 1e-8), m, v",
    ],
    "softsign": [
        "def forward(x):\n    return x / (1 + np.abs(x))\ndef rule(g, y, x):\n    return g * (1 - abs(y)) ** 2\nreturn tg.Primitive('softsign', forward, rule)",
        "return tg.Primitive('s', lambda x: np.where(x > 0, x / (1 + x), x / (1 - x)), lambda g, y, x: g / ((1 + abs(x)) * (1 + abs(x))))",
        "return tg.Primitive('softsign', lambda x: x / (1 + abs(x)), lambda g, y, x: g * (1 + x.abs()) ** -2)",
    ],
}  # fmt: skip

WRONG: dict[str, list[tuple[str, str]]] = {
    "rnn_step": [
        ("return W_hh @ h + W_xh @ x + b_h", "activation"),
        ("return np.tanh(W_xh @ x + W_hh.T @ h + b_h)", "transposed"),
        ("return np.tanh(W_xh @ x + W_hh @ h)", "bias"),
        ("return np.tanh(W_xh @ x) + np.tanh(W_hh @ h) + np.tanh(b_h)", "belongs"),
        ("return tg.sigmoid(W_xh @ x + W_hh @ h + b_h)", "sigmoid"),
        ("return np.tanh(W_hh @ h + b_h)", "the input is missing"),
        ("return h", "given, unchanged"),
        ("return np.tanh(W_xh @ x[:, None] + (W_hh @ h + b_h)[:, None])", "shape (4, 1)"),
        ("return np.tanh(x @ W_xh + W_hh @ h + b_h)", "raises ValueError"),
    ],
    "embedding_gradient": [
        ("dE = np.zeros((count, g.shape[1]))\ndE[ids] += g\nreturn dE", "occurs twice"),
        ("dE = np.zeros((count, g.shape[1]))\nfor t, i in enumerate(ids):\n    dE[i] = g[t]\nreturn dE", "occurs twice"),
        ("dE = np.zeros((count, g.shape[1]))\nnp.add.at(dE, ids, 1.0)\nreturn dE", "counts"),
        ("return (np.eye(count)[ids].T @ g) / len(ids)", "divided"),
        ("dE = np.ones((count, g.shape[1]))\nnp.add.at(dE, ids, g)\nreturn dE", "belongs"),
        ("return g", "given, unchanged"),
    ],
    "softmax": [
        ("return np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)", "overflow"),
        ("e = np.exp(s - s.max())\nreturn e / e.sum(axis=1, keepdims=True)", "all rows is subtracted"),
        ("e = np.exp(s - s.max(1, keepdims=True))\nreturn e / e.sum()", "all rows together"),
        ("e = np.exp(s - s.max(1, keepdims=True))\nreturn e / e.sum(0)", "columns"),
        ("return tg.log_softmax(tg.tensor(s), dim=1)", "logarithms"),
    ],
    "cross_entropy_gradient": [
        ("return tg.softmax(tg.tensor(s), dim=1) / len(s)", "1 is to be subtracted"),
        ("p = tg.softmax(tg.tensor(s), dim=1).numpy()\nreturn p - np.eye(s.shape[1])[y]", "their mean"),
        ("p = tg.softmax(tg.tensor(s), dim=1).numpy()\nreturn (np.eye(s.shape[1])[y] - p) / len(y)", "sign"),
        ("p = np.exp(s) / np.exp(s).sum(1, keepdims=True)\nreturn (p - np.eye(s.shape[1])[y]) / len(y)", "overflow"),
        ("p = tg.softmax(tg.tensor(s), dim=1).numpy()\nreturn (p - 2 * np.eye(s.shape[1])[y]) / len(y)", "add up to 0"),
    ],
    "bptt": [],
    "start": [
        ("return random.standard_normal((hidden, hidden))", "explodes"),
        ("return 0.01 * random.standard_normal((hidden, hidden))", "vanishes"),
        ("return random.uniform(-hidden ** -0.5, hidden ** -0.5, (hidden, hidden))", "vanishes"),
        ("return np.zeros((hidden, hidden))", "exactly 0"),
        ("return np.full((hidden, hidden), 1 / hidden)", "rows of W_hh are equal"),
        ("return 0.5 * np.eye(hidden)", "radius of this W_hh is 0.5"),
        ("return np.eye(hidden)[0]", "shape"),
    ],
    "lstm_step": [
        ("i, f, g, o = np.split(W_xh @ x + W_hh @ h + b, 4)\ns = lambda v: 1 / (1 + np.exp(-v))\nc = s(i) * c + s(f) * np.tanh(g)\nreturn s(o) * np.tanh(c), c", "swapped"),
        ("i, f, g, o = np.split(W_xh @ x + W_hh @ h + b, 4)\ns = lambda v: 1 / (1 + np.exp(-v))\nc = s(f) * c + s(i) * np.tanh(g)\nreturn s(o) * c, c", "tanh of h'"),
        ("i, f, g, o = np.split(W_xh @ x + W_hh @ h + b, 4)\ns = lambda v: 1 / (1 + np.exp(-v))\nc = s(f) * c + s(i) * s(g)\nreturn s(o) * np.tanh(c), c", "candidate"),
        ("i, f, o, g = np.split(W_xh @ x + W_hh @ h + b, 4)\ns = lambda v: 1 / (1 + np.exp(-v))\nc = s(f) * c + s(i) * np.tanh(g)\nreturn s(o) * np.tanh(c), c", "order"),
        ("return tg.nn.lstm_step(*map(tg.tensor, (x, h, c, W_xh, W_hh, b)))[::-1]", "swapped"),
        ("return tg.nn.lstm_step(*map(tg.tensor, (x, h, c, W_xh, W_hh, b)))[0]", "return h', c'"),
        ("return tg.nn.lstm_step(*map(tg.tensor, (x, h, c, W_xh, W_hh)))", "bias"),
    ],
    "gru_step": [
        ("a, d = (W_xh @ x + b_xh).reshape(3, -1), (W_hh @ h + b_hh).reshape(3, -1)\nr, z = 1 / (1 + np.exp(-(a + d)[:2]))\nreturn (1 - z) * h + z * np.tanh(a[2] + r * d[2])", "z and 1 - z"),
        ("a, d = (W_xh @ x + b_xh).reshape(3, -1), (W_hh @ h + b_hh).reshape(3, -1)\nz, r = 1 / (1 + np.exp(-(a + d)[:2]))\nreturn (1 - z) * np.tanh(a[2] + r * d[2]) + z * h", "order r, z, n"),
        ("a, d = (W_xh @ x + b_xh).reshape(3, -1), (W_hh @ h + b_hh).reshape(3, -1)\nr, z = 1 / (1 + np.exp(-(a + d)[:2]))\nreturn (1 - z) * np.tanh(a[2] + d[2]) + z * h", "reset gate"),
        ("n = len(h)\na, d = (W_xh @ x + b_xh).reshape(3, -1), (W_hh @ h + b_hh).reshape(3, -1)\nr, z = 1 / (1 + np.exp(-(a + d)[:2]))\nreturn (1 - z) * np.tanh(a[2] + W_hh[2 * n:] @ (r * h) + b_hh[2 * n:]) + z * h", "before the product"),
        ("return tg.nn.gru_step(*map(tg.tensor, (x, h, W_xh, W_hh, b_xh)))", "b_hh"),
    ],
    "clip": [
        ("return [g * min(1, most / (np.linalg.norm(g) + 1e-9)) for g in gradients]", "own norm"),
        ("return [np.minimum(np.maximum(g, -most), most) for g in gradients]", "every number by itself"),
        ("norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients])) + 1e-6\nreturn [g * most / norm for g in gradients]", "made larger"),
        ("norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))\nreturn [g * most / norm for g in gradients]", "made larger"),
        ("norm = sum(np.linalg.norm(g) for g in gradients) + 1e-6\nreturn [g * min(1, most / norm) for g in gradients]", "added up"),
        ("norm = sum((g * g).sum() for g in gradients) + 1e-6\nreturn [g * min(1, most / norm) for g in gradients]", "square"),
        ("for g in gradients:\n    g *= 0.5\nreturn gradients", "writes into"),
        ("return gradients", "belongs"),
    ],
    "layer_norm_gradient": [
        ("s = np.sqrt(x.var(1, keepdims=True) + 1e-5)\nreturn g / s", "straight"),
        ("s = np.sqrt(x.var(1, keepdims=True) + 1e-5)\nreturn (g - g.mean(1, keepdims=True)) / s", "through the deviation is missing"),
        ("s = np.sqrt(x.var(1, keepdims=True) + 1e-5)\ny = (x - x.mean(1, keepdims=True)) / s\nreturn (g - y * (g * y).mean(1, keepdims=True)) / s", "through the mean is missing"),
        ("s = np.sqrt(x.var(1, keepdims=True) + 1e-5)\ny = (x - x.mean(1, keepdims=True)) / s\nreturn g - g.mean(1, keepdims=True) - y * (g * y).mean(1, keepdims=True)", "divided by std"),
        ("s = np.sqrt(x.var(1, keepdims=True) + 1e-5)\ny = (x - x.mean(1, keepdims=True)) / s\nreturn (g - g.mean(1, keepdims=True) - 0.5 * y * (g * y).mean(1, keepdims=True)) / s", "stretching"),
        ("s = np.sqrt(x.var(1, keepdims=True) + 1e-5)\ny = (x - x.mean(1, keepdims=True)) / s\nreturn (g - 0.5 * g.mean(1, keepdims=True) - y * (g * y).mean(1, keepdims=True)) / s", "adding a constant"),
    ],
    "truncated": [
        ("for x in xs:\n    h = tg.tanh(W_xh @ x + W_hh @ h)\nreturn h", "nothing is cut"),
        ("for x in xs:\n    h = tg.tanh(W_xh @ x + W_hh @ h.detach())\nreturn h", "every step"),
        ("for t, x in enumerate(xs):\n    if t and t % k == 0:\n        h = tg.zeros(3, dtype=tg.float64)\n    h = tg.tanh(W_xh @ x + W_hh @ h)\nreturn h", "begins anew"),
        ("for t, x in enumerate(xs, 1):\n    h = tg.tanh(W_xh @ x + W_hh @ h)\n    if t % k == 0:\n        h = h.detach()\nreturn h", "after the last step too"),
        ("for t, x in enumerate(xs):\n    if t < len(xs) - 6:\n        h = h.detach()\n    h = tg.tanh(W_xh @ x + W_hh @ h)\nreturn h", "only the last 7 of the 13 steps arrive"),
        ("for x in xs.numpy():\n    h = np.tanh(W_xh.detach().numpy() @ x + W_hh.detach().numpy() @ np.asarray(h))\nreturn h", "nothing arrives"),
    ],
    "adam": [
        ("m = 0.9 * m + 0.1 * g\nv = 0.999 * v + 0.001 * g * g\nreturn p - lr * m / (v ** 0.5 + 1e-8), m, v", "not divided"),
        ("m = 0.9 * m + 0.1 * g\nv = 0.999 * v + 0.001 * g * g\nreturn p - lr * m / (1 - 0.9 ** t) / (v / (1 - 0.999 ** t) + 1e-8) ** 0.5, m, v", "below the root"),
        ("m = (0.9 * m + 0.1 * g) / (1 - 0.9 ** t)\nv = (0.999 * v + 0.001 * g * g) / (1 - 0.999 ** t)\nreturn p - lr * m / (v ** 0.5 + 1e-8), m, v", "handed on"),
        ("m = 0.9 * m + 0.1 * g\nv = 0.999 * v + 0.001 * abs(g)\nreturn p - lr * m / (1 - 0.9 ** t) / ((v / (1 - 0.999 ** t)) ** 0.5 + 1e-8), m, v", "belongs"),
        ("m = 0.9 * m + 0.1 * g\nv = 0.999 * v + 0.001 * g * g\nreturn p + lr * m / (1 - 0.9 ** t) / ((v / (1 - 0.999 ** t)) ** 0.5 + 1e-8), m, v", "uphill"),
        ("m = 0.9 * m + 0.1 * g\nv = 0.999 * v + 0.001 * g * g\nreturn p - lr * m / (1 - 0.9 ** t) / ((v / (1 - 0.999 ** t)) ** 0.5 + 1e-8)", "three values"),
        ("m *= 0.9\nm += 0.1 * g\nv *= 0.999\nv += 0.001 * g ** 2\np -= lr * m / (1 - 0.9 ** t) / ((v / (1 - 0.999 ** t)) ** 0.5 + 1e-8)\nreturn p, m, v", "writes into"),
    ],
    "softsign": [
        ("return tg.Primitive('s', lambda x: x / (1 + abs(x)), lambda g, y, x: 1 / (1 + abs(x)) ** 2)", "multiply by g"),
        ("return tg.Primitive('s', lambda x: x / (1 + abs(x)), lambda g, y, x: g / (1 + x) ** 2)", "positive x"),
        ("return tg.Primitive('s', lambda x: x / (1 + abs(x)), lambda g, y, x: g / (1 + abs(x)))", "square"),
        ("return tg.Primitive('s', lambda x: x / (1 + x), lambda g, y, x: g / (1 + abs(x)) ** 2)", "another function"),
        ("return tg.Primitive('s', lambda x: x / (1 + abs(x)))", "raises"),
        ("return tg.Primitive('s', lambda x: x / (1 + abs(x)), lambda g, y, x: g.detach() / (1 + abs(x.detach())) ** 2)", "history"),
        ("return lambda x: x / (1 + abs(x))", "tg.Primitive"),
    ],
}  # fmt: skip

# Backpropagation through time with one line of its own.
_BPTT = """\
hs = [h]
for x in xs:
    hs += [np.tanh(W_xh @ x + W_hh @ hs[-1])]
g, dW = hs[-1] - target, 0 * W_hh
for t in {steps}:
    dz = {dz}
    dW = dW + {term}
    g = {back}
return {result}"""
_USUAL = {
    "steps": "range(len(xs), 0, -1)", "dz": "g * (1 - hs[t] * hs[t])", "term": "dz[:, None] * hs[t - 1]",
    "back": "dz @ W_hh", "result": "dW",
}  # fmt: skip
RIGHT["bptt"].append(_BPTT.format(**_USUAL))
WRONG["bptt"] = [
    (_BPTT.format(**_USUAL | {changed: instead}), word)
    for changed, instead, word in [
        ("back", "W_hh @ dz", "has to be transposed"),
        ("term", "hs[t - 1][:, None] * dz", "the transpose"),
        ("dz", "1 * g", "derivative of tanh"),
        ("result", "dW / len(xs)", "mean over the steps"),
        ("steps", "[len(xs)]", "step 6 alone"),
        ("steps", "range(len(xs), len(xs) - 3, -1)", "only the last 3 of the 6 steps"),
        ("steps", "range(len(xs), 1, -1)", "only the last 5 of the 6 steps"),
        ("term", "dz[:, None] * hs[t]", "before the step"),
        ("result", "2 * dW", "twice"),
        ("result", "dW.ravel()", "shape (9,)"),
    ]
]
