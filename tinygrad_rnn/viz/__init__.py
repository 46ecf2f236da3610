"""Pictures of recorded graphs: the scene as data, its layout, its looks, and graphviz to draw it."""

from .drawing import draw
from .picture import Picture
from .scene import Scene, scene_of

__all__ = ["Picture", "Scene", "draw", "scene_of"]
