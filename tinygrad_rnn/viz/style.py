"""Looks: the two themes, and how the size of a gradient becomes a colour, a width and a dash."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

#: What a picture shows of every value.
Show = Literal["both", "values", "gradients"]

#: No letters are smaller; a picture of this width shows them 6 pixels high in a notebook, whose cells have 960.
LEAST = 10
WIDEST = LEAST * 960 / 6
#: How many times longer than the other one side of a picture may be.
TAPE = 6

#: Line widths of the eight shades, in points.
WIDTHS = (0.8, 1.2, 1.7, 2.3, 3.0, 3.8, 4.7, 5.6)
SHADES = len(WIDTHS)
#: The narrowest and widest range of the scale. A contribution 1e-7 of the largest is lost when added in float32.
DECADES = (4, 7)


class Theme(NamedTuple):
    """The colours of a picture.

    Three meanings only: blue-grey is data going forward, green is parameters, yellow to brown is the size of a
    gradient; magenta is broken. Luminance is strictly monotone over the shades and every text has a contrast of
    4.6 or more on its ground (tests compute both).
    """

    name: str
    background: str
    text: str
    muted: str
    card: str
    border: str
    badge: str
    panel: str
    panel_border: str
    forward: str
    input: str
    input_fill: str
    parameter: str
    parameter_fill: str
    fills: tuple[str, ...]
    inks: tuple[str, ...]
    lines: tuple[str, ...]
    zero: str
    broken: str
    broken_ink: str


LIGHT = Theme(
    name="light", background="#FFFFFF", text="#1F2933", muted="#5E6B79", card="#FFFFFF", border="#9AA5B1",
    badge="#DFE5EC", panel="#F5F7FA", panel_border="#D9DFE6", forward="#7B8794",
    input="#2F6FA7", input_fill="#E4EFF8", parameter="#1B7F5C", parameter_fill="#E2F3EC",
    fills=("#FFF4C8", "#FEE391", "#FEC44F", "#FE9929", "#EC7014", "#CA4B02", "#993404", "#5C1A02"),
    inks=("#1F2933",) * 5 + ("#FFFFFF",) * 3,
    lines=("#CDB574", "#CFA248", "#D48C26", "#D97714", "#CF5D08", "#B24503", "#8A2F03", "#5C1A02"),
    zero="#C3CAD2", broken="#B5179E", broken_ink="#FFFFFF",
)  # fmt: skip

DARK = Theme(
    name="dark", background="#12161C", text="#E6EBF1", muted="#9AA7B5", card="#1E252E", border="#56616E",
    badge="#323D4A", panel="#1A2028", panel_border="#2C3540", forward="#8A97A6",
    input="#6FB1E8", input_fill="#16283A", parameter="#4CC79C", parameter_fill="#12302A",
    fills=("#2A2115", "#453116", "#6B4714", "#965F10", "#C47C10", "#EE9D1F", "#FFC65C", "#FFEBB0"),
    inks=("#FFFFFF",) * 4 + ("#12161C",) * 4,
    lines=("#6B5630", "#7D6027", "#96701F", "#B5811A", "#D4921C", "#F0A830", "#FFCB68", "#FFEBB0"),
    zero="#4A5563", broken="#FF6FD8", broken_ink="#12161C",
)  # fmt: skip


#: What can be asked for as a theme, by name.
THEMES = ("light", "dark", "auto")


def theme_of(name: str | Theme) -> Theme:
    """The theme called ``name``, "light" or "dark"."""
    if isinstance(name, Theme):
        return name
    refuse_unknown("theme", name, THEMES)
    return DARK if name == "dark" else LIGHT


def refuse_unknown(option: str, given: object, choices: Sequence[str]) -> None:
    """Raise ValueError if what is ``given`` for an option is none of the choices."""
    if given not in choices:
        *others, last = map(repr, choices)
        raise ValueError(f"{option}={given!r} is unknown; choose {', '.join(others)} or {last}")


class Look(NamedTuple):
    """How one gradient looks: the ground and ink of its numbers, the colour, width and dash of its line.

    ``css`` is the class of its marks in SVG: g0 .. g7, gzero, gtiny (below the scale), gbad (NaN or infinite), and
    gnone where there is no gradient, which is never drawn like 0.
    """

    css: str
    fill: str
    ink: str
    line: str
    width: float
    dash: str

    @property
    def faint(self) -> bool:
        """Whether its numbers stand on no colour."""
        return self.css in ("gzero", "gtiny")


class Scale(NamedTuple):
    """A logarithmic scale of eight shades from 10^low to 10^high."""

    low: float
    high: float

    @classmethod
    def over(cls, sizes: Iterable[float | None]) -> Scale:
        """The scale of whole decades, four to seven, for ``sizes``; smaller ones may be what rounding left of 0."""
        logs = [math.log10(s) for s in sizes if s is not None and 0 < s < math.inf]
        if not logs:
            return cls(-4, 0)
        high = math.ceil(max(logs))
        span = max(high - math.floor(min(log for log in logs if log >= high - DECADES[1])), DECADES[0])
        return cls(high - span, high)

    @classmethod
    def around(cls, size: float) -> Scale:
        """The scale with one shade for every factor of 10 and ``size`` in the middle of the sixth of eight."""
        middle = math.log10(size) if 0 < size < math.inf else 0.0
        return cls(middle - 5.5, middle + 2.5)

    def shade(self, size: float) -> int:
        """The shade of a finite positive ``size``, 0 to 7; -1 below the scale."""
        place = (math.log10(size) - self.low) / (self.high - self.low) * SHADES
        return -1 if place < 0 else min(int(place), SHADES - 1)

    def look(self, size: float | None, theme: Theme) -> Look:
        """How a gradient of this size looks; None for no gradient at all."""
        if size is None:
            return Look("gnone", theme.card, theme.muted, theme.card, 0, "invis")
        if not math.isfinite(size):
            return Look("gbad", theme.broken, theme.broken_ink, theme.broken, 4, "dashed")
        if size == 0:
            return Look("gzero", theme.card, theme.muted, theme.zero, 1, "dotted")
        shade = self.shade(size)
        if shade < 0:
            return Look("gtiny", theme.card, theme.text, theme.zero, 0.6, "dashed")
        return Look(f"g{shade}", theme.fills[shade], theme.inks[shade], theme.lines[shade], WIDTHS[shade], "solid")


@dataclass
class Setting:
    """How a picture is drawn, and what is said beside it."""

    theme: Theme
    scale: Scale
    title: str = ""
    subtitle: str = ""
    note: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)  #: a word or two for the steps, by step number
    show: Show = "both"
    direction: str = ""  #: where graphs without time steps go; "" for whatever can be read better
    width: float = 0.0  #: of the picture, in points, once it is written
    height: float = 0.0  #: the same, if its steps go on in further lines
    seen: set[str] = field(default_factory=set, compare=False)  #: what was drawn, which the legend explains
    words: dict[str, None] = field(default_factory=dict, compare=False)  #: with these words

    def look(self, size: float | None) -> Look:
        """How a gradient of this size looks; the legend tells of lines, and of what is broken."""
        look = self.scale.look(size, self.theme)
        self.seen |= {look.css} & {"gbad"}
        return look

    def cell(self, size: float | None) -> Look:
        """How a gradient of this size looks in a row of cells; the legend tells of those that have no shade."""
        look = self.look(size)
        if look.css == "gzero":
            look = look._replace(fill=self.theme.zero, ink=self.theme.text)
        self.seen |= {"cell", "hollow" if size is None else f"{look.css} cell"}
        return look

    @property
    def said(self) -> Iterator[tuple[str, str, float, str, float]]:
        """The lines above the picture: what each is, its words, their size and colour, and its height."""
        yield "title", self.title, 16.0, self.theme.text, 24.0
        yield "subtitle", self.subtitle, 10.5, self.theme.muted, 18.0
        if self.note:
            yield "note", self.note, 10.0, self.theme.muted, 16.0
