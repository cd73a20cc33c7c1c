"""A server that refuses connections for a while, and accepts them again on the same address."""

import errno
import socket
import stat
from pathlib import Path

import anyio
import pytest

from reverb_server import CannotListen, Server, Settings, running
from tests.server.calls import Caller, call, joined, served
from tests.virtual import anyio_backend as anyio_backend


def is_refused(server: Server) -> bool:
    for address in server.addresses:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)
    return True


async def test_it_refuses_accepts_and_serves_what_is_open_meanwhile() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        for _ in range(3):
            with call(server) as caller:
                await server.refuse()
                assert is_refused(server)
                await served(caller)
                await server.accept()
                with call(server) as later:
                    await served(later)


async def test_twice_is_as_good_as_once() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        await server.accept()
        async with anyio.create_task_group() as group:
            group.start_soon(server.refuse)
            group.start_soon(server.refuse)
        assert is_refused(server)
        async with anyio.create_task_group() as group:
            group.start_soon(server.accept)
            group.start_soon(server.accept)
        with call(server) as caller:
            await served(caller)


async def test_who_had_connected_before_is_served() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with call(server) as caller:
            await server.refuse()
            await served(caller)


async def test_a_server_that_refuses_ends_and_accepts_no_more() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        await server.refuse()
        await server.drain()
        await server.accept()
        assert is_refused(server)
    async with running(Settings(port=server.port, delay=0)) as successor:
        with call(successor) as caller:
            await served(caller)


async def test_nobody_gets_the_port_meanwhile() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        await server.refuse()
        with socket.socket() as sock, pytest.raises(OSError, match="in use"):
            sock.bind(server.addresses[0])


async def test_an_address_that_was_taken_meanwhile_is_named() -> None:
    async with running(Settings(host="127.0.0.1", port=0, delay=0)) as server:
        await server.refuse()
        with socket.socket() as thief:
            thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            thief.bind(server.addresses[0])
            thief.listen()
            where = f"127.0.0.1:{server.port}"
            with pytest.raises(CannotListen, match=f"{where} again: .*; stop what uses it now"):
                await server.accept()


async def test_an_address_that_can_not_be_kept_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(*_: object) -> None:
        raise OSError(errno.EADDRINUSE, "Address already in use")

    async with running(Settings(port=0, delay=0)) as server:
        with call(server) as caller:
            monkeypatch.setattr(socket.socket, "bind", bind)
            with pytest.raises(CannotListen, match=f"{server.port} again: Address already in use"):
                await server.refuse()
            await server.accept()
            assert is_refused(server)
            await served(caller)


async def test_a_unix_socket_stays_where_it_is_and_refuses(tmp_path: Path) -> None:
    path = tmp_path / "reverb"
    async with running(Settings(unix=path, delay=0)) as server:
        await server.refuse()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with socket.socket(socket.AF_UNIX) as sock, pytest.raises(ConnectionRefusedError):
            sock.connect(str(path))
        await server.accept()
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(path))
            await served(Caller(sock))
        await server.refuse()
    assert not path.exists()


async def test_a_server_that_listens_nowhere_refuses_nothing() -> None:
    async with running(Settings(delay=0), accepting=False) as server:
        await server.refuse()
        with joined(server) as caller:
            await served(caller)
        await server.accept()
