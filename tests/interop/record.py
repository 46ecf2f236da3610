"""Record a file that PyTorch wrote, and what PyTorch computes with it: `python -m tests.interop.record`.

`recorded/torch.safetensors` holds the state dict of a bidirectional LSTM with two layers, written by
safetensors.torch.save_file; `recorded/torch.json` an input and the outputs. Written with PyTorch 2.13.0.
"""

import json
from pathlib import Path

from tests.interop.models import MODELS, outputs

FOLDER = Path(__file__).parent / "recorded"


def main() -> None:
    """Write both files."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    model = MODELS["lstm"](torch.nn)
    x = torch.randn(5, 2, 3)
    FOLDER.mkdir(exist_ok=True)
    save_file(model.state_dict(), FOLDER / "torch.safetensors", metadata={"format": "pt"})
    with torch.no_grad():
        results = [array.tolist() for array in outputs(model(x))]
    (FOLDER / "torch.json").write_text(json.dumps({"input": x.tolist(), "outputs": results}) + "\n")


if __name__ == "__main__":
    main()
