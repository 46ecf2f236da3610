"""Following PyTorch: what it computes is recorded here as well, so that its graphs can be drawn and explained."""

from . import doors as doors
from .following import following as following
from .tape import Tape as Tape
