"""Calls that may block for ever, in threads that nobody waits for."""

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio.from_thread import run_sync
from anyio.lowlevel import current_token

Found = TypeVar("Found")


async def in_daemon_thread(call: Callable[[], Found]) -> Found:
    """Run ``call``, which may block for ever, in a thread that nobody waits for at exit.

    The threads of a pool are joined at exit, so that a resolver without a network, or a terminal
    where nobody types, would keep the program from ending. Raises what ``call`` raises.
    """
    token = current_token()
    done = anyio.Event()
    outcome: list[Found | BaseException] = []

    def run() -> None:
        try:
            outcome.append(call())
        except BaseException as error:
            outcome.append(error)
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            run_sync(done.set, token=token)

    threading.Thread(target=run, daemon=True).start()
    await done.wait()
    result = outcome[0]
    if isinstance(result, BaseException):
        raise result
    return result
