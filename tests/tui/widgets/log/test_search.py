from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input, Static

from reverb_tui.entry import Kind
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.log.finding import Found
from reverb_tui.widgets.log.search import SearchBar
from tests.tui.logs import bench, drawn, line, numbered, shown
from tests.tui.work import steps


async def find(pilot: Pilot[None], needle: str) -> SearchBar:
    bar = pilot.app.query_one(SearchBar)
    bar.open()
    bar.query_one(Input).value = needle
    await drawn(pilot)
    return bar


def counted(bar: SearchBar) -> str:
    return str(bar.query_one("#search-count", Static).content)


def looks(log: EchoLog, name: str) -> list[str]:
    """What is drawn with this component's background."""
    color = log.get_component_rich_style(f"echo-log--{name}", partial=True).bgcolor
    segments = [piece for y in range(log.size.height) for piece in log.render_line(y)]
    return [each.text for each in segments if each.style and each.style.bgcolor == color]


async def test_enter_and_the_arrows_go_from_one_found_line_to_another() -> None:
    async with bench(numbered(0, 100)) as (_, log, pilot):
        bar = await find(pilot, "line 5")
        assert counted(bar) == "11 of 11"  # none is after what was seen, so the last before it
        assert not log.following
        assert looks(log, "current") == ["line 5"]
        seen = []
        for key in ("enter", "down", "up", "shift+enter", "shift+enter"):
            await pilot.press(key)
            await drawn(pilot)
            seen.append((counted(bar), looks(log, "current")))
        assert [count for count, _ in seen] == [f"{n} of 11" for n in (1, 2, 1, 11, 10)]
        assert [texts for _, texts in seen] == [["line 5"]] * 5
        assert set(looks(log, "found")) == {"line 5"}


async def test_the_first_one_shown_is_the_next_from_where_the_user_is() -> None:
    async with bench(numbered(0, 100)) as (_, log, pilot):
        log.scroll_to(y=45, animate=False)
        bar = await find(pilot, "line 5")
        assert counted(bar) == "2 of 11"
        assert shown(log)[0] == "line 45"  # it was in view already


async def test_escape_goes_back_to_where_the_log_was() -> None:
    async with bench(numbered(0, 100)) as (app, log, pilot):
        log.scroll_to(y=42, animate=False)
        await find(pilot, "line 9")
        await pilot.press("enter", "enter", "escape")
        await drawn(pilot)
        assert shown(log)[0] == "line 42"
        assert not log.following
        assert app.focused is app.query_one("#prompt")
        assert log.found is None
        log.to_end()
        await find(pilot, "line 4")
        assert not log.following
        log.add(numbered(100, 105))
        await pilot.press("escape")
        await drawn(pilot)
        assert log.following
        assert shown(log)[-1] == "line 104"
        assert looks(log, "found") == looks(log, "current") == []


async def test_closing_can_stay_where_it_is_and_the_needle_is_remembered() -> None:
    async with bench(numbered(0, 100)) as (_, log, pilot):
        bar = await find(pilot, "line 23")
        bar.action_close(False)
        await drawn(pilot)
        assert not log.following
        assert "line 23" in shown(log)
        bar.open()
        await drawn(pilot)
        assert counted(bar) == "1 of 1"
        await pilot.press("x")  # instead of what was there
        await drawn(pilot)
        assert counted(bar) == "nothing found"
        await pilot.press("enter", "up", "backspace")
        await drawn(pilot)
        assert counted(bar) == ""


async def test_lines_that_come_in_are_searched_and_those_that_go_are_forgotten() -> None:
    async with bench(most_lines=100) as (_, log, pilot):
        bar = await find(pilot, "line")
        log.add(numbered(0, 50))
        await drawn(pilot)
        assert counted(bar) == "50"
        assert log.following  # what comes later takes nobody away from the end
        await pilot.press("enter")
        assert counted(bar) == "42 of 50"  # the first in view
        log.add(numbered(50, 149))
        await drawn(pilot)
        assert log.found == Found(0, 100)
        log.add([line(Kind.PLAIN, "other")] * 99)
        await drawn(pilot)
        await pilot.press("up")
        await drawn(pilot)
        assert counted(bar) == "1 of 1"
        assert shown(log)[0] == "line 148"
        log.clear()
        log.search_step(1)  # before that is drawn
        await drawn(pilot)
        assert counted(bar) == "nothing found"


async def test_a_long_search_is_done_in_parts_and_shows_one_when_all_was_looked_at() -> None:
    texts = [f"{number} " + "x" * 1000 for number in range(3000)]
    async with bench([line(Kind.PLAIN, text) for text in texts]) as (_, log, pilot):
        seen: list[Found | None] = []

        def note(found: Found | None) -> None:
            seen.append(found)

        log.watch(log, "found", note, init=False)
        log.search("1")
        await drawn(pilot)
        assert len(seen) > 4
        for found in seen[:-1]:
            assert found is not None
            assert found.position == 0
            assert not found.complete
        assert seen[-1] == log.found
        assert log.found is not None
        assert log.found.position == log.found.total > 1000


async def test_a_place_far_inside_a_long_line_comes_into_view_and_may_lie_in_two_rows() -> None:
    text = "x" * 1000 + "needle" + "世" * 1000
    lines = [line(Kind.LOUD, text), line(Kind.LOUD, "a" * 33 + "needle")]
    async with bench(lines) as (_, log, pilot):
        await find(pilot, "needle")
        assert "".join(looks(log, "current")) == "needle"
        await pilot.press("enter")
        await drawn(pilot)
        assert looks(log, "current") == ["ne", "edle"]


async def test_a_mark_stays_with_the_character_it_sits_on() -> None:
    async with bench([line(Kind.PLAIN, "cafe\u0301s")]) as (_, log, pilot):
        await find(pilot, "cafe")
        assert looks(log, "current") == ["cafe\u0301"]


async def test_what_is_pasted_into_the_needle_is_made_visible() -> None:
    async with bench([line(Kind.PLAIN, "a␛[2Jb")]) as (app, _, pilot):
        bar = await find(pilot, "old")
        bar.open()
        app.post_message(Paste("\x1b[2J\r\n"))
        await drawn(pilot)
        assert bar.query_one(Input).value == "␛[2J"
        assert counted(bar) == "1 of 1"
        app.copy_to_clipboard("\x1b")
        bar.open()
        bar.query_one(Input).action_paste()
        assert bar.query_one(Input).value == "␛"


async def test_what_is_found_in_long_lines_is_drawn_row_by_row() -> None:
    async with bench() as (_, log, pilot):
        await find(pilot, "a")
        work = []
        for length in (10 * 40, 100 * 40):
            log.clear()
            log.add([line(Kind.PLAIN, "a" * length)] * 40)
            await drawn(pilot)
            work.append(steps(lambda: shown(log)))
    # A row shows as much whether its line has ten of them or a hundred.
    assert work[1] < 2 * work[0]


async def test_what_nobody_sees_can_be_searched_for() -> None:
    async with bench([line(Kind.LOUD, text) for text in ("a\u00a0b", "a⟨U+200D⟩b", "ab")]) as (
        _,
        _,
        pilot,
    ):
        bar = await find(pilot, "")
        for needle in ("\u00a0", "\u200d"):
            bar.query_one(Input).value = ""
            pilot.app.post_message(Key("", needle))
            await drawn(pilot)
            assert counted(bar) == "1 of 1"
