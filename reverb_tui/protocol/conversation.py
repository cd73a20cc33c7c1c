"""One connection as the client sees it, without I/O and without a clock.

Bytes that came and their instant go in, events come out; wishes go in, bytes to send come out.
The contract with the owner of the stream::

    conversation.hear(data, now)    # whenever a read brought something; returns events
    conversation.end()              # at the end of input; returns what was left
    conversation.shout(text)        # or send, ask, half_close
    conversation.data_to_send()     # after each of these, and at the start: send it
    conversation.half_closed        # then: nothing more will be sent

Instants are seconds on one clock.
"""

from collections.abc import Iterator
from typing import Final

from reverb_tui.protocol.control_filter import ControlFilter
from reverb_tui.protocol.events import Changed, Event, Heard
from reverb_tui.protocol.lines import LineSplitter
from reverb_tui.protocol.negotiation import Negotiation, ServerError, ServerInfo

SLICE: Final = 500
"""Most lines of one event: handling them without a pause takes a few milliseconds."""


class Conversation:
    """The protocol of one connection.

    Args:
        now: When the connection was made.
        control: Whether requests may be sent; the first one goes out before anything else.
        raw: The server is no reverb: nothing it sends is a control line.
        crlf: End shouts with CR LF instead of LF.
        lines: Whether what comes is split into lines; otherwise events have only the bytes.
        delay: The delay to ask for at connect, in seconds.
        mode: The mode to ask for at connect.
    """

    def __init__(
        self,
        now: float,
        *,
        control: bool = True,
        raw: bool = False,
        crlf: bool = False,
        lines: bool = True,
        delay: float | None = None,
        mode: str | None = None,
    ) -> None:
        self._negotiation = Negotiation(control, raw, delay, mode)
        self._control_filter = ControlFilter(self._negotiation)
        self._lines = LineSplitter() if lines else None
        self._line_end = b"\r\n" if crlf else b"\n"
        self._outgoing = [self._negotiation.start()]
        self._told = self.info
        self._asked = now  # when the request in flight was made
        self._came = now  # when the last bytes did
        self.half_closed = False
        """Whether nothing more will be sent."""
        self.ended = False
        """Whether the input has ended."""
        self.heard_anything = False
        """Whether the server has sent anything at all."""

    @property
    def info(self) -> ServerInfo:
        """The known facts about the server."""
        return self._negotiation.info

    @property
    def open(self) -> bool:
        """Whether wishes still have an effect."""
        return not (self.half_closed or self.ended)

    @property
    def unfinished(self) -> bytes:
        """The text after the last event whose line has not ended."""
        return self._lines.unfinished if self._lines else b""

    def data_to_send(self) -> bytes:
        """Return what is to be sent since the last call, maybe ``b""``."""
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        return data

    def shout(self, *texts: bytes) -> None:
        """Send shouts, each of them one line without its line ending; no effect if not `open`."""
        self.send(b"".join([text + self._line_end for text in texts]))

    def send(self, data: bytes) -> None:
        """Send any bytes as they are, like `shout`."""
        if self.open:
            self._outgoing.append(data)

    def ask(
        self,
        now: float,
        *,
        delay: float | None = None,
        mode: str | None = None,
        limits: bool = False,
    ) -> None:
        """Ask for a delay (seconds), a mode, the limits, like `shout`; the last value arrives."""
        self._request(now, delay, mode, limits=limits)
        # The caller knows of the wish; so its end is news, even if the answer changes nothing else.
        self._told = self.info

    def half_close(self) -> None:
        """Send nothing after what was wished so far."""
        self.half_closed = True

    def take_for_stranger(self) -> None:
        """Treat the server as no reverb: from now on everything it sends is text."""
        self._negotiation.take_for_stranger()
        self._told = self.info

    def hear(self, data: bytes, now: float) -> list[Event]:
        """Handle what one read brought at ``now``; return the events. Raises nothing."""
        self.heard_anything = True
        self._came = now
        events: list[Event] = []
        for piece in self._control_filter.feed(data):
            if isinstance(piece, bytes):
                events += self._heard(piece)
                continue
            answered = self._asked
            self._request(now)  # what was wished for while the last one was in flight
            if self.info != self._told:
                self._told = self.info
                events.append(Changed(self._told, answered))
            if isinstance(piece, ServerError):
                events.append(piece)
        return events

    def cut(self) -> Heard:
        """Return what is unfinished as a part of its line, with the instant at which it came."""
        part = self._lines.cut() if self._lines else b""
        return Heard([part], self._came, {0}) if part else Heard([], self._came)

    def end(self) -> Heard:
        """Handle the end of input; return what is left, with the instant at which it came."""
        self.ended = True
        held = self._control_filter.end()
        if self._lines is None:
            return Heard([], self._came, (), held)
        lines, goes_on = self._lines.feed(held)
        if rest := self._lines.end():
            goes_on.add(len(lines))
            lines.append(rest)
        return Heard(lines, self._came, goes_on, held)

    def _request(
        self,
        now: float,
        delay: float | None = None,
        mode: str | None = None,
        *,
        limits: bool = False,
    ) -> None:
        if self.open and (request := self._negotiation.ask(delay, mode, limits=limits)):
            self._asked = now
            self._outgoing.append(request)

    def _heard(self, data: bytes) -> Iterator[Heard]:
        if self._lines is None:
            yield Heard([], self._came, (), data)
            return
        lines, goes_on = self._lines.feed(data)
        for begin in range(0, max(1, len(lines)), SLICE):
            part = lines[begin : begin + SLICE]
            indexes = {index - begin for index in goes_on if begin <= index < begin + SLICE}
            yield Heard(part, self._came, indexes, b"" if begin else data)
