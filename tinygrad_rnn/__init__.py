"""A small reverse-mode autograd engine with recurrent networks, made so that backpropagation can be seen.

Not related to the tinygrad project.
"""

# ``a as a`` says that a name is meant for those who import the package.
# isort: off
# fmt: off
from .lab import starting as _starting  # noqa: F401  (before all that takes time)
from math import e as e, inf as inf, nan as nan, pi as pi

from numpy import dtype as dtype

from . import (
    autograd as autograd, distributed as distributed, distributions as distributions, func as func,
    linalg as linalg, nn as nn, optim as optim, special as special, utils as utils, viz as viz,
)
from .engine.folding import history as history
from .engine.modes import (
    enable_grad as enable_grad, inference_mode as inference_mode, is_grad_enabled as is_grad_enabled,
    is_inference_mode_enabled as is_inference_mode_enabled, no_grad as no_grad, set_grad_enabled as set_grad_enabled,
)
from .func import vmap as vmap
from .nn.functional import (
    adaptive_avg_pool1d as adaptive_avg_pool1d, avg_pool1d as avg_pool1d, bilinear as bilinear, celu as celu,
    channel_shuffle as channel_shuffle, conv1d as conv1d, conv_transpose1d as conv_transpose1d,
    cosine_similarity as cosine_similarity, group_norm as group_norm, hardshrink as hardshrink,
    layer_norm as layer_norm, max_pool1d as max_pool1d, pairwise_distance as pairwise_distance, prelu as prelu,
    rms_norm as rms_norm, selu as selu, threshold as threshold,
)
from .engine.primitive import Every as Every, Primitive as Primitive
from .engine.scope import scope as scope, step as step
from .interop import onnx as onnx, serialization as serialization
from .interop.following import (
    backward_steps as backward_steps, contributions as contributions, following as following,
    gradient_flow as gradient_flow, program as program,
)
from .utils.files import SavedFileError as SavedFileError
from .interop.saving import load as load, save as save
from .numbers.devices import (
    accelerator as accelerator, backends as backends, contiguous_format as contiguous_format, cuda as cuda,
    device as device, get_default_device as get_default_device,
    preserve_format as preserve_format, set_default_device as set_default_device,
)
from .numbers.dtypes import (
    bool as bool, can_cast as can_cast, double as double, finfo as finfo, float as float, float16 as float16,
    float32 as float32, float64 as float64, get_default_dtype as get_default_dtype, half as half, iinfo as iinfo,
    int as int, int8 as int8, int16 as int16, int32 as int32, int64 as int64, long as long,
    promote_types as promote_types, set_default_dtype as set_default_dtype, short as short, uint8 as uint8,
)
from .numbers.formatting import set_printoptions as set_printoptions
from .numbers.random import (
    Generator as Generator, default_generator as default_generator, get_rng_state as get_rng_state,
    initial_seed as initial_seed, manual_seed as manual_seed, seed as seed, set_rng_state as set_rng_state,
)
from .numbers.settings import (
    compute_like_ieee754, get_num_threads as get_num_threads, keep_freed_memory,
    set_float32_matmul_precision as set_float32_matmul_precision, set_num_threads as set_num_threads,
    use_deterministic_algorithms as use_deterministic_algorithms,
)
from .rolled.compiling import compile as compile
from .surface.arrays import Size as Size
from .surface.doors import open_doors
from .surface.functions import *  # noqa: F403
from .surface.tensor import Tensor as Tensor, tensor as tensor
from .viz import TrainingFlow as TrainingFlow, compare as compare, draw as draw

__version__ = "0.2.0.dev0"

compute_like_ieee754()
keep_freed_memory()
open_doors(
    autograd, autograd.functional, distributed, distributions, func, linalg, nn, nn.functional, nn.init, nn.parallel,
    nn.utils, nn.utils.rnn, optim, optim.lr_scheduler, special, utils, utils.checkpoint, utils.data,
)
