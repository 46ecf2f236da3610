"""Optimisers: rules that change parameters by their gradients."""

from . import lr_scheduler, matrices, rules
from .lbfgs import LBFGS
from .matrices import *  # noqa: F403
from .optimizer import Array, Group, Optimizer, State
from .rules import *  # noqa: F403

__all__ = ["LBFGS", "Array", "Group", "Optimizer", "State", "lr_scheduler"]
__all__ += matrices.__all__
__all__ += rules.__all__
