r"""Control lines: how a client that is more than ``nc`` asks and is answered.

A control line is DLE, a JSON object and LF. This module turns the text of a line into a
`Request`, or says that it is a shout, and builds the lines of a server. It decides nothing: what
a request changes is the business of `reverb_server.core.reverb`. The wire is described in
``docs/protocol.md``.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeGuard

VERSION: Final = 1
"""The version of the protocol spoken here."""

MARK_BYTE: Final = 0x10
"""DLE, *data link escape*: made for this, found in no text, harmless in a terminal.

To look for a number in bytes takes 300 instructions; for bytes, which Python first takes for one
and raises an exception that it drops, 3,400: 8 % of a shout alone.
"""

MARK: Final = bytes((MARK_BYTE,))

MAX_BYTES: Final = 512
"""The longest control line in either direction, DLE and LF included."""

MAX_ID: Final = 2**53 - 1
"""The largest integer that JSON carries exactly between all languages (RFC 8259, section 6)."""

DELAY_MAX: Final = 60.0
"""The longest delay that a connection may have, in seconds."""

ReverbMode = Literal["concurrent", "sequential"]


_CANDIDATE = re.compile(rb"^\x10[^\n]{19,%d}\n" % (MAX_BYTES - 2), re.MULTILINE)
"""A line that may be a request: none is shorter than ``\x10{"reverb":1,"id":1}``."""


def is_delay(value: object) -> TypeGuard[float]:
    """Return whether ``value`` is a delay: a number of seconds from 0 to 60, and no bool."""
    return type(value) in (int, float) and 0 <= value <= DELAY_MAX  # type: ignore[operator]


def is_mode(value: object) -> TypeGuard[ReverbMode]:
    """Return whether ``value`` is a mode that a client may ask for."""
    return value == "concurrent" or value == "sequential"


@dataclass(frozen=True, slots=True)
class Request:
    """A well-formed request. ``problem`` is set where it can't be granted: (code, sentence)."""

    id: int
    delay: float | None = None
    mode: ReverbMode | None = None
    limits: bool = False
    problem: tuple[str, str] | None = None


def parse_request(line: bytes) -> Request | None:
    """Read the text of a line (without LF); None means that it is a shout.

    Raises nothing, whatever the bytes.
    """
    message = parse_object(line)
    if (
        message is None
        or not is_integer(message.get("reverb"))
        or not is_integer(message.get("id"))
    ):
        return None
    request_id = message["id"]
    if message["reverb"] != VERSION:
        return Request(request_id, problem=("bad-version", f"this server speaks version {VERSION}"))
    delay, mode, limits = message.get("delay"), message.get("mode"), message.get("limits", False)
    if "delay" in message and not is_delay(delay):
        return Request(
            request_id,
            problem=("bad-delay", f"the delay must be a number from 0 to {DELAY_MAX:g} seconds"),
        )
    if "mode" in message and not is_mode(mode):
        return Request(
            request_id, problem=("bad-mode", "the mode must be concurrent or sequential")
        )
    if type(limits) is not bool:
        return Request(request_id, problem=("bad-limits", "limits must be true or false"))
    return Request(request_id, None if delay is None else float(delay) + 0.0, mode, limits)


def parse_object(line: bytes) -> dict[str, Any] | None:
    """Read a control line of either side, without LF; None where it is not one.

    Strict where Python's json is not: ASCII, at most MAX_BYTES with its LF, no key twice.
    """
    if not line.startswith(MARK) or len(line) >= MAX_BYTES or not line.isascii():
        return None
    try:
        text = line[1:].decode("ascii")  # from bytes, json would take UTF-16 as well
        message = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_constant)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def sift(block: bytes) -> Iterator[bytes | Request]:
    """Part a block into smaller blocks of shouts and the requests between them, in order."""
    begin = 0
    for line in _CANDIDATE.finditer(block):
        request = parse_request(line[0][:-1])
        if request is None:
            continue
        if begin < line.start():
            yield block[begin : line.start()]
        yield request
        begin = line.end()
    if begin < len(block):
        yield block[begin:]


def request(
    request_id: int, *, delay: float | None = None, mode: str | None = None, limits: bool = False
) -> bytes:
    """Build a request, LF included: a hello and question if neither delay nor mode is given.

    ``limits`` asks for the limits of the server as well.
    """
    message: dict[str, object] = {"id": request_id}
    if delay is not None:
        message["delay"] = delay
    if mode is not None:
        message["mode"] = mode
    if limits:
        message["limits"] = True
    return _line(message)


def state(
    request_id: int,
    *,
    delay: float,
    mode: str,
    pending: int,
    limits: Mapping[str, float] | None = None,
) -> bytes:
    """Build the answer to a request that was granted: the state in force, LF included."""
    message: dict[str, object] = {
        "reply": request_id,
        "delay": delay,
        "delay_max": DELAY_MAX,
        "mode": mode,
        "pending": pending,
    }
    if limits is not None:
        message["limits"] = dict(limits)
    return _line(message)


def refusal(request_id: int, code: str, sentence: str) -> bytes:
    """Build the answer to a request that was not granted, LF included."""
    return _line({"reply": request_id, "code": code, "error": sentence})


def error(code: str, sentence: str) -> bytes:
    """Build an error that nobody asked for, LF included."""
    return _line({"code": code, "error": sentence})


def _line(message: dict[str, object]) -> bytes:
    text = json.dumps({"reverb": VERSION, **message}, separators=(",", ":"), allow_nan=False)
    return MARK + text.encode("ascii") + b"\n"


def is_integer(value: object) -> TypeGuard[int]:
    """Return whether ``value`` is an integer that every language has exactly, and no bool."""
    return type(value) is int and -MAX_ID <= value <= MAX_ID


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    message = dict(pairs)
    if len(message) != len(pairs):
        raise ValueError("a key stands twice")
    return message


def _constant(_name: str) -> float:
    """Read NaN and the infinities, which some encoders write, as a number out of every range."""
    return math.nan
