"""Input of a client: as much is read as may be held, and heard.

What was read and can't be heard yet, for want of room, waits here, and nothing more is read
before it has been heard: so the kernel pushes back on who sends faster than its echoes leave.
"""

from enum import Enum, auto

from reverb_server.core.plain import Plain
from reverb_server.core.reverb import Reverb
from reverb_server.net.connection_log import ConnectionRecord
from reverb_server.net.server_context import ServerContext
from reverb_server.net.stream import SocketStream
from reverb_server.net.tls import TLSStream


class Input(Enum):
    """States of a client's input."""

    OPEN = auto()
    """Whatever it sends."""
    ENDING = auto()
    """The data that has arrived."""
    ENDED = auto()
    """Nothing."""


class Hearer:
    """The hearing half of a connection: the way from the kernel to the echoes.

    A class to inherit from, not an object beside the connection: that costs each one 70 bytes.
    """

    __slots__ = ("_context", "_echo", "_input", "_stream", "_unheard", "report")

    def __init__(
        self,
        stream: SocketStream | TLSStream,
        echo: Reverb | Plain,
        context: ServerContext,
        report: ConnectionRecord,
    ) -> None:
        self.report = report
        self._stream = stream
        self._echo = echo
        self._context = context
        self._input = Input.OPEN
        self._unheard = b""  # read, and not heard yet for want of room

    @property
    def held(self) -> int:
        """Bytes that are held in memory."""
        return self._echo.held + len(self._unheard)

    @property
    def _can_go_on(self) -> bool:
        """Whether `_go_on` would hear something now: no poller knows of that."""
        if self._unheard:
            return self._context.bound.share(self._unheard, self._echo.held) > 0
        return self._stream.buffered and self._input is Input.OPEN

    def _take(self, now: float) -> None:
        """Hear what one read brings, or the end of the input; not while something is unheard.

        Raises Gone, as all that reads.
        """
        if self._receive():
            self._hear(now)
        elif self._input is Input.ENDED:
            self._echo.end(now)

    def _go_on(self, now: float) -> None:
        """Hear what had to wait for its turn, if anything had."""
        if self._input is Input.ENDING:
            self._hear_the_last(now)
        elif self._unheard:
            self._hear(now)
        elif self._stream.buffered and self._input is Input.OPEN:
            self._take(now)

    def _receive(self) -> bool:
        """Take what one read brings, if it brings anything; see whether the input has ended."""
        data = self._stream.receive_now(self._context.bound.reading)
        if data:
            self.report.bytes_in += len(data)
            self._unheard = data
        elif data is not None:
            self._input = Input.ENDED
        return bool(data)

    def _hear(self, now: float) -> int:
        """Hear as much of what was read as may be held; return the number of bytes."""
        share = self._context.bound.share(self._unheard, self._echo.held)
        if share:
            data, self._unheard = self._unheard[:share], self._unheard[share:]
            self._echo.hear(data, now)
            held = self.held
            if held > self.report.most_held:
                self.report.most_held = held
            if self._input is Input.ENDED and not self._unheard:
                self._echo.end(now)
        return share

    def _hear_the_last(self, now: float) -> None:
        """Hear what has arrived, and tell the client that this was all."""
        left = self._context.bound.most
        while left > 0 and (self._unheard or self._receive()) and (share := self._hear(now)):
            left -= share
        self._input = Input.ENDED
        if not self._unheard:
            self._echo.end(now)
        if self._echo.asked:
            self._echo.tell("draining", "the server is stopping; pending echoes still come", now)
