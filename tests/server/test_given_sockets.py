"""Sockets that somebody else has opened are served, and stay theirs."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reverb_server import CannotListen, Settings, running
from reverb_server.net.given_sockets import given_listeners
from tests.server.calls import Caller, echoes
from tests.virtual import anyio_backend as anyio_backend

Opened = Callable[[socket.socket], int]


@pytest.fixture
def given() -> Iterator[Opened]:
    """Give a copy of a socket away, by its number, as to a process that inherits it."""
    numbers = []

    def give(sock: socket.socket) -> int:
        numbers.append(os.dup(sock.fileno()))
        return numbers[-1]

    yield give
    for number in numbers:
        try:
            os.close(number)
        except OSError:
            continue


async def served(address: object, family: int = socket.AF_INET) -> None:
    with socket.socket(family) as sock:
        sock.connect(address)  # type: ignore[arg-type]
        caller = Caller(sock)
        await caller.shout(b"Hello?\n")
        assert sorted(await caller.lines(3)) == echoes(b"Hello?")


async def test_several_are_served_and_none_is_taken_away(given: Opened, tmp_path: Path) -> None:
    path = str(tmp_path / "reverb")
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as tcp6,
        socket.socket(socket.AF_UNIX) as unix,
    ):
        unix.bind(path)
        unix.listen()
        fds = (given(tcp), given(tcp6), given(unix))
        async with running(Settings(delay=0, fds=fds)) as server:
            assert server.port == tcp.getsockname()[1]
            assert server.addresses == (tcp.getsockname(), tcp6.getsockname()[:2])
            assert server.listening.unix_paths == (path,)
            for sock in (tcp, tcp6, unix):
                await served(sock.getsockname(), sock.family)
        for sock in (tcp, tcp6, unix):  # they go on listening: who calls now waits for the next
            with socket.socket(sock.family) as waiting:
                waiting.connect(sock.getsockname())
                async with running(Settings(delay=0, fds=(given(sock),))):
                    caller = Caller(waiting)
                    await caller.shout(b"Hello?\n")
                    assert sorted(await caller.lines(3)) == echoes(b"Hello?")


async def test_abstract_ones_have_a_name_as_well(given: Opened) -> None:
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("")  # Linux chooses one
        unix.listen()
        async with running(Settings(delay=0, fds=(given(unix),))) as server:
            (name,) = server.listening.unix_paths
            assert name.startswith("@")
            await served(unix.getsockname(), socket.AF_UNIX)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM), "give a stream socket"),
        (lambda: socket.socket(), "it does not listen"),
        (lambda: socket.socket(socket.AF_UNIX), "it does not listen"),
    ],
)
async def test_what_does_not_listen_is_refused_and_left_open(
    make: Callable[[], socket.socket], problem: str, given: Opened
) -> None:
    with make() as sock, socket.create_server(("127.0.0.1", 0)) as good:
        fds = (given(good), given(sock))
        with pytest.raises(
            CannotListen, match=f"cannot listen on descriptor {fds[1]}: .*{problem}"
        ):
            async with running(Settings(fds=fds)):
                pytest.fail("it ran")
        for number in fds:
            os.fstat(number)


def test_what_is_no_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotListen, match="descriptor 1000000: it is not open"):
        given_listeners([1_000_000])
    with (tmp_path / "file").open("w") as file, pytest.raises(CannotListen, match="is no socket"):
        given_listeners([file.fileno()])


async def test_on_them_nobody_can_be_refused(given: Opened) -> None:
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        async with running(Settings(delay=0, fds=(given(tcp),))) as server:
            with pytest.raises(CannotListen, match="others may use them"):
                await server.refuse()
            await served(tcp.getsockname())
