"""Functions of neural networks: layers, activations and losses without parameters of their own."""

from ...surface.functions import gelu as gelu
from ...surface.functions import pad as pad
from ...surface.functions import sigmoid as sigmoid
from ...surface.functions import softplus as softplus
from ...surface.functions import softsign as softsign
from ...surface.functions import tanh as tanh
from .activations import *  # noqa: F403
from .attention import *  # noqa: F403
from .ctc import *  # noqa: F403
from .layers import *  # noqa: F403
from .lookups import *  # noqa: F403
from .losses import *  # noqa: F403
from .margins import *  # noqa: F403
from .normalization import *  # noqa: F403
from .resampling import *  # noqa: F403
from .windows import *  # noqa: F403
