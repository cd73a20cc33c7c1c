"""A colour for each shout: eight that people with any colour vision can tell apart.

Found by search: of all palettes tried, any three in a row have the largest distance in CIELAB, as
people without one kind of cones see them (Machado, Oliveira and Fernandes 2009). Orange is left
out, it means *now*. Each has a contrast of 4.5 or more to its ground (WCAG 2.2, 1.4.3).
"""

from typing import Final

from rich.style import Style
from textual.theme import Theme

_DARK: Final = (
    *("#38dafa", "#c77a6b", "#c2ed97", "#c760fb"),
    *("#fc88d5", "#58fa38", "#8ac76b", "#e9c4c4"),
)
_LIGHT: Final = (
    *("#1f66ad", "#8b0404", "#7e304a", "#0525c7"),
    *("#7e7130", "#5f1111", "#511f49", "#03036d"),
)

HUES: Final = len(_DARK)
"""Different colours; after so many shouts they begin again."""

ON_DARK: Final = tuple(Style(color=colour) for colour in _DARK)
ON_LIGHT: Final = tuple(Style(color=colour) for colour in _LIGHT)
NO_HUES: Final = (Style(),) * HUES
"""For terminals with 16 colours or none: the number and the shape of a mark tell instead."""


def hues_for(theme: Theme) -> tuple[Style, ...]:
    """Return the style of each hue on the ground of a theme; none where colours are the user's."""
    return NO_HUES if theme.ansi else ON_DARK if theme.dark else ON_LIGHT


def hue_of(shout: int) -> int:
    """Return the hue of a shout by its number, counted from 1."""
    return (shout - 1) % HUES
