import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Footer

from reverb_tui import commands, themes
from reverb_tui.palette import Commands
from reverb_tui.screens.confirm import Confirm
from reverb_tui.screens.details import Details
from reverb_tui.screens.help import Help, key_sections, keys_for
from reverb_tui.screens.sheet import Section
from reverb_tui.widgets.keys import key_name, mappable
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.prompt.hint import Hint
from reverb_tui.widgets.slider import DelaySlider


class Demo(App[None], inherit_bindings=False):
    COMMANDS = {Commands}  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", id="help"),
        Binding("f3", "details", "Details", id="details"),
        Binding("alt+left", "step(-1)", "Shorter", key_display="Alt+←", id="shorter"),
        Binding("ctrl+q", "quit", "Quit", id="quit", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__(ansi_color=themes.ansi_color(os.environ))
        self.table = commands.table(themes.NAMES)
        self.prompt = Prompt(commands=self.table, placeholder="type")
        self.delay = 1.0
        self.figure = 0
        self.answers: list[bool | None] = []

    def compose(self) -> ComposeResult:
        yield EchoLog()
        yield DelaySlider()
        yield self.prompt
        yield Hint(self.prompt)
        yield Footer()

    def on_mount(self) -> None:
        self.register_theme(themes.TERMINAL)
        if self.no_color:
            self.theme = themes.FEW_COLOURS
        self.prompt.focus()

    def action_help(self) -> None:
        self.push_screen(Help(self.screen, self.table))

    def action_details(self) -> None:
        self.push_screen(Details(self.details, keys_for(self, "details")))

    def action_ask(self) -> None:
        self.push_screen(
            Confirm("log.txt is there already: [/] write over it?"), self.answers.append
        )

    def action_set_delay(self, delay: float) -> None:
        self.delay = delay

    def action_set_mode(self, mode: str) -> None:
        self.sub_title = mode

    def action_set_theme(self, theme: str) -> None:
        self.theme = theme

    def details(self, width: int) -> list[Section]:
        return [
            ("Server", [("figure", str(self.figure)), ("hostile", "[/red] \x1b]0;x\x07\u202e")]),
            ("Lateness", [("histogram", "▁▂▃▅█\n0 ms … 9 ms")]),
        ]


@asynccontextmanager
async def demo(size: tuple[int, int] = (100, 30)) -> AsyncIterator[tuple[Demo, Pilot[Any]]]:
    app = Demo()
    async with app.run_test(size=size) as pilot:
        yield app, pilot


def text(app: App[Any]) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def scrolled(app: App[Any], pilot: Pilot[Any]) -> str:
    """All that can be read by pressing PageDown."""
    seen = text(app)
    for _ in range(24):
        await pilot.press("pagedown")
        await pilot.pause()
        seen += text(app)
    return seen


@pytest.mark.parametrize("size", [(100, 30), (40, 12)])
async def test_the_help_has_every_key_and_every_command(size: tuple[int, int]) -> None:
    async with demo(size) as (app, pilot):
        await pilot.press("f1")
        await pilot.pause()
        seen = await scrolled(app, pilot)
        for entry in app.table:
            assert f"/{entry.word}" in seen
        for word in [
            "alt+←",
            "f1",
            "^q",
            "Shorter",
            "while you type",
            "On the delay slider",
            "Complete the command",
        ]:
            assert word.lower() in seen.lower(), word


async def test_the_help_shows_the_keys_as_they_are_mapped() -> None:
    async with demo() as (app, pilot):
        app.set_keymap({"shorter": "f9", "help": "f2"})
        await pilot.press("f2")
        await pilot.pause()
        seen = text(app)
        assert "F9 " in seen
        assert "Alt+←" not in seen
        await pilot.press("f2")
        await pilot.pause()
        assert not isinstance(app.screen, Help)


@pytest.mark.parametrize("key", ["escape", "q", "enter", "f1"])
async def test_the_help_is_closed_by_a_key_and_the_prompt_goes_on(key: str) -> None:
    async with demo() as (app, pilot):
        await pilot.press("a", "f1")
        await pilot.press(key)
        await pilot.press("b")
        assert app.prompt.value == "ab"


async def test_the_details_follow_the_figures_and_show_only_what_is_safe() -> None:
    async with demo() as (app, pilot):
        await pilot.press("f3")
        await pilot.pause()
        app.figure = 42
        assert isinstance(app.screen, Details)
        app.screen.draw()
        await pilot.pause()
        seen = text(app)
        assert "42" in seen
        assert "[/red] ␛]0;x␇<U+202E>" in seen
        assert "0 ms … 9 ms" in seen
        await pilot.resize_terminal(40, 12)
        assert "42" in text(app)


@pytest.mark.parametrize(
    ("key", "answer"), [("y", True), ("enter", True), ("n", False), ("escape", False)]
)
async def test_a_question_is_answered_by_a_key(key: str, answer: bool) -> None:
    async with demo((40, 12)) as (app, pilot):
        app.action_ask()
        await pilot.pause()
        assert "[/]" in text(app)
        await pilot.press(key)
        await pilot.pause()
        assert app.answers == [answer]


async def test_a_question_is_answered_by_the_mouse() -> None:
    async with demo() as (app, pilot):
        app.action_ask()
        await pilot.pause()
        await pilot.click("#yes")
        await pilot.pause()
        assert app.answers == [True]


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


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ctrl+t", "^T"),
        ("alt+left", "Alt+←"),
        ("f1", "F1"),
        ("ctrl+shift+pageup", "Shift+^PgUp"),
        ("k", "k"),
        ("slash", "/"),
        ("plus", "+"),
        ("ctrl+end", "^End"),
    ],
)
def test_keys_have_the_names_that_keyboards_give_them(key: str, name: str) -> None:
    assert key_name(key) == name


def test_every_key_with_an_id_can_be_mapped() -> None:
    assert mappable(Demo, Prompt) == [
        "help",
        "details",
        "shorter",
        "quit",
        "prompt.enter",
        "prompt.older",
        "prompt.newer",
        "prompt.complete",
        "prompt.take_back",
        "prompt.end_input",
    ]


async def test_the_help_has_no_key_that_another_meaning_hides() -> None:
    async with demo() as (app, pilot):
        quit_sections = [rows for _, rows in key_sections(app.screen) if "^Q" in dict(rows)]
        assert len(quit_sections) == 1
        typing = next(rows for title, rows in key_sections(app.screen) if "type" in title)
        assert "page up" not in [what for _, what in typing]
        assert ("↑", "an older line that begins like this one") in typing
        await pilot.pause()


async def choose(app: Demo, pilot: Pilot[Any], query: str) -> None:
    app.action_command_palette()
    await pilot.pause()
    assert isinstance(app.screen, CommandPalette)
    await pilot.press(*query)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.press("enter")
    await pilot.pause()


async def test_what_is_chosen_in_the_palette_is_carried_out() -> None:
    async with demo() as (app, pilot):
        app.prompt.value = "draft"
        await choose(app, pilot, "sequential")
        assert app.sub_title == "sequential"
        assert app.prompt.value == "draft"
        assert app.prompt.has_focus


async def test_what_needs_more_is_typed_in_the_prompt_and_the_draft_comes_back() -> None:
    async with demo() as (app, pilot):
        app.prompt.value = "draft"
        await choose(app, pilot, "seconds")
        assert app.prompt.value == "/delay "
        await pilot.press("2", "enter")
        assert app.delay == 2.0
        assert app.prompt.value == "draft"


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
