"""What the calls of `distributed` give, in every process: `mpiexec -n 3 python -m tests.distributed.calls`."""

from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import distributed, nn
from tinygrad_rnn.distributed import ReduceOp
from tinygrad_rnn.nn.parallel import DistributedDataParallel

distributed.init_process_group()
rank, size = distributed.get_rank(), distributed.get_world_size()
ranks = range(size)


def own(dtype: object = tg.float64) -> tg.Tensor:
    """Numbers of which each process has others: (rank + 1) (1, 2, 3)."""
    return tg.tensor([1, 2, 3], dtype=dtype) * (rank + 1)


for op, expected in {
    ReduceOp.SUM: sum(r + 1 for r in ranks),
    ReduceOp.AVG: (size + 1) / 2,
    ReduceOp.MIN: 1,
    ReduceOp.MAX: size,
}.items():
    x = own()
    assert distributed.all_reduce(x, op) is None and x.tolist() == [expected, 2 * expected, 3 * expected], op
x = tg.full((2,), 2)
distributed.all_reduce(x, ReduceOp.PRODUCT)
assert x.dtype == tg.int64 and x.tolist() == [2**size] * 2

x = own()
work = distributed.all_reduce(x, async_op=True)
assert work is not None and work.wait() and work.is_completed() and work.wait()
assert x[0].item() == size * (size + 1) / 2

matrix = tg.zeros(3, 3)
distributed.all_reduce(matrix.t()[0].add_(own(tg.float32)))  # a column: its entries do not lie side by side
assert matrix[:, 0].tolist() == [each * size * (size + 1) / 2 for each in (1, 2, 3)] and not matrix[:, 1:].any()

x = own()
distributed.broadcast(x, src=size - 1)
assert x.tolist() == [size, 2 * size, 3 * size]

found = [tg.zeros(3, dtype=tg.float64) for _ in ranks]
distributed.all_gather(found, own())
assert [each[0].item() for each in found] == [r + 1 for r in ranks]

numbers = [tg.zeros(()) for _ in ranks]  # single ones, which have no axis
distributed.all_gather(numbers, tg.tensor(float(rank)))
assert [each.item() for each in numbers] == list(ranks)

output = tg.zeros(2)
distributed.reduce_scatter(output, [tg.full((2,), float(10 * k + rank)) for k in ranks])
assert output.tolist() == [10 * rank * size + sum(ranks)] * 2
distributed.reduce_scatter(output, [tg.full((2,), float(10 * k + rank)) for k in ranks], ReduceOp.AVG)
assert output.tolist() == [10 * rank + sum(ranks) / size] * 2
distributed.barrier()

for wrong, error, message in (
    (lambda: distributed.all_reduce(tg.zeros(2).half()), TypeError, r"x\.float\(\)"),
    (lambda: distributed.all_reduce(tg.zeros(2, dtype=tg.int64), ReduceOp.AVG), TypeError, "int64"),
    (lambda: distributed.all_gather([tg.zeros(3)], tg.zeros(2)), ValueError, r"tensor_list holds .*\(3,\) float32"),
    (lambda: distributed.init_process_group(), RuntimeError, r"destroy_process_group\(\) first"),
    (lambda: DistributedDataParallel(nn.Linear(2, 2).requires_grad_(False)), ValueError, "nothing to average"),
):
    with pytest.raises(error, match=message):
        wrong()

# Of two parameters one is used by nobody and keeps its gradient, the other by the first process alone.
model = nn.ModuleList([nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)])
shared = DistributedDataParallel(model)
weights: list[Any] = [each.weight for each in model]
for weight in weights:
    weight.grad = tg.full((1, 1), 7.0)
(weights[0] * 2 + (weights[1] * 3 if rank == 0 else 0)).sum().backward()
assert [each.grad.item() for each in weights] == pytest.approx([9, 7 + 3 / size, 7])

# What was added up alone is averaged with the next, also where the next one does not use it.
for weight in weights:
    weight.grad = None
with shared.no_sync():
    ((weights[0] + weights[1]) * (rank + 1)).sum().backward()
assert weights[0].grad is not None and weights[0].grad.item() == rank + 1
(weights[0] * 10).sum().backward()
assert [each.grad.item() for each in weights[:2]] == pytest.approx([10 + (size + 1) / 2, (size + 1) / 2])
assert weights[2].grad is None

# Weighted by samples, one of them of nothing; the same for a loss that another model's parameters are in.
shared.samples = rank
other = tg.zeros(1, requires_grad=True)
weights[0].grad = None
if size > 1:
    (weights[0] * rank + other * rank).sum().backward()
    assert weights[0].grad is not None and other.grad is not None
    assert weights[0].grad.item() == pytest.approx(sum(r * r for r in ranks) / sum(ranks))
    assert other.grad.item() == rank
shared.samples = 0
with pytest.raises(ZeroDivisionError, match="in every process"):
    weights[0].sum().backward()
shared.samples = None
with pytest.raises(RuntimeError, match=r"autograd\.grad"):
    (weights[0] ** 2).sum().backward(create_graph=True)
loss = (weights[0] ** 2).sum()
(inner,) = tg.autograd.grad(loss, [weights[0]], create_graph=True)
weights[0].grad = None
(inner * (rank + 1)).sum().backward()  # d/dw of 2 w (rank + 1)
assert weights[0].grad is not None and weights[0].grad.item() == pytest.approx(size + 1)

# Everybody has the running means of the first process, and the parameters, whatever they began with.
tg.manual_seed(rank)
norm = DistributedDataParallel(nn.BatchNorm1d(2))
norm(tg.full((4, 2), float(rank)))
norm.eval()(tg.zeros(1, 2))
assert not norm.module.running_mean.any()
linear = DistributedDataParallel(nn.Linear(2, 2))
found = [tg.zeros(2, 2) for _ in ranks]
distributed.all_gather(found, linear.module.weight)
assert all((each == found[0]).all() for each in found)
assert list(linear.state_dict()) == ["module.weight", "module.bias"]
if size > 1:
    with pytest.raises(ValueError, match=f"^rank {size - 1} has another module than rank 0"):
        DistributedDataParallel(nn.Linear(2, 3 if rank == size - 1 else 2))

sampler = tg.utils.data.DistributedSampler(range(7), shuffle=False)
assert (sampler.rank, sampler.num_replicas) == (rank, size) and next(iter(sampler)) == rank

distributed.destroy_process_group()
assert not distributed.is_initialized()
with pytest.raises(ValueError, match=r"init_process_group\(\) first"):
    distributed.get_rank()
distributed.init_process_group("mpi")
x = tg.tensor(np.ones(2))
distributed.all_reduce(x)
assert x.tolist() == [size, size]
