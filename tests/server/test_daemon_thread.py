"""One thread for many calls that may block."""

import threading

import anyio
import pytest

from reverb_server.net.daemon_thread import DaemonThread


async def test_calls_are_made_in_order_in_one_thread() -> None:
    with DaemonThread() as thread:
        names = {await thread.run(threading.get_ident) for _ in range(3)}
        numbers = [await thread.run(lambda number=number: number) for number in range(3)]  # type: ignore[misc]
    assert len(names) == 1
    assert threading.get_ident() not in names
    assert numbers == [0, 1, 2]


async def test_what_a_call_raises_comes_out_and_the_next_call_is_made() -> None:
    with DaemonThread() as thread:
        with pytest.raises(OSError, match="gone"):
            await thread.run(raising)
        assert await thread.run(lambda: "next") == "next"


async def test_who_is_cancelled_waits_for_no_call() -> None:
    release = threading.Event()
    with DaemonThread() as thread:
        with anyio.move_on_after(0) as scope:
            await thread.run(release.wait)
        release.set()
    assert scope.cancelled_caught


def raising() -> None:
    raise OSError("gone")
