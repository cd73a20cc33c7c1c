"""`Server.reset_all`: every client sees its connection reset."""

import logging
import ssl
from pathlib import Path

import anyio
import pytest

from reverb_server import Settings, running
from tests.server.calls import call, joined, served
from tests.server.secured import calling, trusting
from tests.virtual import anyio_backend as anyio_backend


async def test_every_client_is_reset_and_others_are_served_on() -> None:
    async with running(Settings(port=0, delay=60)) as server:
        with call(server) as pending, call(server) as silent:
            await pending.shout(b"Hello?\n")
            await pending.line()
            await served(silent)
            await server.reset_all()
            assert "connections=0 " in server.summary()
            for each in (pending, silent):
                with pytest.raises(ConnectionResetError):
                    await each.rest()
        with call(server) as later:
            await served(later)


async def test_a_client_that_reads_nothing_is_reset_as_well() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        with call(server) as caller:
            await caller.fill(b"Hello?\n" * 10_000)
            await server.reset_all()
            with pytest.raises(ConnectionResetError):
                await caller.rest()


async def test_a_unix_socket_is_closed() -> None:
    async with running(Settings(port=0, delay=60)) as server:
        with joined(server) as caller:
            await caller.shout(b"Hello?\n")
            await caller.line()
            await server.reset_all()
            assert await caller.read() == b""


async def test_a_client_with_tls_is_reset(cert: Path) -> None:
    settings = Settings(port=0, delay=60, tls_cert=cert)
    async with running(settings) as server:
        with calling(server, trusting()) as caller:
            await caller.handshake()
            await caller.shout(b"Hello?\n")
            await caller.line()
            await server.reset_all()
            with pytest.raises((ConnectionResetError, ssl.SSLError)):
                await caller.read()


async def test_the_log_says_who_did_it(log: pytest.LogCaptureFixture) -> None:
    log.set_level(logging.INFO)
    async with running(Settings(port=0, delay=60)) as server:
        with call(server) as caller:
            await caller.shout(b"Hello?\n")
            await caller.line()
            await server.reset_all()
    assert " cut: shouts=1 echoes=1 " in log.text
    assert "(the server reset the connection)" in log.text
    assert server.lost == 0


async def test_it_may_be_called_while_the_server_drains() -> None:
    async with running(Settings(port=0, delay=60, drain_timeout=3600)) as server:
        with call(server) as caller:
            await caller.shout(b"Hello?\n")
            await caller.line()
            begin = anyio.current_time()
            async with anyio.create_task_group() as group:
                group.start_soon(server.drain)
                await anyio.sleep(1)
                await server.reset_all()
            assert anyio.current_time() == begin + 1
