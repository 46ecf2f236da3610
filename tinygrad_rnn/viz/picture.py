"""Pictures: what ``draw()`` hands out, a drawn graph as DOT text, SVG, PNG, PDF or a page."""

from __future__ import annotations

import os
import warnings
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Literal

from ..nn.layers import Embedding, Linear
from ..nn.recurrent import GRU, LSTM, RNN
from ..numbers.settings import no_search_for_garbage
from .dot import grid_dot, scale_of
from .layered import layered_dot
from .page.parts import MARKERS, assembled, literal, variable
from .page.words import Run, model_of
from .render import FORMATS, Engine, Saved, dressed, pdf_of, render, size_of, source_of, write
from .scene import Scene
from .sheets import Sheet
from .style import Scale, Setting, refuse_unknown

#: Dots per inch of a PNG, and so many on a side at most: more is beyond what programs can open.
DPI, MOST_DOTS = 96, 30_000


class Paged(Saved, ABC):
    """Something whose picture is a page."""

    kind = "html"
    called = "a page"
    rule = "it is a page, and the name has to end in .html"

    @property
    @abstractmethod
    def html(self) -> str:
        """The page, one file that fetches nothing."""

    def _repr_html_(self) -> str:
        told, page = self.called.partition(" ")[2], escape(self.html)
        looks = 'sandbox="allow-scripts" style="width:100%;height:720px;border:0"'
        return f'<iframe srcdoc="{page}" title="{told}" {looks}></iframe>'


class Animation(Saved):
    """A computation that plays itself again and again; ``picture.animation()`` makes it.

    The file needs no script and nothing from elsewhere, so that it also plays as an image in a README or on a slide.
    Where motion is not wanted, and on paper, it is the finished picture. In a notebook it shows itself.

    Attributes:
        svg: the SVG.
        title: its first line.
    """

    called = "an animation"
    rule = (
        "it is an SVG, and the name has to end in .svg. For a page to walk through at one's own pace save the picture "
        "as .html"
    )

    def __init__(self, svg: str, title: str) -> None:
        self.svg = svg
        self.title = title

    def _repr_html_(self) -> str:
        # As an image, so that its style sheet stays its own.
        data = b64encode(self.svg.encode()).decode()
        return f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(self.title)}">'

    def __repr__(self) -> str:
        return f"<Animation of {self.title}>"


class Picture:
    """A drawn graph, as it was when it was drawn: DOT text, and SVG, PNG, PDF or a page on demand.

    In a notebook the picture shows itself.

    Attributes:
        dot: the DOT text, the same bytes for the same graph.
        placed: whether the text says where everything is; else graphviz's ``dot`` lays it out.
        scale: the scale of its gradients; another picture drawn with ``scale=`` this one can be compared with it.
        title, subtitle, labels: what is said beside the scene.
    """

    def __init__(
        self, sheet: Sheet, scene: Scene | None, collect: Callable[[], Scene], engine: Engine, labels: Mapping[int, str]
    ) -> None:
        self._take(sheet)
        self._scene, self._collect, self.engine = scene, collect, engine
        self.labels = labels

    def _take(self, sheet: Sheet) -> None:
        self._text = sheet.dot
        self.dot = literal(self._text)
        self.placed = sheet.placed
        self.scale = sheet.setting.scale
        self.title, self.subtitle = sheet.setting.title, sheet.setting.subtitle
        self._what, self._coarser = sheet.what, sheet.coarser

    @property
    def scene(self) -> Scene:
        """Every value and gradient of the graph as plain data; of a large one collected when first asked for.

        Raises:
            RuntimeError: it is collected only now, and values were changed in place since, as for ``draw``.
        """
        if self._scene is None:
            self._scene = self._collect()
        return self._scene

    @cached_property
    def _model(self) -> list[str]:
        return model_of(self.scene)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG."""
        svg = dressed(self._render("svg", text=self._text).decode(), self.title, self.subtitle)
        return variable(svg) if self._text != self.dot else svg

    @cached_property
    def png(self) -> bytes:
        """The picture as PNG, with 96 dots per inch."""
        return self._render("png")

    @cached_property
    def html(self) -> str:
        """The picture as a page to walk through, forwards and backwards; one file that fetches nothing.

        It shows every operation, whatever the view of the picture. Of more than eight time steps only the first two
        and the last three are open at first. Of more than 200 it shows 16 at a time, chosen in a strip of all; the
        gradients are those of the whole, and the numbers of such a page cannot be changed.

        Raises:
            ValueError: more values than a page can carry, 80,000.
            RuntimeError: as for ``scene``.
        """
        return paged([("", self)], scale_of(self.scene), self.title)

    def animation(self, *, theme: str = "light", seconds: float | None = None) -> Animation:
        """The computation as an SVG that plays itself: ``picture.animation().save("bptt-animated.svg")``.

        Of up to 150 operations it shows every one, whatever the view of the picture. Of more it shows the states, as
        the view "cells" does: they are computed from cell to cell (of more than 50 time steps a cell is several), then
        their gradients come back, with what each step adds to the weight they meet, and in the end the verdict.

        Args:
            theme: "light", "dark", or "auto": what the reader's system prefers.
            seconds: for how long every operation or cell is in turn, there and back; 0.6 unless given, less for a long
                one.

        Raises:
            ValueError: another theme, no time at all, or more than 150 operations in which no state goes from step to
                step.
        """
        from .page.animation import MOST_OPERATIONS, animated
        from .page.film import film

        if self.scene.operations > MOST_OPERATIONS:
            return Animation(film(self.scene, self.engine, self.title, theme, seconds), self.title)
        scale = scale_of(self.scene)
        return Animation(animated(self.run(scale), scale, self.title, theme, seconds), self.title)

    def run(self, scale: Scale, name: str = "", window: Scene | None = None) -> Run:
        """What a page needs of this picture, or of a ``window`` of it, alone or beside others on one ``scale``."""
        scene, subtitle = window or self.scene, self.subtitle
        if scene is not self.scene:
            first, last = scene.window or (0, 0)
            steps = len(self.scene.frames)
            subtitle = f"t = {first} to {last} of {steps:,} time steps; gradients are those of the whole sequence"
        make = grid_dot if scene.frames else layered_dot
        text = make(scene, Setting(MARKERS, scale, labels=self.labels))
        svg = render(text, "svg", placed=bool(scene.frames), engine=self.engine).decode()
        return Run(scene, svg, self._model, name, subtitle, self.labels)

    def save(self, path: str | os.PathLike[str], *, dpi: int | None = None) -> Path:
        """Write the picture to ``path``; its ending says what: .svg, .png, .pdf, .html, or .dot (.gv).

        .html is the page to walk through, .dot the text for graphviz. ``dpi`` is for PNG, 96 unless given; use 192
        for print. A PNG of more than 30,000 dots on a side gets fewer dots per inch, with a warning. The file is
        written whole or not at all.

        Raises:
            ValueError: another ending.
            RuntimeError: there is no graphviz to draw with, or it cannot write this kind of file.
            OSError: the file cannot be written.
        """
        target = Path(path)
        kind = target.suffix.lower().lstrip(".")
        texts = {"dot": "dot", "gv": "dot", "svg": "svg", "html": "html", "htm": "html"}
        if kind in texts:
            return write(target, getattr(self, texts[kind]).encode())
        if kind in FORMATS:
            return write(target, self.png if kind == "png" and dpi is None else self._render(kind, dpi))
        raise ValueError(
            f"cannot save a picture as {target.name!r}: the name has to end in .svg, .png, .pdf, .html or .dot"
        )

    def page(self) -> Page:
        """The page to walk through, which a notebook shows in its cell; see ``html``."""
        return Page(self)

    def show(self) -> Path:
        """Open the page in the browser, from a temporary file; of a graph so large that one waits for that, the SVG."""
        import tempfile
        import webbrowser

        ending = ".svg" if self._scene is None else ".html"
        target = self.save(Path(tempfile.mkdtemp()) / f"picture{ending}")
        webbrowser.open(target.as_uri())
        return target

    def _render(self, format: str, dpi: int | None = None, text: str = "") -> bytes:
        """Draw; if that takes too long, draw the next coarser view, which says so in the picture."""
        while True:
            if format == "png":
                dpi = self._dpi(dpi or DPI)
            try:
                return render(text or self.dot, format, placed=self.placed, engine=self.engine, dpi=dpi)
            except TimeoutError:
                if self._coarser is None:
                    raise
                self._take(self._coarser())
                text = text and self._text
            except RuntimeError as error:
                if format != "pdf" or "cannot write PDF" not in str(error):
                    raise
                return pdf_of(render(self.dot, "svg", placed=self.placed, engine=self.engine).decode())

    def _dpi(self, dpi: int) -> int:
        """``dpi``, or so much less that no side of the PNG has more than ``MOST_DOTS``."""
        points = max(size_of(self.svg))
        fitting = int(MOST_DOTS * 72 / points) if points else dpi
        if fitting >= dpi:
            return dpi
        warnings.warn(
            f"this picture is {points / 72:.0f} inches long: the PNG has {fitting} dots per inch instead of {dpi}, "
            f"so that no side has more than {MOST_DOTS:,} dots; SVG has no such limit",
            stacklevel=4,
        )
        return fitting

    def to_graphviz(self) -> Any:
        """The picture as a ``graphviz.Source``, for those who work with the package graphviz.

        Pictures that say where everything is (``placed``) are to be rendered with ``neato_no_op=2``, which keeps it
        there: ``source.render("picture", neato_no_op=2)``.
        """
        return source_of(self.dot, placed=self.placed)

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the SVG, and for places that show text only the text."""
        bundle = {"image/svg+xml": self.svg, "text/plain": repr(self)}
        if self._text != self.dot:  # as an image, so that its style sheet stays its own
            words = f'alt="{escape(f"{self.title}: {self.subtitle}")}" style="max-width:100%"'
            data = b64encode(self.svg.encode()).decode()
            bundle["text/html"] = f'<img src="data:image/svg+xml;base64,{data}" {words}>'
        return {k: v for k, v in bundle.items() if (not include or k in include) and not (exclude and k in exclude)}

    def __repr__(self) -> str:
        return f"<Picture of {self._what}>"


def paged(pictures: Sequence[tuple[str, Picture]], scale: Scale, title: str) -> str:
    """The page of pictures with their names; as soon as one has more than 200 steps, with strips of all their steps.

    Raises:
        ValueError: they have more values than a page can carry.
    """
    # Here and not above: who never asks for a page need not load threads and what reads XML.
    from concurrent.futures import ThreadPoolExecutor

    from .page.page import page_of
    from .page.windows import is_long, overview, refuse_too_large, windows_of

    scenes = [(name, picture.scene) for name, picture in pictures]
    refuse_too_large([scene for _, scene in scenes])
    strips = overview(scenes, scale) if any(is_long(scene) for _, scene in scenes) else ()
    shown = [windows_of(scene) if is_long(scene) else [scene] for _, scene in scenes]
    parts = [(name, picture, part) for (name, picture), found in zip(pictures, shown, strict=True) for part in found]
    with (
        no_search_for_garbage(),
        ThreadPoolExecutor(2) as pool,
    ):  # graphviz draws the next while the last is put together
        return page_of(pool.map(lambda part: part[1].run(scale, part[0], part[2]), parts), scale, title, strips)


class Page(Paged):
    """The page of a picture, ``picture.page()``: in a notebook it shows itself."""

    rule = f"{Paged.rule}. The picture itself: picture.save('one.svg')"

    def __init__(self, picture: Picture) -> None:
        self.picture = picture

    @property
    def html(self) -> str:
        return self.picture.html

    def __repr__(self) -> str:
        return f"<Page of {self.picture.title}>"


class Playground(Paged):
    """A page to play with: how far back does the gradient of an RNN, an LSTM or a GRU reach?

    A network reads T symbols and must name the first one. Cell, T, the spectral radius of W_hh, the forget gate's bias,
    layer norm, clipping and more are changed by sliders, and it trains while one looks. In a notebook it shows itself;
    ``Playground().save("play.html")`` writes it.
    """

    called = "a playground"

    @property
    def html(self) -> str:
        """The page, one file that fetches nothing."""
        from .page.playground import content  # it records the steps of all cells

        return assembled("play", "How far back does the gradient reach?", content())


class LiveText(Paged):
    """A page for a trained text model: one types, and sees what the prediction of every token depends on.

    Each token is coloured by its share in the prediction that was chosen, dL/dx times x where L is -log p and x the row
    of the embedding that was read; below it are the states and the gates of all units as a heat map. It computes in
    the browser with the model's own numbers, and fetches nothing.

    Args:
        tokens: what the model knows, in the order of its ids.
        embedding, rnn, head: from ids to rows, to states, one direction, to what softmax is taken of.
        level: "char" or "word": how a text is cut into tokens.
        lower: whether a text is put into lower case first.
        unknown: the token for all that is not known; without one such tokens are refused on the page.
        text: to begin with.
        title: the first line.

    Raises:
        ValueError: the parts do not fit together, or the model is too large for a page.
    """

    def __init__(
        self,
        tokens: Sequence[str],
        embedding: Embedding,
        rnn: RNN | LSTM | GRU,
        head: Linear,
        *,
        level: Literal["char", "word"] = "char",
        lower: bool = False,
        unknown: str | None = None,
        text: str = "",
        title: str = "What does a prediction depend on?",
    ) -> None:
        from .page.live_text import content  # it records the steps

        refuse_unknown("level", level, ("char", "word"))
        if not len(tokens) == embedding.num_embeddings == head.out_features:
            sizes = f"{len(tokens)} tokens, {embedding.num_embeddings} rows and {head.out_features} outputs"
            raise ValueError(f"{sizes} do not fit together: a model of tokens has one of each for every token")
        told = {"tokens": list(tokens), "level": level, "lower": lower, "unknown": unknown, "text": text}
        self.title, self._data = title, content(embedding, rnn, head) | told

    @property
    def html(self) -> str:
        """The page, one file that fetches nothing."""
        return assembled("text", self.title, self._data)
