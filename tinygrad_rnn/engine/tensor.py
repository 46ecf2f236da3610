"""Recorder, the core of Tensor: a node that records the operations applied to it, and gives back gradients."""

from __future__ import annotations

from collections.abc import Mapping
from sys import _getframe
from typing import Any, ClassVar

from numpy import asarray, ndarray

from ..numbers.dtypes import default, demote, promote, quiet
from ..ops.shaping import cast
from .answers import answer
from .describing import failed
from .graph import NO_KWARGS, Node, clock
from .lifetime import run_backward
from .operators import Operators
from .primitive import Primitive, T
from .scope import here
from .versions import renewed, shares


class Recorder(Operators[T], Node):
    """A value that records the operations applied to it; PyTorch's other names are added by its subclasses.

    The one that is declared with ``results=True`` is the class of every result.
    """

    __slots__ = ()

    _results: ClassVar[Any]

    def __init_subclass__(cls, results: bool = False, **options: Any) -> None:
        super().__init_subclass__(**options)
        if results:
            Recorder._results = cls

    @classmethod
    def fresh(cls, array: Any, requires_grad: bool = False, owner: Node | None = None) -> T:
        """A new leaf that shares the memory of a numpy array."""
        return object.__new__(Recorder._results)._start(array, requires_grad, owner)  # type: ignore[no-any-return]

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Mapping[str, Any] = NO_KWARGS) -> T:
        """Apply ``primitive`` to ``args`` and, if a gradient may be asked for, remember how the result was made."""
        values, wanted = [], False
        for arg in renewed(args) if clock.rewritten else args:
            if isinstance(arg, Node):
                values.append(arg.array)
                wanted = wanted or arg.tracked
            else:
                values.append(arg)
        try:
            if primitive.promotes:
                values = promote(values, primitive.promotes)
            call = quiet.call  # an empty ** is not free, and this is the innermost line of every forward pass
            array = call(primitive.forward, *values, **kwargs) if kwargs else call(primitive.forward, *values)
        except Exception as error:
            array = failed(error, primitive, values, kwargs)
        if type(array) is not ndarray:
            if primitive.formula is None:
                array = asarray(array)
            else:  # a fold also says what its rule needs besides
                array, kwargs = array[0], {"kept": array[1]}
        if array.dtype is not default.dtype:
            if array.dtype.kind != "f":
                return answer(self, array, values, primitive, args, kwargs)  # type: ignore[no-any-return]
            if primitive is not cast:
                array = demote(array, values, primitive.forward, kwargs)
        owner = self.memory if primitive.view and shares(array, values[0]) else None
        made: Any = object.__new__(Recorder._results)
        if wanted and primitive.differentiable and (recording := here.recording):
            made._start(array, True, owner, primitive, args, kwargs)
            made._code, made._instruction = (frame := _getframe(2)).f_code, frame.f_lasti
            return made if recording is True else recording(made)  # type: ignore[no-any-return]  # watches may replace it
        return made._start(array, False, owner)  # type: ignore[no-any-return]  # of the class of results

    def backward(
        self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
    ) -> None:
        """Add dL/d(leaf) to ``.grad`` of every leaf this tensor was made from that requires a gradient.

        Args:
            gradient: dL/d(self), in the shape of this tensor; may be left out if it holds a single number.
            retain_graph: allow another backward pass through the same graph; default: ``create_graph``.
            create_graph: record the backward pass itself, so that the gradients can be differentiated again.
            inputs: the tensor, or the tensors, whose ``.grad`` is wanted, if not all leaves.

        Raises:
            RuntimeError: if nothing requires a gradient, ``gradient`` is missing, or a value was used up or changed.
        """
        run_backward((self,), (gradient,), retain_graph, create_graph, inputs)
