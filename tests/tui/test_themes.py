"""Themes: all of them, and none where there are no colours."""

from typing import Any

import pytest
from rich.style import Style
from textual.app import App
from textual.geometry import Offset
from textual.selection import Selection

from reverb_tui import themes
from reverb_tui.entry import Kind
from tests.tui.demo import Demo, demo
from tests.tui.logs import bench, line
from tests.tui.screen import strips_of


def colours(app: App[Any]) -> set[str]:
    """The colours on the screen, as the terminal is told."""
    styles = [segment.style for strip in strips_of(app) for segment in strip if segment.style]
    found = [colour for style in styles for colour in (style.color, style.bgcolor) if colour]
    return {"rgb" if colour.triplet else colour.name for colour in found}


async def test_every_theme_can_be_chosen_and_the_terminals_own_sets_no_colour_of_its_own() -> None:
    async with demo((40, 12)) as (app, pilot):
        for theme in themes.NAMES:
            assert await app.prompt.carry_out(f"/theme {theme}") == ""
            assert app.theme == theme
        app.theme = "terminal"
        await pilot.press("/")
        await pilot.pause()
        assert "rgb" not in colours(app)
        await pilot.press("f1")
        await pilot.pause()
        assert "rgb" not in colours(app)


async def test_without_colours_there_are_none_and_the_cursor_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with demo((40, 12)) as (app, pilot):
        await pilot.press("/", "m")
        await pilot.pause()
        assert colours(app) == {"default"}
        row = strips_of(app)[app.prompt.region.y + 1]
        assert any(segment.style and segment.style.reverse for segment in row)
        await pilot.press("f1")
        await pilot.pause()
        assert colours(app) == {"default"}


def test_an_empty_no_color_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert not Demo().no_color


async def test_what_is_selected_can_be_read() -> None:
    async with bench([line(Kind.LOUD, "HELLO?", shout=1)]) as (app, log, pilot):
        app.screen.selections = {log: Selection(Offset(4, 0), Offset(8, 0))}
        log.highlighted = 1
        for theme in ("textual-dark", "textual-light", "nord", "gruvbox", "dracula"):
            app.theme = theme
            await pilot.pause()
            looks = {part.text: part.style or Style() for part in log.render_line(0)}
            chosen, rest = looks["HELL"], looks["O?"]
            assert chosen.bgcolor != rest.bgcolor, theme
            assert chosen.color is not None, theme
            assert chosen.bgcolor is not None, theme
            dark, light = sorted(
                sum(each.get_truecolor()) for each in (chosen.color, chosen.bgcolor)
            )
            assert light - dark > 200, theme


async def test_without_colours_a_selection_and_a_shout_that_stands_out_are_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with bench([line(Kind.LOUD, "HELLO?", shout=1)]) as (app, log, pilot):
        app.screen.selections = {log: Selection(Offset(4, 0), Offset(8, 0))}
        log.highlighted = 1
        await pilot.pause()
        looks = {part.text: part.style or Style() for part in log.render_line(0)}
        assert looks["HELL"].reverse
        assert looks["O?"].underline
