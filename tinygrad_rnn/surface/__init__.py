"""Tensor as its users know it: PyTorch's names over the table of operations."""
