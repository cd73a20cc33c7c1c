"""The log as it is seen, and the lines and shouts that are selected in it."""

from rich.style import Style

from reverb_tui.entry import Kind
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.log.looks import CURSOR
from tests.tui.logs import TALK, bench, drawn, line, numbered, shown
from tests.tui.screen import press


def highlighted(log: EchoLog) -> list[str]:
    return looks(log, log.get_component_rich_style("echo-log--highlighted", partial=True))


def looks(log: EchoLog, wanted: Style) -> list[str]:
    """Return the rows that have this look."""
    rows = []
    for y in range(log.size.height):
        style = next(iter(log.render_line(y))).style
        if style and style + wanted == style:
            rows.append(log.render_line(y).text.strip())
    return rows


async def test_a_click_on_an_echo_selects_its_shout_and_another_click_none() -> None:
    async with bench(TALK) as (app, log, pilot):
        await pilot.click(log, offset=(6, 2))
        await drawn(pilot)
        assert log.highlighted == 1
        assert highlighted(log) == ["Hello?", "HELLO?"]
        await pilot.click(log, offset=(6, 4), times=1)
        await pilot.click(log, offset=(2, 3))
        await pilot.click(log, offset=(2, 0))
        await pilot.click(log, offset=(2, 7))  # below the last line
        assert app.selected == [1, 2, 0, 1, 0]
        assert app.focused is app.query_one("#prompt")


async def test_highlighting_from_outside_tells_nobody() -> None:
    async with bench(TALK) as (app, log, pilot):
        log.highlighted = 2
        await drawn(pilot)
        assert highlighted(log) == ["Who?", "WHO?"]
        assert app.selected == []


async def test_up_and_down_move_a_cursor_that_enter_copies_and_escape_takes_away() -> None:
    async with bench(TALK) as (app, log, pilot):
        log.focus()
        await pilot.press("enter")  # nothing to copy yet
        await pilot.press("up")
        await drawn(pilot)
        assert not log.following
        assert looks(log, CURSOR) == ["WHO?"]
        await pilot.press("enter", "up", "up", "enter", "up", "up", "up", "up", "enter")
        assert app.copied == ["WHO?", "HELLO?", "Hello?"]
        assert app.clipboard == "Hello?"
        assert app.selected == [2, 0, 1, 2, 1]
        await pilot.press("escape")
        await drawn(pilot)
        assert looks(log, CURSOR) == highlighted(log) == []
        assert app.selected[-1] == 0


async def test_down_from_the_newest_line_follows_again() -> None:
    async with bench(numbered(0, 100)) as (app, log, pilot):
        log.focus()
        await press(app, *["up"] * 20)
        log.add(numbered(100, 103))
        await drawn(pilot)
        assert shown(log)[-1].endswith("3 new lines · ^End")
        assert looks(log, CURSOR) == ["line 80"]
        await press(app, *["down"] * 22)
        await drawn(pilot)
        assert looks(log, CURSOR)[0].startswith("line 102")
        await press(app, "down")
        await drawn(pilot)
        assert log.following
        assert looks(log, CURSOR) == []


async def test_the_cursor_is_not_lost_with_its_line() -> None:
    async with bench(numbered(0, 50), most_lines=50) as (app, log, pilot):
        log.focus()
        await pilot.press("up")
        log.add(numbered(50, 200))
        await drawn(pilot)
        await pilot.press("enter", "up", "enter")
        assert app.copied == ["line 159"]  # the last one seen
        log.clear()
        await drawn(pilot)
        await pilot.press("up", "down", "enter")
        assert app.copied == ["line 159"]


async def test_kinds_differ_by_place_sign_and_style() -> None:
    lines = [line(kind, "Yooo-hooo!") for kind in Kind]
    async with bench(lines, (14, 20)) as (_, log, _pilot):
        assert shown(log)[:12] == [
            "Yooo-hooo!",
            *("    Yooo-hooo", "    !"),
            *("    Yooo-hooo", "    !"),
            *("    Yooo-hooo", "    !"),
            "< Yooo-hooo!",
            "· Yooo-hooo!",
            "! Yooo-hooo!",
            "> Yooo-hooo!",
            "",
        ]
        styles = [next(iter(log.render_line(y))).style for y in (0, 1, 3, 5, 8, 9)]
        assert [bool(style and style.bold) for style in styles] == [0, 1, 0, 0, 0, 1]
        assert [bool(style and style.dim) for style in styles] == [0, 0, 0, 1, 0, 0]
        assert [bool(style and style.italic) for style in styles] == [0, 0, 0, 1, 1, 1]


async def test_markup_is_shown_and_not_parsed() -> None:
    text = "[/red] [bold]x[/] \\[ [@click=app.quit]y"
    async with bench([line(Kind.SHOUT, text), line(Kind.NOTICE, text)], (80, 10)) as (
        _,
        log,
        _pilot,
    ):
        assert shown(log)[:2] == [text, "· " + text]
