"""Trainings as a stranger writes them for PyTorch: a function each, which yields the loss of every step for ever."""
