"""All optimizers go down the same bent valley, with and without schedules; and one of our own does."""

import torch
from torch import optim
from torch.optim import lr_scheduler


def rosenbrock(xy):
    x, y = xy
    return (1 - x) ** 2 + 5 * (y - x**2) ** 2


def descend(make, steps=60, schedule=None):
    xy = torch.tensor([-0.8, 1.2], requires_grad=True)
    optimizer = make([xy])
    scheduler = schedule(optimizer) if schedule else None
    for _ in range(steps):

        def closure():
            optimizer.zero_grad()
            loss = rosenbrock(xy)
            loss.backward()
            return loss

        optimizer.step(closure)
        if scheduler:
            scheduler.step()
    return xy.detach(), optimizer.param_groups[0]["lr"]


optimizers = {
    "SGD": lambda p: optim.SGD(p, lr=0.02),
    "momentum": lambda p: optim.SGD(p, lr=0.01, momentum=0.9, dampening=0.1, weight_decay=1e-3),
    "Adam": lambda p: optim.Adam(p, lr=0.05),
    "AMSGrad": lambda p: optim.Adam(p, lr=0.05, amsgrad=True),
    "AdamW": lambda p: optim.AdamW(p, lr=0.05),
    "NAdam": lambda p: optim.NAdam(p, lr=0.05),
    "Adamax": lambda p: optim.Adamax(p, lr=0.05),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.02, centered=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.2),
    "Adadelta": lambda p: optim.Adadelta(p, lr=5.0),
    "LBFGS": lambda p: optim.LBFGS(p, lr=0.1, max_iter=1),
    "LBFGS with line search": lambda p: optim.LBFGS(p, max_iter=3, line_search_fn="strong_wolfe"),
}
for name, make in optimizers.items():
    xy, _ = descend(make)
    print(f"{name}: ({xy[0]:.6f}, {xy[1]:.6f}) {rosenbrock(xy).item():.8f}")

schedules = {
    "StepLR": lambda o: lr_scheduler.StepLR(o, 20),
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, [10, 40], gamma=0.5),
    "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10, 2),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 0.001, 0.03, step_size_up=8, mode="triangular2"),
    "warm-up": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.LinearLR(o, 0.1, total_iters=10), lr_scheduler.ExponentialLR(o, 0.95)], [10]
    ),
}
for name, schedule in schedules.items():
    xy, lr = descend(lambda p: optim.SGD(p, lr=0.02, momentum=0.5), schedule=schedule)
    print(f"{name}: ({xy[0]:.6f}, {xy[1]:.6f}) lr {lr:.8f}")


class Lion(optim.Optimizer):
    """The sign of a mix of two momentums (Chen et al. 2023), as one writes an optimizer oneself."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))  # noqa: C408

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                p.data.mul_(1 - group["lr"] * group["weight_decay"])
                state = self.state[p]
                if len(state) == 0:
                    state["exp_avg"] = torch.zeros_like(p)
                exp_avg = state["exp_avg"]
                beta1, beta2 = group["betas"]
                update = exp_avg * beta1 + p.grad * (1 - beta1)
                p.add_(update.sign(), alpha=-group["lr"])
                exp_avg.mul_(beta2).add_(p.grad, alpha=1 - beta2)
        return loss


xy, _ = descend(lambda p: Lion(p, lr=0.02), schedule=lambda o: lr_scheduler.ExponentialLR(o, 0.98))
print(f"Lion: ({xy[0]:.6f}, {xy[1]:.6f})")
