"""Questions about hardware are answered: there is the processor, and nothing else."""

import pytest

import tinygrad_rnn as tg


def test_what_scripts_ask() -> None:
    assert not tg.cuda.is_available() and tg.cuda.device_count() == 0
    assert not tg.backends.mps.is_available() and not tg.backends.mps.is_built()
    assert not tg.backends.cudnn.is_available() and not tg.backends.cudnn.enabled
    assert not tg.accelerator.is_available() and tg.accelerator.current_accelerator() is None
    assert tg.accelerator.device_count() == 0 and tg.get_default_device() == tg.device("cpu")
    tg.set_default_device("cpu")
    tg.set_default_device(tg.device("cpu"))


def test_another_default_is_refused() -> None:
    with pytest.raises(RuntimeError, match="there is no device 'cuda'"):
        tg.set_default_device("cuda")


def test_a_model_cannot_be_moved() -> None:
    with pytest.raises(RuntimeError, match="there is no device 'cuda': the numbers are in numpy arrays"):
        tg.nn.Identity().cuda()
    with pytest.raises(RuntimeError, match="there is no device 'cuda:1'"):
        tg.nn.Linear(1, 1).cuda(1)
