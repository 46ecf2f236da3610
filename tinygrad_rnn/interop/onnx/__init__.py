"""Models written as ONNX, for programs that run them without this package."""

from .exporting import export
from .tracing import ExportError

__all__ = ["ExportError", "export"]
