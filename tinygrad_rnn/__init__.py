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
from .autograd import backward_steps as backward_steps
from .autograd import contributions as contributions
from .autograd import gradient_flow as gradient_flow
from .engine.folding import history as history
from .engine.modes import enable_grad as enable_grad
from .engine.modes import inference_mode as inference_mode
from .engine.modes import is_grad_enabled as is_grad_enabled
from .engine.modes import is_inference_mode_enabled as is_inference_mode_enabled
from .engine.modes import no_grad as no_grad
from .engine.modes import set_grad_enabled as set_grad_enabled
from .engine.primitive import Every as Every
from .engine.primitive import Primitive as Primitive
from .engine.scope import scope as scope
from .engine.scope import step as step
from .interop import onnx as onnx
from .interop.files import SavedFileError as SavedFileError
from .interop.saving import load as load
from .interop.saving import save as save
from .numbers.devices import accelerator as accelerator
from .numbers.devices import backends as backends
from .numbers.devices import cuda as cuda
from .numbers.devices import device as device
from .numbers.devices import get_default_device as get_default_device
from .numbers.devices import set_default_device as set_default_device
from .numbers.dtypes import bool as bool
from .numbers.dtypes import double as double
from .numbers.dtypes import float as float
from .numbers.dtypes import float16 as float16
from .numbers.dtypes import float32 as float32
from .numbers.dtypes import float64 as float64
from .numbers.dtypes import get_default_dtype as get_default_dtype
from .numbers.dtypes import half as half
from .numbers.dtypes import int as int
from .numbers.dtypes import int8 as int8
from .numbers.dtypes import int16 as int16
from .numbers.dtypes import int32 as int32
from .numbers.dtypes import int64 as int64
from .numbers.dtypes import long as long
from .numbers.dtypes import set_default_dtype as set_default_dtype
from .numbers.dtypes import short as short
from .numbers.dtypes import uint8 as uint8
from .numbers.formatting import set_printoptions as set_printoptions
from .numbers.random import Generator as Generator
from .numbers.random import default_generator as default_generator
from .numbers.random import get_rng_state as get_rng_state
from .numbers.random import initial_seed as initial_seed
from .numbers.random import manual_seed as manual_seed
from .numbers.random import seed as seed
from .numbers.random import set_rng_state as set_rng_state
from .numbers.settings import compute_like_ieee754, keep_freed_memory
from .surface.arrays import Size as Size
from .surface.functions import *  # noqa: F403
from .surface.tensor import Tensor as Tensor
from .surface.tensor import tensor as tensor
from .viz import TrainingFlow as TrainingFlow
from .viz import compare as compare
from .viz import draw as draw

__version__ = "0.2.0.dev0"
e, inf, nan, pi = math.e, math.inf, math.nan, math.pi

compute_like_ieee754()
keep_freed_memory()
