"""One connection after the other: what is shown, and when it is tried again."""

import socket
import struct

import anyio
import pytest

import reverb_server
from reverb_server import Settings
from reverb_server.address_syntax import Address
from reverb_tui.connection.targets import Embedded, Target
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from reverb_tui.session.stranger import TREATED_AS_RAW
from tests.client.watcher import nobody, watched
from tests.virtual import anyio_backend as anyio_backend


async def test_it_tries_again_after_waits_that_grow_to_half_a_minute() -> None:
    session, watcher = watched(nobody())
    with anyio.move_on_after(100):
        await session.run()
    assert watcher.tries() == [0, 1, 3, 7, 15, 31, 61, 91]


async def test_it_says_once_why_there_is_no_connection_however_often_it_tries() -> None:
    session, watcher = watched(nobody())
    with anyio.move_on_after(10):
        await session.run()
    (problem,) = [entry[1] for entry in watcher.entries if entry[0] == Kind.PROBLEM]
    assert "nothing is listening there" in problem


async def test_it_can_be_told_to_try_now_and_to_stop() -> None:
    session, watcher = watched(nobody())
    async with anyio.create_task_group() as group:
        group.start_soon(session.run)
        await anyio.sleep(5)
        session.retry()
        await anyio.sleep(1)
        session.stop_waiting()
        await watcher.rest()
        group.cancel_scope.cancel()
    assert watcher.tries() == [0, 1, 3, 5]
    assert session.state == "not connected"
    assert session.again_at is None


async def test_the_first_wait_after_a_connection_that_held_is_short_again() -> None:
    session, watcher = watched(nobody())

    async def come_up_for_a_while() -> None:
        await anyio.sleep(20)
        target = session.target
        assert isinstance(target, Target)
        settings = Settings(host=target.host, port=target.port)
        async with reverb_server.running(settings):
            await anyio.sleep(30)

    async with anyio.create_task_group() as group:
        group.start_soon(session.run)
        await come_up_for_a_while()
        await anyio.sleep(6)
        group.cancel_scope.cancel()
    assert watcher.tries()[:6] == [0, 1, 3, 7, 15, 31]
    # Its server has said that it drains, so the first try comes at once.
    assert watcher.tries()[6:9] == pytest.approx([50, 51, 53], abs=1)


async def test_an_input_that_was_ended_ends_the_session() -> None:
    session, watcher = watched(Embedded(Settings(delay=1)))
    async with anyio.create_task_group() as group:
        group.start_soon(session.run)
        await anyio.sleep(0.5)
        session.shout(["Hello?"])
        session.end_input()
        assert session.state == "input ended"
        await watcher.rest()
        group.cancel_scope.cancel()
    echoes = [entry[:2] for entry in watcher.entries if entry[0] != Kind.NOTICE]
    assert echoes == [
        (Kind.SHOUT, "Hello?"),
        (Kind.LOUD, "HELLO?"),
        (Kind.NORMAL, "Hello?"),
        (Kind.QUIET, "hello?"),
    ]
    assert session.state == "closed"
    assert watcher.tries() == [0]


async def test_a_connection_that_breaks_after_the_end_of_input_is_not_made_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        session, watcher = watched(Target(*listener.getsockname()))
        async with anyio.create_task_group() as group:
            group.start_soon(session.run)
            await anyio.sleep(0.5)
            session.end_input()
            with listener.accept()[0] as peer:  # which hangs up, and has read nothing
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            await watcher.rest()
            group.cancel_scope.cancel()
    assert session.state == "broken"
    assert watcher.tries() == [0]


async def test_a_server_that_hangs_up_on_everyone_is_told_of_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        session, watcher = watched(Target(*listener.getsockname()))

        async def answer() -> None:
            for _ in range(3):
                await anyio.wait_readable(listener)
                listener.accept()[0].close()
            await anyio.wait_readable(listener)
            with listener.accept()[0] as peer:
                peer.send(b"220 at last\r\n")
                await anyio.sleep(1)

        async with anyio.create_task_group() as group:
            group.start_soon(session.run)
            await answer()
            group.cancel_scope.cancel()
    target = str(session.target)
    assert [text for _, text, _, _ in watcher.entries][:4] == [
        f"connected: {target}",
        "the server closed its side of the connection before it said anything; if it "
        "speaks TLS, use --tls or tls://",
        TREATED_AS_RAW,
        "220 at last",
    ]


async def test_another_server_has_its_own_delay_and_the_numbers_of_shouts_go_on() -> None:
    settings = Settings(host="127.0.0.1", port=0, delay=3)
    async with reverb_server.running(settings) as server:
        session, watcher = watched(Embedded(Settings(delay=1)), Options(delay=0.5))
        async with anyio.create_task_group() as group:
            group.start_soon(session.run)
            await anyio.sleep(0.5)
            assert session.client is not None
            assert session.client.info.delay == 0.5
            session.shout(["here"])
            session.connect(Address(*server.addresses[0]))
            await anyio.sleep(0.5)
            assert session.client is not None
            assert session.client.info.delay == 3
            session.shout(["there"])
            group.cancel_scope.cancel()
    assert [entry[3] for entry in watcher.entries if entry[0] == Kind.SHOUT] == [1, 2]
    assert watcher.tries() == [0, 0]


async def test_a_wish_before_it_runs_is_kept() -> None:
    target = nobody()
    session, watcher = watched(Embedded())
    session.connect(Address(target.host, target.port))
    with anyio.move_on_after(0.5):
        await session.run()
    assert session.target == target
    session, watcher = watched(Embedded())
    session.disconnect()
    with anyio.move_on_after(0.5):
        await session.run()
    assert watcher.tries() == []


async def test_the_last_of_many_wishes_counts() -> None:
    async with reverb_server.running(Settings(host="127.0.0.1", port=0)) as server:
        session, _ = watched(Embedded())
        async with anyio.create_task_group() as group:
            group.start_soon(session.run)
            await anyio.sleep(0.5)
            for _ in range(3):
                session.connect()
                assert not session.open  # what is shouted now is not for this server
                session.disconnect()
            session.connect(Address(*server.addresses[0]))
            await anyio.sleep(0.5)
            assert str(session.target) == f"127.0.0.1:{server.port}"
            assert session.open
            session.connect()
            session.disconnect()
            await anyio.sleep(0.5)
            group.cancel_scope.cancel()
    assert session.state == "closed"
    assert not session.open


async def test_who_goes_elsewhere_during_a_wait_waits_no_more() -> None:
    session, _ = watched(nobody())
    with anyio.move_on_after(2):
        await session.run()
    assert session.again_at is None


async def test_a_server_that_is_full_is_told_once_and_joined_when_it_has_room() -> None:
    settings = Settings(host="127.0.0.1", port=0, max_connections=1)
    async with reverb_server.running(settings) as server:
        session, watcher = watched(Target("127.0.0.1", server.port))
        async with anyio.create_task_group() as group:
            with socket.create_connection(("127.0.0.1", server.port)):
                await anyio.sleep(1)
                group.start_soon(session.run)
                await anyio.sleep(100)
                assert session.state == "waiting"
                assert session.full
                assert session.reason.startswith("the server says: this server takes no more")
            await anyio.sleep(30)
            assert session.state == "connected"
            assert not session.full
            group.cancel_scope.cancel()
    connected = f"connected: {session.target}"
    begin, full, end = [text for _, text, *_ in watcher.entries]
    assert (begin, end) == (connected, connected)
    assert "takes no more than 1" in full
