"""Activations, pooling and losses as modules, each made of its function; for readers of types, see applied.pyi."""

from .options import CLASSES

globals().update(CLASSES)
__all__ = [*CLASSES]  # pyright: ignore[reportUnsupportedDunderAll]
