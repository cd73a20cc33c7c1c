"""Keys typed before the client can act on them: kept, and acted on in their order.

Nothing is acted on before the prompt has the focus. A line that was ended before that is for the
server, so its Enter, and all that comes after it, waits until it is known whether there is a
connection; but not keys that interrupt or quit.
"""

from enum import Enum, auto
from typing import Final, TypeAlias

from textual.events import Key, Paste

Input: TypeAlias = Key | Paste

IMMEDIATE_KEYS: Final = ("ctrl+c", "ctrl+q", "ctrl+z")
"""Keys that wait for no connection."""


class _Stage(Enum):
    NO_PROMPT = auto()
    NO_CONNECTION = auto()
    OPEN = auto()


class TypeAhead:
    """Keeps events; each is given back once, in order."""

    def __init__(self) -> None:
        self._stage = _Stage.NO_PROMPT
        self._kept: list[Input] = []

    @property
    def waits(self) -> bool:
        """Whether something waits for a connection."""
        return self._stage is _Stage.NO_CONNECTION

    def keeps(self, event: Input) -> bool:
        """Keep an event, if it has to wait; return whether it has."""
        waits = self._stage is _Stage.NO_PROMPT or (
            self._stage is _Stage.NO_CONNECTION
            and not (isinstance(event, Key) and event.key in IMMEDIATE_KEYS)
        )
        if waits:
            self._kept.append(event)
        return waits

    def begin(self) -> list[Input]:
        """Return what comes before the first Enter, now that there is a prompt."""
        if self._stage is not _Stage.NO_PROMPT:
            return []
        keys = [event.key if isinstance(event, Key) else "" for event in self._kept]
        first = keys.index("enter") if "enter" in keys else len(keys)
        early, self._kept = self._kept[:first], self._kept[first:]
        self._stage = _Stage.NO_CONNECTION if self._kept else _Stage.OPEN
        return early

    def open(self, *, connected: bool) -> list[Input]:
        """Return the rest: where nothing can be sent, lines as one paste, as several they stay."""
        if self._stage is not _Stage.NO_CONNECTION:
            return []
        self._stage = _Stage.OPEN
        kept, self._kept = self._kept, []
        text = "".join(map(_text, kept)).removesuffix("\n")
        return [Paste(text)] if "\n" in text and not connected else list(kept)


def _text(event: Input) -> str:
    if isinstance(event, Paste):
        return event.text
    if event.key == "enter":
        return "\n"
    return event.character if event.character and event.character >= " " else ""
