"""Signals of the command: who hears them, and what they do."""

import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextvars import copy_context
from threading import Event, Thread
from typing import Final

import anyio
from anyio.abc import TaskGroup

from reverb_server.command_line import printable
from reverb_server.net.eventloop import call_soon
from reverb_server.net.listeners import CannotListen
from reverb_server.net.server import Server
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
            numbers = (*STOPPING, signal.SIGHUP, signal.SIGUSR1)
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
    """Actions of signals: end the start, stop the server, cut, log a summary, reload."""

    def __init__(self, group: TaskGroup, supervisor: Supervisor) -> None:
        self.server: Server | None = None
        """The server, once it has started."""
        self.stopping = anyio.Event()
        """Whether the server has been asked to stop."""
        self._group = group
        self._supervisor = supervisor
        self._reload = anyio.Event()

    def obey(self, number: int) -> None:
        """Do what a signal asks for."""
        server = self.server
        if server is None:
            if number in STOPPING:
                self._group.cancel_scope.cancel()
        elif number in STOPPING and self.stopping.is_set():
            server.hurry()
        elif number in STOPPING:
            self.stopping.set()
        elif number == signal.SIGUSR1:
            log.warning("%s", server.summary())
        else:
            self._reload.set()

    async def reload(self, server: Server) -> None:
        """Read the certificate again, if there is one, whenever that is asked for."""
        while True:
            await self._reload.wait()
            self._reload = anyio.Event()
            self._supervisor.tell(RELOADING=1, MONOTONIC_USEC=time.monotonic_ns() // 1000)
            try:
                await server.reload_certificate()
            except CannotListen as problem:
                log.error("kept the certificate: %s", printable(str(problem)))
            else:
                if server.settings.tls_cert:
                    log.warning("read the certificate again")
            if not self.stopping.is_set():
                self._supervisor.tell(READY=1)
