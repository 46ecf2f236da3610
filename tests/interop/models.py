"""Models built the same way from either library: their parameters have the same names, shapes and meaning."""

from collections.abc import Callable
from typing import Any

MODELS: dict[str, Callable[[Any], Any]] = {
    "rnn": lambda nn: nn.RNN(3, 4, nonlinearity="relu"),
    "lstm": lambda nn: nn.LSTM(3, 4, num_layers=2, bidirectional=True),
    "lstm with projection": lambda nn: nn.LSTM(3, 4, proj_size=2),
    "gru": lambda nn: nn.GRU(3, 4, bias=False),
    "parts": lambda nn: nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Sequential(nn.PReLU(), nn.Linear(4, 2))),
}


def outputs(result: Any) -> list[Any]:
    """The tensors a model returned, as numpy arrays."""
    if isinstance(result, tuple):
        return [array for part in result for array in outputs(part)]
    return [result.detach().numpy()]
