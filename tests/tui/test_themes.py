"""Themes: all of them, and none where there are no colours."""

from typing import Any

import pytest
from textual.app import App

from reverb_tui import themes
from tests.tui.demo import demo


async def test_every_theme_there_is_can_be_chosen() -> None:
    async with demo((40, 12)) as (app, pilot):
        for theme in themes.NAMES:
            assert await app.prompt.carry_out(f"/theme {theme}") == ""
            assert app.theme == theme
        await pilot.pause()


def colours(app: App[Any]) -> set[str]:
    """The colours on the screen, as the terminal is told."""
    strips = app.screen._compositor.render_strips()
    styles = [segment.style for strip in strips for segment in strip if segment.style]
    found = [colour for style in styles for colour in (style.color, style.bgcolor) if colour]
    return {"rgb" if colour.triplet else colour.name for colour in found}


async def test_the_terminals_own_theme_sets_no_colour_of_its_own() -> None:
    async with demo((40, 12)) as (app, pilot):
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
        row = app.screen._compositor.render_strips()[app.prompt.region.y + 1]
        assert any(segment.style and segment.style.reverse for segment in row)
        await pilot.press("f1")
        await pilot.pause()
        assert colours(app) == {"default"}


async def test_an_empty_no_color_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    async with demo((40, 12)) as (app, pilot):
        await pilot.pause()
        assert not app.no_color
