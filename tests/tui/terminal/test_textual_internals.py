"""Textual's private parts are what this client takes them for."""

from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import MouseDown
from textual.keys import Keys
from textual.widgets import Static

from reverb_tui.terminal.textual_internals import (
    ANSI_SEQUENCES_KEYS,
    FUNCTIONAL_KEYS,
    XTermParser,
    bindings_of,
    driver_of,
    is_selecting,
    key_of_character,
    on_fatal_error,
)


class Small(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1", "help", id="help")]

    def compose(self) -> ComposeResult:
        yield Static("text")


async def test_a_running_app_has_a_driver() -> None:
    app = Small()
    assert driver_of(app) is None
    async with app.run_test():
        assert isinstance(driver_of(app), HeadlessDriver)


async def test_bindings_have_the_keys_of_the_keymap() -> None:
    app = Small()
    async with app.run_test():
        app.set_keymap({"help": "f8,f9"})
        assert [key for key, each in bindings_of(app, app) if each.id == "help"] == ["f8", "f9"]
        assert "tab" in dict(bindings_of(app, app.screen))


async def test_a_screen_is_selecting_while_the_button_is_down() -> None:
    app = Small()
    async with app.run_test() as pilot:
        assert not is_selecting(app.screen)
        await pilot.mouse_down(Static, offset=(1, 0))
        assert is_selecting(app.screen)
        await pilot.mouse_up(Static, offset=(2, 0))
        assert not is_selecting(app.screen)


async def failing(app: App[None]) -> None:
    async with app.run_test() as pilot:
        app.call_later(lambda: 1 / 0)
        await pilot.pause()


async def test_a_fatal_error_is_reported_by_what_took_the_place_of_textuals_report() -> None:
    app = Small()
    reports: list[str] = []

    def report() -> None:
        reports.append("failed")
        app.panic()

    on_fatal_error(app, report)
    with pytest.raises(ZeroDivisionError):
        await failing(app)
    assert reports == ["failed"]


def test_the_tables_of_keys_have_textuals_names() -> None:
    assert ANSI_SEQUENCES_KEYS["\x1b[A"] == (Keys.Up,)
    assert FUNCTIONAL_KEYS["57358u"] == "caps_lock"
    assert key_of_character("?") == "question_mark"


def test_the_report_of_a_click_is_read() -> None:
    event = XTermParser().parse_mouse_code("\x1b[<0;3;4M")
    assert isinstance(event, MouseDown)
    assert (event.x, event.y, event.button) == (2, 3, 1)
