"""The help: every key and every command, as they are now."""

from typing import Any

from textual.app import App
from textual.containers import VerticalScroll
from textual.pilot import Pilot

from reverb_tui.screens.help import (
    ABOUT,
    COMMANDS,
    EDITING_TITLE,
    EVERYWHERE_TITLE,
    MARKS,
    SIDEWAYS,
    Help,
    key_sections,
)
from reverb_tui.widgets.keys import UNBOUND, key_name
from reverb_tui.widgets.timeline.lanes import LEGEND
from tests.tui.demo import demo, text
from tests.tui.screen import drawn, running, until


async def scrolled(app: App[Any], pilot: Pilot[Any]) -> str:
    """All that can be read by pressing PageDown."""
    box = app.screen.query_one(VerticalScroll)
    await until(lambda: ABOUT[:20] in text(app))
    await drawn(app)
    seen = [text(app)]
    while (before := box.scroll_y) < box.max_scroll_y:
        await pilot.press("pagedown")
        await until(lambda before=before: box.scroll_y > before)  # type: ignore[misc]
        await drawn(app)
        seen.append(text(app))
    return "".join(seen)


async def test_the_help_has_every_key_as_it_is_mapped_and_every_command() -> None:
    async with demo((40, 12)) as (app, pilot):
        app.animation_level = "none"  # PageDown is there at once
        for size in ((40, 12), (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.press("f1")
            await until(lambda: isinstance(app.screen, Help))
            seen = await scrolled(app, pilot)
            for entry in app.table:
                assert f"/{entry.word}" in seen, size
            for word in [
                "alt+←",
                "f1",
                "^q",
                "Shorter",
                "while you type",
                "On the delay slider",
                "Complete the command",
            ]:
                assert word.lower() in seen.lower(), (word, size)
            await pilot.press("escape")
            await pilot.pause()
        app.set_keymap({"shorter": "f9", "help": "f2"})
        await pilot.press("f2")
        await until(lambda: "F9 " in text(app))
        seen = text(app)
        assert "Alt+←" not in seen


async def test_the_help_begins_with_what_this_is_and_ends_with_the_keys_that_edit_a_line() -> None:
    async with demo((100, 110)) as (app, pilot):
        await pilot.press("f1")
        await pilot.pause()
        seen = text(app)
        places = [
            seen.index(words)
            for words in (
                ABOUT.split(":")[0],
                MARKS,
                LEGEND[0],
                EVERYWHERE_TITLE,
                COMMANDS,
                "While you type",
                "On the delay slider",
                EDITING_TITLE,
                "delete character left",
            )
        ]
        assert places == sorted(places)


async def test_the_help_is_closed_by_a_key_and_the_prompt_goes_on() -> None:
    async with running() as screen:
        for key in ("escape", "q", "enter", "f1"):
            screen.prompt.value = ""
            await screen.press("a", "f1")
            await screen.until(lambda: screen.shows(Help))
            await screen.press(key)
            await screen.until(lambda: not screen.shows(Help))
            await screen.press("b")
            assert screen.prompt.value == "ab", key


async def test_the_help_has_no_key_that_another_meaning_hides() -> None:
    async with demo() as (app, pilot):
        quit_sections = [rows for _, rows in key_sections(app.screen) if "^Q" in dict(rows)]
        assert len(quit_sections) == 1
        typing = next(rows for title, rows in key_sections(app.screen) if "type" in title)
        assert "page up" not in [what for _, what in typing]
        assert ("↑", "an older line that begins like this one") in typing
        await pilot.pause()


async def test_the_help_shows_every_key_that_does_something_anywhere_also_in_the_search() -> None:
    async with running() as screen:
        await screen.connected()
        assert key_sections(screen.app.screen)[1][0] == "While you type"
        screen.app.main.action_search()
        await screen.until(lambda: not screen.prompt.has_focus)
        title, rows = key_sections(screen.app.screen)[1]
        assert title == "While you search"
        assert rows == [
            ("Enter, ↓", "go to the next line found"),
            ("Shift+Enter, ↑", "go to the line found before"),
            ("Esc", "end the search and scroll the log back"),
        ]
        parts = screen.app.screen.focus_chain
        sections = dict(key_sections(screen.app.screen))
        told = {key for rows in sections.values() for keys, _ in rows for key in keys.split(", ")}
        for part in parts:
            part.focus()
            await screen.until(lambda part=part: part.has_focus)  # type: ignore[misc]
            for key, active in screen.app.screen.active_bindings.items():
                # The log is as wide as the screen.
                if active.binding.action not in SIDEWAYS and key != UNBOUND:
                    assert key_name(key) in told
        assert len(parts) == 5
