"""A client of one connection: shouts go in, events come out.

Nothing here waits to send, and nothing reads ahead: a read happens when an event is asked for.
"""

from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import anyio

from reverb_server.net.stream import Gone, Stream
from reverb_server.net.tls import TLSStream
from reverb_tui.connection.connect import connected
from reverb_tui.connection.control_filter import ControlFilter, Piece
from reverb_tui.connection.events import Changed, End, Ended, Event, Heard
from reverb_tui.connection.lines import Lines
from reverb_tui.connection.negotiation import Negotiation, Refused, ServerInfo
from reverb_tui.connection.outbox import Outbox
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.connection.tls import certificate_rows, in_words

SLICE: Final = 500
"""Lines of one event at most: what is done with them without a pause takes a few milliseconds."""


class Client:
    """One connection; get one from `open_client`. Belongs to the event loop it was made in."""

    def __init__(
        self, stream: Stream, negotiation: Negotiation, outbox: Outbox, crlf: bool
    ) -> None:
        self._stream = stream
        self._negotiation = negotiation
        self._outbox = outbox
        self._line_end = b"\r\n" if crlf else b"\n"
        self._control_filter = ControlFilter(negotiation)
        self._lines = Lines()
        self._came = anyio.current_time()  # when the last bytes did
        self._events: deque[Event] = deque()
        self._told = negotiation.info
        self._asked = self._answered = anyio.current_time()
        self._gone: Gone | None = None
        self._ended = self._told_end = False
        self.heard_anything = False
        """Whether the server has sent anything at all."""
        outbox.put(negotiation.start())

    @property
    def info(self) -> ServerInfo:
        """The known facts about the server."""
        return self._negotiation.info

    @property
    def tls(self) -> str | None:
        """The version and cipher of TLS; None without TLS."""
        return self._stream.description if isinstance(self._stream, TLSStream) else None

    @property
    def certificate(self) -> list[tuple[str, str]]:
        """The server's certificate, in rows of a label and a value that is safe to show.

        No rows without TLS.
        """
        stream = self._stream
        if not isinstance(stream, TLSStream):
            return []
        return certificate_rows(stream.certificate, stream.fingerprint)

    @property
    def open(self) -> bool:
        """Whether shouts can still be sent."""
        return self._outbox.open and not self._ended

    @property
    def sent_anything(self) -> bool:
        """Whether anything was sent."""
        return self._outbox.used

    def shout(self, *texts: bytes) -> float:
        """Send shouts, each of them one line without its line ending; return the instant.

        Never waits. Does nothing if the client is not `open`.
        """
        return self.send(b"".join([text + self._line_end for text in texts]))

    def send(self, data: bytes) -> float:
        """Send any bytes as they are, like `shout`."""
        self._outbox.put(data)
        return anyio.current_time()

    def ask(
        self, *, delay: float | None = None, mode: str | None = None, limits: bool = False
    ) -> None:
        """Ask for a delay (seconds), a mode, the limits. Never waits; the last value arrives."""
        self._ask(delay, mode, limits=limits)
        # Who asks knows of the wish; so its end is news, even if the answer changes nothing else.
        wished, wished_mode = self.info.wished, self.info.wished_mode
        self._told = replace(self._told, wished=wished, wished_mode=wished_mode)

    def _ask(
        self, delay: float | None = None, mode: str | None = None, *, limits: bool = False
    ) -> None:
        if self.open and (request := self._negotiation.ask(delay, mode, limits=limits)):
            self._asked = anyio.current_time()
            self._outbox.put(request)

    def take_for_stranger(self) -> None:
        """Treat the server as no reverb: from now on all that comes is text."""
        self._negotiation.take_for_stranger()
        self._told = self._negotiation.info

    def half_close(self) -> None:
        """Half-close, as soon as the outbox is empty."""
        self._outbox.half_close()

    async def outbox_below(self, limit: int) -> None:
        """Wait until less than ``limit`` bytes wait to be sent, or until none can be any more."""
        await self._outbox.below(limit)

    async def receive(self) -> list[Piece]:
        """Read once; return bytes for the user as they came, and the verdicts between them.

        Returns [] at the end; then `how_it_ended` tells. For those who want no lines; `events` is
        made of it.
        """
        while not self._ended:
            try:
                data = await self._stream.receive()
            except Gone as gone:
                self._gone = gone
                data = b""
            if data:
                self.heard_anything = True
                self._came = anyio.current_time()
                pieces = self._control_filter.feed(data)
                if any(not isinstance(piece, bytes) for piece in pieces):
                    self._answered = self._asked
                    self._ask()
            else:
                self._ended = True
                held = self._control_filter.end()
                pieces = [held] if held else []
            if pieces:
                return pieces
        return []

    @property
    def how_it_ended(self) -> Ended:
        """How it ended; only after the last of what came."""
        # What was read last can be the very reason why nothing could be sent, told by TLS.
        if gone := self._gone or self._outbox.gone:
            reset = gone.__cause__ is None or isinstance(gone.__cause__, ConnectionError)
            return Ended(End.RESET if reset else End.BROKEN, in_words(gone))
        in_order = self._outbox.closing and not self._outbox.waiting
        return Ended(End.AS_ASKED if in_order else End.CLOSED)

    def events(self) -> AsyncIterator[Event]:
        """Iterate over what happens, until `Ended`, which is the last."""
        return self

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._told_end:
                raise StopAsyncIteration
            await self._read()
        return self._events.popleft()

    def at_hand(self) -> Iterator[Event]:
        """Iterate over what has happened already, without waiting."""
        while self._events:
            yield self._events.popleft()

    @property
    def unfinished(self) -> bytes:
        """Text that has come and not ended, after everything that is `at_hand`."""
        return self._lines.unfinished

    def cut(self) -> Heard:
        """Return what is unfinished as a part of its line, with the instant at which it came."""
        lines, goes_on = self._lines.cut()
        return Heard(lines, self._came, goes_on)

    def last(self) -> Heard:
        """Return what is left, likewise; nothing is read any more."""
        lines, goes_on = self._lines.feed(self._control_filter.end())
        rest, unended = self._lines.end()
        goes_on |= {len(lines) + index for index in unended}
        return Heard(lines + rest, self._came, goes_on)

    async def _read(self) -> None:
        pieces = await self.receive()
        for piece in pieces:
            if isinstance(piece, bytes):
                self._hear(*self._lines.feed(piece))
                continue
            if self._negotiation.info != self._told:
                self._told = self._negotiation.info
                self._events.append(Changed(self._told, self._answered))
            if isinstance(piece, Refused):
                self._events.append(piece)
        if not pieces:
            self._hear(*self._lines.end())
            self._told_end = True
            self._events.append(self.how_it_ended)

    def _hear(self, lines: list[bytes], goes_on: set[int]) -> None:
        for begin in range(0, len(lines), SLICE):
            part = lines[begin : begin + SLICE]
            indexes = {index - begin for index in goes_on if begin <= index < begin + SLICE}
            self._events.append(Heard(part, self._came, indexes))
        if not lines and self._lines.unfinished:
            self._events.append(Heard([], self._came))


@asynccontextmanager
async def open_client(
    target: AnyTarget,
    *,
    control: bool = True,
    raw: bool = False,
    crlf: bool = False,
    delay: float | None = None,
    mode: str | None = None,
    patience: float = 0.0,
) -> AsyncIterator[Client]:
    """Connect, and give a client while the block runs; the connection is closed after it.

    Args:
        target: The server.
        control: Whether requests may be sent; the first one goes out before anything else.
        raw: The server is no reverb: nothing that it sends is a control line.
        crlf: End shouts with CR LF instead of LF.
        delay: The delay to ask for at connect, in seconds.
        mode: The mode to ask for at connect.
        patience: Seconds for which the server may read nothing, though it is there; 0 is any time.

    Raises `reverb_tui.connection.connect.CannotConnect`; what the block raises comes out as it is.
    """
    problem: Exception | None = None
    async with connected(target, patience) as stream, anyio.create_task_group() as writers:
        outbox = Outbox(stream, writers)
        client = Client(stream, Negotiation(control, raw, delay, mode), outbox, crlf)
        try:
            yield client
        except Exception as error:
            problem = error  # raised below, where the group can't wrap it
        finally:
            outbox.close()
            writers.cancel_scope.cancel()
    if problem is not None:
        raise problem
