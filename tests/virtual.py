"""Virtual time for a test module, which takes this fixture for its own.

On the backend of its folder::

    from tests.virtual import anyio_backend as anyio_backend
"""

import asyncio
from typing import Any

import anyio
import pytest
import trio
from trio.testing import MockClock

from reverb_server.testing import VirtualLoop, virtual_backend


@pytest.fixture
def anyio_backend(backend: str) -> tuple[str, dict[str, Any]]:
    return virtual_backend(backend)


def stand_still(seconds: float) -> None:
    """Let time pass while this process does nothing, as one that is stopped or suspended."""
    if anyio.get_cancelled_exc_class() is asyncio.CancelledError:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.jump(seconds)
    else:
        clock = trio.lowlevel.current_clock()
        assert isinstance(clock, MockClock)
        clock.jump(seconds)
