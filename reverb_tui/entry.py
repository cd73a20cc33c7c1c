"""A line of the log, wherever it is: on the screen, on its way there, or in a file."""

from enum import IntEnum, StrEnum
from typing import Final, TypeAlias


class Kind(IntEnum):
    """Kinds of lines in the log."""

    SHOUT = 0
    LOUD = 1
    NORMAL = 2
    QUIET = 3
    PLAIN = 4
    """From the network, and no echo."""
    NOTICE = 5
    """From the client itself."""
    PROBLEM = 6
    SENT = 7
    """A line to a server that is no reverb: nothing comes back for it."""


Entry: TypeAlias = tuple[int, str, float, int]
"""The kind; the text, safe to show; the instant in seconds of wall clock, 0.0 if unknown; and
the number of the shout that it belongs to, from 1, or 0."""

PREFIXES: Final = ("", "    ", "    ", "    ", "< ", "· ", "! ", "> ")
"""Prefix of each kind of line, which tells the direction without colour."""


class Timestamps(StrEnum):
    """Which time stands beside the lines."""

    NONE = "none"
    CLOCK = "clock"
    """The time of day, with milliseconds."""
    SINCE = "since"
    """The time since the shout."""

    @property
    def after(self) -> "Timestamps":
        """The one that a key comes to from this one."""
        return {self.NONE: self.CLOCK, self.CLOCK: self.SINCE, self.SINCE: self.NONE}[self]
