"""Neural networks: modules, layers, recurrent cells and networks, losses."""

from . import functional as functional
from . import init as init
from . import modules as modules
from . import parallel as parallel
from . import utils as utils
from .applied import *  # noqa: F403
from .attention import *  # noqa: F403
from .cells import GRUCell as GRUCell
from .cells import LSTMCell as LSTMCell
from .cells import RNNCell as RNNCell
from .cells import RNNCellBase as RNNCellBase
from .containers import *  # noqa: F403
from .convolution import *  # noqa: F403
from .layers import Bilinear as Bilinear
from .layers import Dropout as Dropout
from .layers import Dropout1d as Dropout1d
from .layers import Embedding as Embedding
from .layers import EmbeddingBag as EmbeddingBag
from .layers import Flatten as Flatten
from .layers import Linear as Linear
from .layers import PairwiseDistance as PairwiseDistance
from .layers import PReLU as PReLU
from .layers import Unflatten as Unflatten
from .lazy import *  # noqa: F403
from .module import Module as Module
from .networks import Recurrent as Recurrent
from .normalization import BatchNorm1d as BatchNorm1d
from .normalization import GroupNorm as GroupNorm
from .normalization import InstanceNorm1d as InstanceNorm1d
from .normalization import LayerNorm as LayerNorm
from .normalization import LocalResponseNorm as LocalResponseNorm
from .normalization import RMSNorm as RMSNorm
from .parameter import Parameter as Parameter
from .recurrent import GRU as GRU
from .recurrent import LSTM as LSTM
from .recurrent import RNN as RNN
from .recurrent import RNNBase as RNNBase
from .steps import gru_step as gru_step
from .steps import lstm_step as lstm_step
from .steps import rnn_step as rnn_step
from .unrolling import Window as Window
from .unrolling import detached as detached
from .unrolling import steps_after as steps_after
from .unrolling import truncated_bptt as truncated_bptt
from .unrolling import unroll as unroll
from .variants import LayerNormLSTMCell as LayerNormLSTMCell
from .variants import RecurrentDropout as RecurrentDropout
