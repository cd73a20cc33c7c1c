"""The life of a command that serves: from its options to its exit status."""

import gc
import logging
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from socket import socket
from typing import TYPE_CHECKING, Final

import anyio

from reverb_server.command_line import FAILED, WRONG_USAGE, fail, printable
from reverb_server.errors import ReverbError
from reverb_server.log import logging_to_stderr
from reverb_server.net.connection_log import log_safe
from reverb_server.net.eventloop import require_backend
from reverb_server.net.fd_limit import raise_file_limit
from reverb_server.net.own_addresses import reachable_addresses
from reverb_server.net.server import Server, serving
from reverb_server.net.service import Service
from reverb_server.options import ServerOptions
from reverb_server.ready_file import describe, ready_file
from reverb_server.settings import Settings
from reverb_server.signals import STOPPING, Controls, SignalThread
from reverb_server.supervisor import Supervisor, given_descriptors, watchdog_period
from reverb_server.workers.parent_socket import parent_socket

if TYPE_CHECKING:
    from reverb_server.admin import Admin
    from reverb_server.workers.parent import Workers

FIRST_COLLECTION: Final = 50_000
"""Objects between two garbage collections: the usual 700 cost a tenth of the time."""

LAST_MOMENTS: Final = 10.0
"""Seconds beyond its limits for which a stop asks the supervisor: closing takes time, too."""

log = logging.getLogger("reverb_server")


def serve_until_stopped(name: str, options: ServerOptions) -> int:
    """Serve until a signal stops it, with a log whose lines begin with ``name``.

    Returns the exit status; ends the process for what the environment must not say. Raises
    ReverbError if the machine refuses.
    """
    try:
        given = given_descriptors(os.environ, os.getpid())
        settings = options.settings_with(given)
        parent = parent_socket(os.environ)
    except ValueError as error:
        fail(name, str(error), WRONG_USAGE)
    require_backend(options.backend)
    admin = _admin(options.admin)
    raise_file_limit()
    signals = SignalThread()
    # What was made up to now lives as long as the process: never look through it again.
    gc.freeze()
    gc.set_threshold(FIRST_COLLECTION, *gc.get_threshold()[1:])
    try:
        with logging_to_stderr(
            name,
            options.log_level.upper(),
            options.log_format,
            with_time=options.log_time,
        ):
            if options.left_alone:
                log.warning(
                    "left REVERB_PORT=%s alone: Kubernetes and Docker set it for a service called "
                    "reverb; give the port with --port",
                    log_safe(options.left_alone),
                )
            if parent is not None:
                return _run_worker(options, settings, parent, signals)
            return _run(options, settings, admin, signals)
    except KeyboardInterrupt:  # where signals can't be received
        return 0


def _admin(address: str | None) -> "AbstractAsyncContextManager[Admin | None]":
    """Return the admin address that is asked for. Raises ReverbError if its extra is missing."""
    if address is None:
        return nullcontext()
    from reverb_server.admin import running_admin  # a fifth of the start of a server with it

    return running_admin(address)


def _run(
    options: ServerOptions,
    settings: Settings,
    at_admin: "AbstractAsyncContextManager[Admin | None]",
    signals: SignalThread,
) -> int:
    """Serve until the end; a refusal is told in the log where machines read that."""
    run = partial(_serve, _service(options, settings), at_admin, options, signals)
    try:
        return anyio.run(run, backend=options.backend)
    except ReverbError as refusal:
        if options.log_format == "text":
            raise
        log.error("%s", printable(str(refusal)))
        return FAILED


def _service(
    options: ServerOptions, settings: Settings
) -> "AbstractAsyncContextManager[Server | Workers]":
    """Return what is to serve: a server here, or workers."""
    if options.workers == 1:
        return serving(settings)
    from reverb_server.workers.parent import serving_by_workers  # a server alone needs none of it

    return serving_by_workers(
        settings, [[*_own_command(), *each] for each in options.worker_arguments()]
    )


def _own_command() -> list[str]:
    """Return what starts this program again, as it is by then.

    The folder where it is started is looked through for modules only if that was so the first time.
    """
    safe = [] if os.getcwd() in sys.path else ["-P"]
    return [sys.executable, *safe, "-m", "reverb_server"]


def _run_worker(
    options: ServerOptions, settings: Settings, parent: socket, signals: SignalThread
) -> int:
    """Serve for a parent; it tells what there is to tell, but for the log of connections."""
    from reverb_server.workers.worker import work

    def on_stop(stop: Callable[[], None]) -> None:
        signals.tell(lambda number: stop() if number in STOPPING else None)

    return anyio.run(work, settings, parent, on_stop, backend=options.backend)


async def _serve(
    serves: "AbstractAsyncContextManager[Server | Workers]",
    at_admin: "AbstractAsyncContextManager[Admin | None]",
    options: ServerOptions,
    signals: SignalThread,
) -> int:
    refusal: ReverbError | None = None
    service: Server | Workers | None = None
    supervisor = Supervisor(os.environ.get("NOTIFY_SOCKET"))
    async with anyio.create_task_group() as group:
        controls = Controls(group, supervisor)
        signals.tell(controls.obey)
        group.start_soon(supervisor.keep_alive, watchdog_period(os.environ, os.getpid()))
        try:
            # The admin address begins first, and ends last: it also answers during the drain.
            async with at_admin as admin, serves as service:
                replace = None if isinstance(service, Server) else service.replace
                controls.serve(service, replace)
                if admin is not None:
                    admin.show(service)
                _tell_where(service, options.workers)
                if admin is not None:
                    _tell_where_admin(admin)
                async with ready_file(options.ready_file, describe(service)):
                    supervisor.tell(READY=1, STATUS=f"listening on {_where(service)}")
                    await controls.stopping.wait()
                    await _tell_stop(service, supervisor)
                    await service.drain()
        except ReverbError as problem:
            refusal = problem  # raised below, where the group can't wrap it
        group.cancel_scope.cancel()
    supervisor.close()
    if refusal is not None:
        raise refusal
    if service is None:  # stopped before it served
        return 0
    if service.lost:
        log.error("stopped: shouts that lost echoes: %d", service.lost)
        return 1
    log.info("stopped")
    return 0


def _tell_where(service: Service, workers: int) -> None:
    by = f", {workers} workers" if workers > 1 else ""
    log.info("listening on %s (%s%s)", _where(service), _manner(service.settings), by)
    hosts = {host for host, _ in service.listening.addresses}
    for all_of_one, family in (("0.0.0.0", "IPv4"), ("::", "IPv6")):
        if hosts == {all_of_one} and not service.settings.fds:  # a given one may be of both
            log.info("%s is %s alone: --host '*' listens on both", all_of_one, family)
    if commands := _client_commands(service):
        log.info("on other machines: %s", commands)
    if service.listening.is_exposed and service.settings.tls_cert is None:
        log.warning("not encrypted: anyone who can reach this machine can connect or eavesdrop")


def _tell_where_admin(admin: "Admin") -> None:
    log.info("admin on %s", printable(admin.where))
    if admin.listening.is_exposed:
        log.warning(
            "the admin address tells its figures, and who is connected, to anyone who can reach "
            "this machine: --admin localhost:PORT keeps it here"
        )


async def _tell_stop(service: Service, supervisor: Supervisor) -> None:
    settings = service.settings
    when = f"stopping in {settings.lame_duck:g} s" if settings.lame_duck else "stopping"
    log.info("%s: %s", when, await service.figures_in_turns())
    longest = settings.lame_duck + settings.drain_timeout + LAST_MOMENTS
    supervisor.tell(STOPPING=1, STATUS=when, EXTEND_TIMEOUT_USEC=int(longest * 1e6))


def _where(service: Service) -> str:
    return printable(" and ".join(service.listening.names))


def _client_commands(service: Service) -> str:
    """Return what to type on other machines; "" if it listens on no wildcard, or none is found."""
    tls = "--tls " if service.settings.tls_cert else ""
    own = reachable_addresses(host for host, _ in service.listening.addresses)
    port = service.listening.port if own else 0
    return " or ".join(f"reverb-tui {tls}{address} {port}" for address in own)


def _manner(settings: Settings) -> str:
    tls = ", TLS" if settings.tls_cert else ""
    if settings.proxy_protocol != "off":
        tls += f", PROXY {settings.proxy_protocol}"
    if settings.mode == "plain":
        return f"plain{tls}"
    return f"{settings.mode}, delay {settings.delay:g} s{tls}"
