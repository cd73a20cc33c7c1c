"""The palette: the same commands, with the same words."""

from typing import Any

from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from reverb_tui.palette import Commands
from tests.tui.demo import Demo, demo, text


async def test_the_palette_has_the_same_commands_with_the_same_words() -> None:
    async with demo() as (app, pilot):
        offers = [hit.text async for hit in Commands(app.screen).discover()]
        for entry in app.table:
            assert any(offer and offer.split()[0] == f"/{entry.word}" for offer in offers)
        hits = [hit async for hit in Commands(app.screen).search("sequential")]
        assert max(hits, key=lambda hit: hit.score).text == "/mode sequential"
        app.action_command_palette()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "/connect [HOST:PORT]" in text(app)
        assert "/search [TEXT]" in text(app)  # and not taken for markup


async def choose(app: Demo, pilot: Pilot[Any], query: str) -> None:
    app.action_command_palette()
    await pilot.pause()
    assert isinstance(app.screen, CommandPalette)
    app.screen.query_one(Input).value = query
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.press("enter")
    await pilot.pause()


async def test_what_is_chosen_is_carried_out_or_typed_in_the_prompt_if_it_needs_more() -> None:
    async with demo((60, 14)) as (app, pilot):
        app.prompt.value = "draft"
        await choose(app, pilot, "sequential")
        assert app.sub_title == "sequential"
        assert app.prompt.value == "draft"
        assert app.prompt.has_focus
        await choose(app, pilot, "seconds")
        assert app.prompt.value == "/delay "
        await pilot.press("2", "enter")
        assert app.delay == 2.0
        assert app.prompt.value == "draft"
