"""Optimisers of first order: rules that move a parameter by its gradient and by what they remember of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Unpack

import numpy as np

from .optimizer import Array, Group, Implementation, Optimizer, State, options
from .together import ENTRYWISE

__all__ = ["ASGD", "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop"]


def decayed(optimizer: Optimizer, p: Array, g: Array, group: Group) -> Array:
    """The gradient with weight_decay * p added to it; decoupled, the decay shrinks p itself. Uses spare arrays 0, 2."""
    decay = group["weight_decay"]
    if not decay:
        return g
    if group.get("decoupled_weight_decay"):
        p *= 1 - group["lr"] * decay
        return g
    return np.add(g, np.multiply(p, decay, out=optimizer.spare(p)), out=optimizer.spare(p, 2))


def average(m: Array, x: Array, beta: float, scratch: Array) -> None:
    """m <- beta * m + (1 - beta) * x, by way of ``scratch``, which may be x."""
    m *= beta
    m += np.multiply(x, 1 - beta, out=scratch)


def begun(state: State, p: Array, *names: str) -> int:
    """The number of the step, from 1 on; before the first one the arrays of these names are zeros."""
    if not state:
        state.update(step=0, **{name: np.zeros_like(p) for name in names})
    state["step"] = number = state["step"] + 1
    return int(number)


def moments(
    optimizer: Optimizer, p: Array, g: Array, state: State, group: Group, *more: str
) -> tuple[Array, int, Array, Array]:
    """The decayed gradient g, the number of the step, and what Adam and its like remember, and ``more``, after it:

    m <- b1 * m + (1 - b1) * g          v <- b2 * v + (1 - b2) * g^2
    """
    t, scratch = begun(state, p, "exp_avg", "exp_avg_sq", *more), optimizer.spare(p)
    g, m, v, (b1, b2) = decayed(optimizer, p, g, group), state["exp_avg"], state["exp_avg_sq"], group["betas"]
    average(m, g, b1, scratch)
    average(v, np.multiply(g, g, out=scratch), b2, scratch)
    return g, t, m, v


def root(v: Array, eps: float, out: Array, share: float = 1.0) -> None:
    """out <- sqrt(v / share) + eps."""
    np.sqrt(v, out=out)
    if share != 1:
        out *= 1 / math.sqrt(share)
    out += eps


class SGD(Optimizer):
    """Stochastic gradient descent: p <- p - lr * g, or with momentum

        v <- momentum * v + (1 - dampening) * g          p <- p - lr * v

    v starts as g itself. ``nesterov`` steps along g + momentum * v (Sutskever et al. 2013); ``weight_decay`` adds
    weight_decay * p to g; ``maximize`` climbs instead.

    >>> w = tg.tensor(1.0, requires_grad=True)
    >>> (w**2).backward()
    >>> tg.optim.SGD([w], lr=0.1).step()
    >>> w
    tensor(0.8000, requires_grad=True)
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, momentum: float = 0, dampening: float = 0,
        weight_decay: float = 0, nesterov: bool = False, *, maximize: bool = False, **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def check(self, group: Group) -> None:
        super().check(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("nesterov=True needs a momentum above 0 and dampening=0.")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        g, step = decayed(self, p, g, group), self.spare(p)
        if momentum := group["momentum"]:
            v = state.get("momentum_buffer")
            if v is None:
                v = state["momentum_buffer"] = g.copy()
            else:
                v *= momentum
                v += np.multiply(g, 1 - group["dampening"], out=step)
            g = np.add(g, np.multiply(v, momentum, out=step), out=step) if group["nesterov"] else v
        p -= np.multiply(g, group["lr"], out=step)


class Adam(Optimizer):
    """Adam (Kingma & Ba 2015).

        m <- b1 * m + (1 - b1) * g          v <- b2 * v + (1 - b2) * g^2
        p <- p - lr * m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)

    ``weight_decay`` adds weight_decay * p to g, or with ``decoupled_weight_decay`` shrinks p directly as AdamW does.
    ``amsgrad`` uses the largest v so far (Reddi et al. 2018).

    >>> w = tg.tensor(1.0, requires_grad=True)
    >>> (w**2).backward()
    >>> tg.optim.Adam([w], lr=0.1).step()
    >>> w
    tensor(0.9000, requires_grad=True)
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, amsgrad: bool = False, *, maximize: bool = False, decoupled_weight_decay: bool = False,
        **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        (b1, b2), step, size = group["betas"], self.spare(p), self.spare(p, 1)
        _, t, m, v = moments(self, p, g, state, group, *["max_exp_avg_sq"] * group["amsgrad"])
        if group["amsgrad"]:
            v = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        root(v, group["eps"], size, 1 - b2**t)
        np.divide(m, size, out=step)
        step *= group["lr"] / (1 - b1**t)
        p -= step


class AdamW(Adam):
    """Adam with the weight decay apart from the gradient: first p <- (1 - lr * weight_decay) * p.

    Source: Loshchilov & Hutter 2019.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 1e-2, amsgrad: bool = False, *, maximize: bool = False, **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, **options(locals()), decoupled_weight_decay=True)


class NAdam(Optimizer):
    """NAdam (Dozat 2016): Adam that looks ahead as Nesterov's momentum does, with one that grows from b1 / 2 to b1.

        mu(t) = b1 * (1 - 0.96^(t * momentum_decay) / 2)          M(t) = mu(1) * ... * mu(t)
        m <- b1 * m + (1 - b1) * g          v <- b2 * v + (1 - b2) * g^2
        p <- p - lr * ((1 - mu(t)) / (1 - M(t)) * g + mu(t + 1) / (1 - M(t + 1)) * m) / (sqrt(v / (1 - b2^t)) + eps)

    ``weight_decay`` adds weight_decay * p to g, or with ``decoupled_weight_decay`` shrinks p directly.
    """

    numbers: ClassVar[Mapping[str, type]] = {"step": int, "mu_product": float}

    def __init__(
        self, params: Iterable[Any], lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, momentum_decay: float = 4e-3, decoupled_weight_decay: bool = False, *,
        maximize: bool = False, **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        (b1, b2), lr, step, size = group["betas"], group["lr"], self.spare(p), self.spare(p, 1)
        g, t, m, v = moments(self, p, g, state, group)
        mu, mu_next = (b1 * (1 - 0.5 * 0.96 ** (s * group["momentum_decay"])) for s in (t, t + 1))
        state["mu_product"] = product = state.get("mu_product", 1.0) * mu
        root(v, group["eps"], size, 1 - b2**t)
        for along, length in ((g, lr * (1 - mu) / (1 - product)), (m, lr * mu_next / (1 - product * mu_next))):
            np.divide(along, size, out=step)
            step *= length
            p -= step


class RAdam(Optimizer):
    """RAdam (Liu et al. 2020): Adam that does not scale its steps before v is known well enough, and then by r.

        m <- b1 * m + (1 - b1) * g          v <- b2 * v + (1 - b2) * g^2
        rho = 2 / (1 - b2) - 1          rho(t) = rho - 2 * t * b2^t / (1 - b2^t)
        r = sqrt((rho(t) - 4) * (rho(t) - 2) * rho / ((rho - 4) * (rho - 2) * rho(t)))
        p <- p - lr * m / (1 - b1^t) * r * sqrt(1 - b2^t) / (sqrt(v) + eps), while rho(t) <= 5: p - lr * m / (1 - b1^t)

    ``weight_decay`` adds weight_decay * p to g, or with ``decoupled_weight_decay`` shrinks p directly.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, decoupled_weight_decay: bool = False, *, maximize: bool = False,
        **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        (b1, b2), step, size = group["betas"], self.spare(p), self.spare(p, 1)
        _, t, m, v = moments(self, p, g, state, group)
        np.multiply(m, group["lr"] / (1 - b1**t), out=step)
        rho = 2 / (1 - b2) - 1
        rho_t = rho - 2 * t * b2**t / (1 - b2**t)
        if rho_t > 5:
            r = math.sqrt((rho_t - 4) * (rho_t - 2) * rho / ((rho - 4) * (rho - 2) * rho_t))
            root(v, group["eps"], size)
            step /= size
            step *= r * math.sqrt(1 - b2**t)
        p -= step


class Adamax(Optimizer):
    """Adamax (Kingma & Ba 2015, section 7.1): Adam with the largest recent gradient for the root of the mean square.

        m <- b1 * m + (1 - b1) * g          u <- max(b2 * u, |g| + eps)          p <- p - lr / (1 - b1^t) * m / u

    m is a running mean of the gradient, t the number of the step.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, *, maximize: bool = False, **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        t = begun(state, p, "exp_avg", "exp_inf")
        m, u, (b1, b2) = state["exp_avg"], state["exp_inf"], group["betas"]
        g, step = decayed(self, p, g, group), self.spare(p)
        average(m, g, b1, step)
        np.abs(g, out=step)
        step += group["eps"]
        u *= b2
        np.maximum(u, step, out=u)
        np.divide(m, u, out=step)
        step *= group["lr"] / (1 - b1**t)
        p -= step


class RMSprop(Optimizer):
    """RMSprop (Hinton, Coursera lecture 6e, 2012): steps scaled by a running mean of the squared gradient.

        v <- alpha * v + (1 - alpha) * g^2          p <- p - lr * g / (sqrt(v) + eps)

    ``centered`` subtracts the square of the running mean of g from v (Graves 2013); with ``momentum`` the scaled
    gradients are summed up: u <- momentum * u + g / (sqrt(v) + eps), p <- p - lr * u.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0,
        momentum: float = 0, centered: bool = False, *, maximize: bool = False, **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        asked = {"momentum_buffer": group["momentum"], "grad_avg": group["centered"]}
        begun(state, p, "square_avg", *(name for name in asked if asked[name]))
        v, alpha = state["square_avg"], group["alpha"]
        g, step, size = decayed(self, p, g, group), self.spare(p), self.spare(p, 1)
        average(v, np.multiply(g, g, out=step), alpha, step)
        if group["centered"]:
            mean = state["grad_avg"]
            average(mean, g, alpha, step)
            v = np.subtract(v, np.multiply(mean, mean, out=step), out=size)
        root(v, group["eps"], size)
        np.divide(g, size, out=step)
        if group["momentum"]:
            u = state["momentum_buffer"]
            u *= group["momentum"]
            u += step
            step = np.multiply(u, group["lr"], out=step)
        else:
            step *= group["lr"]
        p -= step


class Adagrad(Optimizer):
    """Adagrad (Duchi, Hazan & Singer 2011): steps scaled by the sum of all squared gradients so far.

        v <- v + g^2          p <- p - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(v) + eps)

    v is that sum, t the number of the step.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-2, lr_decay: float = 0, weight_decay: float = 0,
        initial_accumulator_value: float = 0, eps: float = 1e-10, *, maximize: bool = False,
        **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))
        for group in self.param_groups:  # as in PyTorch, what it keeps is there before the first step
            for p in group["params"]:
                self.state[p].update(step=0, sum=np.full_like(p.array, group["initial_accumulator_value"]))

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        if not state:  # of a parameter that was added later
            state.update(step=0, sum=np.full_like(p, group["initial_accumulator_value"]))
        t, v = begun(state, p), state["sum"]
        g, step, size = decayed(self, p, g, group), self.spare(p), self.spare(p, 1)
        v += np.multiply(g, g, out=step)
        root(v, group["eps"], size)
        np.divide(g, size, out=step)
        step *= group["lr"] / (1 + (t - 1) * group["lr_decay"])
        p -= step


class Adadelta(Optimizer):
    """Adadelta (Zeiler 2012): steps in the units of the parameters, without a learning rate to choose.

        v <- rho * v + (1 - rho) * g^2          d = sqrt(u + eps) / sqrt(v + eps) * g
        u <- rho * u + (1 - rho) * d^2          p <- p - lr * d

    v and u are running means of the squares of gradients and of steps.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0, *,
        maximize: bool = False, **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def check(self, group: Group) -> None:
        super().check(group)
        if not 0 <= group["rho"] <= 1:
            raise ValueError(f"rho is a number from 0 to 1; {group['rho']!r} was given.")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        begun(state, p, "square_avg", "acc_delta")
        v, u, rho, eps = state["square_avg"], state["acc_delta"], group["rho"], group["eps"]
        g, step, size = decayed(self, p, g, group), self.spare(p), self.spare(p, 1)
        average(v, np.multiply(g, g, out=step), rho, step)
        np.sqrt(np.add(v, eps, out=size), out=size)
        np.sqrt(np.add(u, eps, out=step), out=step)
        step /= size
        step *= g
        average(u, np.multiply(step, step, out=size), rho, size)
        step *= group["lr"]
        p -= step


ENTRYWISE.update(kind.update for kind in (SGD, Adam, NAdam, RAdam, Adamax, RMSprop, Adagrad, Adadelta))


class Rprop(Optimizer):
    """Resilient backpropagation (Riedmiller & Braun 1993): the sign of the gradient alone says where to go.

        g g' > 0:  h <- min(h * eta_plus, largest)
        g g' < 0:  h <- max(h * eta_minus, smallest), g <- 0
        p <- p - h * sign(g)

    g' is the gradient before, h a step of its own for every entry, which starts at ``lr``.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-2, etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50), *, maximize: bool = False, **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def check(self, group: Group) -> None:
        super().check(group)
        (less, more), (smallest, largest) = group["etas"], group["step_sizes"]
        if not 0 < less < 1 < more or smallest > largest:
            raise ValueError(f"Rprop needs 0 < etas[0] < 1 < etas[1] and step_sizes that rise, got {group['etas']}")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        if not state:
            state.update(step=0, prev=np.zeros_like(p), step_size=np.full_like(p, group["lr"]))
        state["step"] += 1
        (less, more), size = group["etas"], state["step_size"]
        turn = np.sign(g * state["prev"])
        size *= np.where(turn > 0, more, np.where(turn < 0, less, 1)).astype(p.dtype)
        np.clip(size, *group["step_sizes"], out=size)
        state["prev"][...] = kept = np.where(turn < 0, 0, g)
        p -= np.sign(kept) * size


class ASGD(Optimizer):
    """Averaged stochastic gradient descent (Polyak & Juditsky 1992).

        p <- (1 - lambd * eta) * p - eta * g          ax <- ax + mu * (p - ax)
        eta = lr / (1 + lambd * lr * t)^alpha         mu = 1 / max(1, t - t0)

    ax is the average of the parameter, t the number of the step.
    """

    numbers: ClassVar[Mapping[str, type]] = {"step": int, "eta": float, "mu": float}

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-2, lambd: float = 1e-4, alpha: float = 0.75, t0: float = 1e6,
        weight_decay: float = 0, *, maximize: bool = False, **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        lr, lambd = group["lr"], group["lambd"]
        if not state:
            state.update(step=0, eta=lr, mu=1.0, ax=np.zeros_like(p))
        state["step"] = t = state["step"] + 1
        g = decayed(self, p, g, group)
        p *= 1 - lambd * state["eta"]
        p -= state["eta"] * g
        state["ax"] += (p - state["ax"]) * state["mu"]
        state["eta"] = lr / (1 + lambd * lr * t) ** group["alpha"]
        state["mu"] = 1 / max(1, t - group["t0"])
