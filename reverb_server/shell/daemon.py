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


async def in_daemon_thread(
    call: Callable[[], Found], unwanted: Callable[[Found], object] = lambda found: None
) -> Found:
    """Run ``call`` like `in_background`, and wait for it. Raises what ``call`` raises.

    Whoever is cancelled meanwhile leaves it to itself; ``unwanted`` is then called with what it
    returns after all.
    """
    from anyio.from_thread import run_sync  # a tenth of the start of who needs it not

    token = current_token()
    done = anyio.Event()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            run_sync(done.set, token=token)

    future = in_background(call, tell)
    try:
        await done.wait()
    except BaseException:
        _dispose(future, unwanted)
        raise
    return future.result()


async def in_daemon_thread_within(
    seconds: float,
    call: Callable[[], Found],
    unwanted: Callable[[Found], object] = lambda found: None,
) -> Found:
    """Run ``call`` like `in_daemon_thread`, but wait no longer. Raises TimeoutError.

    The seconds are real ones, whatever the clock of the event loop says.
    """

    def wait() -> Found:
        future = in_background(call)
        try:
            return future.result(seconds)
        except TimeoutError:
            _dispose(future, unwanted)
            raise

    return await in_daemon_thread(wait, unwanted)


def _dispose(future: Future[Found], unwanted: Callable[[Found], object]) -> None:
    """Let ``unwanted`` have what comes of a call, now or later, if anything does."""
    future.add_done_callback(lambda late: late.exception() or unwanted(late.result()))
