"""Conversations as ``docs/protocol.md`` writes them down: who says what, and when."""

import ast
import re
from dataclasses import dataclass
from typing import Final

_STATE: Final = re.compile(
    r"(?:delay (?P<delay>[\d.]+), )?mode (?P<mode>concurrent|sequential|plain)"
    r"(?:, limit (?P<limit>\d+))?(?P<deaf>, without control)?"
)
_LINE: Final = re.compile(r'([<>]) (end|".*") @ ([\d.]+)')


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that one side says: its instant in seconds, and its bytes; None for the end."""

    instant: float
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One example: the client's lines, and the answers that it must get.

    Args:
        mode: The mode at the beginning: concurrent, sequential or plain.
        delay: The delay at the beginning, in seconds; 0 in mode plain.
        limit: Bytes of the longest line; None for the usual limit.
        deaf: Whether the server is one that knows no control lines.
        sent: What the client says.
        expected: What the server says.
    """

    mode: str
    delay: float
    limit: int | None
    deaf: bool
    sent: tuple[Said, ...]
    expected: tuple[Said, ...]


def blocks(page: str) -> list[str]:
    """Return the conversations on a page, as they are written."""
    return re.findall(r"^```wire\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def parse(block: str) -> Conversation:
    """Read one conversation. Raises ValueError with the line that can't be read."""
    first, *lines = block.splitlines()
    state = _STATE.fullmatch(first)
    if not state:
        raise ValueError(first)
    said: dict[str, list[Said]] = {">": [], "<": []}
    for line in lines:
        match = _LINE.fullmatch(line)
        if not match:
            raise ValueError(line)
        data = None if match[2] == "end" else ast.literal_eval("b" + match[2])
        said[match[1]].append(Said(float(match[3]), data))
    return Conversation(
        mode=state["mode"],
        delay=float(state["delay"] or 0),
        limit=int(state["limit"]) if state["limit"] else None,
        deaf=bool(state["deaf"]),
        sent=tuple(said[">"]),
        expected=tuple(said["<"]),
    )


def by_line(said: tuple[Said, ...]) -> tuple[Said, ...]:
    """Cut what one side says into lines."""
    result: list[Said] = []
    for each in said:
        if each.data is None:
            result.append(each)
        else:
            result += [Said(each.instant, line + b"\n") for line in each.data.split(b"\n")[:-1]]
    return tuple(result)
