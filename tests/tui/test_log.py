import queue
import tracemalloc
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events
from textual.app import App

from reverb_tui.entry import Entry
from reverb_tui.terminal.behind import terminal_is_behind
from reverb_tui.widgets.log import EchoLog, Kind
from reverb_tui.widgets.log import tail as tail_module
from reverb_tui.widgets.log.wrapped import PREFIXES, Wrapped
from tests.tui.logs import bench, drawn, line, numbered, shown

texts = st.text(st.sampled_from("aé世😀\u0301 "), max_size=40)
entries = st.lists(
    st.tuples(st.sampled_from(Kind), texts, st.just(0.0), st.integers(0, 3)), max_size=20
)


# Wrapping, without a screen.


@given(entries, st.integers(8, 40))
def test_wrapping_shows_every_character_once_and_never_overflows(
    lines: list[Entry], width: int
) -> None:
    wrapped = Wrapped()
    wrapped.rewrap(width)
    wrapped.extend(lines)
    shown = [""] * len(lines)
    for row in map(wrapped.row, range(wrapped.height)):
        assert cell_len(PREFIXES[row.kind] + row.text) <= width
        assert row.begin == len(shown[row.line])
        shown[row.line] += row.text
    assert shown == [text for _, text, _, _ in lines]


@given(entries, st.integers(8, 40), st.integers(8, 40))
def test_rewrapping_is_the_same_as_wrapping_at_once(
    lines: list[Entry], before: int, width: int
) -> None:
    wrapped, fresh = Wrapped(), Wrapped()
    wrapped.rewrap(before)
    wrapped.extend(lines)
    wrapped.rewrap(width)
    fresh.rewrap(width)
    for each in lines:
        fresh.extend([each])
    assert [*map(wrapped.row, range(wrapped.height))] == [*map(fresh.row, range(fresh.height))]


@given(st.lists(entries, max_size=8), st.integers(1, 10), st.integers(200, 4000))
def test_the_newest_lines_within_the_bounds_are_kept(
    batches: list[list[Entry]], most_lines: int, most_bytes: int
) -> None:
    wrapped = Wrapped(most_lines, most_bytes)
    wrapped.rewrap(12)
    everything: list[str] = []
    for batch in batches:
        before = wrapped.height
        dropped = wrapped.extend(batch)
        everything += [PREFIXES[kind] + text for kind, text, _, _ in batch]
        assert 0 <= dropped <= before
        assert wrapped.total == len(everything)
        assert wrapped.lines(0, wrapped.total) == everything[wrapped.first :]
        assert len(wrapped) <= most_lines
        begins = [wrapped.begin(number) for number in range(wrapped.first, wrapped.total)]
        assert all(left < right for left, right in pairwise([*begins, wrapped.height]))
        assert all(wrapped.line_at(row) == wrapped.row(row).line for row in range(wrapped.height))


def test_long_lines_are_bounded_by_their_memory() -> None:
    wrapped = Wrapped(most_lines=1000, most_bytes=100_000)
    wrapped.extend([line(Kind.PLAIN, str(number) * 10_000) for number in range(10)] * 3)
    assert 8 <= len(wrapped) <= 10
    wrapped.extend([line(Kind.PLAIN, "世" * 45_000)])
    assert len(wrapped) == 1


def test_the_memory_that_is_counted_is_the_memory_that_lines_take() -> None:
    tracemalloc.start()
    try:
        wrapped = Wrapped(most_lines=5000)
        for begin in range(0, 20_000, 100):
            wrapped.extend(
                [
                    line(
                        Kind.LOUD, f"Is there anybody there? {number}", number + 0.5, number + 1000
                    )
                    for number in range(begin, begin + 100)
                ]
            )
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.8 < wrapped._bytes / taken < 1.2


def test_the_clients_own_sentences_break_between_words() -> None:
    wrapped = Wrapped()
    wrapped.rewrap(26)
    wrapped.extend([line(Kind.PROBLEM, "cannot connect to 127.0.0.1:9: nothing listens there")])
    wrapped.extend([line(Kind.NOTICE, "x" * 24)])
    assert [wrapped.row(row).text for row in range(wrapped.height)] == [
        "cannot connect to ",
        "127.0.0.1:9: nothing ",
        "listens there",
        "x" * 23,
        "x",
    ]


def test_ascii_fills_rows_to_the_last_cell() -> None:
    wrapped = Wrapped()
    wrapped.rewrap(10)
    wrapped.extend(
        [line(Kind.SHOUT, "x" * 20), line(Kind.LOUD, "x" * 12), line(Kind.SHOUT, "é" * 10)]
    )
    assert [wrapped.row(row).text for row in range(wrapped.height)] == [
        *("x" * 10, "x" * 10),
        *("x" * 6, "x" * 6),
        "é" * 10,
    ]


# The widget.


async def test_kinds_differ_by_place_sign_and_style() -> None:
    lines = [line(kind, "Yooo-hooo!") for kind in Kind]
    async with bench(lines, (14, 20)) as (_, log, _pilot):
        assert shown(log)[:12] == [
            "Yooo-hooo!",
            *("    Yooo-hooo", "    !"),
            *("    Yooo-hooo", "    !"),
            *("    Yooo-hooo", "    !"),
            "Yooo-hooo!",
            "· Yooo-hooo!",
            "! Yooo-hooo!",
            "",
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


async def test_the_log_follows_its_end() -> None:
    async with bench() as (app, log, pilot):
        for begin in range(0, 100, 7):
            log.add(numbered(begin, begin + 7))
            await drawn(pilot)
            assert [row for row in shown(log) if row][-1] == f"line {begin + 6}"
        assert log.following
        assert log.line_count == 105
        assert app.behind == []


@pytest.mark.parametrize("way", ["wheel", "page", "home", "drag"])
async def test_scrolling_up_stops_following_and_new_lines_are_counted(way: str) -> None:
    async with bench(numbered(0, 1300)) as (app, log, pilot):
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
        await pilot.pause(0.2)
        assert not log.following
        place = shown(log)
        log.add(numbered(1300, 1301))
        await drawn(pilot)
        assert shown(log)[:-1] == place[:-1]
        assert shown(log)[-1].endswith(" 1 new line · ^End")
        log.add(numbered(1301, 2534))
        await drawn(pilot)
        assert shown(log)[-1].endswith(" 1,234 new lines · ^End")
        assert app.behind == [0, 1, 1234]
        assert log.behind == 1234


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
        assert app.behind == [5, 0]
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
    async with bench() as (app, log, pilot):
        log._wrapped.most_lines = 100
        log.add(numbered(0, 100))
        await drawn(pilot)
        log.action_page_up()
        place = shown(log)
        log.add(numbered(100, 150))
        await drawn(pilot)
        assert shown(log)[:-1] == place[:-1]
        assert log.line_count == 100
        log.add(numbered(150, 400))  # now they are gone themselves
        await drawn(pilot)
        assert shown(log)[0] == "line 300"
        assert app.behind == [50, 300]


async def test_a_drag_of_the_scrollbar_goes_on_from_its_place_when_the_oldest_lines_go() -> None:
    async with bench() as (_, log, pilot):
        log._wrapped.most_lines = 100
        log.add(numbered(0, 100))
        await drawn(pilot)
        await pilot.mouse_down(log.vertical_scrollbar, offset=(0, 9))
        await pilot.hover(log.vertical_scrollbar, offset=(0, 6))
        await pilot.pause(0.2)
        place = shown(log)
        log.add(numbered(100, 130))
        await drawn(pilot)
        await pilot.hover(log.vertical_scrollbar, offset=(0, 6))
        await pilot.pause(0.2)
        assert shown(log)[:-1] == place[:-1]


async def test_resizing_wraps_anew_and_keeps_the_place() -> None:
    lines = [line(Kind.NORMAL, f"{number} " + "x" * 50) for number in range(50)]
    async with bench(lines) as (_, log, pilot):
        assert len(log.render_line(0).text) == 39
        await pilot.resize_terminal(21, 11)
        await drawn(pilot)
        assert log.following
        assert shown(log)[-4:] == ["    49 " + "x" * 13, *["    " + "x" * 16] * 2, "    xxxxx"]
        log.scroll_to(y=log._wrapped.begin(20), animate=False)
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
    draw = log._draw

    def count() -> None:
        drawings.append(1)
        draw()

    monkeypatch.setattr(log, "_draw", count)
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
        monkeypatch.setattr(tail_module, "terminal_is_behind", lambda app: True)
        log.add(numbered(0, 200))
        while log._incoming:
            await pilot.pause(0.01)
        assert drawings == []
        monkeypatch.setattr(tail_module, "terminal_is_behind", lambda app: False)
        await drawn(pilot)
        assert drawings
        assert shown(log)[-1] == "line 199"


def test_a_terminal_is_behind_when_more_than_two_writes_wait() -> None:
    writes: queue.Queue[str] = queue.Queue()
    app = App[None]()
    assert not terminal_is_behind(app)
    app._driver = SimpleNamespace(_writer_thread=SimpleNamespace(_queue=writes))  # type: ignore[assignment]
    for waiting in range(5):
        assert terminal_is_behind(app) == (waiting > 2)
        writes.put("")
    app._driver = SimpleNamespace(_writer_thread=None)  # type: ignore[assignment]
    assert not terminal_is_behind(app)


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
