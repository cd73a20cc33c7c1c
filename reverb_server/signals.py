"""Signals of the command: who hears them, and what they do."""

import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from threading import Event, Thread
from typing import Final

import anyio
from anyio.abc import TaskGroup

from reverb_server.command_line import printable
from reverb_server.net.eventloop import call_soon
from reverb_server.net.listeners import CannotListen
from reverb_server.net.service import Service
from reverb_server.supervisor import Supervisor

STOPPING: Final = (signal.SIGINT, signal.SIGTERM)

log = logging.getLogger("reverb_server")


class SignalThread:
    """A thread that waits for signals, which are blocked in all others from now on.

    Not a handler: one would run between any two instructions, and when the event loop is closed
    it would raise, or change the exit status. Here a flood of signals is one at a time, and what
    comes after the end does nothing.
    """

    def __init__(self) -> None:
        self._tell: Callable[[int], object] | None = None
        if sys.platform != "win32":  # there, Ctrl-C is a KeyboardInterrupt and nothing else comes
            numbers = (*STOPPING, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
            signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
            for number in numbers:
                signal.signal(number, _nothing)  # one that is ignored may never be waited for
            Thread(target=self._hear, args=numbers, daemon=True).start()

    def tell(self, obey: Callable[[int], None]) -> None:
        """Call ``obey`` in the event loop that runs, for each signal from now on.

        Before that, what stops the command ends the process at once; the others do nothing.
        """
        soon, context = call_soon(), copy_context()  # which tells anyio whose event loop it is

        def call(number: int) -> None:
            obeyed = Event()

            def answer() -> None:
                try:
                    context.run(obey, number)
                finally:
                    obeyed.set()

            soon(answer)
            obeyed.wait()  # so that a flood does not pile up

        self._tell = call

    def _hear(self, *numbers: int) -> None:
        if sys.platform == "win32":
            return
        with contextlib.suppress(RuntimeError):  # the event loop has ended
            while True:
                number = signal.sigwait(numbers)
                if self._tell is not None:
                    self._tell(number)
                elif number in STOPPING:
                    os._exit(0)


def _nothing(_number: int, _frame: object) -> None:
    """Do nothing, where no handler at all would have the signal thrown away."""


class Controls:
    """Actions of signals: end the start, stop the service, cut, log a summary, reload, replace."""

    def __init__(self, group: TaskGroup, supervisor: Supervisor) -> None:
        self.stopping = anyio.Event()
        """Whether the service has been asked to stop."""
        self._service: Service | None = None
        self._wanted: dict[int, anyio.Event] = {}
        self._group = group
        self._supervisor = supervisor

    def serve(self, service: Service, replace: Callable[[], Awaitable[None]] | None) -> None:
        """Obey for a service that has started; ``replace`` replaces what it runs, if it can."""
        self._service = service
        if sys.platform != "win32":
            actions = {
                signal.SIGHUP: lambda: self._reload(service),
                signal.SIGUSR1: lambda: _summarize(service),
                signal.SIGUSR2: replace or _nothing_to_replace,
            }
            for number, action in actions.items():
                self._wanted[number] = anyio.Event()
                self._group.start_soon(self._whenever_wanted, number, action)

    def obey(self, number: int) -> None:
        """Do what a signal asks for."""
        if self._service is None:
            if number in STOPPING:
                self._group.cancel_scope.cancel()
        elif number not in STOPPING:
            self._wanted[number].set()
        elif self.stopping.is_set():
            self._service.hurry()
        else:
            self.stopping.set()

    async def _whenever_wanted(self, number: int, action: Callable[[], Awaitable[None]]) -> None:
        """Do what a signal asks for, once for those that come meanwhile."""
        while True:
            await self._wanted[number].wait()
            self._wanted[number] = anyio.Event()
            await action()

    async def _reload(self, service: Service) -> None:
        """Read the certificate again, if there is one."""
        self._supervisor.tell(RELOADING=1, MONOTONIC_USEC=time.monotonic_ns() // 1000)
        try:
            await service.reload_certificate()
        except CannotListen as problem:
            log.error("kept the certificate: %s", printable(str(problem)))
        else:
            if service.settings.tls_cert:
                log.warning("read the certificate again")
        if not self.stopping.is_set():
            self._supervisor.tell(READY=1)


async def _summarize(service: Service) -> None:
    log.warning("%s", await service.figures_in_turns())


async def _nothing_to_replace() -> None:
    log.warning("left SIGUSR2 alone: it replaces workers, and there are none (see --workers)")
