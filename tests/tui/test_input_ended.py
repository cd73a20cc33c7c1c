"""After the end of the input, with a server that never ends its own."""

import asyncio

from anyio.abc import SocketStream

from tests.client.servers import serving
from tests.tui.screen import running


async def stay(stream: SocketStream) -> None:
    """Say something, and never close."""
    await stream.send(b"Welcome.\n")
    await asyncio.Event().wait()


async def test_a_key_connects_anew_at_once() -> None:
    async with serving(stay) as target, running(target) as screen:
        await screen.until(lambda: len(screen.lines) == 1)
        await screen.press("ctrl+d")
        await screen.until(lambda: screen.status == f"◐ {target} · input ended")
        assert screen.keys == ["Connect", "Help", "Quit"]
        await screen.shout("Hello?")
        assert screen.problems == [
            "not sent: you ended the input; the server's output will still arrive. ^R reconnects"
        ]
        await screen.press("ctrl+r")
        await screen.until(lambda: len(screen.lines) == 3)
        await screen.until(lambda: screen.status == f"● {target}")
