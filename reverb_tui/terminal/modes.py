"""The modes of a terminal that a full screen needs: how they are set, and given back."""

import os
from typing import Final

MOUSE: Final = ("1000", "1003", "1015", "1006")
"""Buttons, moves, and two ways to tell them beyond column 223."""

KEYBOARD: Final = 0b11101
"""The kitty protocol: disambiguated, all keys, with those of a Latin keyboard in their places, and
with the text they type."""

WITHOUT_KITTY: Final = os.environ.get("TEXTUAL_DISABLE_KITTY_KEY") == "1"
"""As in newer releases of Textual: for terminals that get the protocol wrong."""

ENTER: Final = "".join(
    (
        "\x1b[?1049h",  # first: the keyboard protocol has a stack for each screen
        "\x1b[?1016l",  # another program may have left it on: the mouse would be told in pixels
        *(f"\x1b[?{mode}h" for mode in MOUSE),
        "\x1b[?25l",  # no cursor
        "\x1b[?1004h",  # focus
        "\x1b[?2004h",  # bracketed paste
        "\x1b[?7l",  # no wrapping
    )
)

LEAVE: Final = "".join(
    (
        "\x1b[?2026l",  # whatever was held back by a frame that was cut off
        "\x1b[m",
        "\x1b[?2004l",
        "\x1b[?7h",
        "\x1b[?2048l",
        "\x1b[?1016l",
        *(f"\x1b[?{mode}l" for mode in MOUSE),
        "" if WITHOUT_KITTY else "\x1b[<u",
        "\x1b[?1049l",
        "\x1b[?25h",
        "\x1b[?1004l",
    )
)


def entering(*, again: bool) -> str:
    """Return what sets the modes, ``again`` or for the first time, and asks for what is known.

    The keyboard protocol is pushed on a stack of the terminal: again, it is taken off first.
    """
    keyboard = "" if WITHOUT_KITTY else f"\x1b[>{KEYBOARD}u"
    if again and keyboard:
        keyboard = f"\x1b[<u{keyboard}"
    # Apple's terminal shows the question instead of answering it.
    apple = os.environ.get("TERM_PROGRAM") == "Apple_Terminal"
    synchronized = "" if apple else "\x1b[?2026$p"
    return f"{ENTER}{keyboard}{synchronized}"
