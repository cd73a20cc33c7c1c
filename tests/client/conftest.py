"""A server for each test that needs one that is no reverb."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from reverb_tui.connect import Target
from tests.client.servers import Handler, Serving


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
