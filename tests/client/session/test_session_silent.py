"""A host that answers nothing: when it is tried again."""

from typing import NoReturn

import anyio
import pytest

import reverb_tui.connection.connect
from reverb_tui.connection.connect import TIMEOUT, CannotConnect
from reverb_tui.connection.targets import Target
from tests.client.watcher import watched
from tests.virtual import anyio_backend as anyio_backend


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no host answer, and none say that it will not."""

    async def connect(target: Target, patience: float) -> NoReturn:
        await anyio.sleep(TIMEOUT)
        raise CannotConnect(f"cannot connect to {target}: no answer")

    monkeypatch.setattr(reverb_tui.connection.connect, "connect", connect)


@pytest.mark.usefixtures("silence")
async def test_the_waits_grow_however_long_each_try_takes() -> None:
    session, watcher = watched(Target("192.0.2.1"))
    with anyio.move_on_after(200):
        await session.run()
    waits = [1, 2, 4, 8, 16, 30, 30]
    assert watcher.tries() == [sum(waits[:tries]) + TIMEOUT * tries for tries in range(8)]
