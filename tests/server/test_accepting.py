"""What happens at the door is nobody's trouble who is in."""

import errno
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.net.accepting import accept
from tests.server.calls import Caller, call, served
from tests.virtual import anyio_backend as anyio_backend


class Door:
    """A listening socket whose accept does what a list says, and then what it is there for."""

    def __init__(self, listener: socket.socket, problems: list[int]) -> None:
        self._listener = listener
        self._problems = problems

    def fileno(self) -> int:
        return self._listener.fileno()

    def accept(self) -> tuple[socket.socket, Any]:
        if self._problems:
            raise OSError(self._problems.pop(0), "a problem at the door")
        return self._listener.accept()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


async def knock(
    listener: socket.socket, problems: list[int], then: Callable[[Caller], Any] = served
) -> None:
    """Serve one connection that comes through a door with problems."""
    async with running(Settings(delay=0), accepting=False) as server:
        with socket.create_connection(listener.getsockname()) as sock:
            async with anyio.create_task_group() as group:
                door: Any = Door(listener, problems)
                group.start_soon(accept, door, server.adopt)
                await then(Caller(sock))
                group.cancel_scope.cancel()


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
async def test_exhaustion_in_accept_is_logged_once_and_survived(
    number: int, listener: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    begin = anyio.current_time()
    await knock(listener, [number] * 5)
    assert anyio.current_time() == pytest.approx(begin + 0.5)
    first, last = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert "cannot accept connections" in first.getMessage()
    assert "accepting connections again" in last.getMessage()


async def test_a_connection_aborted_before_accept_is_ignored(
    listener: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    await knock(listener, [errno.ECONNABORTED, errno.EPROTO, errno.ECONNABORTED])
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_connection_that_cannot_be_tuned_does_not_end_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Some systems refuse to set options of a connection that was reset before it was accepted.
    real = socket.socket.setsockopt
    refused: list[object] = []

    def setsockopt(self: socket.socket, *arguments: Any) -> None:
        if not refused and arguments[:2] == (socket.SOL_SOCKET, socket.SO_KEEPALIVE):
            refused.append(arguments)
            raise OSError(errno.EINVAL, "Invalid argument")
        real(self, *arguments)

    async with running(Settings(port=0, delay=0)) as server:
        monkeypatch.setattr(socket.socket, "setsockopt", setsockopt)
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname()) as ours,
        ):
            server.adopt(listener.accept()[0])
            await served(Caller(ours))
        with call(server) as caller:
            await served(caller)
    assert refused


@pytest.mark.parametrize("seconds", [1e7, 1e26, 1e308])
async def test_more_patience_than_the_kernel_knows_ends_nothing(seconds: float) -> None:
    async with running(Settings(port=0, delay=0, write_timeout=seconds)) as server:
        with call(server) as caller:
            await served(caller)


async def test_many_connections_at_once_are_all_served() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with ExitStack() as stack:
            for caller in [stack.enter_context(call(server)) for _ in range(80)]:
                await served(caller)
