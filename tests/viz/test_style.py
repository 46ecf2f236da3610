"""The promises of the colours, computed."""

import math
from itertools import pairwise

import pytest

from tests.viz.inside import DARK, LIGHT, WIDTHS, Scale, Theme, theme_of

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def linear(colour: str) -> tuple[float, float, float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return r, g, b


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    r, g, b = linear(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: tuple[float, float, float]) -> tuple[float, float, float]:
    """CIE Lab of linear RGB, white D65."""
    r, g, b = rgb
    xyz = (
        (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
        0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
        (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883,
    )
    x, y, z = (c ** (1 / 3) if c > 216 / 24389 else (24389 / 27 * c + 16) / 116 for c in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


# Full colour blindness: Machado, Oliveira & Fernandes, IEEE TVCG 15 (2009).
BLINDNESS = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def difference(a: str, b: str, kind: str) -> float:
    seen = []
    for colour in (a, b):
        rgb = linear(colour)
        r, g, b_ = (min(1.0, max(0.0, sum(m * c for m, c in zip(row, rgb, strict=True)))) for row in BLINDNESS[kind])
        seen.append(lab((r, g, b_)))
    return math.dist(*seen)


@THEMES
def test_luminance_is_strictly_monotone(theme: Theme) -> None:
    for colours in (theme.fills, theme.lines):
        values = [luminance(colour) for colour in colours]
        falling = all(a > b for a, b in pairwise(values))
        rising = all(a < b for a, b in pairwise(values))
        assert falling if theme is LIGHT else rising


@THEMES
def test_text_can_be_read_on_every_ground(theme: Theme) -> None:
    for fill, ink in zip(theme.fills, theme.inks, strict=True):
        assert contrast(fill, ink) >= 4.6
    assert contrast(theme.broken, theme.broken_ink) >= 4.6
    for ground in (theme.background, theme.card, theme.panel, theme.badge, theme.parameter_fill, theme.input_fill):
        assert contrast(theme.text, ground) >= 4.6
    assert contrast(theme.muted, theme.background) >= 5.0
    assert contrast(theme.muted, theme.card) >= 5.0


@THEMES
def test_lines_can_be_seen(theme: Theme) -> None:
    for colour in theme.lines:
        assert contrast(colour, theme.background) >= 2.0
    assert contrast(theme.lines[-1], theme.background) >= 12.0


@pytest.mark.parametrize("kind", BLINDNESS)
def test_shades_differ_for_the_colour_blind(kind: str) -> None:
    for a, b in pairwise(LIGHT.fills):
        assert difference(a, b, kind) >= 10
    for a, b in pairwise(LIGHT.lines):
        assert difference(a, b, kind) >= 4.4
    for line in LIGHT.lines:
        assert difference(line, LIGHT.parameter, kind) >= 29


def test_widths_grow() -> None:
    assert all(a < b for a, b in pairwise(WIDTHS))


@pytest.mark.parametrize(
    ("sizes", "low", "high"),
    [
        ([], -4, 0),
        ([0.0, math.nan, math.inf], -4, 0),
        ([1.0], -4, 0),
        ([0.0034, 0.12, 1.0], -4, 0),
        ([626.0, 10.2, 4.26], -1, 3),
        ([1e-5, 0.5], -5, 0),
        ([1e-30, 2e-6, 5.0], -6, 1),
        ([1.8e-18, 1.8e-9, 0.02, 1.0], -4, 0),  # what rounding left of 0
    ],
)
def test_the_scale_covers_four_to_seven_decades(sizes: list[float], low: int, high: int) -> None:
    assert Scale.over(sizes) == Scale(low, high)


def test_looks() -> None:
    scale = Scale(-4, 0)
    looks = {size: scale.look(size, LIGHT) for size in (0.0, 1e-6, 1.2e-4, 1.0, 50.0, math.inf)}
    assert [look.css for look in looks.values()] == ["gzero", "gtiny", "g0", "g7", "g7", "gbad"]
    assert looks[0.0].dash == "dotted"
    assert looks[1e-6].dash == "dashed"
    assert looks[1.0].width == WIDTHS[-1]
    assert looks[math.inf].fill == LIGHT.broken
    assert scale.look(math.nan, LIGHT).css == "gbad"


def test_no_gradient_never_looks_like_zero() -> None:
    scale = Scale(-4, 0)
    assert scale.look(None, LIGHT).css == "gnone"
    assert scale.look(None, LIGHT) != scale.look(0.0, LIGHT)


def test_every_shade_is_reached() -> None:
    scale = Scale(-4, 0)
    assert [scale.shade(10 ** (-4 + n / 2 + 0.01)) for n in range(8)] == list(range(8))


def test_an_unknown_theme_is_an_error() -> None:
    with pytest.raises(ValueError, match="choose 'light', 'dark' or 'auto'"):
        theme_of("pink")
