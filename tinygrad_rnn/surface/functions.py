"""PyTorch's functions on tensors, and the methods that go with them; for readers of types, see functions.pyi."""

from . import help as help
from .catalogue import FUNCTIONS, METHODS
from .methods import Methods

for _name, _method in METHODS.items():
    setattr(Methods, _name, _method)

globals().update(FUNCTIONS)
__all__ = [*FUNCTIONS]
