"""Tools for parameters: clipping of gradients, all parameters as one vector, packed sequences (``utils.rnn``)."""

from . import parametrizations as parametrizations
from . import parametrize as parametrize
from . import rnn as rnn
from .parameters import clip_grad_norm_ as clip_grad_norm_
from .parameters import clip_grad_value_ as clip_grad_value_
from .parameters import get_total_norm as get_total_norm
from .parameters import parameters_to_vector as parameters_to_vector
from .parameters import vector_to_parameters as vector_to_parameters
from .parametrize import remove_weight_norm as remove_weight_norm
from .parametrize import weight_norm as weight_norm

clip_grad_norm = clip_grad_norm_  # as it was once called
