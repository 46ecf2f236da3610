"""Random programs on tensors, as text over `T`: PyTorch runs each line as it is written, so that most make sense."""

from __future__ import annotations

import random
import re
import warnings
from typing import Any

import numpy as np

from tests.fuzz.run import start

FLOATS = ("float32", "float64", "float32", "float64", "float16")
INTEGERS = ("int64", "int32", "uint8", "int8", "int16")
#: Numbers for {data} and {s}.
SHAPES = ("2, 3", "3", "2, 2", "3, 1", "1", "", "2, 1, 3", "4", "1, 3", "2, 3, 2", "0", "0, 2")

#: Lines by what they do. In braces: {x} a tensor, {y} one it broadcasts with, {f} of real numbers, {e} of numbers on a
#: coarse grid (so that rounding decides nothing), {l} of integers, {c} one that can be changed in place, {n} a number,
#: {r} a real number, {d} {D} axes, {k} a count, {p} an order of the axes, {v} a shape to view as, {s} a shape, {i} an
#: index, {j} integers that index axis {d}, {m} a mask, {t} a dtype, {w} an earlier result that has a gradient.
CREATE = (
    "{o} = T.tensor({data}, dtype=T.{ft})", "{o} = T.tensor({data})", "{o} = T.tensor({data}, dtype=T.{t})",
    "{o} = T.tensor({data}, dtype=T.{ft}, requires_grad=True)",
    "{o} = T.tensor({data}, dtype=T.{ft}, requires_grad=True)",
    "{o} = T.tensor({data}, dtype=T.{ft}, requires_grad=True)",
    "{o} = T.zeros({s}, dtype=T.{t})", "{o} = T.ones({s})", "{o} = T.full(({s},), {n})", "{o} = T.eye({k}, {k})",
    "{o} = T.arange({k})", "{o} = T.arange({k}, {n}, {r})", "{o} = T.arange({r}, 3)", "{o} = T.linspace({r}, {r}, {k})",
    "{o} = T.zeros_like({x})", "{o} = T.ones_like({x}, dtype=T.{t})", "{o} = T.full_like({x}, {n})",
    "{o} = {x}.new_zeros(({s},))", "{o} = {x}.new_tensor({data})", "{o} = {x}.new_full(({s},), {n})",
    "{o} = T.tensor({n}, requires_grad=True)", "{o} = T.tensor({n})", "{o} = T.as_tensor({x})",
    "{o} = T.from_numpy(np.arange(6, dtype=np.{t}).reshape(2, 3))", "{o} = T.as_tensor({data}, dtype=T.{t})",
    "{o} = T.tril(T.ones({k}, {k}))", "{o} = T.empty({s}).fill_({n})",
)  # fmt: skip
POINT = (
    "{o} = {f}.{smooth}()", "{o} = T.{smooth}({x})", "{o} = {x}.{rough}()", "{o} = T.{rough}({e})",
    "{o} = F.{active}({f})", "{o} = T.clamp({x}, {n}, {n})", "{o} = {x}.clamp(min={n})", "{o} = {x}.clamp(max={y})",
    "{o} = {x} ** {k}", "{o} = {x} ** {r}", "{o} = {n} ** {x}", "{o} = {x}.pow({y})", "{o} = -{x}", "{o} = ~{x}",
    "{o} = {e} // {n}", "{o} = {e} % {n}", "{o} = {e}.remainder({e})", "{o} = {e}.floor_divide({e})",
    "{o} = {x}.to(T.{t})", "{o} = {x}.{cast}()", "{o} = {x}.type(T.{t})", "{o} = {x}.type_as({y})",
    "{o} = {x}.clone()", "{o} = {x}.nan_to_num()", "{o} = {x}.isnan()", "{o} = {x}.isfinite()",
    "{o} = {x}.masked_fill({m}, {n})", "{o} = T.where({m}, {x}, {y})", "{o} = T.where({m}, {x}, {n})",
    "{o} = {f}.lerp({y}, {r})", "{o} = {f}.addcmul({y}, {y}, value={n})", "{o} = {f}.addcdiv({y}, {y})",
    "{o} = T.round({f}, decimals=1)", "{o} = T.div({e}, {e}, rounding_mode='floor')",
    "{o} = T.div({e}, {n}, rounding_mode='trunc')", "{o} = {e}.atan2({e})", "{o} = {x}.logical_not()",
)  # fmt: skip
BINARY = (
    "{o} = {x} {op} {y}", "{o} = {x} {op} {y}", "{o} = {x} {op} {n}", "{o} = {n} {op} {x}", "{o} = {x} {rel} {y}",
    "{o} = {e} {rel} {n}", "{o} = {x} {bit} {y}", "{o} = {l} {bit} {l}", "{o} = {x} {bit} {k}",
    "{o} = T.add({x}, {y}, alpha={n})", "{o} = {x}.sub({n}, alpha={k})", "{o} = T.maximum({x}, {y})",
    "{o} = T.minimum({y}, {x})", "{o} = T.mul({x}, {n})", "{o} = {x} @ {y}", "{o} = {f} @ {f}", "{o} = {f} @ {f}.mT",
    "{o} = T.outer({f}, {f})", "{o} = T.logical_and({x}, {y})", "{o} = {x}.eq({y})", "{o} = T.isclose({f}, {y})",
    "{o} = T.equal({x}, {y})", "{o} = T.allclose({x}, {y})", "{o} = T.dot({f}, {f})", "{o} = T.mm({f}, {f})",
    "{o} = {x} * {x}", "{o} = {f} / {f}", "{o} = T.einsum('ij,kj->ik', {f}, {f})", "{o} = T.addmm({f}, {f}, {f}.t())",
    "{o} = F.linear({f}, {f})", "{o} = {f}.bmm({f})", "{o} = {f}.mv({f})", "{o} = {x} * {l}", "{o} = {x} + {l}",
)  # fmt: skip
REDUCE = (
    "{o} = {x}.sum()", "{o} = {x}.sum({d})", "{o} = {x}.sum(({d}, {D}), keepdim=True)", "{o} = {x}.sum(dtype=T.{t})",
    "{o} = {x}.mean()", "{o} = {x}.mean({d}, keepdim=True)", "{o} = {x}.prod()", "{o} = {x}.prod({d})",
    "{o} = {f}.var()", "{o} = {f}.std({d})", "{o} = {f}.var({d}, unbiased=False)", "{o} = {f}.var({d}, correction={k})",
    "{o} = {f}.norm()", "{o} = {f}.norm(1, {d})", "{o} = {f}.norm({k})", "{o} = {e}.max()", "{o} = {e}.min()",
    "{o} = {e}.max({d})", "{o} = {e}.min({d}, keepdim=True)", "{o} = {e}.amax({d})", "{o} = {e}.amin()",
    "{o} = {e}.argmax()", "{o} = {e}.argmin({d})", "{o} = {x}.all()", "{o} = {x}.any({d})",
    "{o} = {x}.count_nonzero()", "{o} = {x}.cumsum({d})", "{o} = {x}.cumprod({d})", "{o} = {f}.softmax({d})",
    "{o} = {f}.log_softmax({d})", "{o} = {f}.logsumexp({d})", "{o} = {e}.sort({d})",
    "{o} = {e}.argsort({d})",
    "{o} = {x}.cumsum({d}, dtype=T.{t})", "{o} = {x}.mean(dtype=T.{ft})", "{o} = {x}.nansum({d})",
    "{o} = {l}.bincount()", "{o} = {e}.unique()", "{o} = {e}.nonzero().contiguous()", "{o} = {x}.trace()",
)  # fmt: skip
SHAPE = (
    "{o} = {x}.t()", "{o} = {x}.T", "{o} = {x}.mT", "{o} = {x}.transpose({d}, {D})", "{o} = {x}.permute({p})",
    "{o} = {x}.reshape({v})", "{o} = {x}.view({v})", "{o} = {x}.flatten()", "{o} = {x}.squeeze()",
    "{o} = {x}.squeeze({d})", "{o} = {x}.unsqueeze({d})", "{o} = {x}.expand({k}, {v})", "{o} = {x}.expand_as({y})",
    "{o} = {x}.contiguous()", "{o} = {x}.is_contiguous()", "{o} = {x}.flip({d})", "{o} = {x}.roll({k}, {d})",
    "{o} = {x}.repeat({k}, {v})", "{o} = {x}.tile({k})", "{o} = {x}.repeat_interleave({k}, {d})",
    "{o} = {x}.narrow({d}, {k}, {k})", "{o} = {x}.select({d}, {k})", "{o} = {x}.unbind({d})",
    "{o} = {x}.split({k}, {d})", "{o} = {x}.chunk({k}, {d})", "{o} = {x}.diagonal()", "{o} = {x}.diag()",
    "{o} = {x}.tril()", "{o} = {x}.triu({k})",
    "{o} = {x}.movedim({d}, {D})", "{o} = {x}.swapaxes({d}, {D})", "{o} = {x}.view_as({y})",
    "{o} = {x}.reshape_as({y})", "{o} = {x}.unflatten({d}, ({k}, -1))", "{o} = T.cat([{x}, {y}], {d})",
    "{o} = T.stack([{x}, {x}], {d})",
    "{o} = T.cat([{x}, {x}])", "{o} = T.broadcast_to({x}, ({k}, {v}))", "{o} = T.vstack([{x}, {y}])",
    "{o} = {x}.broadcast_to(({v}))", "{o} = {x}.shape", "{o} = {x}.tolist()", "{o} = {x}.size({d})", "{o} = {x}.item()",
    "{o} = {x}.numel()", "{o} = F.pad({x}, ({k}, {k}))", "{o} = T.meshgrid({x}, {y}, indexing='ij')", "{o} = {x}.data",
    "{o} = {x}.detach()", "{o} = T.tensor_split({x}, {k}, {d})",
)  # fmt: skip
INDEX = (
    "{o} = {x}[{i}]", "{o} = {x}[{i}]", "{o} = {x}[{i}]", "{o} = {x}[{m}]", "{o} = {x}.gather({d}, {j})",
    "{o} = {x}.index_select({d}, {j1})", "{o} = {x}.take_along_dim({j}, {d})", "{o} = {x}.masked_select({m})",
    "{o} = {x}.scatter({d}, {j}, {n})", "{o} = {x}.scatter_add({d}, {j}, {x})", "{o} = {x}.index_add({d}, {j1}, {x})",
    "{o} = {x}[{i}][{k}]", "{o} = {x}[{i}].sum()",
)  # fmt: skip
CHANGE = (
    "{c} {op}= {y}", "{c} {op}= {n}", "{c} {op}= {n}", "{c} {bit}= {y}", "{c}.add_({y}, alpha={n})", "{c}.mul_({n})",
    "{c}.sub_({y})", "{c}.div_({n})", "{c}.zero_()", "{c}.fill_({n})", "{c}.copy_({y})", "{c}.{change}_()",
    "{c}.clamp_({n}, {n})", "{c}[{i}] = {n}", "{c}[{i}] = {n}", "{c}[{i}] = {y}", "{c}[{i}] {op}= {n}",
    "{c}[{i}] = {c}[{i}] * {n}", "{c}[{m}] = {n}", "{c}[{i}].mul_({n})", "{c}.masked_fill_({m}, {n})",
    "{c}.scatter_({d}, {j}, {n})", "{c}.index_add_({d}, {j1}, {x})", "{c}.t_()", "{c}.squeeze_()",
    "{c}.unsqueeze_({d})", "{c}.pow_({k})", "{c}.lerp_({y}, {r})", "{c}.addcmul_({y}, {y})", "{o} = {c}", "{o} = {c}",
    "{c}.detach_()", "{c}.data = {y}", "{c}.data.mul_({n})", "{c}.requires_grad_()", "{c}.requires_grad = False",
    "{w}.retain_grad()", "{c}.t().add_({n})", "{c}.view(-1).mul_({n})", "{c}.transpose_({d}, {D})",
    "{c}.sort({d})[0].mul_({n})", "{c}.fill_diagonal_({n})", "{o} = {c}.add_({n})", "{o} = {c}.detach().mul_({n})",
    "with T.no_grad(): {c}.mul_({n})", "with T.no_grad(): {c} {op}= {y}", "with T.no_grad(): {c}[{i}] = {n}",
    "{c}.grad = None", "{c}.grad.zero_()", "{c}.grad = T.ones_like({c})",
)  # fmt: skip
GRADIENT = (
    "{w}.sum().backward()", "({w} * {w}).sum().backward()", "{w}.mean().backward(retain_graph=True)",
    "{w}.backward(T.ones_like({w}))", "({w} * {y}).sum().backward(retain_graph=True)",
    "{o} = T.autograd.grad({w}.sum(), [{g}], allow_unused=True)[0]; {o} = {o} * 1",
    "{o} = T.autograd.grad(({w} * {w}).sum(), {g})[0].clone()",
    "{o} = T.autograd.grad({w}.sum(), {g}, create_graph=True)[0].clone()",
    "{o} = T.autograd.grad(({w} ** 3).sum(), {g}, create_graph=True)[0].clone()",
    "{o} = T.autograd.grad({w}, {g}, T.ones_like({w}), retain_graph=True)[0].clone()",
    "{w}.sum().backward(create_graph=True)", "{o} = {g}.grad.clone()", "{o} = {g}.grad is None", "{g}.grad = None",
    "{w}.register_hook(lambda g: g * 2)", "{o} = []; {w}.register_hook(lambda g, to={o}: to.append(g.clone()))",
    "{o} = {w}.register_hook(lambda g: g + 1); {o}.remove()", "{w}.retain_grad()", "with T.no_grad(): {o} = {w} * {n}",
    "{o} = {w}.detach()", "{o} = {w}.detach().requires_grad_()", "with T.no_grad(): {o} = {w}.{view}",
    "{o} = {w}.requires_grad", "{o} = {g}.is_leaf", "with T.enable_grad(): {o} = {w} * {n}",
    "{o} = [g * 1 for g in T.autograd.grad({w}.sum(), [{g}, {g}], materialize_grads=True, allow_unused=True)]",
    "({w} * {f}.detach()).sum().backward()", "with T.inference_mode(): {o} = {w}.sum().item()",
)  # fmt: skip
#: How often each of them is drawn.
WEIGHTS = {CREATE: 2, POINT: 4, BINARY: 4, REDUCE: 3, SHAPE: 4, INDEX: 3, CHANGE: 6, GRADIENT: 7}

WORDS = {
    "smooth": "exp sin cos tanh sigmoid square cosh sinh softplus erf expm1 log1p log sqrt rsqrt reciprocal log2 "
    "log10 tan neg",
    "rough": "abs sign floor ceil round trunc relu isnan isinf logical_not negative absolute",
    "active": "relu elu selu celu gelu silu mish softplus hardtanh relu6 leaky_relu hardswish hardsigmoid logsigmoid "
    "softsign tanhshrink normalize",
    "op": "+ - * / + - *",
    "rel": "< <= > >= == !=",
    "bit": "& | ^ << >>",
    "cast": "float double half long int bool",
    "change": "exp sin tanh sigmoid neg abs relu sqrt square floor round cumsum reciprocal log sign trunc nan_to_num",
    "view": "t() view(-1) [0] unsqueeze(0) detach() squeeze() reshape(-1) T",
    "t": " ".join((*FLOATS, *INTEGERS, "bool")),
}
CHOICES = {name: words.split() for name, words in WORDS.items()}


class Writer:
    """Writes a program line by line; `names` is what PyTorch made of it so far."""

    def __init__(self, seed: int) -> None:
        import torch

        self.draw = random.Random(seed)
        self.mixed = self.draw.random() < 0.5  # else in double precision, where rounding hides nothing
        self.torch = torch
        self.names = start(torch)
        self.lines: list[str] = []
        self.subject: Any = None

    def tensors(self) -> dict[str, Any]:
        kind = self.torch.Tensor
        return {name: x for name, x in self.names.items() if name[0] == "x" and isinstance(x, kind) and x.numel() < 65}

    def pick(self, wanted: Any = None) -> str:
        """A tensor that is as wanted if there is one; newer ones are drawn more often."""
        known = self.tensors()
        if not known:
            raise LookupError("no tensor")
        fitting = [name for name, x in known.items() if wanted is None or wanted(x)]
        if not fitting and self.draw.random() < 0.9:
            raise LookupError("none that fits")
        names = fitting or list(known)
        return names[max(self.draw.randrange(len(names)), self.draw.randrange(len(names)))]

    def number(self) -> str:
        return self.draw.choice(
            ("2", "3", "-1", "0.5", "-1.5", "1", "0", "True", "0.25", "2.0", "-2", "1.0", "5", "0.0")
        )

    def array(self) -> str:
        """Nested lists of numbers of one kind."""
        kind = self.draw.choice("fffffib")

        def entries(sizes: list[int]) -> str:
            if sizes:
                return f"[{', '.join(entries(sizes[1:]) for _ in range(sizes[0]))}]"
            if kind == "f":
                extreme = self.draw.random() < 0.01
                return (
                    self.draw.choice(("float('nan')", "float('inf')", "-0.0"))
                    if extreme
                    else f"{self.draw.randint(-8, 8) / 4}"
                )
            return str(self.draw.randint(-2, 4)) if kind == "i" else str(self.draw.random() < 0.5)

        return entries([int(size) for size in self.draw.choice(SHAPES).split(", ") if size])

    def index(self, x: Any) -> str:
        """An index into a tensor: numbers, slices, lists, None, ..., masks and tensors."""
        rows = []
        for size in x.shape[: self.draw.randint(1, max(1, x.ndim))]:
            high = max(size, 1)
            some = [self.draw.randrange(-high, high) for _ in range(self.draw.randint(1, 3))]
            rows.append(
                self.draw.choice(
                    (
                        str(some[0]), str(some[0]), ":", "1:", ":-1", "::2", f"{some[0]}:", str(some), "None",
                        f"T.tensor({some})", f"T.tensor({some[0]})",
                        f"{[self.draw.random() < 0.5 for _ in range(size)]}", "...", f"[{some}, {some}]", "True",
                    )
                )
            )  # fmt: skip
        return ", ".join(rows) or self.draw.choice(("...", "None", "()", "True"))

    def filled(self, hole: str) -> str:
        draw, x = self.draw, self.subject
        if hole == "o":
            return f"x{len(self.lines)}"
        if hole == "data":
            return self.array()
        if hole == "ft":
            return draw.choice(FLOATS) if self.mixed else "float64"
        if hole in CHOICES:
            return draw.choice(CHOICES[hole])
        if hole in "nr":
            return self.number() if hole == "n" else draw.choice(("0.5", "-1.5", "0.25", "2.0", "1.5"))
        if hole == "k":
            return str(draw.choice((0, 1, 1, 2, 2, 3)))
        if hole == "s":
            return draw.choice(SHAPES[:-2])
        if hole in "xfelcwg":
            wanted = {
                "x": None,
                "f": lambda x: x.is_floating_point(),
                "e": self.coarse,
                "l": lambda x: not x.is_floating_point(),
                "c": None,
                "w": lambda x: self.recorded(x) and (not x.is_leaf or draw.random() < 0.1),
                "g": self.recorded,
            }[hole]
            name = self.pick(wanted)
            self.subject = self.names[name]
            return name
        if hole == "y":
            return self.pick(lambda y: self.broadcasts(x, y)) if draw.random() < 0.85 else self.pick()
        return self.of_subject(hole)

    def of_subject(self, hole: str) -> str:
        """What fits the tensor that was named last."""
        draw, x = self.draw, self.subject
        if hole in "dD":
            return str(draw.randrange(-max(x.ndim, 1), max(x.ndim, 1)))
        if hole == "p":
            return ", ".join(map(str, draw.sample(range(x.ndim), x.ndim))) or "()"
        if hole == "v":
            sizes = list(x.shape)
            choices = [sizes, [-1], [x.numel()], sizes[::-1], [1, *sizes], [*sizes, 1], [*sizes[:-1], -1]]
            return ", ".join(map(str, draw.choice(choices))) or "()"
        if hole == "i":
            return self.index(x)
        if hole == "m":
            if draw.random() < 0.6:
                return f"{self.pick(lambda y: self.coarse(y) and self.broadcasts(x, y))} > {self.number()}"
            return self.pick(lambda y: y.dtype == self.torch.bool and y.shape == x.shape)
        size = max(x.shape[draw.randrange(x.ndim)] if x.ndim else 1, 1)
        if hole == "j1":
            return f"T.tensor({[draw.randrange(size) for _ in range(size)]}, dtype=T.int64)"
        assert hole == "j", hole
        shape = tuple(x.shape)
        low = max(min(shape, default=1), 1)
        return f"T.tensor({[draw.randrange(low) for _ in range(x.numel())]}, dtype=T.int64).reshape({shape})"

    def coarse(self, x: Any) -> bool:
        """Whether the numbers lie on a grid, so that rounding errors decide nothing."""
        if not x.is_floating_point():
            return True
        x = x.detach().double() * 64
        return bool((self.torch.isfinite(x) & (x == x.round()) & (x.abs() < 1e5)).all())

    @staticmethod
    def recorded(x: Any) -> bool:
        """Whether there is a way back; of a view made in no_grad PyTorch only says so, and its hooks crash."""
        return bool(x.requires_grad) and (x.grad_fn is not None or not x._is_view())

    @staticmethod
    def broadcasts(x: Any, y: Any) -> bool:
        pairs = zip(x.shape[::-1], y.shape[::-1], strict=False)
        return y.ndim <= max(x.ndim, 1) and all(b in (1, a) for a, b in pairs)

    def write(self) -> None:
        """Another line; one that PyTorch refuses is kept only sometimes."""
        (group,) = self.draw.choices(list(WEIGHTS), list(WEIGHTS.values()))
        try:
            self.subject = None
            line = re.sub(r"\{(\w+)\}", lambda hole: self.filled(hole[1]), self.draw.choice(group))
            if not self.sensible(line) or (group is CHANGE and self.overlapping(line)):
                return
        except (LookupError, AttributeError, RuntimeError, ValueError):  # nothing fits, or PyTorch lost its way
            return
        try:
            exec(compile(line, "<program>", "exec"), self.names)
        except Exception:
            if self.draw.random() > 0.1:
                return
        self.lines.append(line)
        self.unpack()

    def unpack(self) -> None:
        """Names the first tensors of what a line gave in one."""
        name = f"x{len(self.lines) - 1}"
        value = self.names.get(name)
        if isinstance(value, tuple) and value and isinstance(value[0], self.torch.Tensor):
            line = f"x{len(self.lines)} = {name}[{self.draw.randrange(len(value))}]"
            exec(line, self.names)
            self.lines.append(line)

    def overlapping(self, line: str) -> bool:
        """Whether a tensor is changed by another one in the same memory: what is read then is nobody's promise."""
        known = [
            self.names[name].detach().numpy()
            for name in dict.fromkeys(re.findall(r"\bx\d+", line))
            if name in self.names
        ]
        return any(np.shares_memory(known[0], each) for each in known[1:])

    def sensible(self, line: str) -> bool:
        """Whether a result is defined: not so of numbers that no integer is, nor the logarithm of a rounding error."""
        steep = re.search(r"(x\d+)\.(?:log|sqrt|rsqrt|reciprocal)|T\.(?:log|sqrt|rsqrt|reciprocal)\w*\((x\d+)", line)
        x = self.names.get(steep[1] or steep[2]) if steep else None
        if x is not None and not self.coarse(x) and bool((x.detach().abs() < 1e-2).any()):
            return False
        casts = re.search(r"(x\d+)(?:\.grad)?\.(to|type|type_as|long|int|short|bool|copy_|sum|cumsum)\(", line)
        known = casts and self.names.get(casts[1])
        if casts and (not hasattr(known, "is_floating_point") or not self.coarse(known)):
            return False
        return not re.search(r"(<<|>>)=? -", line)


def program(seed: int) -> list[str]:
    """The lines of a random program."""
    writer = Writer(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        length = writer.draw.randint(4, 14)
        for _ in range(60):
            if not writer.lines:
                writer.subject = None
                writer.lines.append(re.sub(r"\{(\w+)\}", lambda hole: writer.filled(hole[1]), CREATE[3]))
                exec(writer.lines[0], writer.names)
            if len(writer.lines) < length:
                writer.write()
    return writer.lines
