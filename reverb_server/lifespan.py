"""Running a server for as long as a block of code runs.

``async with running(settings) as server`` is all there is to it, for the command line, for the
client's embedded server, and for anyone's tests.
"""

import contextlib
import socket
from collections.abc import AsyncIterator

import anyio

from reverb_server.net.detached import detached
from reverb_server.net.listeners import listen, listen_unix
from reverb_server.net.securing import Securing
from reverb_server.net.server import Server
from reverb_server.settings import Settings


@contextlib.asynccontextmanager
async def running(settings: Settings, *, accepting: bool = True) -> AsyncIterator[Server]:
    """Run a server in the current event loop while the block runs; then drain it.

    ``accepting=False`` gives one that serves only what it is given to `Server.adopt`. The block
    may be left in another task than the one that entered it, as fixtures are.

    Leaving waits until all pending echoes are sent, at most ``drain_timeout`` seconds. Cancelling
    the wait, and `Server.cut`, end it at once. Raises `reverb_server.CannotListen` if the machine
    refuses. What the block raises comes out as it is, and cuts what is pending.
    """
    async with detached(serving(settings, accepting=accepting)) as server:
        try:
            yield server
        except BaseException:
            server.end()  # at once: its own task would hear more before it had its turn
            raise


@contextlib.asynccontextmanager
async def serving(settings: Settings, *, accepting: bool = True) -> AsyncIterator[Server]:
    """Run a server as `running` does, in a task group of the task that enters, and leaves.

    An error of the server's own interrupts the block on trio as well.
    """
    securing = Securing(settings)
    await securing.read()
    listeners: list[socket.socket] = []
    if accepting and settings.unix is not None:
        listeners = [await listen_unix(settings.unix)]
    elif accepting:
        listeners = await listen(settings.host, settings.port)
    server: Server | None = None
    problem: BaseException | None = None
    try:
        async with anyio.create_task_group() as group:
            server = Server(settings, listeners, group, securing)
            group.start_soon(server.clock.run)
            group.start_soon(server.poller.run)
            group.start_soon(server.accept)
            try:
                yield server
                await server.drain()
            except (GeneratorExit, anyio.get_cancelled_exc_class()):
                raise
            except BaseException as error:
                problem = error  # raised below, where the group can't wrap it
            finally:
                server.end()
    finally:
        if server is not None:
            server.poller.close()
        for listener in listeners:
            listener.close()
    if problem is not None:
        raise problem
