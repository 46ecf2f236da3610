"""Reading a page back: what is in its elements, what its data says, what the engine says to compare with."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np

from tests.engine import arguments, backpropagate
from tests.viz import models
from tinygrad_rnn import Tensor, history
from tinygrad_rnn.viz import Picture, draw

VOID = {"meta", "link", "input", "br", "img"}
ALL: dict[str, Callable[[], Tensor]] = models.MODELS | {"mlp": models.mlp}


class Page(HTMLParser):
    """A page taken apart; whatever is not closed in order is an error."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element with this tag."""
        return [attributes for name, attributes in self.tags if name == tag]

    def said(self, tag: str) -> list[str]:
        """The texts directly in elements with this tag."""
        return [text for name, text in self.texts if name == tag]

    @property
    def policy(self) -> dict[str, str]:
        """The content security policy by directive."""
        content = next(meta["content"] for meta in self.all("meta") if "http-equiv" in meta)
        assert content is not None
        return {part.split()[0]: " ".join(part.split()[1:]) for part in content.split(";")}

    @property
    def data(self) -> Any:
        """What the page carries as JSON, of the run that is open at first."""
        return self.runs[0]

    @property
    def runs(self) -> Any:
        """What the page carries as JSON, run by run."""
        return json.loads(self.said("script")[0])


@cache
def drawn(name: str) -> tuple[Tensor, Picture, Page]:
    """A model, its picture and its page, made once."""
    loss = ALL[name]()
    picture = draw(loss)
    return loss, picture, Page(picture.html)


class Truth:
    """What the engine says, read from its stream and from nothing of the pictures.

    Nodes go by their number in the history of the loss, oldest first, as in the pictures.
    """

    def __init__(self, loss: Tensor) -> None:
        self.values = history(loss)
        ids = {value.birth: n for n, value in enumerate(self.values)}
        self.gradients: dict[int, np.ndarray] = {}
        self.operations = [n for n, value in enumerate(self.values) if value.primitive is not None]
        #: For every value: (operation, sum of the contributions up to it), in the order of the stream.
        self.sums: dict[int, list[tuple[int, np.ndarray]]] = {}
        for tensor, gradient, shares in backpropagate(loss, shares=True):
            here = ids[tensor.birth]
            if tensor.tracked:
                self.gradients[here] = np.array(gradient)
            for argument, share in zip(arguments(tensor), shares, strict=False):
                if share is not None:
                    listed = self.sums.setdefault(ids[argument.birth], [])
                    listed.append((here, np.array(share) if not listed else listed[-1][1] + share))

    @property
    def last(self) -> int:
        """The last moment of the page: all operations forwards, the seed, all operations backwards."""
        return 2 * len(self.operations) + 1

    def known(self, moment: int) -> set[int]:
        """The values that are computed at a moment."""
        return {n for n in range(len(self.values)) if n not in self.operations or n in self.operations[:moment]}

    def count_at(self, node: int, moment: int) -> int:
        """How many contributions to dL/d(node) are known at a moment."""
        done = set(self.operations[::-1][: max(0, moment - len(self.operations) - 1)])
        return sum(1 for operation, _ in self.sums[node] if operation in done)

    def sum_at(self, node: int, moment: int) -> tuple[str, np.ndarray | None]:
        """ "none", "part" or "whole", and dL/d(node) as far as it is known at a moment."""
        done = set(self.operations[::-1][: max(0, moment - len(self.operations) - 1)])
        if node not in self.gradients:
            return "none", None
        if node not in self.sums:
            return ("whole", self.gradients[node]) if moment > len(self.operations) else ("none", None)
        found = [total for operation, total in self.sums[node] if operation in done]
        if not found:
            return "none", None
        return ("whole" if len(found) == len(self.sums[node]) else "part"), found[-1]
