"""Values of other libraries that somebody followed, and the tensors that stand for them: where one asks for these."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Follower(Protocol):
    """Who knows what stands for the values of another library."""

    def standing(self, *values: Any) -> tuple[Any, ...]:
        """The same values, those of that library replaced."""

    def output(self, model: Any, inputs: tuple[Any, ...]) -> Any:
        """What a model of that library gives for its inputs, followed; None for other models."""

    def note(self, loss: Any) -> str:
        """What is to be said of a graph that was followed."""


followers: list[Follower] = []


def standing(*values: Any) -> tuple[Any, ...]:
    """The same values, those of libraries that were followed replaced by tensors."""
    for each in followers:
        values = each.standing(*values)
    return values


def output(model: Any, inputs: tuple[Any, ...]) -> Any:
    """What a model of another library gives for its inputs, followed; None if nobody knows it."""
    return next((found for each in followers if (found := each.output(model, inputs)) is not None), None)


def note(loss: Any) -> str:
    """What is to be said of a graph that was followed."""
    return "; ".join(filter(None, (each.note(loss) for each in followers)))


def welcoming(function: Callable[P, R]) -> Callable[P, R]:
    """A function of tensors that takes values of libraries that were followed as well."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        values = standing(*args, *kwargs.values())
        return function(*values[: len(args)], **dict(zip(kwargs, values[len(args) :], strict=True)))

    return call
