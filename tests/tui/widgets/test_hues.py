"""The colours of shouts: told apart, and readable."""

import math
from itertools import combinations

import pytest
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from reverb_tui.themes import TERMINAL
from reverb_tui.widgets.hues import HUES, NO_HUES, ON_DARK, ON_LIGHT, hue_of, hues_for

# Machado, Oliveira and Fernandes 2009: what people without one kind of cones see (linear RGB).
VISIONS = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def colour(style: Style) -> Color:
    assert style.color is not None
    return Color.from_rich_color(style.color)


def luminance(shade: Color) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
             for part in shade.normalized]  # fmt: skip
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("hues", "ground"), [(ON_DARK, "#1e1e1e"), (ON_LIGHT, "#ffffff")], ids=["dark", "light"]
)
def test_every_hue_can_be_read_on_its_ground(hues: tuple[Style, ...], ground: str) -> None:
    assert len(hues) == HUES == 8
    for hue in hues:
        assert contrast(colour(hue), Color.parse(ground)) >= 4.5


def seen(shade: Color, vision: str) -> tuple[float, float, float]:
    """CIELAB of what is seen."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
              for part in shade.normalized]  # fmt: skip
    r, g, b = (
        min(1.0, max(0.0, sum(a * c for a, c in zip(row, linear, strict=True))))
        for row in VISIONS[vision]
    )
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("hues", [ON_DARK, ON_LIGHT], ids=["dark", "light"])
def test_neighbours_are_told_apart_by_everyone(hues: tuple[Style, ...], vision: str) -> None:
    shades = [seen(colour(hue), vision) for hue in hues]

    def distance(one: int, other: int) -> float:
        return math.dist(shades[one % HUES], shades[other % HUES])

    for hue in range(HUES):  # three shouts in a row, whichever they are
        for one, other in combinations(range(hue, hue + 3), 2):
            assert distance(one, other) > 20, (hue, one % HUES, other % HUES)
    assert all(distance(one, other) > 12 for one, other in combinations(range(HUES), 2))


def test_shouts_take_turns_and_the_themes_have_theirs() -> None:
    assert [hue_of(shout) for shout in (1, 2, 8, 9)] == [0, 1, 7, 0]
    assert hues_for(BUILTIN_THEMES["nord"]) == ON_DARK
    assert hues_for(BUILTIN_THEMES["textual-light"]) == ON_LIGHT
    assert hues_for(TERMINAL) == NO_HUES
