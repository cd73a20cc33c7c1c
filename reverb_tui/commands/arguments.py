"""Arguments of commands, parsed and checked.

Each function takes an argument, without blanks around it and never empty, and returns the
parameters of the command's action; it raises ValueError, one sentence, for what can't be.
"""

from typing import Final, TypeAlias

from reverb_server.core import control
from reverb_tui.connection.targets import Embedded
from reverb_tui.options import server_address

BUILT_IN: Final = "built-in"
"""Word of ``/connect`` for the built-in server; a host of that name needs a port."""

Values: TypeAlias = tuple[object, ...]
"""Parameters of an action."""


def delay(argument: str) -> Values:
    """Seconds, as ``0.25`` or ``0.25s``."""
    number = argument.lower().removesuffix("s").strip()
    try:
        seconds = float(number)
    except ValueError:
        raise ValueError(f"delay {argument!r} is no number: give seconds, 0.25 say") from None
    if not control.is_delay(seconds):
        raise ValueError(
            f"delay {argument} is out of range: give seconds from 0 to {control.DELAY_MAX:g}"
        )
    return (seconds,)


def server(argument: str) -> Values:
    """``/connect``: an address as on the command line, or the word for the built-in server."""
    return (Embedded() if argument.lower() == BUILT_IN else server_address(argument),)


def text(argument: str) -> Values:
    """Whatever is there."""
    return (argument,)
