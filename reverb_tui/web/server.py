"""The web server: the page, its scripts and fonts, and the visitors, up to a limit."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from aiohttp import web

from reverb_server.command_line import Failed
from reverb_tui.options import Options
from reverb_tui.stdio import complain
from reverb_tui.web.options import WebOptions, is_loopback
from reverb_tui.web.visitor import serve_visitor

PAGE: Final = Path(__file__).with_name("page.html")

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self' ws: wss:; frame-ancestors 'none'"
    ),
}
"""The page loads nothing from elsewhere, and no other page can frame it."""

EXPOSED: Final = (
    "not encrypted and without a password: anyone who can reach this machine can use the client "
    "or eavesdrop"
)

HEARTBEAT: Final = 15.0
"""Seconds between two looks whether a browser is still there."""

GOODBYE: Final = 1.0
"""Seconds for a browser to say goodbye: one that sleeps must not hold up the end."""

SHUTDOWN: Final = 5.0
"""Seconds for all that is still open at the end; well over those of a visit."""

LONGEST_MESSAGE: Final = 1 << 20
"""Bytes of a browser's message, a paste for example; a longer one ends the visit."""


def serve(options: Options, web_options: WebOptions) -> int:
    """Serve the client to browsers until a signal ends it; return the exit status.

    Raises `reverb_server.command_line.Failed` if it can't listen.
    """
    with suppress(KeyboardInterrupt):  # before the signals are received
        asyncio.run(_serve(options, web_options))
    return 0


async def _serve(options: Options, web_options: WebOptions) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(*_: object) -> None:
        with suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(stopping.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)  # not by the loop: those of Windows can't
    visitors = Visitors(command(options), web_options.limit, stopping)
    app = web.Application()
    app.add_routes(
        [
            web.get("/", visitors.show_page),
            web.get("/ws", visitors.visit),
            web.static("/static", _static_files()),
        ]
    )
    app.on_shutdown.append(visitors.end)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN)
    await runner.setup()
    try:
        host, port = web_options.place
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise Failed(f"cannot serve on {host or '*'}:{port}: {reason}") from error
        addresses = [(name, number) for name, number, *_ in runner.addresses]
        urls = [
            f"http://[{name}]:{number}/" if ":" in name else f"http://{name}:{number}/"
            for name, number in addresses
        ]
        complain(f"serving {' and '.join(urls)} (Ctrl-C ends)")
        if not all(is_loopback(name) for name, _ in addresses):
            complain(EXPOSED)
        await stopping.wait()
    finally:
        stopping.set()
        await runner.cleanup()


class Visitors:
    """The visitors, each with a process that runs ``command``, at most ``limit`` at a time."""

    def __init__(self, command: Sequence[str], limit: int, stopping: asyncio.Event) -> None:
        self._command = command
        self._limit = limit
        self._stopping = stopping
        self._visits: set[asyncio.Event] = set()  # each set once the visitor's process has ended

    async def show_page(self, _request: web.Request) -> web.StreamResponse:
        """Return the page; a sentence in its place when there is no room for one more."""
        self._make_sure_of_room()
        return web.FileResponse(PAGE, headers=HEADERS)

    async def visit(self, request: web.Request) -> web.StreamResponse:
        """Run a client for one browser.

        A page from elsewhere could open this WebSocket too: browsers name the page's origin.
        """
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            raise web.HTTPForbidden(text="this page belongs to another server\n")
        self._make_sure_of_room()
        ended = asyncio.Event()
        self._visits.add(ended)
        try:
            socket = web.WebSocketResponse(
                heartbeat=HEARTBEAT, max_msg_size=LONGEST_MESSAGE, timeout=GOODBYE
            )
            try:
                await socket.prepare(request)
            except ConnectionError:
                return web.Response()  # for a browser that has left, and gets nothing
            size = _number(request, "width", 80), _number(request, "height", 24)
            await serve_visitor(socket, self._command, size, self._stopping)
        except OSError as error:
            complain(f"a visitor got no client: {error.strerror or error}")
        finally:
            self._visits.discard(ended)
            ended.set()
        return socket

    async def end(self, _app: web.Application) -> None:
        """Wait for the visitors' processes, all of which are told to end."""
        for ended in list(self._visits):
            await ended.wait()

    def _make_sure_of_room(self) -> None:
        if self._stopping.is_set():
            raise web.HTTPServiceUnavailable(text="Reverb is stopping.\n")
        if len(self._visits) >= self._limit:
            raise web.HTTPServiceUnavailable(
                text=f"Reverb is full (visitors at a time: {self._limit}): try again later.\n"
            )


def command(options: Options) -> list[str]:
    """Return the command line of a client with these options."""
    words = [sys.executable, "-m", "reverb_tui"]
    for field in fields(options):
        value = getattr(options, field.name)
        if value != field.default:
            option = f"--{field.name.replace('_', '-')}"
            words.append(option if value is True else f"{option}={value}")
    return words


def _static_files() -> Path:
    found = find_spec("textual_serve")
    if found is None or found.origin is None:
        raise Failed("textual-serve is not installed: pip install 'reverb-echo[web]'")
    return Path(found.origin).with_name("static")


def _number(request: web.Request, name: str, otherwise: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 6 else otherwise
