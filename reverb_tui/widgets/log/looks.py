"""The colours and text styles of the log.

Only what has a colour of its own is a component: Textual works each of them out several times at
every start of the app.
"""

from collections.abc import Callable
from typing import Final

from rich.style import Style
from textual.theme import Theme

from reverb_tui.entry import Kind
from reverb_tui.widgets.hues import HUES, NO_HUES, hue_of, hues_for

CSS: Final = """
EchoLog {
    background: $surface;
    color: $foreground;
    overflow-x: hidden;
    overflow-y: scroll;
    scrollbar-size-vertical: 1;
    .echo-log--shout { color: $text-primary; }
    .echo-log--muted { color: $text-muted; }
    .echo-log--problem { color: $text-error; }
    .echo-log--highlighted { background: $primary-muted; }
    .echo-log--found { background: $warning-muted; text-style: underline; }
    .echo-log--current { background: $warning; color: black; text-style: bold underline; }
    .echo-log--selected { background: $primary; color: $text; }
    .echo-log--behind { background: $primary; color: $text; text-style: bold; }
    &:ansi .echo-log--selected { background: ansi_cyan; color: ansi_black; }
    &:nocolor .echo-log--selected { text-style: reverse; }
    &:nocolor .echo-log--highlighted { text-style: underline; }
}
"""
COMPONENTS: Final = {
    *("echo-log--shout", "echo-log--muted", "echo-log--problem", "echo-log--highlighted"),
    *("echo-log--found", "echo-log--current", "echo-log--selected", "echo-log--behind"),
}

_KIND_STYLES: Final[dict[int, tuple[tuple[str, ...], Style]]] = {
    Kind.SHOUT: (("echo-log--shout",), Style()),
    Kind.LOUD: ((), Style(bold=True)),
    Kind.NORMAL: ((), Style()),
    Kind.QUIET: ((), Style(dim=True, italic=True)),
    Kind.PLAIN: ((), Style()),
    Kind.NOTICE: (("echo-log--muted",), Style(italic=True)),
    Kind.PROBLEM: (("echo-log--problem",), Style(bold=True, italic=True)),
    Kind.SENT: (("echo-log--shout",), Style()),
}
"""For each kind of line: the component with its colour, if it has one, and its text style."""

CURSOR: Final = Style(reverse=True)


class LineStyles:
    """The style of each kind of line in each shout's colour, worked out once for a theme.

    Args:
        component: Returns the style of the log with these components.
    """

    def __init__(self, component: Callable[..., Style]) -> None:
        self._component = component
        self._hues = NO_HUES
        self._styles: dict[int, Style] = {}

    def renew(self, theme: Theme) -> None:
        """Forget all styles: from now on they are those of this theme."""
        self._hues = hues_for(theme)
        self._styles.clear()

    @property
    def colourless(self) -> bool:
        """Whether the shouts have no colours to tell them apart."""
        return self._hues is NO_HUES

    def style(self, kind: int, shout: int) -> Style:
        """Return the style of a line; ``shout`` is the number of its shout, or 0."""
        hue = hue_of(shout) if shout else HUES
        key = kind * (HUES + 1) + hue
        if key not in self._styles:
            components, text_style = _KIND_STYLES[kind]
            colour = self._hues[hue] if shout else Style()
            self._styles[key] = self._component(*components) + text_style + colour
        return self._styles[key]
