"""The colours: Textual's themes, one with the terminal's own, and one of black on white."""

from collections.abc import MutableMapping
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

TERMINAL: Final = Theme(
    name="terminal",
    # No colour of its own: the 16 that the user gave the terminal, light or dark.
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    accent="ansi_magenta",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "text-primary": "ansi_default",  # the blue of many terminals can't be read on black
        # Where a foreground is needed on a colour, reverse video is right in light and dark.
        "block-cursor-foreground": "ansi_default",
        "block-cursor-background": "ansi_default",
        "block-cursor-text-style": "reverse",
        "border-blurred": "ansi_bright_black",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
        "scrollbar": "ansi_bright_black",
        "scrollbar-hover": "ansi_bright_black",
        "scrollbar-active": "ansi_blue",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "scrollbar-corner-color": "ansi_default",
        "footer-key-foreground": "ansi_blue",
    },
)
"""The terminal's own colours; ``App.register_theme`` makes it known."""

PAPER: Final = Theme(
    name="paper",
    # Real black on real white: a projector in a bright room leaves nothing of less.
    dark=False,
    primary="#0037a6",
    secondary="#0037a6",
    warning="#8a4500",
    error="#a80000",
    success="#00631f",
    accent="#b34a00",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#ffffff",
    boost="#ffffff",
)
"""Black on white, for a projector; ``App.register_theme`` makes it known."""

OWN: Final = (TERMINAL, PAPER)
"""The themes that Textual does not have."""

NAMES: Final = (
    *(theme.name for theme in OWN),
    *sorted(name for name in BUILTIN_THEMES if not name.startswith("ansi-")),
)
"""The themes that can be chosen; Textual's own two of the kind of ``terminal`` are left out."""

FEW_COLOURS: Final = TERMINAL.name
"""The theme to have where there are 16 colours, or none are wanted.

It marks by reverse video and not by colour, and the shades of the others would be unreadable.
"""


def settle_no_color(environment: MutableMapping[str, str]) -> bool | None:
    """Take an empty ``NO_COLOR`` away; return what Textual's App must be told as ``ansi_color``.

    Where ``NO_COLOR`` is set Textual would turn colours to greys, and the terminal's own to black
    on black; told so it leaves colours out. An empty ``NO_COLOR`` means nothing (no-color.org),
    but it would to Textual, which looks for itself.
    """
    if environment.get("NO_COLOR"):
        return True
    environment.pop("NO_COLOR", None)
    return None
