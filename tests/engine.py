"""The one door by which tests enter the engine: every inner name they know; a move is followed here."""

from tinygrad_rnn.engine import formula as formula
from tinygrad_rnn.engine.backward import backpropagate as backpropagate
from tinygrad_rnn.engine.folding import Fold as Fold
from tinygrad_rnn.engine.folding import folded as folded
from tinygrad_rnn.engine.folding import unfold as unfold
from tinygrad_rnn.engine.graph import ROOM as ROOM
from tinygrad_rnn.engine.graph import Node as Node
from tinygrad_rnn.engine.graph import arguments as arguments
from tinygrad_rnn.engine.scope import current_place as current_place
from tinygrad_rnn.engine.scope import here as here
from tinygrad_rnn.explain.excerpt import excerpt_of as excerpt_of
from tinygrad_rnn.explain.naming import LONGEST as LONGEST
from tinygrad_rnn.explain.naming import clean as clean
from tinygrad_rnn.explain.report import number as number
from tinygrad_rnn.explain.report import size as size
from tinygrad_rnn.explain.report import table as table
from tinygrad_rnn.explain.states import states as states
from tinygrad_rnn.nn.steps import gru_state as gru_state
from tinygrad_rnn.nn.steps import lstm_memory as lstm_memory
from tinygrad_rnn.nn.steps import lstm_output as lstm_output
from tinygrad_rnn.ops import TABLE as TABLE
from tinygrad_rnn.ops.operation import Operation as Operation
from tinygrad_rnn.ops.samples import Sample as Sample
from tinygrad_rnn.ops.samples import of as of
from tinygrad_rnn.ops.samples import real as real
from tinygrad_rnn.surface.arrays import Extremes as Extremes
