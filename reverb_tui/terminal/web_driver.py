"""Textual's driver for a browser, and the packets between it and whoever serves the page.

A packet is a kind, the payload's size in four bytes (big-endian), and the payload. The kind is
``D`` for bytes of the terminal and ``M`` for a JSON object; before its first packet the client
prints a line.
"""

import json
from asyncio import IncompleteReadError, StreamReader
from collections.abc import AsyncIterator
from contextlib import suppress
from threading import Event
from typing import Final

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp

from reverb_tui.terminal import WEB_DRIVER

PRELUDE: Final = b"__GANGLION__\n"
DATA: Final = b"D"
META: Final = b"M"


class BrowserDriver(WebDriver):
    """Ends the client with its input: whoever serves the page may end without a word.

    Textual's driver begins by telling the app that it has no focus. The browser is read only then:
    it may have said already that it has.
    """

    def start_application_mode(self) -> None:
        """Draw for the browser, and read what it says."""
        self._begun = Event()
        super().start_application_mode()
        self._app.call_later(self._begun.set)

    def stop_application_mode(self) -> None:
        """Read no more, and say goodbye."""
        self._begun.set()
        super().stop_application_mode()

    def run_input_thread(self) -> None:
        """Process input until it ends; then the app ends too."""
        self._begun.wait()
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(ExitApp())

    def write(self, data: str) -> None:
        """Draw, unless nobody serves the page any more."""
        with suppress(BrokenPipeError):
            super().write(data)

    def write_meta(self, data: dict[str, object]) -> None:
        """Send a JSON object, unless nobody serves the page any more."""
        with suppress(BrokenPipeError):
            super().write_meta(data)


def environment(width: int, height: int) -> dict[str, str]:
    """Return the variables of a client that draws for a browser, in columns and rows."""
    return {
        "TERM": "xterm-256color",
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "TEXTUAL_DRIVER": WEB_DRIVER,
        "COLUMNS": str(width),
        "ROWS": str(height),
    }


def typed(text: str) -> bytes:
    """Return the packet for what a terminal sends."""
    return _packet(DATA, text.encode("utf-8", "replace"))


def told(kind: str, **values: int) -> bytes:
    """Return the packet for an event: ``resize`` with width and height, ``focus`` or ``blur``."""
    return _packet(META, json.dumps({"type": kind, **values}).encode())


def _packet(kind: bytes, payload: bytes) -> bytes:
    return kind + len(payload).to_bytes(4, "big") + payload


async def drawn(output: StreamReader) -> AsyncIterator[bytes]:
    """Yield what a client draws, until it ends."""
    try:
        await output.readuntil(PRELUDE)
        while True:
            kind = await output.readexactly(1)
            payload = await output.readexactly(int.from_bytes(await output.readexactly(4), "big"))
            if kind == DATA:
                yield payload
            elif kind == META and json.loads(payload).get("type") == "exit":
                return
    except IncompleteReadError:
        return
