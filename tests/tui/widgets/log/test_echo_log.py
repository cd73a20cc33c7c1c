"""The log as it is seen and selected."""

from reverb_tui.entry import Kind
from tests.tui.logs import bench, line, shown


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


async def test_the_mouse_selects_what_is_seen() -> None:
    lines = [
        line(Kind.SHOUT, "Hello?"),
        line(Kind.LOUD, "HELLO?" * 10),
        line(Kind.NORMAL, "世界 end"),
    ]
    async with bench(lines) as (app, log, pilot):
        await pilot.mouse_down(log, offset=(2, 0))
        await pilot.hover(log, offset=(6, 3))
        await pilot.mouse_up(log, offset=(6, 3))
        assert app.screen.get_selected_text() == "llo?\n    " + "HELLO?" * 10 + "\n    世界"
        assert log.render_line(1).text.rstrip() == "    " + ("HELLO?" * 10)[:35]
