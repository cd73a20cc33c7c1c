"""After this process stood still, what was sent in time counts as in time."""

import ssl
from contextlib import ExitStack, suppress
from pathlib import Path

import anyio
import pytest

from reverb_server import Settings, running
from reverb_server.net.stream import SocketStream
from tests.server.calls import call, code, joined, served
from tests.server.reports import ends
from tests.server.secured import VERSIONS, calling, trusting
from tests.virtual import anyio_backend as anyio_backend
from tests.virtual import stand_still


@pytest.mark.parametrize("mode", ["concurrent", "plain"])
async def test_whoever_sent_in_time_is_not_idle(mode: str, log: pytest.LogCaptureFixture) -> None:
    settings = Settings(port=0, delay=0, idle_timeout=5, mode=mode)  # type: ignore[arg-type]
    async with running(settings) as server:
        with ExitStack() as stack:
            callers = [stack.enter_context(joined(server)) for _ in range(80)]
            await anyio.sleep(4)
            for caller in callers:
                caller.socket.sendall(b"Hello?\n")
            stand_still(60)
            for caller in callers:
                line = await caller.line()
                assert line == (b"Hello?\n" if mode == "plain" else b"\t HELLO?\n")
            assert ends(log) == []
            await anyio.sleep(7)
            assert ends(log) == ["idle"] * 80


async def test_an_echo_is_not_early_if_its_shout_came_just_before_it_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = SocketStream.receive_now

    def read_later(stream: SocketStream, limit: int = 65_536) -> bytes | None:
        stand_still(0.4)  # the poller has told of something; this shout comes only now
        return read(stream, limit)

    async with running(Settings(port=0, delay=1)) as server:
        with joined(server) as caller:
            monkeypatch.setattr(SocketStream, "receive_now", read_later)
            began = anyio.current_time()
            caller.socket.sendall(b"Hello?\n")
            assert await caller.line() == b"\t HELLO?\n"
            monkeypatch.undo()
            assert await caller.line() == b"\t Hello?\n"
            assert anyio.current_time() >= began + 0.4 + 1


async def test_whoever_ended_in_time_is_finished_and_not_idle(
    log: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0, idle_timeout=5)) as server:
        with joined(server) as caller:
            await anyio.sleep(4)
            caller.hang_up()
            stand_still(60)
            assert await caller.rest() == b""
    assert ends(log) == ["finished"]


async def test_a_flood_without_a_line_is_idle_all_the_same(log: pytest.LogCaptureFixture) -> None:
    async with running(Settings(port=0, delay=0, idle_timeout=5)) as server:
        with joined(server) as caller:
            await anyio.sleep(4)
            with suppress(BlockingIOError):
                while True:
                    caller.socket.send(b"x" * 1_000)
            stand_still(60)
            assert code((await caller.rest()).splitlines(keepends=True)[-1]) == "idle"
    assert ends(log) == ["idle"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_handshake_that_went_on_in_time_is_not_too_late(
    version: ssl.TLSVersion, cert: Path
) -> None:
    async with running(Settings(port=0, delay=0, tls_cert=cert)) as server:
        with calling(server, trusting(version)) as caller:
            await anyio.sleep(9)
            with suppress(ssl.SSLWantReadError):
                caller.socket.do_handshake()
            stand_still(60)
            await caller.handshake()
            await served(caller)


async def test_a_drain_says_what_fell_due_before_it_gives_up(
    log: pytest.LogCaptureFixture,
) -> None:
    settings = Settings(port=0, delay=5, drain_timeout=20)
    async with anyio.create_task_group() as group, running(settings) as server:
        stack = ExitStack()
        caller = stack.enter_context(joined(server))
        await caller.shout(b"Hello?\n")
        assert await caller.line() == b"\t HELLO?\n"

        async def stop() -> None:
            await anyio.sleep(1)
            stand_still(60)
            with stack:
                heard.append(await caller.rest())

        heard: list[bytes] = []
        group.start_soon(stop)
    assert heard == [b"\t Hello?\n\t hello?\n"]
    assert server.lost == 0
    assert ends(log) == ["drained"]


async def test_a_drain_gives_up_what_is_not_due_all_the_same() -> None:
    settings = Settings(port=0, delay=60, drain_timeout=20)
    async with anyio.create_task_group() as group, running(settings) as server:
        with joined(server) as caller:
            await caller.shout(b"Hello?\n")
            assert await caller.line() == b"\t HELLO?\n"
            begin = anyio.current_time()
            group.start_soon(_stand_still_later)
            await server.drain()
            assert anyio.current_time() - begin < 70
    assert server.lost == 1


async def _stand_still_later() -> None:
    await anyio.sleep(1)
    stand_still(50)


async def test_a_refused_client_that_sent_in_time_can_read_why() -> None:
    async with running(Settings(port=0, delay=0, max_connections=1)) as server:
        with call(server) as one, call(server) as other:
            await served(one)
            await anyio.sleep(0.5)
            other.socket.sendall(b"Not heard\n" * 1_000)
            stand_still(60)
            await served(one)
            assert code(await other.line()) == "full"
            assert await other.rest() == b""
