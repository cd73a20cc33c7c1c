"""The admin address beside a server: it begins first, ends last, and nobody can occupy it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from reverb_server import CannotListen, Settings, running
from reverb_server.address_syntax import BadAddress
from reverb_server.admin import Admin, running_admin
from reverb_server.admin.running import CONNECTIONS
from tests.server.admin.asking import Asking, request
from tests.server.calls import Caller, joined, served
from tests.virtual import anyio_backend as anyio_backend


@contextmanager
def asking(admin: Admin) -> Iterator[Asking]:
    with socket.create_connection(admin.listening.addresses[0]) as sock:
        yield Asking(Caller(sock))


async def test_it_answers_on_every_address_of_localhost() -> None:
    async with running_admin("0") as admin, running(Settings(), accepting=False) as server:
        admin.show(server)
        assert admin.listening.addresses
        assert not admin.listening.is_exposed
        for address in admin.listening.addresses:
            with socket.create_connection(address) as sock:
                assert (await Asking(Caller(sock)).ask("/health")).status == 200
        assert admin.where.startswith("http://")
        assert str(admin.listening.addresses[0][1]) in admin.where


async def test_it_answers_on_a_unix_socket_and_takes_that_away(tmp_path: Path) -> None:
    path = tmp_path / "admin"
    at_admin = running_admin(f"unix:{path}")
    async with at_admin as admin, running(Settings(), accepting=False) as server:
        admin.show(server)
        assert (admin.listening.addresses, admin.listening.is_exposed) == ((), False)
        assert admin.where == f"unix:{path} (http)"
        assert path.stat().st_mode & 0o777 == 0o600
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(path))
            assert (await Asking(Caller(sock)).ask("/health")).status == 200
    assert not path.exists()


async def test_every_address_is_exposed() -> None:
    async with running_admin("0.0.0.0:0") as admin:
        assert admin.listening.is_exposed


async def test_what_comes_before_the_server_waits_for_it() -> None:
    async with running_admin("127.0.0.1:0") as admin:
        with asking(admin) as early:
            await early.caller.shout(request("/health"))
            await early.caller.silence(5)
            async with running(Settings(), accepting=False) as server:
                admin.show(server)
                assert (await early.answer()).status == 200


async def test_it_answers_while_the_server_drains_and_after_its_end() -> None:
    statuses: list[int] = []
    async with running_admin("127.0.0.1:0") as admin, anyio.create_task_group() as group:

        async def ask() -> None:
            with asking(admin) as one:
                while True:
                    statuses.append((await one.ask("/health")).status)
                    await anyio.sleep(0.1)

        async with running(Settings(delay=1), accepting=False) as server:
            admin.show(server)
            with joined(server) as caller:
                await caller.shout(b"Hello?\n")
                await caller.line()
                group.start_soon(ask)
                await anyio.sleep(0.5)
                assert statuses
                assert set(statuses) == {200}
                statuses.clear()
                group.start_soon(caller.rest)
                await server.drain()
                assert len(statuses) > 10
        await anyio.sleep(0.5)
        assert set(statuses[1:]) == {503}
        group.cancel_scope.cancel()


@pytest.mark.parametrize("text", ["", "localhost", "tls://localhost:1"])
async def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        async with running_admin(text):
            pass


async def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match=f"port {port}: it is taken"):
            async with running_admin(f"127.0.0.1:{port}"):
                pass


async def test_an_error_of_the_block_comes_out_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        async with running_admin("127.0.0.1:0"):
            raise ZeroDivisionError


async def test_leaving_waits_for_nobody_and_closes_all() -> None:
    async with running(Settings(), accepting=False) as server:
        async with running_admin("127.0.0.1:0") as admin:
            admin.show(server)
            with asking(admin) as idle, asking(admin) as half:
                await idle.ask("/health")
                await half.caller.shout(b"GET /")
                begin = anyio.current_time()
                with asking(admin):  # nobody has accepted it yet
                    pass
        assert anyio.current_time() - begin < 0.1


async def test_the_oldest_is_closed_for_one_more_so_that_nobody_can_occupy_all() -> None:
    async with (
        running_admin("127.0.0.1:0") as admin,
        running(Settings(), accepting=False) as server,
    ):
        admin.show(server)
        silent = [
            Caller(socket.create_connection(admin.listening.addresses[0]))
            for _ in range(CONNECTIONS)
        ]
        await anyio.sleep(0.1)
        with asking(admin) as one:
            assert (await one.ask("/health")).status == 200
            assert await silent[0].read() == b""
            await silent[-1].silence(1)
        for caller in silent:
            caller.socket.close()


async def test_a_crowd_that_says_nothing_keeps_no_request_from_its_answer() -> None:
    async with running_admin("127.0.0.1:0") as admin, running(Settings(delay=0)) as server:
        admin.show(server)
        crowd = []
        for number in range(100):
            crowd.append(Caller(socket.create_connection(admin.listening.addresses[0])))
            if number % 20 == 10:  # all within one turn: the crowd is accepted around it
                await crowd[-1].shout(request("/health"))
        for caller in crowd[10::20]:
            assert (await Asking(caller).answer()).body == b"ok\n"
        with joined(server) as caller:
            await served(caller)
        for caller in crowd:
            caller.socket.close()
