"""`running` and `Server.adopt`: a server for programs and test suites."""

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import pytest
from anyio.lowlevel import checkpoint

from reverb_server import (
    CannotAdopt,
    NoPort,
    Server,
    Settings,
    WrongThread,
    running,
)
from tests.server.calls import Caller, call, echoes, joined, served, unix_pair
from tests.virtual import anyio_backend as anyio_backend


def is_listening(server: Server) -> bool:
    results = []
    for host, port in server.addresses:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as sock:
            results.append(sock.connect_ex((host, port)) == 0)
    assert len(set(results)) == 1, "one family listens and the other does not"
    return results[0]


class OfTheBlock(Exception):
    pass


async def test_an_error_of_the_block_comes_out_as_it_is() -> None:
    problem = OfTheBlock()
    servers: list[Server] = []

    async def run() -> None:
        async with running(Settings(port=0)) as server:
            servers.append(server)
            assert is_listening(server)
            raise problem

    with pytest.raises(OfTheBlock) as raised:
        await run()
    assert raised.value is problem
    assert raised.value.__cause__ is None
    assert not is_listening(servers[0])


async def test_a_group_of_errors_of_the_block_comes_out_as_it_is() -> None:
    group = ExceptionGroup("of the block", [OfTheBlock()])
    with pytest.raises(ExceptionGroup) as raised:
        async with running(Settings(port=0)):
            raise group
    assert raised.value is group


class Outcome(BaseException):
    """Like what pytest's own ``fail`` and ``skip`` raise."""


@pytest.mark.parametrize("problem", [SystemExit(3), Outcome("for a reason")])
async def test_what_ends_a_test_or_a_program_comes_out_of_the_block_as_it_is(
    problem: BaseException,
) -> None:
    with pytest.raises(type(problem)) as raised:
        async with running(Settings(port=0)):
            raise problem
    assert raised.value is problem


async def test_a_cancelled_block_ends_the_server() -> None:
    with anyio.move_on_after(5) as scope:
        async with running(Settings(port=0)) as server:
            assert is_listening(server)
            await anyio.sleep_forever()
    assert scope.cancelled_caught
    assert not is_listening(server)


async def test_a_block_that_ends_closes_every_connection_at_once() -> None:
    async with running(Settings(port=0, delay=60, drain_timeout=0)) as server:
        ours, theirs = unix_pair()
        server.adopt(theirs)
        caller = Caller(ours)
        await caller.shout(b"Hello?\n")
        assert await caller.line() == b"\t HELLO?\n"
        begin = anyio.current_time()
    assert b'"code":"cut"' in await caller.rest()
    assert anyio.current_time() == begin
    assert theirs.fileno() == -1
    ours.close()


async def test_a_socket_adopted_just_before_the_end_is_closed() -> None:
    ours, theirs = unix_pair()
    with ours:
        async with running(Settings(), accepting=False) as server:
            server.adopt(theirs)
        assert theirs.fileno() == -1


async def test_adopt_serves_a_socket_pair_and_a_tcp_connection() -> None:
    async with running(Settings(delay=0), accepting=False) as server:
        assert server.addresses == ()
        with joined(server) as caller:
            await caller.shout(b"Over a pair\n")
            assert sorted(await caller.lines(3)) == echoes(b"Over a pair")
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname()) as ours,
        ):
            given, _ = listener.accept()
            theirs = given.dup()  # the same connection
            server.adopt(given)
            assert theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert theirs.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60
            assert theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 10
            assert theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == 6
            assert theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 120_000
            theirs.close()
            caller = Caller(ours)
            await caller.shout(b"Over TCP\n")
            assert sorted(await caller.lines(3)) == echoes(b"Over TCP")


async def test_servers_run_side_by_side_with_their_own_settings() -> None:
    async with (
        running(Settings(port=0, mode="plain")) as plain,
        running(Settings(port=0, delay=0)) as reverb,
    ):
        with call(plain) as one, call(reverb) as two:
            await one.shout(b"Hey\n")
            await two.shout(b"Hey\n")
            assert await one.line() == b"Hey\n"
            assert sorted(await two.lines(3)) == echoes(b"Hey")


async def test_a_server_at_rest_wakes_nobody() -> None:
    async with running(Settings(port=0)) as server:
        with call(server) as caller:
            await caller.shout(b"Hello?\n")
            await caller.lines(3)
            begin = anyio.current_time()
            await anyio.sleep(86_400)
            assert anyio.current_time() == begin + 86_400
            await checkpoint()


async def test_a_server_without_a_port_says_so(tmp_path: Path) -> None:
    path = tmp_path / "reverb"
    async with running(Settings(unix=path)) as server:
        with pytest.raises(NoPort, match=r"no port: it listens on .*reverb$"):
            _ = server.port
    async with running(Settings(), accepting=False) as server:
        with pytest.raises(NoPort, match=r"no port: it listens nowhere$"):
            _ = server.port


async def test_what_cannot_be_adopted_is_not_counted() -> None:
    async with running(Settings(drain_timeout=3600), accepting=False) as server:
        begin = anyio.current_time()
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
            pytest.raises(CannotAdopt, match="give an open stream socket"),
        ):
            server.adopt(datagrams)
        with pytest.raises(CannotAdopt, match="closed"):
            server.adopt(datagrams)
        for thing in (None, 5, "127.0.0.1:8000"):
            with pytest.raises(CannotAdopt, match="give an open stream socket"):
                server.adopt(thing)  # type: ignore[arg-type]
        assert "connections=0 " in server.summary()
    assert anyio.current_time() == begin


async def test_what_was_adopted_cannot_be_used_or_adopted_again() -> None:
    ours, theirs = socket.socketpair()
    async with running(Settings(delay=0), accepting=False) as server:
        server.adopt(theirs)
        with pytest.raises(CannotAdopt, match="closed"):
            server.adopt(theirs)
        theirs.close()
        with ours:
            await served(Caller(ours))


async def test_a_socket_with_tls_of_its_own_is_not_adopted() -> None:
    context = ssl.create_default_context()
    ours, theirs = socket.socketpair()
    wrapped = context.wrap_socket(
        theirs, server_hostname="localhost", do_handshake_on_connect=False
    )
    async with running(Settings(), accepting=False) as server:
        with ours, wrapped, pytest.raises(CannotAdopt, match="without TLS"):
            server.adopt(wrapped)


async def test_a_server_is_used_in_its_own_thread_alone() -> None:
    settings = Settings(drain_timeout=3600, delay=1)
    async with running(settings, accepting=False) as server:
        begin = anyio.current_time()
        ours, theirs = socket.socketpair()
        with ours, theirs, ThreadPoolExecutor() as threads:
            with pytest.raises(WrongThread, match="adopt was called in another thread"):
                threads.submit(server.adopt, theirs).result()
            with pytest.raises(WrongThread, match="cut was called in another thread"):
                threads.submit(server.cut).result()
        assert "connections=0 " in server.summary()
    assert anyio.current_time() == begin
