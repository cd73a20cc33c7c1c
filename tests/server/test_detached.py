"""A server may be entered in one task and left in another; nothing is lost on the way."""

import asyncio
import errno
import gc
import socket
import unittest
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from reverb_server import CannotListen, Server, Settings, running
from reverb_server.net.detached import detached
from tests.server.calls import echoes, joined
from tests.virtual import anyio_backend as anyio_backend

SETTINGS = Settings(port=0, delay=0)


async def heard(server: Server) -> bool:
    with joined(server) as caller:
        await caller.shout(b"Hello?\n")
        return sorted(await caller.lines(3)) == echoes(b"Hello?")


def refuses(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


async def in_a_task(function: Any, *arguments: Any) -> Any:
    """Call in a task that ends with the call, as pytest-asyncio does with a fixture's halves."""
    results: list[Any] = []

    async def call() -> None:
        try:
            results.append(await function(*arguments))
        except Exception as error:
            results.append(error)

    async with anyio.create_task_group() as group:
        group.start_soon(call)
    if isinstance(results[0], Exception):
        raise results[0]
    return results[0]


async def test_a_server_is_left_in_another_task_than_it_was_entered_in() -> None:
    block = running(SETTINGS)
    server = await in_a_task(block.__aenter__)
    assert await heard(server)
    assert not await in_a_task(block.__aexit__, None, None, None)
    assert refuses(server.port)


async def fixture() -> AsyncGenerator[Server, None]:
    async with running(SETTINGS) as server:
        yield server


async def test_a_fixture_is_advanced_by_a_task_for_each_step() -> None:
    generator = fixture()
    server = await in_a_task(generator.__anext__)
    assert await in_a_task(heard, server)
    with pytest.raises(StopAsyncIteration):
        await anext(generator)


async def test_a_fixture_may_be_closed_or_thrown_into_in_another_task() -> None:
    generator = fixture()
    await in_a_task(generator.__anext__)
    await in_a_task(generator.aclose)
    generator = fixture()
    await in_a_task(generator.__anext__)
    with pytest.raises(ZeroDivisionError):
        await in_a_task(generator.athrow, ZeroDivisionError())


async def test_what_is_pending_is_said_before_the_block_is_left_in_another_task() -> None:
    block = running(Settings(port=0, delay=3))
    server = await in_a_task(block.__aenter__)
    begin = anyio.current_time()
    with joined(server) as caller:
        await caller.shout(b"Hello?\n")
        assert await caller.line() == b"\t HELLO?\n"
        await in_a_task(block.__aexit__, None, None, None)
        assert anyio.current_time() == begin + 7  # one of them for the client to close
        assert await caller.rest() == b"\t Hello?\n\t hello?\n"


async def test_a_cancelled_wait_for_what_is_pending_cuts_it() -> None:
    begin = anyio.current_time()
    with anyio.move_on_after(1) as scope:
        async with running(Settings(port=0, delay=5)) as server:
            with joined(server) as caller:
                await caller.shout(b"Hello?\n")
                await caller.line()
    assert scope.cancelled_caught
    assert anyio.current_time() == begin + 1


async def test_a_refusal_comes_out_of_the_entering_task() -> None:
    async with running(SETTINGS) as server:
        with pytest.raises(CannotListen, match="it is taken"):
            await in_a_task(running(Settings(port=server.port)).__aenter__)


class Crash(Exception):
    pass


@asynccontextmanager
async def crashing(crash: anyio.Event) -> AsyncIterator[str]:
    """Be a block with a task in it that fails, as no server should."""

    async def fail() -> None:
        await crash.wait()
        raise Crash

    async with anyio.create_task_group() as group:
        group.start_soon(fail)
        yield "entered"


async def test_a_crash_comes_out_of_the_block(backend: str) -> None:
    crash = anyio.Event()
    wait = anyio.sleep_forever if backend == "asyncio" else checkpoint  # trio interrupts nobody

    async def run() -> None:
        async with detached(crashing(crash)):
            crash.set()
            await wait()

    with pytest.raises(ExceptionGroup) as raised:
        await run()
    assert isinstance(raised.value.exceptions[0], Crash)
    await checkpoint()  # this task is not cancelled any more
    await anyio.sleep(1)


async def test_a_crash_comes_out_when_the_block_is_left_in_another_task() -> None:
    crash = anyio.Event()
    block = detached(crashing(crash))
    assert await in_a_task(block.__aenter__) == "entered"
    crash.set()
    await anyio.sleep(1)
    with pytest.raises(ExceptionGroup):
        await in_a_task(block.__aexit__, None, None, None)


async def test_who_is_cancelled_stays_cancelled_whatever_crashes() -> None:
    crash = anyio.Event()
    with anyio.CancelScope() as scope:
        async with detached(crashing(crash)):
            crash.set()
            scope.cancel()
            await anyio.sleep_forever()
    assert scope.cancelled_caught
    await anyio.sleep(1)


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), SystemExit(3), StopIteration("over")])
async def test_what_the_block_raises_comes_out_as_it_is(problem: BaseException) -> None:
    caught: BaseException | None = None
    try:
        async with running(SETTINGS):
            raise problem
    except BaseException as error:
        caught = error
    assert caught is problem


@pytest.mark.filterwarnings("error")
class TestOnAsyncio:
    """How asyncio's own tools enter, leave and forget a server."""

    def test_isolated_test_case(self) -> None:
        class Case(unittest.IsolatedAsyncioTestCase):
            async def asyncSetUp(self) -> None:
                self.server = await self.enterAsyncContext(running(SETTINGS))

            async def test_one(self) -> None:
                assert await heard(self.server)

            async def test_two(self) -> None:
                other = await self.enterAsyncContext(running(SETTINGS))
                assert await heard(other)

        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
        assert (result.testsRun, result.errors, result.failures) == (2, [], [])

    def test_no_task_is_left(self) -> None:
        async def enter_and_leave() -> set[Any]:
            async with running(SETTINGS) as server:
                await heard(server)
            return asyncio.all_tasks() - {asyncio.current_task()}

        assert asyncio.run(enter_and_leave()) == set()

    def test_a_server_that_is_never_left_ends_with_the_loop(self) -> None:
        blocks = []

        async def enter() -> int:
            blocks.append(running(SETTINGS))
            server: Server = await blocks[0].__aenter__()
            return server.port

        port = asyncio.run(enter())
        assert refuses(port)
        blocks.clear()
        gc.collect()

    @pytest.mark.parametrize("steps", range(4))
    def test_a_loop_that_ends_while_one_enters_does_not_wait(self, steps: int) -> None:
        @asynccontextmanager
        async def resolving() -> AsyncIterator[None]:
            await anyio.sleep_forever()
            yield

        async def begin() -> None:
            task = asyncio.create_task(detached(resolving()).__aenter__())
            for _ in range(steps):
                await asyncio.sleep(0)
            assert not task.done()

        asyncio.run(begin())

    @pytest.mark.parametrize("delay", [0, 0.01])
    def test_a_client_slower_than_its_echoes_gets_them_all(self, delay: float) -> None:
        flood = b"Hello? Is there anybody there?\n" * 2000

        async def flood_and_read() -> int:
            ours, theirs = socket.socketpair()
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            async with running(Settings(port=0, delay=delay)) as server:
                server.adopt(theirs)
                reader, writer = await asyncio.open_connection(sock=ours)
                writer.write(flood)
                writer.write_eof()
                echoes = await reader.read()
                writer.close()
                return echoes.count(b"\n")

        assert asyncio.run(flood_and_read()) == 6000

    def test_a_second_cancellation_waits_for_the_end_as_well(self) -> None:
        async def serve(started: asyncio.Event) -> None:
            async with running(SETTINGS):
                started.set()
                await asyncio.sleep(60)

        async def cancel_twice() -> set[Any]:
            started = asyncio.Event()
            task = asyncio.create_task(serve(started))
            await started.wait()
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return asyncio.all_tasks() - {asyncio.current_task()}

        assert asyncio.run(cancel_twice()) == set()
