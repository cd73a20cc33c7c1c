"""The log follows its end, until the user goes elsewhere, and draws as often as is of use."""

import asyncio

import pytest
from textual import events
from textual.geometry import Region

from reverb_tui.display import LONGEST_LINE, visible
from reverb_tui.entry import Kind
from reverb_tui.widgets.log import EchoLog
from tests.tui.logs import bench, drawn, line, numbered, shown
from tests.tui.screen import until


async def test_the_log_follows_its_end() -> None:
    async with bench() as (app, log, pilot):
        for begin in range(0, 100, 7):
            log.add(numbered(begin, begin + 7))
            await drawn(pilot)
            assert [row for row in shown(log) if row][-1] == f"line {begin + 6}"
        assert log.following
        assert log.line_count == 105
        assert app.followed == []


async def test_scrolling_up_stops_following_and_new_lines_are_counted() -> None:
    async with bench() as (app, log, pilot):
        for way in ("wheel", "page", "home", "drag"):
            log.clear()
            log.add(numbered(0, 1300))
            await drawn(pilot)
            app.followed.clear()
            match way:
                case "wheel":
                    await pilot._post_mouse_events([events.MouseScrollUp], widget=log)
                case "page":
                    log.action_page_up()
                case "home":
                    log.action_scroll_home()
                case _:
                    bar = log.vertical_scrollbar
                    await pilot.mouse_down(bar, offset=(0, 9))
                    await pilot.hover(bar, offset=(0, 4))
            await until(lambda: not log.following)
            await pilot.wait_for_scheduled_animations()
            place = shown(log)
            log.add(numbered(1300, 1301))
            await drawn(pilot)
            assert shown(log)[:-1] == place[:-1], way
            assert shown(log)[-1].endswith(" 1 new line · ^End"), way
            log.add(numbered(1301, 2534))
            await drawn(pilot)
            assert shown(log)[-1].endswith(" 1,234 new lines · ^End"), way
            assert app.followed == [False], way
            assert log.behind == 1234, way


async def test_a_click_on_the_mark_goes_back_to_the_end_and_leaves_the_prompt_its_focus() -> None:
    async with bench(numbered(0, 100)) as (app, log, pilot):
        log.action_page_up()
        log.add(numbered(100, 105))
        await drawn(pilot)
        await pilot.click(log, offset=(3, 9))
        assert not log.following
        await pilot.click(log, offset=(35, 9))
        await drawn(pilot)
        assert log.following
        assert shown(log)[-1] == "line 104"
        assert app.followed == [False, True]
        assert app.focused is app.query_one("#prompt")


async def test_scrolling_down_to_the_end_follows_again() -> None:
    async with bench(numbered(0, 100)) as (_, log, pilot):
        log.focus()
        await pilot.press("pageup")
        assert not log.following
        await pilot.press("pagedown")
        assert log.following
        await pilot.press("home")
        assert not log.following
        await pilot.press("end")
        await drawn(pilot)
        assert log.following
        assert shown(log)[-1] == "line 99"


async def test_what_the_user_reads_stays_in_place_when_the_oldest_lines_go() -> None:
    async with bench(most_lines=100) as (app, log, pilot):
        log.add(numbered(0, 100))
        await drawn(pilot)
        log.action_page_up()
        place = shown(log)
        log.add(numbered(100, 150))
        await drawn(pilot)
        assert shown(log)[:-1] == place[:-1]
        assert log.line_count == 100
        assert log.behind == 50
        log.add(numbered(150, 400))  # now they are gone themselves
        await drawn(pilot)
        assert shown(log)[0] == "line 300"
        assert log.behind == 300
        assert app.followed == [False]


async def test_a_drag_of_the_scrollbar_goes_on_from_its_place_when_the_oldest_lines_go() -> None:
    async with bench(most_lines=100) as (_, log, pilot):
        log.add(numbered(0, 100))
        await drawn(pilot)
        await pilot.mouse_down(log.vertical_scrollbar, offset=(0, 9))
        await pilot.hover(log.vertical_scrollbar, offset=(0, 6))
        await until(lambda: not log.following)
        place = shown(log)
        log.add(numbered(100, 130))
        await drawn(pilot)
        await pilot.hover(log.vertical_scrollbar, offset=(0, 6))
        await pilot.wait_for_scheduled_animations()
        assert shown(log)[:-1] == place[:-1]


async def test_resizing_wraps_anew_and_keeps_the_place() -> None:
    lines = [line(Kind.NORMAL, f"{number} " + "x" * 50) for number in range(50)]
    async with bench(lines) as (_, log, pilot):
        assert len(log.render_line(0).text) == 39
        await pilot.resize_terminal(21, 11)
        await drawn(pilot)
        assert log.following
        assert shown(log)[-4:] == ["    49 " + "x" * 13, *["    " + "x" * 16] * 2, "    xxxxx"]
        log.scroll_to(y=20 * 4, animate=False)
        await pilot.resize_terminal(70, 11)
        await drawn(pilot)
        assert not log.following
        assert shown(log)[0].startswith("    20 x")
        await pilot.resize_terminal(70, 80)
        await drawn(pilot)
        assert log.following


async def test_clear_forgets_everything_and_follows() -> None:
    async with bench(numbered(0, 100)) as (_, log, pilot):
        log.action_page_up()
        log.add(numbered(100, 200))
        log.clear()
        await drawn(pilot)
        assert (log.line_count, log.following, log.behind) == (0, True, 0)
        assert set(shown(log)) == {""}
        log.add(numbered(0, 1))
        await drawn(pilot)
        assert shown(log)[0] == "line 0"


def counted_drawings(log: EchoLog, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    drawings: list[int] = []
    refresh = log.refresh

    def count(*regions: Region) -> EchoLog:
        drawings.append(1)
        return refresh(*regions)

    monkeypatch.setattr(log, "refresh", count)
    return drawings


async def test_many_additions_are_one_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench() as (_, log, pilot):
        drawings = counted_drawings(log, monkeypatch)
        for number in range(1000):
            log.add(numbered(number, number + 1))
        await drawn(pilot)
        assert len(drawings) <= 3
        assert shown(log)[-1] == "line 999"


async def test_frames_are_skipped_while_the_terminal_is_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with bench() as (_, log, pilot):
        drawings = counted_drawings(log, monkeypatch)
        log.terminal_is_behind = lambda: True
        log.add(numbered(0, 200))
        while log.virtual_size.height < 200:  # until they are taken in
            await pilot.pause(0.01)
        assert drawings == []
        log.terminal_is_behind = lambda: False
        await drawn(pilot)
        assert drawings
        assert shown(log)[-1] == "line 199"


async def test_a_skipped_frame_is_drawn_as_soon_as_the_terminal_has_caught_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with bench() as (_, log, pilot):
        drawings = counted_drawings(log, monkeypatch)
        log.catch_up()
        assert drawings == []  # nothing was skipped
        log.terminal_is_behind = lambda: True
        log.add(numbered(0, 200))
        while log._incoming:
            await pilot.pause(0.01)
        log.catch_up()
        assert drawings == []
        log.terminal_is_behind = lambda: False
        log.catch_up()
        assert len(drawings) == 1


async def test_who_has_looked_at_the_last_lines_follows_again() -> None:
    async with bench(numbered(0, 100)) as (_, log, pilot):
        await drawn(pilot)
        log.focus()
        await pilot.press("up")
        assert not log.following
        await pilot.press("escape")
        assert log.following
        await pilot.press("pageup", "up", "escape")
        assert not log.following


async def test_end_after_a_click_beside_the_thumb_of_the_scrollbar_follows() -> None:
    async with bench(numbered(0, 1000)) as (_, log, pilot):
        log.vertical_scrollbar.action_scroll_up()
        while log.following:  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0)  # not Pilot's pause, which waits for animations
        log.action_end()
        for _ in range(10):
            await pilot.pause(0.03)
            assert log.following
        assert shown(log)[-1] == "line 999"


async def test_the_wheel_at_the_end_follows_what_a_search_or_the_cursor_stopped() -> None:
    async with bench(numbered(0, 100)) as (_, log, pilot):
        log.focus()
        await pilot.press("up")
        assert not log.following
        log.action_scroll_down()
        assert log.following


async def test_a_resize_within_a_flood_loses_nothing() -> None:
    texts = ["世界😀 e\u0301 שלום " * 9, "x" * 300, visible(b"\x1b[31m" + b"y" * LONGEST_LINE)]
    async with bench() as (_, log, pilot):
        for width in (80, 20, 7, 2, 40, 120):
            log.add([line(Kind.LOUD, text) for text in texts * 30])
            await pilot.resize_terminal(width, 12)
            log.add([line(Kind.QUIET, text) for text in texts * 30])
        await drawn(pilot)
        assert log.line_count == 3 * 60 * 6
        assert [text for _, text, _, _ in log.entries()] == texts * 360
        assert all(log.render_line(y).cell_length == 119 for y in range(log.size.height))
        log.add(numbered(0, 1))
        await drawn(pilot)
        assert shown(log)[-1] == "line 0"
