from reverb_tui.screens.help import SIDEWAYS, key_sections
from reverb_tui.widgets.keys import key_name
from tests.tui.screen import running


async def test_the_help_shows_every_key_that_does_something_anywhere() -> None:
    async with running() as screen:
        screen.app.action_search()
        parts = screen.app.screen.focus_chain
        sections = dict(key_sections(screen.app.screen))
        told = {key for rows in sections.values() for keys, _ in rows for key in keys.split(", ")}
        for part in parts:
            part.focus()
            await screen.until(lambda part=part: part.has_focus)  # type: ignore[misc]
            for key, active in screen.app.screen.active_bindings.items():
                if active.binding.action not in SIDEWAYS:  # the log is as wide as the screen
                    assert key_name(key) in told
        assert len(parts) == 5


async def test_the_help_tells_the_keys_of_the_search() -> None:
    async with running() as screen:
        assert key_sections(screen.app.screen)[1][0] == "While you type"
        screen.app.action_search()
        await screen.until(lambda: not screen.prompt.has_focus)
        title, rows = key_sections(screen.app.screen)[1]
        assert title == "While you search"
        assert rows == [
            ("Enter, ↓", "go to the next line found"),
            ("Shift+Enter, ↑", "go to the line found before"),
            ("Esc", "end the search, and go back to where the log was"),
        ]
