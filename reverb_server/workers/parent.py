"""The parent of workers: it holds the listeners, starts a worker at each place, serves nobody."""

import contextlib
import logging
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import anyio
from anyio.abc import TaskGroup

from reverb_server.errors import ReverbError
from reverb_server.net.connection_log import End, log_safe
from reverb_server.net.figures import ConnectionState, Figures
from reverb_server.net.listeners import CannotListen
from reverb_server.net.listening import Listening
from reverb_server.net.opening import open_listeners_for
from reverb_server.net.withdrawing import withdraw
from reverb_server.settings import Settings
from reverb_server.workers.link import unpack_states
from reverb_server.workers.process import IDS, NoAnswer, WorkerProcess

ANSWERS_WITHIN: Final = 1.0
"""Seconds that a worker has for its figures; else the last that were heard of it count."""

RELOADS_WITHIN: Final = 60.0
"""Seconds that a worker has to read a certificate; it gives up earlier itself."""

COUNT_INTERVAL: Final = 1.0
"""Seconds between two looks at the figures: what is known of a worker that dies is as old."""

COUNTED_A_SECOND: Final = 5_000
"""Connections that these looks count in a second; more of them make them rarer. It takes 15 ms."""

LIVED_LONG: Final = 10.0
"""Seconds after which the death of a worker counts as the first."""

FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 10.0
"""Seconds before a worker that died is started again: doubled with each death in a row."""

LAST_MOMENTS: Final = 10.0
"""Seconds beyond its drain timeout that a worker has for its end; then it is killed."""

HEARS_ON: Final = 2.0
"""Seconds that a worker which is replaced hears on, after it has told that it drains: what its
clients shout before they read that is not lost."""

log = logging.getLogger("reverb_server")


class CannotStart(ReverbError):
    """A worker ended before it served; the text is one sentence."""


class WorkerFailed(ReverbError):
    """A worker did not end as it should; the text is one sentence."""


@dataclass(slots=True)
class Place:
    """Where one worker after the other serves."""

    number: int
    command: Sequence[str]
    listeners: Sequence[socket.socket]
    worker: WorkerProcess | None = None
    """The one that serves, or is to; None before the first."""
    deaths: int = 0
    """How many in a row died soon after their start."""


class Workers:
    """Workers that are running, a `Service`; get them from `serving_by_workers`.

    Args:
        settings: Those of all of them together.
        commands: What each runs.
        listeners: What each is given.
        group: Runs a task for each worker.
    """

    def __init__(
        self,
        settings: Settings,
        commands: Sequence[Sequence[str]],
        listeners: Sequence[Sequence[socket.socket]],
        group: TaskGroup,
    ) -> None:
        self.settings = settings
        self.listening = Listening.on(listeners[0])
        self.lost = 0
        """Shouts that lost an echo because a stop did not wait for them any longer."""
        self._places = [
            Place(number, command, given)
            for number, (command, given) in enumerate(zip(commands, listeners, strict=True), 1)
        ]
        self._group = group
        self._running: dict[WorkerProcess, None] = {}  # the oldest first
        self._past = Figures.sum_of(())  # those of workers that have ended
        self._failures: list[str] = []
        self._keeps = False  # starts another worker for one that ends
        self._draining = False
        self._replacing = anyio.Lock()
        self._lame_duck = anyio.CancelScope()

    @property
    def ill(self) -> str:
        """Why no client should be sent here now; empty if all is well."""
        if not self._keeps:
            return "stopping"
        return "" if any(worker.serves for worker in self._running) else "no worker serves"

    async def start(self) -> None:
        """Start the first worker, and when it serves the others; who connects to those waits.

        Raises CannotStart if the first one can't.
        """
        first = self._launch(self._places[0], level=logging.DEBUG)
        await first.settled.wait()
        if not first.serves:
            raise CannotStart(first.fate)
        self._keeps = True
        for place in self._places[1:]:
            self._launch(place, level=logging.DEBUG)
        self._group.start_soon(self._keep_counting)

    async def replace(self) -> None:
        """Replace the workers by new ones, one after the other; no echo is lost.

        Each new one serves before the one that it replaces drains. One that can't start ends it.
        """
        async with self._replacing:
            for place in self._places:
                if not self._keeps:
                    return
                new = self._launch(place, instead=False)
                await new.settled.wait()
                if not self._keeps:  # stopped meanwhile: it has been told, as all others
                    return
                if not new.serves:
                    log.error("kept worker %d: %s", place.number, log_safe(new.fate))
                    return
                old, place.worker, place.deaths = place.worker, new, 0
                if old is not None:
                    old.leaving = True
                    await old.tell("leave")
                    await anyio.sleep(self.settings.lame_duck or HEARS_ON)
                    await self._end([old])
            log.warning("replaced %d workers", len(self._places))

    async def figures_in_turns(self) -> Figures:
        """Return the figures of all, those of workers that have ended included.

        Totals never go back. A worker that does not answer counts with what was heard last.
        """
        async with anyio.create_task_group() as group:
            for worker in self._running:
                if worker.settled.is_set():  # before, there is nothing to count
                    group.start_soon(worker.count, ANSWERS_WITHIN)
        return Figures.sum_of([self._past, *(worker.figures for worker in self._running)])

    async def connection_states_in_turns(
        self, most: int
    ) -> AsyncGenerator[list[ConnectionState], None]:
        """Yield what each connection of each worker does, at most so many at a time."""
        for worker in tuple(self._running):
            number = next(IDS)
            with contextlib.suppress(NoAnswer):
                while packed := await worker.ask(
                    "connections", ANSWERS_WITHIN, list=number, most=most
                ):
                    yield unpack_states(packed)

    async def reload_certificate(self) -> None:
        """Have all workers read the certificate files again.

        Raises CannotListen with what the first said that could not, and goes on with what it had.
        """
        problems: list[str] = []

        async def reload(worker: WorkerProcess) -> None:
            try:
                if problem := await worker.ask("reload", RELOADS_WITHIN):
                    problems.append(problem)
            except NoAnswer as silent:
                problems.append(str(silent))

        async with anyio.create_task_group() as group:
            for worker in self._running:
                group.start_soon(reload, worker)
        if problems:
            raise CannotListen(problems[0])

    async def drain(self) -> None:
        """Stop listening, and have the workers send what is pending, and end.

        Before that they serve on for ``lame_duck`` seconds. Raises WorkerFailed if one that was to
        end did not do it well.
        """
        if self._keeps:
            self._keeps = False
            if self.settings.lame_duck:
                await self._tell_all("announce")
                with self._lame_duck:
                    await anyio.sleep(self.settings.lame_duck)
            self._draining = True
            if not self.settings.fds:
                await anyio.sleep(withdraw(self._listeners()))
            await self._end(tuple(self._running))
        if self._failures:
            raise WorkerFailed(self._failures[0])

    def hurry(self) -> None:
        """Skip the rest of a lame duck; during a drain, cut what is pending."""
        if self._draining:
            self._group.start_soon(self._tell_all, "cut")
        else:
            self._lame_duck.cancel()

    def close(self) -> None:
        """Kill what still runs, and close the listeners."""
        self._keeps = False
        for worker in self._running:
            worker.kill()
        for listener in self._listeners():
            listener.close()

    def _listeners(self) -> dict[socket.socket, None]:
        """Return all listeners, each once."""
        return {each: None for place in self._places for each in place.listeners}

    def _launch(
        self, place: Place, *, instead: bool = True, level: int = logging.INFO
    ) -> WorkerProcess:
        """Start a worker; it is that of its place, ``instead`` of the one before.

        ``level`` is how much it matters that it serves.
        """
        worker = WorkerProcess(place.number, place.command, place.listeners)
        self._running[worker] = None
        if instead:
            place.worker = worker
        self._group.start_soon(self._run, place, worker)
        self._group.start_soon(_tell_start, worker, level)
        return worker

    async def _run(self, place: Place, worker: WorkerProcess) -> None:
        """Run a worker to its end, and see to it that there is another."""

        def fill() -> None:
            if self._keeps and place.worker is worker:
                self._launch(place)

        began = anyio.current_time()
        await worker.run(fill)
        del self._running[worker]
        self._past = Figures.sum_of([self._past, _after_the_end(worker.figures)])
        self.lost += worker.lost
        if worker.leaving and (worker.status not in (0, 1) or worker.status > worker.lost):
            self._failures.append(f"worker {place.number} {worker.fate}")
        if self._keeps and place.worker is worker:
            place.deaths = 0 if anyio.current_time() - began > LIVED_LONG else place.deaths + 1
            wait = wait_before_start(place.deaths)
            _tell_death(worker, wait)
            await anyio.sleep(wait)
            fill()

    async def _end(self, workers: Sequence[WorkerProcess]) -> None:
        """Have workers drain, and wait until they have ended; kill those that take too long."""
        for worker in workers:
            worker.leaving = True
            await worker.tell("stop")
        with anyio.move_on_after(self.settings.drain_timeout + LAST_MOMENTS):
            for worker in workers:
                await worker.ended.wait()
        for worker in workers:
            worker.kill()
            await worker.ended.wait()

    async def _tell_all(self, what: str) -> None:
        for worker in tuple(self._running):
            await worker.tell(what)

    async def _keep_counting(self) -> None:
        """Ask for the figures from time to time, for the case that a worker is killed."""
        while True:
            figures = await self.figures_in_turns()
            await anyio.sleep(max(COUNT_INTERVAL, figures.connections / COUNTED_A_SECOND))


def wait_before_start(deaths: int) -> float:
    """Return seconds before a worker is started after so many that died soon, one after another."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(deaths, 30))


def _after_the_end(figures: Figures) -> Figures:
    """Return the figures of a worker once it has ended; what it held then has been cut."""
    ended = {**figures.ended, End.CUT: figures.ended[End.CUT] + figures.connections}
    lost = figures.lost + figures.pending
    return replace(figures, connections=0, pending=0, held=0, lost=lost, ended=ended)


async def _tell_start(worker: WorkerProcess, level: int) -> None:
    await worker.settled.wait()
    if worker.serves:
        log.log(level, "worker %d is process %d", worker.place, worker.pid)


def _tell_death(worker: WorkerProcess, wait: float) -> None:
    log.error(
        "worker %d (process %d) %s, with connections=%d pending=%d; another starts in %g s",
        worker.place,
        worker.pid,
        log_safe(worker.fate),
        worker.figures.connections,
        worker.figures.pending,
        wait,
    )


@contextlib.asynccontextmanager
async def serving_by_workers(
    settings: Settings, commands: Sequence[Sequence[str]]
) -> AsyncIterator[Workers]:
    """Serve by a worker for each command while the block runs; then drain.

    Raises CannotListen and CannotStart, and WorkerFailed at the end.
    """
    listeners = await open_listeners_for(len(commands), settings)
    problem: ReverbError | None = None
    async with anyio.create_task_group() as group:
        workers = Workers(settings, commands, listeners, group)
        try:
            await workers.start()
            yield workers
            await workers.drain()
        except ReverbError as error:
            problem = error  # raised below, where the group can't wrap it
        finally:
            workers.close()
        group.cancel_scope.cancel()
    if problem is not None:
        raise problem
