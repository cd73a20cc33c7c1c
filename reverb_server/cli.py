"""The command ``reverb-server``: options, log and signals around a server."""

import gc
import ipaddress
import logging
import os
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import anyio
from cyclopts import App, Parameter
from cyclopts.config import Env

from reverb_server import __version__
from reverb_server.command_line import (
    FAILED,
    VARIABLES,
    WRONG_USAGE,
    fail,
    printable,
    run_command,
    whole_number,
)
from reverb_server.errors import ReverbError
from reverb_server.log import logging_to_stderr
from reverb_server.net.connection_log import log_safe
from reverb_server.net.eventloop import require_backend
from reverb_server.net.fd_limit import raise_file_limit
from reverb_server.net.own_addresses import reachable_addresses
from reverb_server.net.server import Server, serving
from reverb_server.options import ServerOptions
from reverb_server.ready_file import describe, ready_file
from reverb_server.settings import Settings
from reverb_server.signals import Controls, SignalThread
from reverb_server.supervisor import Supervisor, given_descriptors, watchdog_period

if TYPE_CHECKING:
    from reverb_server.admin import Admin

FIRST_COLLECTION: Final = 50_000
"""Objects between two garbage collections: the usual 700 cost a tenth of the time."""

LAST_MOMENTS: Final = 10.0
"""Seconds beyond its limits for which a stop asks the supervisor: closing takes time, too."""

log = logging.getLogger("reverb_server")

app = App(
    name="reverb-server",
    version=__version__,
    help="""A network echo that you can see and tune: every line comes back three times, loud,
    normal and quiet, with a delay.

    Each option can also be set in the environment; the command line wins.""",
    config=Env(VARIABLES, command=False),
    default_parameter=Parameter(converter=whole_number, negative=()),
)


@app.default
def serve(
    options: Annotated[ServerOptions, Parameter(name="*")] = ServerOptions(),
) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit status."""
    try:
        settings = options.settings_with(given_descriptors(os.environ, os.getpid()))
    except ValueError as error:
        fail(app.name[0], str(error), WRONG_USAGE)
    require_backend(options.backend)
    admin = _admin(options.admin)
    raise_file_limit()
    signals = SignalThread()
    # What was made up to now lives as long as the process: never look through it again.
    gc.freeze()
    gc.set_threshold(FIRST_COLLECTION, *gc.get_threshold()[1:])
    try:
        with logging_to_stderr(
            app.name[0],
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
    run = partial(_serve, settings, at_admin, options.ready_file, signals)
    try:
        return anyio.run(run, backend=options.backend)
    except ReverbError as refusal:
        if options.log_format == "text":
            raise
        log.error("%s", printable(str(refusal)))
        return FAILED


async def _serve(
    settings: Settings,
    at_admin: "AbstractAsyncContextManager[Admin | None]",
    ready: Path | None,
    signals: SignalThread,
) -> int:
    refusal: ReverbError | None = None
    server: Server | None = None
    supervisor = Supervisor(os.environ.get("NOTIFY_SOCKET"))
    async with anyio.create_task_group() as group:
        controls = Controls(group, supervisor)
        signals.tell(controls.obey)
        group.start_soon(supervisor.keep_alive, watchdog_period(os.environ, os.getpid()))
        try:
            # The admin address begins first, and ends last: it also answers during the drain.
            async with at_admin as admin, serving(settings) as server:
                controls.server = server
                if admin is not None:
                    admin.show(server)
                group.start_soon(controls.reload, server)
                _tell_where(server)
                if admin is not None:
                    _tell_where_admin(admin)
                async with ready_file(ready, describe(server)):
                    supervisor.tell(READY=1, STATUS=f"listening on {_where(server)}")
                    await controls.stopping.wait()
                    _tell_stop(server, supervisor)
                    await server.drain()
        except ReverbError as problem:
            refusal = problem  # raised below, where the group can't wrap it
        group.cancel_scope.cancel()
    supervisor.close()
    if refusal is not None:
        raise refusal
    if server is None:  # stopped before it served
        return 0
    if server.lost:
        log.error("stopped: shouts that lost echoes: %d", server.lost)
        return 1
    log.info("stopped")
    return 0


def _tell_where(server: Server) -> None:
    log.info("listening on %s (%s)", _where(server), _manner(server.settings))
    hosts = {host for host, _ in server.addresses}
    for all_of_one, family in (("0.0.0.0", "IPv4"), ("::", "IPv6")):
        if hosts == {all_of_one} and not server.settings.fds:  # a given one may be of both
            log.info("%s is %s alone: --host '*' listens on both", all_of_one, family)
    if commands := _client_commands(server):
        log.info("on other machines: %s", commands)
    if _is_exposed(server):
        log.warning("not encrypted: anyone who can reach this machine can connect or eavesdrop")


def _tell_where_admin(admin: "Admin") -> None:
    log.info("admin on %s", printable(admin.where))
    if admin.is_exposed:
        log.warning(
            "the admin address tells its figures, and who is connected, to anyone who can reach "
            "this machine: --admin localhost:PORT keeps it here"
        )


def _tell_stop(server: Server, supervisor: Supervisor) -> None:
    settings = server.settings
    when = f"stopping in {settings.lame_duck:g} s" if settings.lame_duck else "stopping"
    log.info("%s: %s", when, server.summary())
    longest = settings.lame_duck + settings.drain_timeout + LAST_MOMENTS
    supervisor.tell(STOPPING=1, STATUS=when, EXTEND_TIMEOUT_USEC=int(longest * 1e6))


def _where(server: Server) -> str:
    return printable(" and ".join(server.listening))


def _client_commands(server: Server) -> str:
    """Return what to type on other machines; "" if it listens on no wildcard, or none is found."""
    tls = "--tls " if server.settings.tls_cert else ""
    own = reachable_addresses(host for host, _ in server.addresses)
    return " or ".join(f"reverb-tui {tls}{address} {server.port}" for address in own)


def _manner(settings: Settings) -> str:
    tls = ", TLS" if settings.tls_cert else ""
    if settings.proxy_protocol != "off":
        tls += f", PROXY {settings.proxy_protocol}"
    if settings.mode == "plain":
        return f"plain{tls}"
    return f"{settings.mode}, delay {settings.delay:g} s{tls}"


def _is_exposed(server: Server) -> bool:
    """Return whether the server listens beyond this machine without TLS."""
    return server.settings.tls_cert is None and not all(
        ipaddress.ip_address(host.partition("%")[0]).is_loopback for host, _ in server.addresses
    )


def main() -> None:
    """Run the command; ends the process."""
    run_command(app)
