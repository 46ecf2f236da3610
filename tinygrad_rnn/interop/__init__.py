"""Files that other programs write and read: safetensors and ONNX."""
