"""Weights travel between PyTorch and here through safetensors files, both ways, and mean the same on both sides."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.interop.models import MODELS, outputs
from tests.interop.record import FOLDER

pytest.importorskip("safetensors")


def test_a_recorded_file_of_torch() -> None:
    recorded = json.loads((FOLDER / "torch.json").read_text())
    model = MODELS["lstm"](tg.nn)
    assert repr(model.load_state_dict(tg.load(FOLDER / "torch.safetensors"))) == "<All keys matched successfully>"
    found = outputs(model(tg.tensor(recorded["input"])))
    for mine, theirs in zip(found, recorded["outputs"], strict=True):
        np.testing.assert_allclose(mine, np.array(theirs), rtol=0, atol=1e-6)


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("name", MODELS)
def test_from_torch_and_back(name: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    theirs, mine = MODELS[name](torch.nn), MODELS[name](tg.nn)
    x = np.random.default_rng(0).standard_normal((5, 2, 3)).astype(np.float32)
    expected = outputs(theirs(torch.from_numpy(x)))

    save_file(theirs.state_dict(), tmp_path / "theirs")
    mine.load_state_dict(tg.load(tmp_path / "theirs"))
    for a, b in zip(outputs(mine(tg.from_numpy(x))), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)

    again: Any = MODELS[name](torch.nn)
    tg.save(mine.state_dict(), tmp_path / "mine")
    again.load_state_dict(load_file(tmp_path / "mine"))
    for a, b in zip(outputs(again(torch.from_numpy(x))), expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_bfloat16_of_torch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    x = torch.randn(7, generator=torch.Generator().manual_seed(0)).to(torch.bfloat16)
    save_file({"x": x}, tmp_path / "file")
    assert tg.load(tmp_path / "file")["x"].tolist() == x.float().tolist()


@pytest.mark.parametrize("zipped", [True, False])
def test_pickles_of_torch_are_never_opened(zipped: bool, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")

    class Trap:
        def __reduce__(self) -> Any:
            return (pytest.fail, ("a pickle was opened",))

    path = tmp_path / "model.pt"
    torch.save({"weight": torch.ones(2), "trap": Trap()}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(tg.SavedFileError) as caught:
        tg.load(path)
    assert str(caught.value) == (
        f"'{path}' holds a pickle, which can run any code when it is read, and is never opened; in PyTorch, write "
        'safetensors.torch.save_file(model.state_dict(), "model.safetensors") and load that; nothing was loaded'
    )
