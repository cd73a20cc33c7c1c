"""Calls that may block forever, in threads that nobody waits for."""

import contextlib
import errno
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from types import TracebackType
from typing import Self, TypeVar

import anyio
from anyio.lowlevel import current_token

Result = TypeVar("Result")


def in_background(
    call: Callable[[], Result], then: Callable[[], object] = lambda: None
) -> Future[Result]:
    """Start ``call``, which may block forever, in a thread of its own; return what will come of it.

    ``then`` is called in that thread once it has come. Raises OSError if there can be no thread.

    The threads of a pool are joined at exit, so that a resolver without a network, a hanging disk
    or a terminal where nobody types would keep the program from ending.
    """
    future: Future[Result] = Future()
    thread = threading.Thread(target=lambda: _answer(call, future, then), daemon=True)
    try:
        thread.start()
    except RuntimeError as error:  # the limit of processes, or of a container
        raise OSError(errno.EAGAIN, "no more threads can be started") from error
    return future


class DaemonThread:
    """One thread for many calls, one after the other, while the block runs.

    A new thread for each call makes a line through a pipe and back take half as long again.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def __enter__(self) -> Self:
        threading.Thread(target=self._make_calls, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._calls.put(None)

    async def run(self, call: Callable[[], Result]) -> Result:
        """Run ``call``, and wait for it. Raises what it raises.

        A call whose caller is cancelled meanwhile is left to itself.
        """
        future: Future[Result] = Future()
        done, tell = _told()
        self._calls.put(lambda: _answer(call, future, tell))
        await done.wait()
        return future.result()

    def _make_calls(self) -> None:
        while (call := self._calls.get()) is not None:
            call()


async def in_daemon_thread(
    call: Callable[[], Result], unwanted: Callable[[Result], object] = lambda found: None
) -> Result:
    """Run ``call`` like `in_background`, and wait for it. Raises what ``call`` raises.

    Whoever is cancelled meanwhile leaves it to itself; ``unwanted`` is then called with what it
    returns after all.
    """
    done, tell = _told()
    future = in_background(call, tell)
    try:
        await done.wait()
    except BaseException:
        _dispose(future, unwanted)
        raise
    return future.result()


async def in_daemon_thread_within(
    seconds: float,
    call: Callable[[], Result],
    unwanted: Callable[[Result], object] = lambda found: None,
) -> Result:
    """Run ``call`` like `in_daemon_thread`, but wait no longer. Raises TimeoutError.

    The seconds are real ones, whatever the clock of the event loop says.
    """

    def wait() -> Result:
        future = in_background(call)
        try:
            return future.result(seconds)
        except TimeoutError:
            _dispose(future, unwanted)
            raise

    return await in_daemon_thread(wait, unwanted)


def _answer(call: Callable[[], Result], future: Future[Result], then: Callable[[], object]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:
        future.set_exception(error)
    then()


def _told() -> tuple[anyio.Event, Callable[[], None]]:
    """Make an event of this event loop, and what sets it from another thread."""
    from anyio.from_thread import run_sync  # lazy import: a tenth of start-up time

    token = current_token()
    done = anyio.Event()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            run_sync(done.set, token=token)

    return done, tell


def _dispose(future: Future[Result], unwanted: Callable[[Result], object]) -> None:
    """Pass the result of a call to ``unwanted``, now or later, if there is one."""
    future.add_done_callback(lambda late: late.exception() or unwanted(late.result()))
