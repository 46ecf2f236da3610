"""Arguments for every primitive of the table, from its own row."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_rnn.ops import TABLE
from tinygrad_rnn.ops.samples import Sample as Sample
from tinygrad_rnn.ops.samples import of as of
from tinygrad_rnn.ops.samples import real as real

Array = np.ndarray[Any, Any]

SAMPLES: dict[str, list[Sample]] = {name: operation.tried_on() for name, operation in TABLE.items()}
