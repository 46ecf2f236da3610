"""Demonstrations: every claim of the textbook as something to run and see, a number, a table or a picture."""

from .listing import DEMONSTRATIONS as DEMONSTRATIONS
from .listing import WORKED_EXAMPLES as WORKED_EXAMPLES
from .listing import Demonstration as Demonstration
from .shown import Shown as Shown
