"""Tools for parameters: clipping of gradients, all parameters as one vector, packed sequences (``utils.rnn``)."""

from . import rnn
from .clipping import clip_grad_norm_, clip_grad_value_, get_total_norm
from .vectors import parameters_to_vector, vector_to_parameters

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "get_total_norm",
    "parameters_to_vector",
    "rnn",
    "vector_to_parameters",
]
