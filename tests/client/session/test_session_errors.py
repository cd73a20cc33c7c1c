"""Errors that a server tells, however many: they leave room for everything else."""

import anyio
from anyio.abc import SocketStream

from reverb_tui.options import Options
from reverb_tui.session.session import BREATH, Session
from tests.client.servers import Serving
from tests.client.watcher import Watcher
from tests.virtual import anyio_backend as anyio_backend

ERRORS = 100
FLOOD = b'\x10{"reverb":1,"code":"x","error":"y"}\n' * ERRORS


class Disk(Watcher):
    """An observer that is not ready for more once it has been shown so many entries."""

    most: float = float("inf")

    async def ready(self) -> None:
        while len(self.entries) > self.most:  # noqa: ASYNC110
            await anyio.sleep(BREATH)


async def complain(stream: SocketStream) -> None:
    """Tell of nothing but errors."""
    await stream.send(FLOOD)
    await anyio.sleep_forever()


async def test_between_two_errors_everything_else_has_its_turn(serving: Serving) -> None:
    watcher = Disk()
    turns: set[int] = set()
    async with serving(complain) as target, anyio.create_task_group() as group:
        session = watcher.session = Session(target, Options(), watcher)
        group.start_soon(session.run)
        while len(watcher.entries) < ERRORS:
            await anyio.sleep(BREATH / 2)
            turns.add(len(watcher.entries))
        group.cancel_scope.cancel()
    assert len(turns) > 0.9 * ERRORS


async def test_of_errors_too_no_more_are_taken_than_can_be_written(serving: Serving) -> None:
    watcher = Disk()
    watcher.most = 10
    async with serving(complain) as target, anyio.create_task_group() as group:
        session = watcher.session = Session(target, Options(), watcher)
        group.start_soon(session.run)
        await anyio.sleep(0.2)
        assert len(watcher.entries) == 11
        watcher.most = float("inf")
        await anyio.sleep(0.2)
        assert len(watcher.entries) == ERRORS + 1  # one of them says that it is connected
        group.cancel_scope.cancel()
