"""PyTorch's functions on tensors: names, arguments and defaults are PyTorch's, the work is done by the primitives."""

from .activations import *  # noqa: F403
from .algebra import *  # noqa: F403
from .arguments import sizes as sizes
from .compositions import *  # noqa: F403
from .counting import *  # noqa: F403
from .elementwise import *  # noqa: F403
from .indexing import *  # noqa: F403
from .joining import *  # noqa: F403
from .reduction import *  # noqa: F403
from .shaping import *  # noqa: F403
