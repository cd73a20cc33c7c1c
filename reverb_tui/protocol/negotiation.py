"""Negotiation: what the server is, and the requests for its delay and mode.

The kind of server shows by content, with no timeout: a reverb answers the hello, a server that
knows no control lines echoes it as it would any shout, a plain echo returns it verbatim.

At most one request is in flight. Meanwhile the newest wish of each kind waits, and goes out when
the answer comes: a slider may wish as often as it likes, and the last value always arrives.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, Literal, TypeGuard

from reverb_server.core import control, voice

ServerKind = Literal["asking", "reverb", "no control lines", "plain", "off", "no reverb"]


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """Facts about the other side; None where unknown.

    Args:
        kind: Kind of server, if it has shown it.
        delay: The delay in force, in seconds, as it last confirmed.
        mode: The mode in force, likewise: concurrent or sequential.
        delay_max: The longest delay that it grants, in seconds.
        limits: Its limits in bytes, connections and seconds, by the names of its options; None
            until it was asked and has told.
        wished: The delay that was asked for and is not confirmed yet.
        wished_mode: The mode, likewise.
        reason: Why there is no control over it, one sentence; None if there is, or may be.
    """

    kind: ServerKind
    delay: float | None = None
    mode: str | None = None
    delay_max: float | None = None
    limits: Mapping[str, float] | None = None
    wished: float | None = None
    wished_mode: str | None = None
    reason: str | None = None


class Verdict(Enum):
    """Kinds of lines that report no error."""

    TEXT = auto()
    """For the user, even if it looks like a control line."""
    CONTROL = auto()
    """Part of the negotiation, not to be shown."""


@dataclass(frozen=True, slots=True)
class ServerError:
    """An error that the server reported, asked or unasked: a word and a sentence, not made safe."""

    code: str
    sentence: str


FULL: Final = "full"
"""The code of the error with which a server refuses a connection."""

SENDS_AWAY: Final = (FULL, "idle", "cut")
"""Codes of errors with which a reverb ends the connection."""


_REASONS: Final[dict[ServerKind, str]] = {
    "no control lines": "this server's delay and mode can't be changed from here",
    "plain": "plain echo server: no delay",
    "off": "control lines are switched off",
    "no reverb": "taken for no reverb, lines are shown as they come",
}


class Negotiation:
    """Finds out what the server is, and makes the requests to it.

    Args:
        control: Whether requests may be sent. Errors from the server are understood anyway.
        raw: The server is no reverb: nothing that comes is a control line.
        delay: The delay to ask for with the hello, in seconds.
        mode: The mode to ask for with the hello.
    """

    def __init__(
        self, control: bool, raw: bool, delay: float | None = None, mode: str | None = None
    ) -> None:
        self._raw = raw
        self._kind: ServerKind = "no reverb" if raw else "asking" if control else "off"
        self._reason = _REASONS.get(self._kind)
        self._wish: dict[str, Any] = {"delay": delay, "mode": mode}
        self._request = 0  # the id of the last request
        self._in_flight: dict[str, Any] | None = None  # what it asked for
        self._echoes: Counter[bytes] = Counter()  # those of the hello that may still come
        self._verbatim: bytes | None = None
        self._state: dict[str, Any] = {}
        self._limits: Mapping[str, float] | None = None

    @property
    def info(self) -> ServerInfo:
        """All that is known now."""
        wishes = {**_given(self._in_flight or {}), **_given(self._wish)}
        if self._kind not in ("asking", "reverb"):
            wishes = {}
        return ServerInfo(
            self._kind,
            **self._state,
            limits=self._limits,
            wished=wishes.get("delay"),
            wished_mode=wishes.get("mode"),
            reason=self._reason,
        )

    @property
    def attentive(self) -> bool:
        """Whether a line that comes can be anything but text."""
        return not self._raw and (self._kind in ("asking", "reverb", "off") or bool(self._echoes))

    def start(self) -> bytes:
        """Return what to send before anything else, maybe ``b""``."""
        if self._kind != "asking":
            return b""
        hello = self._send()
        self._verbatim = hello[:-1]
        self._echoes = Counter(voice.INDENT + speak(hello[:-1]) for speak in voice.VOICES)
        return hello

    def ask(
        self, delay: float | None = None, mode: str | None = None, *, limits: bool = False
    ) -> bytes:
        """Wish for a delay (seconds), a mode, the limits; return what to send now, maybe ``b""``.

        Without arguments: what is to be sent since the last answer came.
        """
        if self._kind not in ("asking", "reverb"):
            return b""
        self._wish.update(_given({"delay": delay, "mode": mode, "limits": limits or None}))
        return self._send() if self._in_flight is None and self._wish else b""

    def take_for_stranger(self) -> None:
        """Treat the server as no reverb: nothing that comes is a control line any more."""
        self._raw = True
        self._echoes.clear()
        self._without_control("no reverb")

    def hear(self, line: bytes) -> Verdict | ServerError:
        """Classify a line that came, given without LF and one CR.

        After anything but TEXT the facts may have changed, and `ask` may have a request. Raises
        nothing, whatever the bytes.
        """
        if not self.attentive:
            return Verdict.TEXT
        if line in self._echoes:
            return self._hear_own_echo(line)
        if line == self._verbatim and self._kind == "asking":
            self._without_control("plain")
            self._echoes.clear()
            return Verdict.CONTROL
        message = control.parse_object(line)
        if message is None or not control.is_integer(message.get("reverb")) or "id" in message:
            return Verdict.TEXT
        return self._hear_message(message)

    def _hear_own_echo(self, line: bytes) -> Verdict:
        self._echoes[line] -= 1
        self._echoes += Counter()  # drops what is used up
        if self._kind == "asking":
            self._without_control("no control lines")
        return Verdict.CONTROL

    def _hear_message(self, message: dict[str, Any]) -> Verdict | ServerError:
        """Handle an answer or an error; anything malformed is text."""
        code, sentence = message.get("code"), message.get("error")
        told = isinstance(code, str) and isinstance(sentence, str)
        if "reply" not in message:
            return ServerError(code, sentence) if told else Verdict.TEXT  # type: ignore[arg-type]
        state = _state(message)
        if not control.is_integer(message["reply"]) or (state is None and not told):
            return Verdict.TEXT
        if self._in_flight is None or message["reply"] != self._request:
            return Verdict.CONTROL  # an answer to somebody else
        asked, self._in_flight = self._in_flight, None
        self._echoes.clear()
        if message["reverb"] != control.VERSION:
            self._without_control("no control lines", "this server speaks another version")
            return Verdict.CONTROL
        self._kind = "reverb"
        if state is not None:
            self._state = state
            self._limits = _limits(message.get("limits")) or self._limits
            return Verdict.CONTROL
        if not self._state and asked:
            self._wish.setdefault("delay", None)  # the hello failed on its wishes: ask without
        return ServerError(code, sentence)  # type: ignore[arg-type]

    def _without_control(self, kind: ServerKind, reason: str | None = None) -> None:
        self._kind = kind
        self._reason = reason or _REASONS[kind]
        self._in_flight = None
        self._wish = {}

    def _send(self) -> bytes:
        self._request += 1
        self._in_flight, self._wish = _given(self._wish), {}
        return control.request(self._request, **self._in_flight)


def _given(wishes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in wishes.items() if value is not None}


def _state(message: dict[str, Any]) -> dict[str, Any] | None:
    """Read the state in force from an answer; None if it is incomplete."""
    delay, mode = message.get("delay"), message.get("mode")
    if "error" in message or not control.is_delay(delay) or not control.is_mode(mode):
        return None
    delay_max = message.get("delay_max")
    longest = delay_max if control.is_delay(delay_max) else control.DELAY_MAX
    return {
        "delay": float(delay),
        "mode": mode,
        "delay_max": max(float(longest), float(delay)),
    }


def _limits(told: object) -> Mapping[str, float] | None:
    """Read limits from an answer: finite numbers by their names; None where there are none."""
    if not isinstance(told, dict):
        return None
    limits = {name: value for name, value in told.items() if _is_limit(value)}
    return limits or None


def _is_limit(value: object) -> TypeGuard[float]:
    number = type(value) is float or control.is_integer(value)
    return number and 0 <= value < math.inf  # type: ignore[operator]
