"""Programs that once came out otherwise than in PyTorch, as short as they get; each line stands for its own line."""

from __future__ import annotations

#: What was wrong, and the program.
FOUND: dict[str, str] = {
    "flattening a vector made another one": """
        x0 = T.ones(3, requires_grad=True)
        x1 = x0.flatten()
        """,
    "a count of entries that are not 0 had no history": """
        x0 = T.tensor([-2.0, 0.0, 1.0], requires_grad=True)
        x1 = x0.norm(0)
        x2 = x1.requires_grad
        """,
    "a view that was given other data was read from its old place": """
        x0 = T.ones(2, 3, requires_grad=True) * 2
        x1 = x0.squeeze()
        x0.addcmul_(x1, x1)
        x1.data = T.zeros(2, 3)
        x2 = x1 * 2
        """,
    "a gradient to start from kept its type": """
        x0 = T.ones(2, requires_grad=True)
        x1 = x0.double() * 2
        x2 = T.autograd.grad(x1, x1, T.ones(2), retain_graph=True)[0].clone()
        """,
    "a view was differentiated as it was before its memory changed": """
        x0 = T.tensor([1.0, 2.0], requires_grad=True)
        x1 = x0 * 1
        x2 = x1.view_as(x1)
        x1.sub_(x2)
        x2.backward(T.ones_like(x2))
        """,
    "and asked for as it was before": """
        x0 = T.tensor([1.0, 2.0], requires_grad=True)
        x1 = x0 * 3
        x2 = x1[:]
        x1.mul_(2)
        x3 = T.autograd.grad((x2 * 1).sum(), x2)[0].clone()
        """,
    "entries beyond the end": """
        x0 = T.ones(2, 1, 3)
        x1 = x0.narrow(0, 2, 1)
        """,
    "an axis of a single number moved": """
        x0 = T.tensor(2.0)
        x1 = x0.movedim(-1, -1)
        """,
    "scattering into a single number": """
        x0 = T.tensor(2.0, requires_grad=True)
        x1 = x0.scatter(0, T.tensor(0), 3.0)
        x2 = x0.scatter_add(-1, T.tensor(0), x0)
        x3 = x0.index_add(0, T.tensor([0]), x0)
        x4 = T.tensor(2.0).scatter_(0, T.tensor(0), 5.0)
        (x2 + x3).backward()
        """,
    "a weight without rows": """
        x0 = T.ones(2, 3, requires_grad=True)
        x1 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
        (F.linear(x0, x1) ** 2).sum().backward()
        """,
    "the type of nothing": """
        x0 = T.cat([T.tensor([1, 2]), T.tensor([])])
        x1 = T.cat([T.zeros(0, dtype=T.float16), T.zeros(0, dtype=T.float64)])
        x2 = T.cat([T.tensor([], dtype=T.float64), T.ones(2, 3)], 1)
        """,
    "a line beyond infinity": """
        x0 = T.tensor([float('-inf'), 1.0])
        x1 = x0.lerp(T.tensor([2.0, float('inf')]), 0.5)
        x2 = x0.lerp(T.tensor([2.0, float('inf')]), -1.5)
        x3 = x0.lerp(T.tensor([2.0, 3.0]), 0.25)
        """,
    "rounding large halves": """
        x0 = T.tensor([46656.0, 0.16], dtype=T.float16).round(decimals=1)
        """,
    "types of products that are added": """
        x0 = T.ones(2, dtype=T.float16).addcmul(T.tensor(3), T.tensor([True, False]), value=0.5)
        x1 = T.ones(2, dtype=T.float16).addcmul(T.tensor([255], dtype=T.uint8), T.tensor([255], dtype=T.uint8))
        x2 = T.ones(2).addcmul(T.tensor(2.0, dtype=T.float64), T.tensor([True, False]))
        x3 = T.add(T.tensor([True]), T.tensor([True]), alpha=-1)
        x4 = T.add(T.ones(2, dtype=T.int32), T.tensor([True]), alpha=3)
        x5 = T.ones(2, dtype=T.float16).sub(T.tensor([3]), alpha=0.5)
        """,
    "whether some byte is not 0": """
        x0 = T.tensor([[0, 2], [0, 0]], dtype=T.uint8)
        x1, x2, x3 = x0.any(0), x0.all(), x0.any(1, keepdim=True)
        """,
    "an angle between repeated vectors": """
        x0 = F.cosine_similarity(T.tensor([[[1.0, 2.0], [3.0, 4.0]]]), T.tensor([[[1.0, 3.0]], [[5.0, 2.0]]]), dim=-2)
        """,
    "integers from real ends": """
        x0 = T.arange(-0.9, 2.1, 2.0, dtype=T.int64)
        x1 = T.linspace(4.3, 0, 7, dtype=T.int64)
        x2 = T.logspace(0, 1.2, 2, dtype=T.int64)
        x3 = T.bincount(T.tensor([0, 1, 1]), weights=T.tensor([5, 7, 6]))
        """,
    "places from the end": """
        x0 = T.take_along_dim(T.tensor([[1.0, 2.0, 3.0]]), T.tensor([[-1, 0]]), 1)
        """,
    "a whole bound beside a real one": """
        x0 = T.clamp(T.tensor([0, 5], dtype=T.uint8), 2.0, -1)
        x1 = T.clamp(T.tensor([0, 5], dtype=T.uint8), -1, 2.5)
        x2 = T.clamp(T.tensor([0, 5], dtype=T.uint8), -1, 3)
        """,
    "a view that no way leads back from": """
        x0 = T.ones(2, 3, requires_grad=True)
        with T.no_grad(): x1 = x0.view(-1)
        x2 = x1 * 2
        x3 = T.ones(3)
        x4 = x3.view(-1)
        x3.requires_grad_()
        x5 = T.zeros(1, dtype=T.int64)
        x5[True] = T.tensor(2.0, requires_grad=True)
        """,
    "what is constant in pieces": """
        x0 = T.ones(2, requires_grad=True)
        x1 = T.autograd.grad(x0.clamp(min=2).sum(), x0, create_graph=True)[0].clone()
        """,
    "what is constant in pieces, and asked for a gradient": """
        x0 = T.ones(2, requires_grad=True)
        x1 = x0 * 2
        x2 = T.autograd.grad(x0.clamp(max=x1).sum(), x1, create_graph=True)[0].clone()
        x2.requires_grad_()
        """,
    "gradients that values retain": """
        x0 = T.tensor([1.0, 2.0], requires_grad=True)
        x1 = x0 * 2
        x1.retain_grad()
        x2 = T.autograd.grad((x1 * x1).sum(), x1, retain_graph=True)[0].clone()
        x3 = T.autograd.grad((x1 * x1).sum(), x0, create_graph=True)[0].clone()
        (x1 * x1).sum().backward(inputs=[x1])
        x4 = x1.grad.requires_grad
        """,
    "what Adagrad keeps before its first step": """
        x0 = T.ones(2, requires_grad=True)
        o = T.optim.Adagrad([x0], initial_accumulator_value=0.5)
        """,
    "a rounded quotient that is infinite": """
        x0 = T.tensor([4.0, -1.0], requires_grad=True)
        (T.div(x0, 0, rounding_mode='trunc') ** -1.5).sum().backward()
        """,
    "numbers shifted by tensors, and what is subtracted in two spellings": """
        x0 = 1 << T.tensor([1, 2])
        x1 = 9 >> T.tensor([1, 2])
        x2 = T.tensor([1.0, 2.0]).sub(2, T.tensor([1.0, 3.0]))
        x3 = T.tensor([1.0, 2.0]).sub_(2, T.tensor(1.0))
        x4 = T.tensor([1.0, 2.0]).sub(2, T.tensor(1.0), 3)
        """,
    "random numbers that there are not": """
        x0 = T.zeros(2).uniform_(2, 1)
        x1 = T.zeros(2).uniform_(0, 1e39)
        x2 = T.zeros(2).normal_(0, float('nan'))
        x3 = T.zeros(2).bernoulli_(2)
        x4 = T.zeros(2).bernoulli_(T.tensor([0.5, float('nan')]))
        x5 = T.zeros(2, dtype=T.int64).uniform_()
        x6 = T.zeros(2, dtype=T.int64).normal_()
        x7 = T.zeros(2, dtype=T.int64).bernoulli_(1.0)
        x8 = T.zeros(10**13)
        x9 = T.arange(10**400)
        """,
    "an empty view": """
        x0 = T.ones(0, 3, requires_grad=True) * 2
        x1 = x0.squeeze()
        x1.detach_()
        """,
    "gradients among integers": """
        x0 = T.tensor([1.5, 2.0], requires_grad=True)
        x1 = x0.sum(dtype=T.int64)
        x2 = x0.cumsum(0, dtype=T.int64)
        x3 = x0.prod(dtype=T.int32)
        with T.no_grad(): x4 = x0.sum(dtype=T.int64)
        """,
    "what lies beside an axis": """
        x0 = data(2, 3, 4).requires_grad_()
        x1 = F.pad(x0, (3, 1), mode='reflect')
        x2 = F.pad(x0, (5, -1, 0, 2), mode='replicate')
        x3 = F.pad(x0, (-1, 2), mode='circular')
        x4 = F.pad(x0, (4, 0), mode='reflect')
        (x1.sum() + (x2 * x2).sum() + (x3 * x3).sum()).backward()
        """,
    "a view of a view was written to, past the one between": """
        x0 = T.ones(2, 3, requires_grad=True)
        x1 = x0 * 2
        x2 = x1.view(3, 2)
        x2.retain_grad()
        x3 = []; x2.register_hook(lambda g, to=x3: to.append(g.clone()))
        x4 = x2.t()[0]
        x4.mul_(3)
        (x4 * x4).sum().backward()
        """,
    "where the axis of a truth value goes": """
        x0 = T.tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
        x1 = x0[-2, ::2, True]
        x2 = x0[0, True]
        x3 = x0[True, :, 0]
        """,
    "a derivative of the derivative of an angle that is none": """
        x0 = T.zeros(2, requires_grad=True)
        x1 = x0 * 1
        x2 = x1.atan2(x1)
        x3 = T.autograd.grad((x2 ** 3).sum(), x1, create_graph=True)[0].clone()
        x4 = T.autograd.grad(x3, x2, T.ones(2), retain_graph=True)[0].clone()
        """,
    "a quotient that is added to nothing": """
        x0 = T.zeros(1, requires_grad=True)
        x1 = x0[1:].addcdiv(T.ones(1), x0)
        x1.sum().backward()
        """,
    "a product that is added to nothing": """
        x0 = T.tensor([], requires_grad=True)
        x1 = x0.var()
        x2 = x0.addcmul(x1, x1, value=2)
        x3 = T.autograd.grad((x2 * x2).sum(), x1)[0].clone()
        """,
    "what was written into a view of a single number's softmax came past it": """
        x0 = T.tensor(0.25, requires_grad=True)
        x1 = x0.softmax(0)
        x2 = x1.movedim(0, 0)
        x2.scatter_(-1, T.tensor(0), 1.0)
        x3 = T.autograd.grad((x1 * x2).sum(), x1)[0].clone()
        """,
    "and of what an index was added to": """
        x0 = T.tensor(1.25, requires_grad=True)
        x1 = x0.index_add(-1, T.tensor([0]), x0)
        x2 = x1.view_as(x1)
        x1.retain_grad()
        x1.zero_()
        (x2 * x2.detach()).sum().backward()
        """,
    "a view of a single number that was given other data was written to there": """
        x0 = T.tensor(-0.75, requires_grad=True)
        x1 = x0.mean()
        x2 = x1[()]
        x1.data = x0
        x2[None] = -1
        """,
}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]
