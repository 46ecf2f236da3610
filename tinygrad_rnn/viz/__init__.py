"""Pictures of recorded graphs: the scene as data, its layout, its looks, and graphviz to draw it."""

from .collecting import scene_of
from .comparison import Comparison, compare
from .drawing import draw
from .picture import Animation, LiveText, Picture, Playground
from .scene import Scene
from .training_flow import TrainingFlow

__all__ = [
    "Animation",
    "Comparison",
    "LiveText",
    "Picture",
    "Playground",
    "Scene",
    "TrainingFlow",
    "compare",
    "draw",
    "scene_of",
]
