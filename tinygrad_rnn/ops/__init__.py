"""The table of operations: every primitive of the engine by its name."""

from . import algebra, comparison, elementwise, reduction, shaping
from .operation import Operation

FAMILIES = (elementwise, comparison, reduction, shaping, algebra)

#: The family of each: one takes what its rules need from those before it.
FAMILY: dict[str, str] = {}
for _family in (comparison, shaping, elementwise, reduction, algebra):
    for _row in vars(_family).values():
        if isinstance(_row, Operation):
            FAMILY.setdefault(_row.name, _family.__name__.rpartition(".")[2])

TABLE: dict[str, Operation] = {
    row.name: row
    for family in FAMILIES
    for row in vars(family).values()
    if isinstance(row, Operation) and family.__name__.endswith(f".{FAMILY[row.name]}")
}
