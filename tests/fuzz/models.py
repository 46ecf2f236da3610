"""Random programs with modules, losses, optimisers and schedules, as text over a module `T`."""

from __future__ import annotations

import random
from collections.abc import Callable

Draw = random.Random

ACTIVATIONS = (
    "ReLU()", "Tanh()", "Sigmoid()", "ELU()", "SELU()", "CELU(0.5)", "GELU()", "GELU('tanh')", "SiLU()", "Mish()",
    "Softplus()", "Softplus(2)", "Softsign()", "Hardtanh()", "ReLU6()", "LeakyReLU(0.1)", "Hardswish()",
    "Hardsigmoid()", "LogSigmoid()", "Tanhshrink()", "Softmax(-1)", "LogSoftmax(-1)", "Softmin(-1)", "PReLU()",
    "PReLU(4)", "Identity()", "Dropout(0.0)", "LayerNorm(4)", "RMSNorm(4)", "Linear(4, 4)", "Linear(4, 4, bias=False)",
    "LayerNorm(4, elementwise_affine=False)", "LayerNorm(4, bias=False)", "BatchNorm1d(4)",
    "BatchNorm1d(4, momentum=None)", "BatchNorm1d(4, affine=False)", "BatchNorm1d(4, track_running_stats=False)",
)  # fmt: skip
LOSSES = (
    "MSELoss()", "L1Loss()", "SmoothL1Loss()", "SmoothL1Loss(beta=0.5)", "HuberLoss(delta=0.5)",
    "MSELoss(reduction='sum')", "KLDivLoss(reduction='batchmean')", "KLDivLoss(log_target=True)",
    "BCEWithLogitsLoss()", "BCEWithLogitsLoss(pos_weight=data(4) + 2)", "CrossEntropyLoss()",
    "CrossEntropyLoss(label_smoothing=0.1)",
    "CrossEntropyLoss(weight=data(4) + 2)", "CrossEntropyLoss(ignore_index=1)", "CrossEntropyLoss(reduction='sum')",
    "NLLLoss()", "L1Loss(reduction='none')", "CrossEntropyLoss(reduction='none')",
)  # fmt: skip
OPTIMIZERS = (
    "SGD({p}, lr=0.1)", "SGD({p}, lr=0.1, momentum=0.9)", "SGD({p}, lr=0.1, momentum=0.9, nesterov=True)",
    "SGD({p}, lr=0.1, momentum=0.5, dampening=0.2, weight_decay=0.01)", "SGD({p}, lr=0.1, maximize=True)",
    "Adam({p}, lr=0.05)", "Adam({p}, lr=0.05, betas=(0.5, 0.9), weight_decay=0.1)", "Adam({p}, amsgrad=True)",
    "AdamW({p}, lr=0.05)",
    "AdamW({p}, weight_decay=0.2, amsgrad=True)", "RMSprop({p}, lr=0.01)", "RMSprop({p}, momentum=0.9, centered=True)",
    "Adagrad({p}, lr=0.1)", "Adagrad({p}, lr_decay=0.1, initial_accumulator_value=0.5)", "Adadelta({p}, lr=0.5)",
    "Adamax({p}, lr=0.05)", "NAdam({p}, lr=0.05)", "NAdam({p}, momentum_decay=0.1, decoupled_weight_decay=True)",
    "RAdam({p}, lr=0.05)", "RAdam({p}, weight_decay=0.1)", "Adam({p}, maximize=True)",
)  # fmt: skip
SCHEDULES = (
    "StepLR(o, {k})", "StepLR(o, {k}, gamma=0.5)", "MultiStepLR(o, [1, {k}])", "ExponentialLR(o, 0.8)",
    "CosineAnnealingLR(o, {k})", "CosineAnnealingLR(o, 4, eta_min=0.01)", "LinearLR(o, 0.5, total_iters={k})",
    "ConstantLR(o, 0.5, total_iters={k})", "PolynomialLR(o, {k}, power=2.0)", "LambdaLR(o, lambda e: 1 / (1 + e))",
    "MultiplicativeLR(o, lambda e: 0.9)", "CosineAnnealingWarmRestarts(o, {k})", "OneCycleLR(o, 0.2, total_steps=12)",
    "CyclicLR(o, 0.01, 0.1, step_size_up={k}, cycle_momentum=False)",
    "SequentialLR(o, [S.ConstantLR(o, 0.5), S.ExponentialLR(o, 0.9)], [{k}])",
    "ChainedScheduler([S.ConstantLR(o, 0.5, {k}), S.ExponentialLR(o, 0.9)])",
)  # fmt: skip


def recurrent(draw: Draw) -> list[str]:
    """RNN, LSTM or GRU in any of their options, on a batch, a single sequence or a packed one."""
    kind = draw.choice(("RNN", "LSTM", "GRU"))
    layers, size = draw.randint(1, 3), draw.randint(1, 4)
    first, both, single = (draw.random() < 0.5 for _ in range(3))
    options = [f"num_layers={layers}"] if layers > 1 else []
    options += ["batch_first=True"] if first else []
    options += ["bidirectional=True"] if both else []
    options += ["bias=False"] if draw.random() < 0.3 else []
    options += ["dropout=0.0"] if layers > 1 and draw.random() < 0.3 else []
    options += ["nonlinearity='relu'"] if kind == "RNN" and draw.random() < 0.5 else []
    projection = draw.randint(1, size - 1) if kind == "LSTM" and size > 1 and draw.random() < 0.3 else 0
    options += [f"proj_size={projection}"] if projection else []
    options += ["dtype=T.float64"] if (wide := draw.random() < 0.5) else []
    steps, batch = draw.randint(1, 12), draw.randint(1, 3)
    lines = [f"m = T.nn.{kind}({', '.join(['3', str(size), *options])})", "fill(m)"]
    shape = (steps, 3) if single else (batch, steps, 3) if first else (steps, batch, 3)
    kind_of = ", dtype='float64'" if wide else ""
    lines.append(f"x = data({', '.join(map(str, shape))}{kind_of}).requires_grad_()")
    given = "x"
    if not single and draw.random() < 0.4:
        lengths = [draw.randint(1, steps) for _ in range(batch)]
        ordered = draw.random() < 0.3
        lengths = sorted(lengths, reverse=True) if ordered else lengths
        lines.append(
            f"given = T.nn.utils.rnn.pack_padded_sequence(x, {lengths}, batch_first={first}, enforce_sorted={ordered})"
        )
        given = "given"
    if draw.random() < 0.5:
        rows = () if single else (batch,)
        count = layers * (1 + both)
        states = [
            f"data({', '.join(map(str, (count, *rows, width)))}, seed={seed}{kind_of}).requires_grad_()"
            for seed, width in enumerate((projection or size, size)[: 1 + (kind == "LSTM")], 3)
        ]
        lines.append(f"h = {states[0]}" if len(states) == 1 else f"h = ({', '.join(states)})")
        given += ", h"
    lines.append(f"y, state = m({given})")
    lines += ["y, lengths = T.nn.utils.rnn.pad_packed_sequence(y)"] if given.startswith("given") else []
    last = "state[0]" if kind == "LSTM" else "state"
    loss = draw.choice(("y.sum()", "(y * y).mean()", f"(y * y).sum() + {last}.sum()", f"{last}.tanh().sum()"))
    if draw.random() < 0.3:
        lines += [
            f"g, = T.autograd.grad({loss}, [x], create_graph=True)", "(g * g).sum().backward()", "g = g.detach()"
        ]  # fmt: skip
    else:
        lines.append(f"({loss}).backward()")
    return lines


def cell(draw: Draw) -> list[str]:
    """A loop over a cell."""
    kind = draw.choice(("RNNCell", "LSTMCell", "GRUCell"))
    extra = draw.choice(("", ", bias=False", ", nonlinearity='relu'" if kind == "RNNCell" else ""))
    single = draw.random() < 0.3
    lines = [f"m = T.nn.{kind}(3, 2{extra})", "fill(m)", f"x = data(4, {'' if single else '2, '}3)", "h = None"]
    lines += [f"h = m(x[{t}], h)" for t in range(draw.randint(1, 4))]
    return [*lines, f"({'h[0]' if kind == 'LSTMCell' else 'h'} ** 2).sum().backward()"]


def network(draw: Draw) -> list[str]:
    """A few layers one after the other."""
    parts = [f"T.nn.{draw.choice(ACTIVATIONS)}" for _ in range(draw.randint(1, 4))]
    container = draw.choice(("T.nn.Sequential({})", "T.nn.Sequential(T.nn.Sequential({}))", "T.nn.Sequential({})"))
    wide = draw.random() < 0.4 or "Norm" in str(parts)  # several in a row make much of a rounding error
    lines = [f"m = {container.format(', '.join(parts))}", "fill(m)", *(["m.double()"] if wide else [])]
    lines += ["m.eval()"] if draw.random() < 0.3 else []
    kind = ", dtype='float64'" if wide else ""
    lines.append(f"x = data({draw.choice(('3, 4', '4, 4', '5, 4'))}{kind}).requires_grad_()")
    lines += ["y = m(x)"] * draw.randint(1, 2)
    return [
        *lines,
        draw.choice(
            (
                "(y * y.detach().cos()).sum().backward()",
                "(y + y**3).mean().backward()",
                "y.backward((y * 2).detach().cos())",
            )
        ),
    ]


def lookup(draw: Draw) -> list[str]:
    """An embedding, or a bilinear layer."""
    if draw.random() < 0.3:
        return [
            "m = T.nn.Bilinear(4, 3, 2)",
            "fill(m)",
            "x = data(5, 4)",
            "y = m(x, data(5, 3))",
            "(y * y).sum().backward()",
        ]
    options = draw.choice(("", ", padding_idx=0", ", padding_idx=-1"))
    shape = draw.choice(("3", "2, 3", "4, 1"))
    lines = [f"m = T.nn.Embedding(5, 4{options})", "fill(m)", f"x = data({shape}, below=5)", "y = m(x)"]
    return [*lines, "(y ** 2).sum().backward()"]


def loss(draw: Draw) -> list[str]:
    """A loss of what two layers give."""
    kind = draw.choice(LOSSES)
    rows = draw.randint(1, 4)
    wide = ", dtype='float64'" if draw.random() < 0.4 and "weight" not in kind else ""
    target = f"data({rows}, 4, seed=5{wide})"
    if "Entropy" in kind or "NLL" in kind:
        target = (
            f"data({rows}, below=4)" if draw.random() < 0.7 or "NLL" in kind or "ignore" in kind else f"{target} ** 2"
        )
    if "KL" in kind:
        target += ".log_softmax(-1)" if "log_target" in kind else ".softmax(-1)"
    lines = [f"x = data({rows}, 4{wide}).requires_grad_()", f"m = T.nn.{kind}", f"t = {target}"]
    if "BCE" in kind:
        lines[-1] = f"t = {target}.sigmoid()"
    if draw.random() < 0.3:
        return [
            *lines, "g, = T.autograd.grad((m(x, t) * 2).sum(), [x], create_graph=True)", "(g * g).sum().backward()",
            "g = g.detach()",
        ]  # fmt: skip
    return [*lines, "y = m(x, t)", "y.sum().backward()"]


def training(draw: Draw) -> list[str]:
    """Steps of an optimiser with a schedule, with states saved and read in between."""
    lines = [
        "S = T.optim.lr_scheduler",
        f"m = T.nn.Sequential(T.nn.Linear(3, 4), T.nn.{draw.choice(ACTIVATIONS[:10])}, T.nn.Linear(4, 2))",
    ]
    lines += ["fill(m)", *(["m.double()"] if (wide := draw.random() < 0.6) else [])]
    groups = draw.choice(
        (
            "m.parameters()",
            "m.parameters()",
            "[{'params': m[0].parameters()}, {'params': m[2].parameters(), 'lr': 0.02}]",
        )
    )
    made = f"o = T.optim.{draw.choice(OPTIMIZERS).format(p=groups)}"
    plan = draw.choice((*SCHEDULES, "", "")).format(k=draw.randint(2, 5))
    lines += [made, *([f"s = S.{plan}"] if plan else [])]
    kind = ", dtype='float64'" if wide else ""
    lines.append(f"x, t = data(5, 3{kind}), data(5, 2, seed=4{kind})")
    clip = draw.choice(
        (
            "",
            "",
            " T.nn.utils.clip_grad_norm_(m.parameters(), 0.5);",
            " T.nn.utils.clip_grad_value_(m.parameters(), 0.1);",
        )
    )
    step = f"o.zero_grad(); loss = ((m(x) - t) ** 2).mean(); loss.backward();{clip} o.step()" + (
        "; s.step()" if plan else ""
    )
    for _ in range(draw.randint(1, 4)):
        lines.append(step)
        if draw.random() < 0.3:
            lines += ["saved = o.state_dict()", made, "o.load_state_dict(saved)"]
            lines += (
                ["kept = s.state_dict()", f"s = S.{plan}", "s.load_state_dict(kept)"]
                if plan and "Lambda" not in plan
                else []
            )
            lines += ["saved = kept = None"] if plan else ["saved = None"]
        elif draw.random() < 0.15:
            lines.append("with T.no_grad(): m[0].bias.zero_()")
        elif draw.random() < 0.1:
            lines.append("m[0].weight.requires_grad_(False)")
    return lines


SORTS: tuple[Callable[[Draw], list[str]], ...] = (
    recurrent,
    recurrent,
    cell,
    network,
    network,
    lookup,
    loss,
    loss,
    training,
    training,
)


def model(seed: int) -> list[str]:
    """The lines of a random program with modules."""
    draw = random.Random(seed)
    lines = draw.choice(SORTS)(draw)
    if "fill(m)" in lines:  # on the line of the module, so that neither is looked at without the other
        place = lines.index("fill(m)")
        lines[place - 1 : place + 1] = [f"{lines[place - 1]}; fill(m)"]
    return lines
