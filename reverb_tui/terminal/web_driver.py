"""Textual's driver for a browser, and the packets between it and whoever serves the page.

A packet is a kind, the payload's size in four bytes (big-endian), and the payload. The kind is
``D`` for bytes of the terminal and ``M`` for a JSON object; before its first packet the client
prints a line.
"""

import json
from asyncio import IncompleteReadError, StreamReader
from collections.abc import AsyncIterator
from typing import Final

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp

from reverb_tui.terminal import WEB_DRIVER

PRELUDE: Final = b"__GANGLION__\n"
DATA: Final = b"D"
META: Final = b"M"


class BrowserDriver(WebDriver):
    """Ends the client with its input: whoever serves the page may end without a word."""

    def run_input_thread(self) -> None:
        """Process input until it ends; then the app ends too."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(ExitApp())


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
