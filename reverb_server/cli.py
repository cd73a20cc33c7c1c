"""The command ``reverb-server``: options, log and signals around a server."""

import gc
import ipaddress
import logging
from typing import Annotated, Final

import anyio
from cyclopts import App, Parameter
from cyclopts.config import Env

from reverb_server import __version__
from reverb_server.command_line import VARIABLES, printable, run_command, whole_number
from reverb_server.log import logging_to_stderr
from reverb_server.net.connection_log import log_safe
from reverb_server.net.eventloop import require_backend
from reverb_server.net.fd_limit import raise_file_limit
from reverb_server.net.listeners import CannotListen
from reverb_server.net.own_addresses import reachable_addresses
from reverb_server.net.server import Server, serving
from reverb_server.options import ServerOptions
from reverb_server.settings import Settings
from reverb_server.signals import Controls, SignalThread

FIRST_COLLECTION: Final = 50_000
"""Objects between two garbage collections: the usual 700 cost a tenth of the time."""

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
    require_backend(options.backend)
    raise_file_limit()
    signals = SignalThread()
    # What was made up to now lives as long as the process: never look through it again.
    gc.freeze()
    gc.set_threshold(FIRST_COLLECTION, *gc.get_threshold()[1:])
    try:
        with logging_to_stderr(app.name[0], options.log_level.upper()):
            if options.left_alone:
                log.warning(
                    "left REVERB_PORT=%s alone: Kubernetes and Docker set it for a service called "
                    "reverb; give the port with --port",
                    log_safe(options.left_alone),
                )
            return anyio.run(_serve, options.settings, signals, backend=options.backend)
    except KeyboardInterrupt:  # where signals can't be received
        return 0


async def _serve(settings: Settings, signals: SignalThread) -> int:
    refusal: CannotListen | None = None
    server: Server | None = None
    async with anyio.create_task_group() as group:
        controls = Controls(group)
        signals.tell(controls.obey)
        try:
            async with serving(settings) as server:
                controls.server = server
                _tell_where(server)
                await controls.stopping.wait()
                log.info("stopping: %s", server.summary())
        except CannotListen as problem:
            refusal = problem  # raised below, where the group can't wrap it
        group.cancel_scope.cancel()
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
        if hosts == {all_of_one}:
            log.info("%s is %s alone: --host '*' listens on both", all_of_one, family)
    if commands := _client_commands(server):
        log.info("on other machines: %s", commands)
    if _is_exposed(server):
        log.warning("not encrypted: anyone who can reach this machine can connect or eavesdrop")


def _where(server: Server) -> str:
    if server.settings.unix is not None:
        return printable(str(server.settings.unix))
    return " and ".join(
        f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in server.addresses
    )


def _client_commands(server: Server) -> str:
    """Return what to type on other machines; "" if it listens on no wildcard, or none is found."""
    tls = "--tls " if server.settings.tls_cert else ""
    own = reachable_addresses(host for host, _ in server.addresses)
    return " or ".join(f"reverb-tui {tls}{address} {server.port}" for address in own)


def _manner(settings: Settings) -> str:
    tls = ", TLS" if settings.tls_cert else ""
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
