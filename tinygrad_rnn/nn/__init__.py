"""Neural networks: modules, layers, recurrent cells and networks, losses."""

# ``a as a`` says that a name is meant for those who import the package.
# isort: off
# fmt: off
from . import functional as functional, init as init, modules as modules, parallel as parallel, utils as utils
from .applied import *  # noqa: F403
from .attention import *  # noqa: F403
from .cells import GRUCell as GRUCell, LSTMCell as LSTMCell, RNNCell as RNNCell, RNNCellBase as RNNCellBase
from .containers import *  # noqa: F403
from .convolution import *  # noqa: F403
from .layers import (
    Bilinear as Bilinear, Dropout as Dropout, Dropout1d as Dropout1d, Embedding as Embedding,
    EmbeddingBag as EmbeddingBag, Flatten as Flatten, Linear as Linear, PairwiseDistance as PairwiseDistance,
    PReLU as PReLU, Unflatten as Unflatten,
)
from .lazy import *  # noqa: F403
from .module import Module as Module
from .networks import Recurrent as Recurrent
from .normalization import (
    BatchNorm1d as BatchNorm1d, GroupNorm as GroupNorm, InstanceNorm1d as InstanceNorm1d, LayerNorm as LayerNorm,
    LocalResponseNorm as LocalResponseNorm, RMSNorm as RMSNorm,
)
from .parameter import Parameter as Parameter
from .recurrent import GRU as GRU, LSTM as LSTM, RNN as RNN, RNNBase as RNNBase
from .steps import gru_step as gru_step, lstm_step as lstm_step, rnn_step as rnn_step
from .unrolling import (
    Window as Window, detached as detached, steps_after as steps_after, truncated_bptt as truncated_bptt,
    unroll as unroll,
)
from .variants import LayerNormLSTMCell as LayerNormLSTMCell, RecurrentDropout as RecurrentDropout
