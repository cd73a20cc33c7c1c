"""Closing so that the last that was sent can still be read, and not waiting for ever."""

import socket
from typing import Any

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.net.lingering_close import close_lingering
from tests.server.calls import Caller, call
from tests.virtual import anyio_backend as anyio_backend


class Stuck:
    """A stream whose close_notify did not fit into the kernel's buffer."""

    unsent = 0

    def half_close(self) -> None:
        self.unsent = 2

    async def wait_writable(self) -> None:
        await anyio.lowlevel.checkpoint()

    def send_now(self, data: bytes) -> int:
        self.unsent -= 1
        return 0

    async def receive(self) -> bytes:
        assert self.unsent == 0
        return b""


async def test_a_close_notify_that_did_not_fit_is_sent_before_the_end() -> None:
    stuck: Any = Stuck()
    await close_lingering(stuck)
    assert stuck.unsent == 0


async def test_a_drained_client_that_sends_on_can_read_its_last_echo() -> None:
    """Closing with unread input would send a reset, which destroys what was not read yet."""
    async with running(Settings(port=0, delay=0)) as server:
        caller = Caller(socket.create_connection(server.addresses[0]))
        await caller.shout(b"Hello?\n")
        await caller.line()

        async def shout_on() -> None:
            with anyio.move_on_after(0.5):
                while True:
                    await caller.send_some(b"more\n")
                    await anyio.sleep(0.01)

        async with anyio.create_task_group() as group:
            group.start_soon(shout_on)
            await server.drain()
    assert (await caller.rest()).startswith(b"\t Hello?\n\t hello?\n")
    caller.socket.close()


async def test_who_does_not_close_is_waited_for_a_second_and_no_longer() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with call(server) as caller:
            await caller.shout(b"Hello?\n")
            await caller.lines(3)
            begin = anyio.current_time()
            await server.drain()
            assert anyio.current_time() - begin == pytest.approx(1)
