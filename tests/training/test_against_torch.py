"""A character model from the same first values on the same data in the same order, here and in PyTorch."""

import pytest

from tests.training.characters import LONG, lesson, recorded, trained_by_torch
from tinygrad_rnn.lab.cli.lesson import Lesson
from tinygrad_rnn.lab.cli.recipe import CLIP, HIDDEN, recipe, use_one_thread
from tinygrad_rnn.lab.training import Training, fit


def trained_here(given: Lesson) -> list[float]:
    """The cross entropy on the held-out text after every epoch."""
    optimizer, _ = recipe(given.options, given.task.model, given.epochs * len(given.batches))
    training = Training(given.task.model, optimizer, given.batches, given.task.loss, clip=given.options[CLIP])
    use_one_thread(given.options[HIDDEN])
    losses = []

    def evaluate() -> float:
        losses.append(given.task.loss_of(*given.watched))
        return losses[-1]

    fit(training, epochs=given.epochs, evaluate=evaluate, quiet=True)
    return losses


@pytest.mark.slow
def test_one_epoch_beside_torch() -> None:
    pytest.importorskip("torch")
    assert trained_here(lesson(1)) == pytest.approx(trained_by_torch(lesson(1)), rel=0.005)


@pytest.mark.slow
def test_all_epochs_as_recorded() -> None:
    course = trained_here(lesson(LONG))
    assert course == pytest.approx(recorded()["held_out_loss_by_epoch"], rel=0.02)
    assert course[-1] < 1.9
