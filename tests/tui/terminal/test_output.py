"""What a terminal is sent waits here for it, bounded, and is whole, in order, or left out."""

import asyncio
import os
import pty
import time
import tty
from collections.abc import AsyncIterator

import pytest

from reverb_tui.terminal.output import CLIPBOARD, MOST_WAITING, Output
from tests.tui.screen import until

PIECE = b"0123456789abcdef" * 64


class Terminal:
    """A terminal that takes nothing until it is read."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.slave, False)
        os.set_blocking(self.master, False)
        self.drawn = 0
        self.output = Output(self.slave, asyncio.get_running_loop(), self._draw)

    def _draw(self) -> None:
        self.drawn += 1

    def fill(self) -> int:
        """Put pieces until one is left out; return how many were not."""
        count = 0
        while self.output.put(PIECE):
            count += 1
        return count

    def read(self) -> bytes:
        """Take all there is."""
        data = b""
        while True:
            try:
                data += os.read(self.master, 65_536)
            except BlockingIOError:
                return data

    async def read_all(self, size: int) -> bytes:
        """Take what is sent until it is so much."""
        data = b""

        def there() -> bool:
            nonlocal data
            data += self.read()
            return len(data) >= size

        await until(there)
        return data

    def close(self) -> None:
        self.output.discard()
        os.close(self.slave)
        os.close(self.master)


@pytest.fixture
async def terminal() -> AsyncIterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


async def test_what_waits_is_bounded_and_comes_whole_and_in_order(terminal: Terminal) -> None:
    count = terminal.fill()
    assert MOST_WAITING < terminal.output.waiting <= MOST_WAITING + len(PIECE)
    assert not terminal.output.put(b"small")  # nothing overtakes what was left out
    assert await terminal.read_all(count * len(PIECE)) == PIECE * count
    await until(lambda: terminal.drawn)
    assert terminal.drawn == 1
    assert terminal.output.put(b"again")
    assert await terminal.read_all(5) == b"again"


async def test_of_copies_that_wait_the_newest_comes(terminal: Terminal) -> None:
    count = terminal.fill()
    for number in range(100):
        assert terminal.output.put(CLIPBOARD + b"c;%d\x07" % number)
    assert terminal.output.waiting < MOST_WAITING + len(PIECE) + 100
    last = CLIPBOARD + b"c;99\x07"
    assert await terminal.read_all(count * len(PIECE) + len(last)) == PIECE * count + last


async def test_the_last_piece_takes_the_place_of_what_waits_but_not_of_a_copy(
    terminal: Terminal,
) -> None:
    terminal.fill()
    terminal.output.put(CLIPBOARD + b"c;copy\x07")
    terminal.read()  # there is room, and nobody has used it yet
    left_out = terminal.output.finish(b"last", 1.0, may_flush=False)
    assert left_out is not None
    assert PIECE in left_out
    assert (await terminal.read_all(1)).endswith(CLIPBOARD + b"c;copy\x07last")


async def test_the_last_piece_waits_for_no_terminal() -> None:
    reading, writing = os.pipe()  # once full it stays so; a terminal's kernel makes room again
    os.set_blocking(writing, False)
    output = Output(writing, asyncio.get_running_loop(), lambda: None)
    while output.put(PIECE):
        pass
    begin = time.monotonic()
    assert output.finish(PIECE, 0.1, may_flush=True) is None
    assert time.monotonic() - begin < 3
    assert output.waiting == 0
    os.close(reading)
    os.close(writing)


async def test_a_terminal_that_is_gone_takes_everything() -> None:
    terminal = Terminal()
    terminal.fill()
    os.close(terminal.master)
    await until(lambda: terminal.output.waiting == 0)
    assert not terminal.output.put(b"more")
    assert terminal.output.finish(b"last", 1.0, may_flush=True) is not None
    os.close(terminal.slave)


async def test_while_it_is_held_nothing_is_sent(terminal: Terminal) -> None:
    terminal.output.held = True
    assert terminal.output.put(PIECE)
    assert terminal.read() == b""
    terminal.output.discard()
    assert terminal.output.put(b"next")
    assert await terminal.read_all(4) == b"next"
