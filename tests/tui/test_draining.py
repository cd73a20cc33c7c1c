"""A server that drains, as its user sees it."""

from reverb_tui.entry import Kind
from reverb_tui.session.handover import DRAINS
from tests.client.servers import Draining, serving
from tests.tui.screen import running


async def test_shouts_are_held_visibly_and_sent_over_the_next_connection() -> None:
    server = Draining(delay=30)
    async with serving(server) as target, running(target) as screen:
        await screen.connected()
        await screen.shout("One")
        server.drain()
        await screen.until(lambda: screen.status == f"concurrent ◒ {target} · draining")
        await screen.until(lambda: "\ndelay  the server is draining " in screen.text)
        await screen.shout("Two")
        await screen.until(lambda: screen.status == f"concurrent ◒ {target} · draining · 1 held")
        await screen.until(lambda: "· held for the next connection: Two" in screen.rows)
        assert f"· {DRAINS}" in screen.rows
        server.succeed()
        server.hurry()
        await screen.until(lambda: (Kind.QUIET, "two") in screen.lines)
        await screen.until(lambda: screen.status == f"concurrent ● {target}")
        assert [text for kind, text in screen.lines if kind == Kind.QUIET] == ["one", "two"]


async def test_a_key_goes_on_at_once() -> None:
    server = Draining(delay=30)
    async with serving(server) as target, running(target) as screen:
        await screen.connected()
        await screen.shout("One")
        server.drain()
        await screen.until(lambda: "draining" in screen.status)
        server.succeed()
        await screen.until(lambda: "Connect" in screen.keys)
        await screen.press("ctrl+r")
        await screen.until(lambda: screen.status == f"concurrent ● {target}")
        await screen.shout("Two")
        await screen.until(lambda: (Kind.LOUD, "TWO") in screen.lines)
