"""Data-parallel training: every process works on its part of a batch, and all take the same step."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import distributed
from ..engine import readers
from ..engine.graph import Node
from ..surface.tensor import Tensor, wrap
from .module import Module


class _Bucket:
    """Gradients that travel as one: their numbers, for each whether there was one, and what the process counts."""

    def __init__(self, leaves: Sequence[Tensor], weight: float) -> None:
        self.leaves, self.missing = leaves, set(range(len(leaves)))
        *self.parts, self.came, self.weight = np.split(
            numbers := np.zeros(sum(each.array.size for each in leaves) + len(leaves) + 1, leaves[0].array.dtype),
            np.cumsum([*(each.array.size for each in leaves), len(leaves)]),
        )
        self.weight[:], self.numbers = weight, wrap(numbers)

    def put(self, k: int, gradient: Any) -> None:
        """The gradient of the ``k``-th leaf has come, once."""
        self.missing.remove(k)
        np.multiply(gradient, self.weight, out=self.parts[k].reshape(gradient.shape))
        self.came[k] = 1

    def send(self) -> Any:
        """Let it go; it comes back added up."""
        self.work: Any = distributed.all_reduce(self.numbers, async_op=True)
        return self.work

    def means(self) -> Iterator[tuple[Tensor, Any]]:
        """The leaves of which any process had a gradient, and its mean."""
        self.work.wait()
        if not self.weight:
            raise ZeroDivisionError("samples is 0 in every process: leave out a batch in which there is nothing")
        for leaf, part, came in zip(self.leaves, self.parts, self.came, strict=True):
            if came:
                part /= self.weight
                yield leaf, part.reshape(leaf.array.shape)


class DistributedDataParallel(Module):
    """``module``, whose gradients ``backward()`` averages over all processes before they are added to ``.grad``.

    g = sum_r n_r g_r / sum_r n_r, where g_r is the gradient that rank r finds. The n_r are equal, as in PyTorch, which
    is right if the loss of each rank is a mean over equally many samples. If not, say over how many, ``model.samples =
    len(x)``; 0 where a rank computes on something because nothing was left for it.

    Gradients travel in buckets, while the backward pass still runs: a bucket leaves when the last of its gradients is
    complete. Parameters start as those of rank 0; one that was used in no process keeps its ``.grad``. With
    ``forward_backward`` of `compile` it is the same, but that all gradients are complete at once.

    Args:
        module: the same in all processes; it may also be called by itself, without its buffers being sent.
        broadcast_buffers: give all processes the buffers of rank 0, such as running means, before each forward pass.
        init_sync: check that all have the same module, and give them the parameters and buffers of rank 0.
        bucket_cap_mb: how large a bucket may become.
        find_unused_parameters: changes nothing; they are always found.

    Raises:
        ValueError: if ``init_process_group`` was not called, no parameter requires a gradient, or the modules differ.

    Source: Li et al., "PyTorch Distributed: Experiences on Accelerating Data Parallel Training", VLDB 2020.
    """

    def __init__(
        self, module: Module, *, broadcast_buffers: bool = True, init_sync: bool = True, bucket_cap_mb: float = 1.0,
        find_unused_parameters: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.leaves: Sequence[Tensor] = [each for each in module.parameters() if each.requires_grad]
        if not self.leaves:
            raise ValueError("no parameter of the module requires a gradient, so there is nothing to average")
        if init_sync:
            _check_equal(module)
            _broadcast([*module.parameters(), *module.buffers()])
        self.module, self.broadcast_buffers, self.bucket_cap_mb = module, broadcast_buffers, bucket_cap_mb
        self.samples: float | None = None
        self.require_backward_grad_sync = True
        self._apart = False  # whether .grad holds what other processes do not know
        readers.add(self)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module gives."""
        if self.broadcast_buffers and self.require_backward_grad_sync:
            _broadcast(self.module.buffers())
        return self.module(*args, **kwargs)

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """Backward passes inside add to ``.grad`` of this process; the first one outside averages what there is."""
        before, self.require_backward_grad_sync = self.require_backward_grad_sync, False
        try:
            yield
        finally:
            self.require_backward_grad_sync = before

    def read(self, stream: readers.Stream) -> readers.Stream:
        """The gradients of a backward pass on their way to ``.grad``."""
        if not self.require_backward_grad_sync:
            self._apart = True
            yield from stream
            return
        buckets, work = self._buckets(), None
        left, ours = list(buckets), {id(leaf): (each, k) for each in buckets for k, leaf in enumerate(each.leaves)}
        came = False
        for node, g, shares in stream:
            if id(node) not in ours:
                yield node, g, shares
                if work is not None:
                    work.is_completed()  # while it is asked, MPI goes on
                continue
            if isinstance(g, Node):
                raise RuntimeError(
                    "backward(create_graph=True) through DistributedDataParallel: what other processes have computed "
                    "cannot be differentiated; take the inner derivative with autograd.grad(..., create_graph=True)"
                )
            came = True
            self._put(*ours[id(node)], g)
            while left and not left[0].missing:  # in the same order in all processes
                work = left.pop(0).send()
        if not came:
            return  # it was the backward pass of something else
        for bucket in left:
            for k, leaf in enumerate(bucket.leaves) if self._apart else ():
                if k in bucket.missing and leaf.grad is not None:
                    self._put(bucket, k, np.zeros_like(leaf.array))
            bucket.send()
        means = [each for bucket in buckets for each in bucket.means()]
        apart, self._apart = self._apart, False
        for leaf, mean in means:
            leaf.grad = None if apart else leaf.grad
            yield leaf, mean, ()

    def _put(self, bucket: _Bucket, k: int, gradient: Any) -> None:
        kept = bucket.leaves[k].grad if self._apart else None
        bucket.put(k, gradient if kept is None else kept.array + gradient)

    def _buckets(self) -> list[_Bucket]:
        """The last parameters first, since their gradients are complete first."""
        weight, groups = 1.0 if self.samples is None else self.samples, list[list[Tensor]]()
        room, dtype = 0.0, None
        for leaf in reversed(self.leaves):
            if room <= 0 or leaf.array.dtype != dtype:
                groups.append([])
                room, dtype = self.bucket_cap_mb * 2**20, leaf.array.dtype
            groups[-1].append(leaf)
            room -= leaf.array.nbytes
        return [_Bucket(leaves, weight) for leaves in groups]


def _broadcast(tensors: Iterable[Tensor]) -> None:
    for each in tensors:
        distributed.broadcast(each)


def _check_equal(module: Module) -> None:
    """Refuses a module that is another than that of rank 0, in all processes."""
    lines = [
        f"{name} {each.array.shape} {each.array.dtype}" for name, each in module.state_dict(keep_vars=True).items()
    ]
    digest = wrap(np.frombuffer(hashlib.sha256("\n".join(lines).encode()).digest(), np.uint8))
    found = [wrap(np.zeros_like(digest.array)) for _ in range(distributed.get_world_size())]
    distributed.all_gather(found, digest)
    others = [str(rank) for rank, each in enumerate(found) if (each.array != found[0].array).any()]
    if others:
        raise ValueError(
            f"rank {', '.join(others)} has another module than rank 0: names, shapes or types of parameters or buffers "
            "differ; make it by the same lines in every process"
        )
