"""A client of one connection: moves bytes between a stream and a conversation.

Nothing here waits to send, and nothing reads ahead: a read happens when an event is asked for.
"""

from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import anyio

from reverb_server.net.stream import Gone, Stream
from reverb_server.net.tls import TLSStream
from reverb_tui.connection.connect import connected
from reverb_tui.connection.outbox import Outbox
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.connection.tls import certificate_rows, in_words
from reverb_tui.protocol.conversation import Conversation
from reverb_tui.protocol.events import Ended, Ending, Event, Heard
from reverb_tui.protocol.negotiation import ServerInfo


class Client:
    """One connection; get one from `open_client`. Belongs to the event loop it was made in."""

    def __init__(self, stream: Stream, conversation: Conversation, outbox: Outbox) -> None:
        self._stream = stream
        self._conversation = conversation
        self._outbox = outbox
        self._events: deque[Event] = deque()
        self._gone: Gone | None = None
        self._flush()

    @property
    def info(self) -> ServerInfo:
        """The known facts about the server."""
        return self._conversation.info

    @property
    def heard_anything(self) -> bool:
        """Whether the server has sent anything at all."""
        return self._conversation.heard_anything

    @property
    def sent_anything(self) -> bool:
        """Whether anything was sent."""
        return self._outbox.used

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
        return self._conversation.open and self._outbox.open

    def shout(self, *texts: bytes) -> float:
        """Send shouts, each of them one line without its line ending; return the instant.

        Never waits. No effect if the client is not `open`.
        """
        self._conversation.shout(*texts)
        return self._flush()

    def send(self, data: bytes) -> float:
        """Send any bytes as they are, like `shout`."""
        self._conversation.send(data)
        return self._flush()

    def ask(
        self, *, delay: float | None = None, mode: str | None = None, limits: bool = False
    ) -> None:
        """Ask for a delay (seconds), a mode, the limits, like `shout`; the last value arrives."""
        if self.open:
            now = anyio.current_time()
            self._conversation.ask(now, delay=delay, mode=mode, limits=limits)
            self._flush()

    def half_close(self) -> None:
        """Half-close, as soon as everything has been sent."""
        self._conversation.half_close()
        self._outbox.half_close()

    def take_for_stranger(self) -> None:
        """Treat the server as no reverb: from now on everything it sends is text."""
        self._conversation.take_for_stranger()

    async def outbox_below(self, limit: int) -> None:
        """Wait until less than ``limit`` bytes wait to be sent, or until none can be any more."""
        await self._outbox.below(limit)

    @property
    def how_it_ended(self) -> Ended:
        """How it ended; only after the last event."""
        # What was read last can be the very reason why nothing could be sent, told by TLS.
        if gone := self._gone or self._outbox.gone:
            reset = gone.__cause__ is None or isinstance(gone.__cause__, ConnectionError)
            return Ended(Ending.RESET if reset else Ending.BROKEN, in_words(gone))
        unsent = self._outbox.waiting > 0
        in_order = self._conversation.half_closed and not unsent
        return Ended(Ending.AS_ASKED if in_order else Ending.CLOSED, unsent=unsent)

    def events(self) -> AsyncIterator[Event]:
        """Iterate over what happens, until `Ended`, which is the last."""
        return self

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._conversation.ended:
                raise StopAsyncIteration
            await self._read()
        return self._events.popleft()

    def at_hand(self) -> Iterator[Event]:
        """Iterate over what has happened already, without waiting."""
        while self._events:
            yield self._events.popleft()

    @property
    def unfinished(self) -> bytes:
        """The text after everything that is `at_hand` whose line has not ended."""
        return self._conversation.unfinished

    def cut(self) -> Heard:
        """Return what is unfinished as a part of its line, with the instant at which it came."""
        return self._conversation.cut()

    def last(self) -> Heard:
        """Return what is left, likewise; nothing is read any more."""
        return self._conversation.end()

    async def _read(self) -> None:
        data = b""
        try:
            data = await self._stream.receive()
        except Gone as gone:
            self._gone = gone
        if data:
            self._events += self._conversation.hear(data, anyio.current_time())
            self._flush()
            return
        rest = self._conversation.end()
        if rest.lines or rest.data:
            self._events.append(rest)
        self._events.append(self.how_it_ended)

    def _flush(self) -> float:
        """Send what the conversation has to send; return the instant."""
        self._outbox.put(self._conversation.data_to_send())
        return anyio.current_time()


@asynccontextmanager
async def open_client(
    target: AnyTarget,
    *,
    control: bool = True,
    raw: bool = False,
    crlf: bool = False,
    lines: bool = True,
    delay: float | None = None,
    mode: str | None = None,
    patience: float = 0.0,
) -> AsyncIterator[Client]:
    """Connect, and yield a client; the connection is closed after the block.

    ``patience`` is how many seconds the server may read nothing, though it is there; 0 is any time.
    The other keywords are those of `Conversation`.

    Raises `reverb_tui.connection.connect.CannotConnect`; what the block raises comes out as it is.
    """
    problem: Exception | None = None
    async with connected(target, patience) as stream, anyio.create_task_group() as writers:
        outbox = Outbox(stream, writers)
        conversation = Conversation(
            anyio.current_time(),
            control=control,
            raw=raw,
            crlf=crlf,
            lines=lines,
            delay=delay,
            mode=mode,
        )
        try:
            yield Client(stream, conversation, outbox)
        except Exception as error:
            problem = error  # raised below, where the group can't wrap it
        finally:
            outbox.close()
            writers.cancel_scope.cancel()
    if problem is not None:
        raise problem
