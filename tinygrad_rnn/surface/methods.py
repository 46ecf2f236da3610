"""The methods that are functions as well, or follow from one; for readers of types, see methods.pyi."""

from ..engine.primitive import T
from ..engine.tensor import Recorder


class Methods(Recorder[T]):
    """The methods of `catalogue.METHODS`, which `functions.py` attaches."""

    __slots__ = ()
