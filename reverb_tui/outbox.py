"""What is to be sent: at once if the kernel takes it, otherwise when it does.

Putting something in never waits. One writer empties the outbox, and exists only while there is
something in it: one sender at a time, so nothing is torn.
"""

from collections import deque

import anyio
from anyio.abc import TaskGroup

from reverb_server.stream import Gone, SocketStream


class Outbox:
    """The sending half of a connection; ``writers`` is where its writer runs."""

    def __init__(self, stream: SocketStream, writers: TaskGroup) -> None:
        self._stream = stream
        self._writers = writers
        self._chunks: deque[bytes] = deque()
        self._less = anyio.Event()
        self._over = False
        self.waiting = 0
        """Bytes that wait to be sent."""
        self.closing = False
        """Whether nothing more may be put in."""
        self.broken: str | None = None
        """Why nothing can be sent any more. The kernel tells it once, to whoever asks first."""

    @property
    def open(self) -> bool:
        """Whether what is put in may still be sent."""
        return not (self.closing or self.broken or self._over)

    def put(self, data: bytes) -> None:
        """Send ``data`` as soon as possible; it is dropped if the outbox is not open."""
        if not self.open:
            return
        if not self._chunks:
            try:
                data = data[self._stream.send_now(data) :] if data else data
            except Gone as gone:
                self._break(gone)
                return
            if data:
                self._writers.start_soon(self._write)
        if data:
            self._chunks.append(data)
            self.waiting += len(data)

    def half_close(self) -> None:
        """Tell the other side that nothing more will come, after everything put in before."""
        self.closing = True
        if not self._chunks:
            self._stream.half_close()

    def close(self) -> None:
        """Drop what waits, and let go of everyone who waits for it."""
        self._over = True
        self._less.set()

    async def below(self, limit: int) -> None:
        """Wait until less than ``limit`` bytes wait, or until none can be sent any more."""
        while self.waiting >= limit and not (self.broken or self._over):
            await self._less.wait()

    async def _write(self) -> None:
        try:
            while self._chunks:
                rest = memoryview(self._chunks[0])
                while rest:
                    await self._stream.wait_writable()
                    sent = self._stream.send_now(rest)
                    rest = rest[sent:]
                    self.waiting -= sent
                    self._less.set()
                    self._less = anyio.Event()
                self._chunks.popleft()
            if self.closing:
                self._stream.half_close()
        except Gone as gone:
            self._break(gone)

    def _break(self, gone: Gone) -> None:
        self.broken = str(gone)
        self._chunks.clear()
        self._less.set()
