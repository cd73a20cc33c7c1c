"""The palette: the same commands, with the same words."""

from typing import Any

from textual.command import Command, CommandList, CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from reverb_tui.palette import Commands
from tests.tui.demo import Demo, demo, text
from tests.tui.screen import until


async def test_the_palette_has_the_same_commands_with_the_same_words() -> None:
    async with demo() as (app, _):
        offers = [hit.text async for hit in Commands(app.screen).discover()]
        for entry in app.table:
            assert any(offer and offer.split()[0] == f"/{entry.word}" for offer in offers)
        hits = [hit async for hit in Commands(app.screen).search("sequential")]
        assert max(hits, key=lambda hit: hit.score).text == "/mode sequential"
        app.action_command_palette()
        await until(lambda: "/connect [HOST:PORT]" in text(app))
        assert "/search [TEXT]" in text(app)  # and not taken for markup


async def choose(app: Demo, pilot: Pilot[Any], query: str, offer: str) -> None:
    app.action_command_palette()
    await until(lambda: isinstance(app.screen, CommandPalette) and app.screen.query(Input))
    app.screen.query_one(Input).value = query
    offers = app.screen.query_one(CommandList)

    def chosen() -> bool:
        command = offers.highlighted_option
        return isinstance(command, Command) and command.hit.text == offer

    await until(chosen)
    await pilot.press("enter")
    await until(lambda: not isinstance(app.screen, CommandPalette))


async def test_what_is_chosen_is_carried_out_or_typed_in_the_prompt_if_it_needs_more() -> None:
    async with demo((60, 14)) as (app, pilot):
        app.prompt.value = "draft"
        await choose(app, pilot, "sequential", "/mode sequential")
        await until(lambda: app.sub_title == "sequential")
        assert app.prompt.value == "draft"
        assert app.prompt.has_focus
        await choose(app, pilot, "seconds", "/delay SECONDS")
        await until(lambda: app.prompt.value == "/delay ")
        await pilot.press("2", "enter")
        assert app.delay == 2.0
        assert app.prompt.value == "draft"
