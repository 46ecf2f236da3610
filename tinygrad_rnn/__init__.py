"""A small reverse-mode autograd engine with recurrent networks, made so that backpropagation can be seen.

Not related to the tinygrad project.
"""

import math

from . import autograd as autograd
from . import func as func
from . import nn as nn
from . import optim as optim
from . import utils as utils
from . import viz as viz
from .arrays import Size as Size
from .autograd import backward_steps as backward_steps
from .autograd import contributions as contributions
from .autograd import gradient_flow as gradient_flow
from .creation import *  # noqa: F403  (its __all__ is the list of public names, as that of functions)
from .devices import accelerator as accelerator
from .devices import backends as backends
from .devices import cuda as cuda
from .devices import device as device
from .devices import get_default_device as get_default_device
from .devices import set_default_device as set_default_device
from .dtypes import bool as bool
from .dtypes import double as double
from .dtypes import float as float
from .dtypes import float16 as float16
from .dtypes import float32 as float32
from .dtypes import float64 as float64
from .dtypes import get_default_dtype as get_default_dtype
from .dtypes import half as half
from .dtypes import int as int
from .dtypes import int8 as int8
from .dtypes import int16 as int16
from .dtypes import int32 as int32
from .dtypes import int64 as int64
from .dtypes import long as long
from .dtypes import set_default_dtype as set_default_dtype
from .dtypes import short as short
from .dtypes import uint8 as uint8
from .functions.activations import *  # noqa: F403
from .functions.algebra import *  # noqa: F403
from .functions.compositions import *  # noqa: F403
from .functions.counting import *  # noqa: F403
from .functions.elementwise import *  # noqa: F403
from .functions.indexing import *  # noqa: F403
from .functions.joining import *  # noqa: F403
from .functions.reduction import *  # noqa: F403
from .functions.shaping import *  # noqa: F403
from .graph import history as history
from .interop import onnx as onnx
from .interop.files import SavedFileError as SavedFileError
from .interop.saving import load as load
from .interop.saving import save as save
from .primitive import Every as Every
from .primitive import Primitive as Primitive
from .printing import set_printoptions as set_printoptions
from .random import Generator as Generator
from .random import default_generator as default_generator
from .random import get_rng_state as get_rng_state
from .random import initial_seed as initial_seed
from .random import manual_seed as manual_seed
from .random import seed as seed
from .random import set_rng_state as set_rng_state
from .recording import enable_grad as enable_grad
from .recording import inference_mode as inference_mode
from .recording import is_grad_enabled as is_grad_enabled
from .recording import is_inference_mode_enabled as is_inference_mode_enabled
from .recording import no_grad as no_grad
from .recording import set_grad_enabled as set_grad_enabled
from .scope import scope as scope
from .scope import step as step
from .settings import compute_like_ieee754, keep_freed_memory
from .tensor import Tensor as Tensor
from .tensor import tensor as tensor
from .viz import TrainingFlow as TrainingFlow
from .viz import compare as compare
from .viz import draw as draw

__version__ = "0.1.0"
e, inf, nan, pi = math.e, math.inf, math.nan, math.pi

compute_like_ieee754()
keep_freed_memory()
