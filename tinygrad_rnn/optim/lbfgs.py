"""L-BFGS: Newton's method with the curvature guessed from the last steps, for losses without noise."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from ..engine.modes import enable_grad, no_grad
from ..surface.tensor import Tensor
from .linesearch import strong_wolfe
from .optimizer import Array, Optimizer, State, options


class LBFGS(Optimizer):
    """Limited-memory BFGS (Liu & Nocedal 1989): all parameters in one vector x, up to ``max_iter`` moves per step.

        x <- x + t * d          d = -H g, H the inverse Hessian as the last history_size moves show it

    t is ``lr`` (in the very first move at most lr / sum |g|), or what the line search finds if
    ``line_search_fn="strong_wolfe"``. A step ends early once the loss was computed ``max_eval`` times
    (default: max_iter * 5 // 4), no entry of the gradient exceeds ``tolerance_grad``, or a move or the change of the
    loss is below ``tolerance_change``. ``step`` needs a closure that clears the gradients, computes the loss, calls
    ``backward()`` and returns the loss.
    """

    numbers: ClassVar[Mapping[str, type]] = {"t": float, "H_diag": float, "prev_loss": float, "ro": float, "al": float}

    def __init__(
        self, params: Iterable[Any], lr: float = 1, max_iter: int = 20, max_eval: int | None = None,
        tolerance_grad: float = 1e-7, tolerance_change: float = 1e-9, history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:  # fmt: skip
        if line_search_fn not in (None, "strong_wolfe"):
            raise ValueError(f'line_search_fn is "strong_wolfe" or None; {line_search_fn!r} was given.')
        max_eval = max_iter * 5 // 4 if max_eval is None else max_eval
        super().__init__(params, options(locals()))

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        if self.param_groups:
            raise ValueError("LBFGS moves all parameters together: it has one group, with the same options for all.")
        super().add_param_group(param_group)

    @np.errstate(all="ignore")
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move up to ``max_iter`` times; gives the loss before the first move."""
        if closure is None:
            raise TypeError("LBFGS computes the loss several times in a step: call step(closure).")
        self.stepped = True
        with no_grad():
            return self._moves(closure)

    def _moves(self, closure: Callable[[], Any]) -> Any:
        group, params = self.param_groups[0], self.param_groups[0]["params"]
        smallest = group["tolerance_change"]
        state = self.state[params[0]]
        for key in ("func_evals", "n_iter"):
            state.setdefault(key, 0)
        first, g = self._evaluate(closure)
        loss, evaluations = float(first), 1
        state["func_evals"] += 1
        for left in reversed(range(group["max_iter"])):
            if np.abs(g).max() <= group["tolerance_grad"]:
                break
            state["n_iter"] += 1
            d = self._direction(g, state, group["history_size"])
            t = float(group["lr"]) * (min(1.0, 1.0 / np.abs(g).sum()) if state["n_iter"] == 1 else 1)
            state.update(prev_flat_grad=g, prev_loss=loss, d=d, t=float(t))
            slope = g @ d
            if slope > -smallest:
                break
            count = 0
            if group["line_search_fn"]:
                evaluate = functools.partial(self._try, closure, [p.array.copy() for p in params], d)
                allowed = group["max_eval"] - evaluations
                loss, g, t, count = strong_wolfe(evaluate, t, d, loss, g, slope, smallest, allowed)
                state["t"] = float(t)
                self._move(t, d)
            else:
                self._move(t, d)
                if left:  # the gradient after the last move is for the next step to compute
                    value, g = self._evaluate(closure)
                    loss, count = float(value), 1
            evaluations += count
            state["func_evals"] += count
            if evaluations >= group["max_eval"] or np.abs(d * t).max() <= smallest:
                break
            if abs(loss - state["prev_loss"]) < smallest:
                break
        return first

    def _direction(self, g: Array, state: State, history_size: int) -> Array:
        """-H g by the two loops of Nocedal 1980, after taking the last move into account."""
        ys, ss, rhos = (state.setdefault(key, []) for key in ("old_dirs", "old_stps", "ro"))
        if state.get("d") is not None:
            y, s = g - state["prev_flat_grad"], state["d"] * state["t"]
            curvature = y @ s
            if curvature > 1e-10:
                if len(ys) == history_size:
                    del ys[0], ss[0], rhos[0]
                ys.append(y)
                ss.append(s)
                rhos.append(float(1.0 / curvature))
                state["H_diag"] = float(curvature / (y @ y))
        q = -g
        alphas = []
        for y, s, rho in zip(reversed(ys), reversed(ss), reversed(rhos), strict=True):
            alphas.append(s @ q * rho)
            q = q - alphas[-1] * y
        r = q * state.setdefault("H_diag", 1.0)
        for y, s, rho, alpha in zip(ys, ss, rhos, reversed(alphas), strict=True):
            r = r + (alpha - y @ r * rho) * s
        return np.asarray(r)

    def _evaluate(self, closure: Callable[[], Any]) -> tuple[Any, Array]:
        """The loss, and all gradients as one vector: zeros where there is none."""
        with enable_grad():
            loss = closure()
        params = self.param_groups[0]["params"]
        return loss, np.concatenate(
            [np.zeros(p.array.size, p.array.dtype) if p.grad is None else p.grad.array.ravel() for p in params]
        )

    def _try(self, closure: Callable[[], Any], start: list[Array], d: Array, t: Any) -> tuple[float, Array]:
        """Loss and gradient at ``start`` + t d; the parameters are at ``start`` again afterwards."""
        self._move(t, d)
        loss, g = self._evaluate(closure)
        for p, array in zip(self.param_groups[0]["params"], start, strict=True):
            p.array[...] = array
            p.touch()
        return float(loss), g

    def _move(self, t: Any, d: Array) -> None:
        offset = 0
        for p in self.param_groups[0]["params"]:
            p.array += t * d[offset : offset + p.array.size].reshape(p.array.shape)
            p.touch()
            offset += p.array.size

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a ``state_dict()``, also one of PyTorch's, which has scratch of its own in it: ``al``."""
        super().load_state_dict(state_dict)
        for entries in self.state.values():
            entries.pop("al", None)

    def own(self, key: str, value: Any, p: Tensor) -> Any:
        if key in ("old_dirs", "old_stps", "ro", "al"):
            return [super(LBFGS, self).own(key, each, p) for each in value]
        return super().own(key, value, p)

    def _shape(self, p: Tensor, key: str) -> tuple[tuple[int, ...], str]:
        size = sum(each.array.size for each in self.param_groups[0]["params"])
        return (size,), f"the {size} numbers in the parameters"
