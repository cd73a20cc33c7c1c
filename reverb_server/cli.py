"""The command ``reverb-server``: options, log and signals around `reverb_server.running`."""

import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

import anyio
from cyclopts import App, Parameter
from cyclopts.config import Env

from reverb_server import CannotListen, Server, Settings, __version__, running
from reverb_server.usage import Failed, check_backend, run_command

FIRST_COLLECTION: Final = 50_000
"""Objects between two garbage collections: the usual 700 cost a tenth of the time."""

log = logging.getLogger("reverb_server")

app = App(
    name="reverb-server",
    version=__version__,
    help="""A network echo that you can see and tune: every line comes back three times, loud,
    normal and quiet, with a delay.

    Each option can also stand in the environment; the command line wins.""",
    config=Env("REVERB_", command=False),
)


@app.default
def serve(settings: Annotated[Settings, Parameter(name="*")] = Settings()) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit status."""
    check_backend(settings.backend)
    logging.basicConfig(format="reverb-server: %(message)s", level=logging.INFO)
    # What was made up to now lives as long as the process: never look through it again.
    gc.freeze()
    gc.set_threshold(FIRST_COLLECTION, *gc.get_threshold()[1:])
    try:
        anyio.run(_serve, settings, backend=settings.backend)
    except CannotListen as refusal:
        raise Failed(str(refusal)) from refusal
    except KeyboardInterrupt:  # before signals were received, or where they can't be
        pass
    return 0


async def _serve(settings: Settings) -> None:
    async with _stop_signals() as signals, running(settings) as server:
        log.info("listening on %s (%s)", _addresses(server), _manner(settings))
        async for _ in signals:
            break


@asynccontextmanager
async def _stop_signals() -> AsyncIterator[AsyncIterator[signal.Signals]]:
    """Give the signals that ask this process to stop, as they come."""
    if sys.platform == "win32":  # there, Ctrl-C is a KeyboardInterrupt and nothing else comes
        yield _nothing()
        return
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        yield signals


async def _nothing() -> AsyncIterator[signal.Signals]:
    await anyio.sleep_forever()
    yield signal.SIGINT


def _addresses(server: Server) -> str:
    return " and ".join(
        f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in server.addresses
    )


def _manner(settings: Settings) -> str:
    if settings.mode == "plain":
        return "plain"
    return f"{settings.mode}, delay {settings.delay:g} s"


def main() -> None:
    """Run the command; ends the process."""
    run_command(app)
