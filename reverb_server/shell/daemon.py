"""Calls that may block forever, in threads that nobody waits for."""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import anyio
from anyio.lowlevel import current_token

Found = TypeVar("Found")


def in_background(
    call: Callable[[], Found], then: Callable[[], object] = lambda: None
) -> Future[Found]:
    """Start ``call``, which may block forever, in a thread of its own; return what will come of it.

    ``then`` is called in that thread once it has come.

    The threads of a pool are joined at exit, so that a resolver without a network, a hanging disk
    or a terminal where nobody types would keep the program from ending.
    """
    future: Future[Found] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)
        then()

    threading.Thread(target=run, daemon=True).start()
    return future


async def in_daemon_thread(call: Callable[[], Found]) -> Found:
    """Run ``call`` like `in_background`, and wait for it. Raises what ``call`` raises.

    Whoever is cancelled meanwhile leaves it to itself.
    """
    from anyio.from_thread import run_sync  # a tenth of the start of who needs it not

    token = current_token()
    done = anyio.Event()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            run_sync(done.set, token=token)

    future = in_background(call, tell)
    await done.wait()
    return future.result()
