"""PyTorch's functions on tensors, and the methods that go with them; for readers of types, see functions.pyi."""

from ..ops.operation import Operation
from .catalogue import FUNCTIONS, METHODS
from .methods import Methods

for _name, _method in METHODS.items():
    setattr(Methods, _name, _method)


def _explained(operation: Operation) -> str:
    from .help import help_text  # when help is asked for

    return help_text(operation)


Operation.explained = staticmethod(_explained)

globals().update(FUNCTIONS)
__all__ = [*FUNCTIONS]
