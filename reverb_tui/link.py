"""The way to a server: one session after the other, each of them with a task that keeps it up."""

import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeAlias

from textual.worker import Worker, WorkerCancelled, WorkerFailed

from reverb_server.addresses import Address
from reverb_tui.connection.targets import AnyTarget, Embedded, Target, TLSOptions, UnixTarget
from reverb_tui.options import PORT, Options
from reverb_tui.session.observer import Observer
from reverb_tui.session.session import Session

Start: TypeAlias = Callable[[Coroutine[Any, Any, None]], Worker[None]]
"""Starts a task: an app's ``run_worker``."""


class Link:
    """Holds the session with ``target``, then those with other servers.

    ``persistent`` is whether connections that break are made again without being asked for.
    """

    def __init__(
        self, target: AnyTarget, options: Options, observer: Observer, start: Start
    ) -> None:
        self.session = Session(target, options, observer)
        self.persistent = True
        self._options = options
        self._observer = observer
        self._start = start
        self._task: Worker[None] | None = None
        self._first = target
        self._built_in = target if isinstance(target, Embedded) else Embedded()

    def begin(self) -> None:
        """Connect, if there is no connection; now, if it was waiting to."""
        self.session.persistent = self.persistent
        if self._task is None or self._task.is_finished:
            self._task = self._start(self.session.run())
        else:
            self.session.hurry()

    async def end(self) -> None:
        """End the connection, and wait until it has ended."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(WorkerCancelled, WorkerFailed):
                await self._task.wait()

    async def leave(self) -> None:
        """End the connection because the user said so, and do not reconnect automatically."""
        self.session.stop()
        await self.end()
        self.session.leave()

    async def again(self) -> None:
        """Connect to the same server again."""
        await self.end()
        self.session.leave_for_another()
        self.begin()

    async def change(self, where: Address | Embedded) -> None:
        """Connect to another server, for its own delay and mode.

        Over TLS only if the address says so. Without a port it is the one in use.
        """
        await self.end()
        self.session.leave_for_another()
        self._options = replace(self._options, delay=None, mode=None)
        self.session = Session(
            self._built_in if isinstance(where, Embedded) else self._target(where),
            self._options,
            self._observer,
            before=self.session.transcript.shouts,
        )
        self.begin()

    def _target(self, address: Address) -> AnyTarget:
        if address.unix is not None:
            return UnixTarget(address.unix)
        before, first = self.session.target, self._first
        port = before.port if isinstance(before, Target) else PORT
        tls = TLSOptions()
        if isinstance(first, Target) and first.tls is not None:
            tls = first.tls
            if address.host != first.host:
                tls = replace(tls, pin=None, name=None)  # these are of that server's certificate
        return Target(address.host, address.port or port, tls if address.tls else None)
