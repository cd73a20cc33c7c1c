"""Output: sent at once if the kernel takes it, otherwise when it does.

Putting something in never waits. One writer empties the outbox, and exists only while there is
something in it: one sender at a time, so no line is torn.
"""

from collections import deque

import anyio
from anyio.abc import TaskGroup

from reverb_server.net.stream import Gone, Stream


class Outbox:
    """The sending half of a connection; ``writers`` is where its writer runs."""

    def __init__(self, stream: Stream, writers: TaskGroup) -> None:
        self._stream = stream
        self._writers = writers
        self._chunks: deque[memoryview] = deque()
        self._waiting = 0  # bytes in the chunks
        self._less = anyio.Event()
        self._writing = self._closing = self._half_closed = self._over = False
        self.used = False
        """Whether anything was put in."""
        self.gone: Gone | None = None
        """Why nothing can be sent any more. The kernel reports it once, to the first call."""

    @property
    def open(self) -> bool:
        """Whether what is put in may still be sent."""
        return not (self._closing or self.gone or self._over)

    @property
    def waiting(self) -> int:
        """Bytes that wait to be sent."""
        return self._waiting + self._stream.unsent

    def put(self, data: bytes) -> None:
        """Send ``data`` as soon as possible; it is dropped if the outbox is not open."""
        if data and self.open:
            self.used = True
            self._chunks.append(memoryview(data))
            self._waiting += len(data)
            self._begin()

    def half_close(self) -> None:
        """Half-close, after everything put in before."""
        self._closing = True
        self._begin()

    def close(self) -> None:
        """Drop what waits, and release everyone who waits for it."""
        self._over = True
        self._less.set()

    async def below(self, limit: int) -> None:
        """Wait until less than ``limit`` bytes wait, or until none can be sent any more."""
        while self.waiting >= limit and not (self.gone or self._over):
            await self._less.wait()

    def _begin(self) -> None:
        """Send what goes at once, and leave the rest to a writer."""
        if self._writing or self._over:
            return
        try:
            self._writing = not self._send()
        except Gone as gone:
            self._break(gone)
        if self._writing:
            self._writers.start_soon(self._write)

    async def _write(self) -> None:
        try:
            while self._writing:
                await self._stream.wait_writable()
                self._writing = not self._send()
                self._less.set()
                self._less = anyio.Event()
        except Gone as gone:
            self._break(gone)

    def _send(self) -> bool:
        """Send what the kernel takes now; return whether that was all. Raises Gone."""
        while self._chunks:
            chunk = self._chunks[0]
            sent = self._stream.send_now(chunk)
            self._waiting -= sent
            if sent < len(chunk):
                self._chunks[0] = chunk[sent:]
                return False
            self._chunks.popleft()
        if self._closing and not self._half_closed:
            self._half_closed = True
            self._stream.half_close()
        elif self._stream.unsent:  # TLS took it over, and the kernel did not
            self._stream.send_now(b"")
        return not self._stream.unsent

    def _break(self, gone: Gone) -> None:
        self.gone = gone
        self._writing = False
        self._chunks.clear()
        self._less.set()
