"""Optimisers: rules that change parameters by their gradients."""

from . import lr_scheduler, rules
from .lbfgs import LBFGS
from .optimizer import Array, Group, Optimizer, State
from .rules import *  # noqa: F403

__all__ = ["LBFGS", "Array", "Group", "Optimizer", "State", "lr_scheduler"]
__all__ += rules.__all__
