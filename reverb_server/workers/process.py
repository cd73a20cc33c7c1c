"""A worker as its parent has it: a process, the link to it, and what is known of it."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, Final

import anyio
from anyio.abc import Process

from reverb_server.errors import ReverbError
from reverb_server.net.figures import Figures
from reverb_server.net.stream import Gone
from reverb_server.workers.link import Link, Message, unpack_figures
from reverb_server.workers.parent_socket import VARIABLE

IDS: Final = count(1)
"""Numbers of questions."""

NOT_FOR_WORKERS: Final = (
    "REVERB_",  # a worker's options are all on its command line
    "LISTEN_FDS",
    "LISTEN_PID",
    "NOTIFY_SOCKET",
    "WATCHDOG_",
)
"""Variables that are the parent's own, by how they begin."""


class NoAnswer(ReverbError):
    """The worker has ended, or took too long."""


class Question:
    """A question that waits for its answer."""

    def __init__(self) -> None:
        self.settled = anyio.Event()
        """Whether it was answered, or never will be."""
        self.answers: list[object] = []

    def answer(self, answer: object) -> None:
        """Take the answer."""
        self.answers.append(answer)
        self.settled.set()


class WorkerProcess:
    """The worker at a place, from the start of its process to its end.

    Args:
        place: The number of its place.
        command: What to run; the descriptors of its listeners are added.
        listeners: What it is given.
    """

    def __init__(
        self, place: int, command: Sequence[str], listeners: Sequence[socket.socket]
    ) -> None:
        self.place = place
        self.pid = 0
        """The number of the process; 0 before there is one."""
        self.refusal = ""
        """Why it could not serve, in its own words."""
        self.figures = Figures.sum_of(())
        """The last that was heard of them."""
        self.lost = 0
        """Shouts that lost an echo when it was stopped."""
        self.status = 0
        """How the process ended: its exit status, negative for a signal."""
        self.leaving = False
        """Whether it is about to end, by its own or its parent's wish."""
        self.settled = anyio.Event()
        """Whether it serves, or has ended before that."""
        self.ended = anyio.Event()
        """Whether the process is over."""
        self.serves = False
        """Whether it accepts connections."""
        self._command = command
        self._listeners = listeners
        self._process: Process | None = None
        self._link: Link | None = None
        self._linked = anyio.Event()  # or it never will be
        self._asked: dict[int, Question] = {}
        self._counting = anyio.Lock()

    async def run(self, on_leaving: Callable[[], None]) -> None:
        """Start the process, hear what it tells, and wait for its end.

        ``on_leaving`` is called when it accepts no more connections without being asked to.
        """
        try:
            ours, theirs = socket.socketpair()
            self._link = link = Link(ours)
            self._linked.set()
            with theirs:
                self._process = await self._start(theirs.fileno())
            self.pid = self._process.pid
            async with anyio.create_task_group() as group:
                group.start_soon(self._hear, link, on_leaving)
                with anyio.CancelScope(shield=True):  # whoever cancels this kills it
                    self.status = await self._process.wait()
        except OSError as error:  # no more processes can be had, or descriptors
            self.status, self.refusal = 1, f"it could not be started: {error.strerror or error}"
        finally:
            if self._link is not None:
                self._link.close()
            self._linked.set()
            self.serves = False
            self.settled.set()
            self.ended.set()
            for question in self._asked.values():
                question.settled.set()

    async def ask(self, question: str, within: float, **details: object) -> Any:  # noqa: ANN401
        """Ask the worker something; return its answer, or raise NoAnswer if it takes longer.

        ``within`` is in seconds.
        """
        number, asked = next(IDS), Question()
        self._asked[number] = asked
        try:
            with anyio.move_on_after(within):
                await self._send({"ask": question, "id": number, **details})
                await asked.settled.wait()
        finally:
            del self._asked[number]
        if not asked.answers:
            raise NoAnswer(f"worker {self.place} did not answer within {within:g} s")
        return asked.answers[0]

    async def tell(self, what: str) -> None:
        """Send the worker an order, if it still runs."""
        with suppress(NoAnswer):
            await self._send({"ask": what})

    async def count(self, within: float) -> None:
        """Bring its figures up to date, if it answers in time."""
        async with self._counting:
            with suppress(NoAnswer):
                self.figures = unpack_figures(await self.ask("figures", within))

    @property
    def fate(self) -> str:
        """How it ended, in words."""
        if self.refusal:
            return self.refusal
        if self.status < 0:
            return f"ended by {signal.Signals(-self.status).name}"
        return f"ended with status {self.status}"

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)

    async def _start(self, link: int) -> Process:
        descriptors = [listener.fileno() for listener in self._listeners]
        variables = {
            name: text for name, text in os.environ.items() if not name.startswith(NOT_FOR_WORKERS)
        }
        return await anyio.open_process(
            [*self._command, *(f"--fd={each}" for each in descriptors)],
            stdin=subprocess.DEVNULL,
            stdout=None,
            stderr=None,
            env={**variables, VARIABLE: str(link)},
            pass_fds=[*descriptors, link],
            start_new_session=True,  # a Ctrl-C is for the parent alone, which passes it on
        )

    async def _hear(self, link: Link, on_leaving: Callable[[], None]) -> None:
        """Take what the worker says, until it has ended."""
        with suppress(Gone):
            while (message := await link.receive()) is not None:
                self._take(message)
                if "leaving" in message and not self.leaving:
                    self.leaving = True
                    on_leaving()

    def _take(self, message: Message) -> None:
        if "ready" in message:
            self.serves = True
            self.settled.set()
        if "leaving" in message:
            self.serves = False
        if "figures" in message:
            self.figures = unpack_figures(message["figures"])
        if message.get("id") in self._asked:
            self._asked[message["id"]].answer(message["answer"])
        self.lost = message.get("lost", self.lost)
        self.refusal = message.get("refused", self.refusal)

    async def _send(self, message: Message) -> None:
        await self._linked.wait()
        if self._link is None:
            raise NoAnswer(f"worker {self.place} was never started")
        try:
            await self._link.send(message)
        except Gone as gone:
            raise NoAnswer(f"worker {self.place} has ended") from gone
