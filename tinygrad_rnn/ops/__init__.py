"""The table of operations: every primitive of the engine by its name."""

from ..engine.primitive import Primitive
from . import algebra, comparison, elementwise, reduction, shaping

FAMILIES = (elementwise, comparison, reduction, shaping, algebra)

TABLE: dict[str, Primitive] = {
    value.name: value for family in FAMILIES for value in vars(family).values() if isinstance(value, Primitive)
}
