"""A server for each test that needs one that is no reverb."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

import reverb_tui.connection.tls
from reverb_tui.connection.targets import Target
from reverb_tui.connection.tls import client_context
from tests.client.certificates import Certificates, issue
from tests.client.foreign_servers import Handler, Serving


@pytest.fixture
def serving() -> Serving:
    """Run a server that hands every connection to a function, while a block runs."""

    @asynccontextmanager
    async def run(handle: Handler) -> AsyncIterator[Target]:
        async def serve(stream: SocketStream) -> None:
            async with stream:
                await handle(stream)

        async with (
            await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
            anyio.create_task_group() as group,
        ):
            group.start_soon(listener.serve, serve)
            yield Target("127.0.0.1", listener.extra(SocketAttribute.local_port))
            group.cancel_scope.cancel()

    return run


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="session")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("tls") / "theirs")


@pytest.fixture(params=["TLSv1.2", "TLSv1.3"])
def version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the client speak only one version of TLS, and return its name."""
    name: str = request.param

    def limited(ca: Path | None) -> ssl.SSLContext:
        context = client_context(ca)
        context.maximum_version = ssl.TLSVersion[name.replace(".", "_")]
        return context

    monkeypatch.setattr(reverb_tui.connection.tls, "client_context", limited)
    return name
