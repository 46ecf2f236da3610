"""Following PyTorch: what it computes is recorded here as well, so that its graphs can be drawn and explained."""

from .doors import backward_steps as backward_steps
from .doors import contributions as contributions
from .doors import gradient_flow as gradient_flow
from .doors import program as program
from .following import following as following
from .tape import Tape as Tape
