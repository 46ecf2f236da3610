"""Pictures of recorded graphs: the scene as data, its layout, its looks, and graphviz to draw it."""

from .animation import Animation
from .comparison import Comparison, compare
from .drawing import draw
from .picture import Picture
from .scene import Scene, scene_of
from .training_flow import TrainingFlow

__all__ = ["Animation", "Comparison", "Picture", "Scene", "TrainingFlow", "compare", "draw", "scene_of"]
