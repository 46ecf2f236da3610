"""Arguments for every primitive of the table, from its own row."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.engine import TABLE, Sample

Array = np.ndarray[Any, Any]

SAMPLES: dict[str, list[Sample]] = {name: operation.tried_on() for name, operation in TABLE.items()}
