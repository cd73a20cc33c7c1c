# ruff: noqa: RUF001 (the minus sign is one)
import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from reverb_server.control import Mode
from reverb_tui.flights import Flights
from reverb_tui.matching import Matcher
from reverb_tui.widgets.timeline import Timeline
from reverb_tui.widgets.timeline import timeline as module
from reverb_tui.widgets.timeline.axis import SHORTEST, axis, span
from tests.flying import Conversation

LINES = (("Is there anybody there?", 1.0), ("Yooo-hooo!", 0.6), ("[/red] 日本語", 0.5))


class Panel(App[None]):
    """A timeline alone, on the clock of a conversation."""

    def __init__(self, world: Conversation) -> None:
        super().__init__()
        self.world = world
        self.timeline = Timeline(world.flights, clock=lambda: world.now)
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.timeline

    def on_timeline_selected(self, event: Timeline.Selected) -> None:
        self.chosen.append(event.shout)

    @property
    def rows(self) -> list[str]:
        self.timeline.draw()
        return self.seen.split("\n")

    @property
    def seen(self) -> str:
        lines = [self.timeline.render_line(y) for y in range(self.timeline.size.height)]
        assert {line.cell_length for line in lines} == {self.timeline.size.width}
        return "\n".join(line.text.rstrip() for line in lines)


@asynccontextmanager
async def panel(
    world: Conversation, size: tuple[int, int] = (80, 6)
) -> AsyncIterator[tuple[Panel, Pilot[None]]]:
    app = Panel(world)
    app.timeline.styles.height = size[1]
    async with app.run_test(size=size) as pilot:
        yield app, pilot


def talk(mode: Mode, late: float = 0.0) -> Conversation:
    world = Conversation(mode, late=late)
    for text, pause in LINES:
        world.shout(text)
        world.go(pause)
    return world


def crowd(mode: Mode, shouts: int) -> Conversation:
    world = Conversation(mode)
    for number in range(shouts):
        world.shout(f"shout {number}")
        world.go(1.6 / shouts)
    return world


def marks(row: str, kinds: str) -> list[int]:
    return [column for column, cell in enumerate(row) if cell in kinds]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0.005)


def is_asleep(timeline: Timeline) -> bool:
    assert timeline._frames is not None
    return not timeline._frames._active.is_set()


async def test_concurrent_shouts_overlap() -> None:
    async with panel(talk("concurrent")) as (app, _):
        assert app.rows == [
            "─ echoes ─────────────── −2 s ───── −1 s ─────── now ────── +1 s ───── +2 s ────",
            "Is there anybody t…       █──────────■───────────▪│",
            "Yooo-hooo!                           █───────────■│╌╌╌╌╌╌╌╌╌▫",
            "[/red] 日本語                               █─────│╌╌╌╌╌□╌╌╌╌╌╌╌╌╌╌▫",
            "                                                  │",
            "                                                  │",
        ]


async def test_sequential_shouts_wait_and_make_a_staircase() -> None:
    async with panel(talk("sequential")) as (app, _):
        assert app.rows == [
            "─ echoes ───────── −4 s ───────── −2 s ───────── now ──────── +2 s ─────────────",
            "Is there anybody t…                █──────■──────▪│",
            "Yooo-hooo!                                ·······█│╌╌╌╌╌□╌╌╌╌╌╌╌▫",
            "[/red] 日本語                                 ····│·············▯╌╌╌╌╌╌□╌╌╌╌╌╌▫",
            "                                                  │",
            "                                                  │",
        ]


async def test_an_echo_that_comes_after_its_place_shows_the_place() -> None:
    async with panel(talk("concurrent", late=0.25)) as (app, _):
        assert app.rows[1:4] == [
            "Is there anybody t…       ▯┈█────────□┈┈■─────────▫",
            "Yooo-hooo!                           ▯┈┈█─────────□╌╌╌╌╌╌╌╌╌▫",
            "[/red] 日本語                               ▯┈┈█──│╌╌╌╌╌□╌╌╌╌╌╌╌╌╌╌▫",
        ]
        app.world.late = 60.0  # from here on nothing comes any more
        app.world.go(0.75)
        assert "□┈┈■────" in app.rows[2]
        app.world.go(0.75)
        assert app.rows[2].endswith("▫┈┈┈┈┈┈│")


async def test_a_due_mark_is_never_out_of_sight_before_its_echo_comes() -> None:
    world = Conversation(late=0.4)
    world.shout("Hello?")
    async with panel(world, (80, 3)) as (app, _):
        for _ in range(120):
            world.go(0.02)
            assert len(marks(app.rows[1], "█▯")) >= 1
            assert len(marks(app.rows[1], "■□")) >= 1
            assert len(marks(app.rows[1], "▪▫")) >= 1


async def test_what_is_due_moves_toward_now_and_what_came_away_from_it() -> None:
    world = Conversation()
    world.shout("Hello?")
    async with panel(world, (80, 3)) as (app, _):
        now = app.rows[2].index("│")
        came, due = [], []
        for _ in range(18):
            world.go(0.05)
            came += marks(app.rows[1], "█")
            due.append(marks(app.rows[1], "□▫"))
        assert came == sorted(came, reverse=True)
        assert came[0] == now
        assert came[-1] < now - 8
        assert all(now <= normal for normal, _ in due)
        assert len({quiet - normal for normal, quiet in due}) == 1  # they move as one
        assert due == sorted(due, reverse=True)


async def test_the_hand_on_the_slider_moves_the_hollow_marks() -> None:
    world = Conversation()
    world.shout("Hello?")
    async with panel(world, (80, 3)) as (app, _):
        at_one = marks(app.rows[1], "□▫")
        solid = marks(app.rows[1], "█")
        world.flights.tune(0.5, world.now)
        at_half = marks(app.rows[1], "□▫")
        assert solid == marks(app.rows[1], "█")
        now = solid[0]
        assert [column - now for column in at_half] == pytest.approx(
            [(column - now) / 2 for column in at_one], abs=1
        )
        axis_before = app.rows[0]
        world.flights.tune(0.7, world.now)
        assert app.rows[0] == axis_before  # the scale does not jump about


@given(st.floats(0, 240), st.lists(st.floats(0, 240), max_size=5))
def test_what_is_needed_always_fits_and_a_steady_need_keeps_the_scale(
    need: float, more: list[float]
) -> None:
    shown = None
    for each in (*more, need):
        shown = span(each, shown)
        assert each <= shown * 1.001
        assert shown <= max(each, SHORTEST) * 3.001
        assert span(each, shown) == shown
        place = axis(1e6, shown, 91)
        assert place.column(1e6) == place.now
        assert 0 <= place.column(1e6 - 0.99 * shown) < place.column(1e6 + 0.97 * shown) < 91


async def test_it_sleeps_while_nothing_is_in_the_air() -> None:
    world = Conversation()
    async with panel(world) as (app, _):
        await until(lambda: is_asleep(app.timeline))
        assert "at rest" in app.rows[0]
        world.shout("Hello?")
        app.timeline.wake()
        await until(lambda: "█" in app.seen)
        assert not is_asleep(app.timeline)
        world.go(2.0)
        await until(lambda: is_asleep(app.timeline))
        at_the_end = app.seen
        assert "█" in at_the_end
        assert "▪" in at_the_end
        world.go(60.0)
        assert app.rows == at_the_end.split("\n")


async def test_it_sleeps_while_it_is_hidden() -> None:
    async with panel(talk("concurrent")) as (app, _):
        app.timeline.display = False
        assert app.world.flights.in_flight
        await until(lambda: is_asleep(app.timeline))
        app.timeline.wake()
        assert is_asleep(app.timeline)
        app.timeline.display = True
        await until(lambda: not is_asleep(app.timeline))


async def test_no_frame_is_drawn_while_the_terminal_is_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = talk("concurrent")
    async with panel(world) as (app, _):
        await until(lambda: "█" in app.seen)
        before = app.seen
        monkeypatch.setattr(module, "terminal_is_behind", lambda app: True)
        world.go(0.5)
        app.timeline._frame()
        assert app.seen == before
        monkeypatch.setattr(module, "terminal_is_behind", lambda app: False)
        await until(lambda: app.seen != before)


async def test_an_unknown_delay_draws_nothing_in_the_future() -> None:
    world = Conversation(delay=None)
    world.shout("Hello?")
    world.go(0.5)
    async with panel(world) as (app, _):
        now = app.rows[2].index("│")
        assert "█" in app.rows[1]
        assert app.rows[1].rstrip().endswith("│")
        assert len(app.rows[1]) == now + 1


async def test_many_concurrent_shouts_are_three_slopes() -> None:
    async with panel(crowd("concurrent", 40)) as (app, _):
        assert app.rows[1:] == [
            "40 pending                      ⠑⠢⢄⡀       ⠈⠑⠤⣀   │    ⠉⠒⢤⡀",
            "                                   ⠈⠑⠢⣄        ⠉⠒⠤│       ⠈⠑⠢⢄⡀",
            "                                       ⠉⠒⠤⣀       │⠑⠢⢄⡀       ⠈⠑⠦⣀",
            "                                           ⠉⠲⢄⡀   │   ⠈⠑⠢⢄        ⠉⠒⠤⣀",
            "                                              ⠈⠑⠢⢄│       ⠉⠒⠤⣀        ⠙⠢⢄⡀",
        ]


async def test_many_sequential_shouts_are_a_crowd_that_waits() -> None:
    async with panel(crowd("sequential", 40)) as (app, _):
        assert app.rows[1].startswith("40 pending")
        assert app.rows[2].startswith("39 waiting")
        right = [row[51:] for row in app.rows[1:]]
        assert all(len(row.replace(" ", "")) > 10 for row in right)


async def test_the_selected_shout_keeps_a_lane_in_the_crowd() -> None:
    async with panel(crowd("concurrent", 40)) as (app, _):
        app.timeline.selected = 21
        assert app.rows[-1].startswith("shout 20           ◂")
        assert marks(app.rows[-1], "█")
        assert marks(app.rows[-1], "▫")
        assert [y for y, (_, chosen) in enumerate(app.timeline._rows) if chosen] == [2, 5]


async def test_a_crowd_that_thins_out_gets_lanes_again_but_not_at_once() -> None:
    world = Conversation()
    for number in range(6):
        world.shout(f"{number}")
        world.go(0.3)
    async with panel(world) as (app, _):
        assert "6 pending" in app.rows[1]
        world.go(0.4)
        assert "5 pending" in app.rows[1]
        world.go(0.8)
        assert [row.split()[0] for row in app.rows[1:]] == ["1", "2", "3", "4", "5"]


async def test_five_thousand_pending_are_shown_and_said() -> None:
    async with panel(crowd("concurrent", 5000)) as (app, _):
        text = " ".join(app.rows)
        assert f"{app.world.matcher.pending:,} pending" in text
        assert "not drawn" in text
        app.world.go(60)
        assert "at rest" in app.rows[0]


@pytest.mark.parametrize("width", [40, 20, 5, 1])
async def test_narrow_screens_have_room(width: int) -> None:
    async with panel(talk("concurrent"), (width, 5)) as (app, _):
        rows = app.rows
        if width == 40:
            assert rows[1:4] == [
                "Is there…     █────■─────▪",
                "Yooo-hoo…          █─────■╌╌╌╌▫",
                "[/red]  …             █──│╌╌□╌╌╌╌╌▫",
            ]


async def test_a_click_selects_and_another_takes_it_back() -> None:
    async with panel(talk("concurrent")) as (app, pilot):
        app.timeline.draw()
        await pilot.click(Timeline, offset=(30, 2))
        assert app.timeline.selected == 2
        await pilot.click(Timeline, offset=(3, 2))
        await pilot.click(Timeline, offset=(3, 5))
        assert app.chosen == [2, 0]


async def test_keys_go_from_shout_to_shout() -> None:
    async with panel(talk("concurrent")) as (app, pilot):
        app.timeline.focus()
        app.timeline.draw()
        await pilot.press("up", "up", "down", "down", "escape", "down")
        assert app.chosen == [3, 2, 3, 0, 1]


async def test_to_select_from_outside_highlights_and_posts_nothing() -> None:
    async with panel(talk("concurrent")) as (app, pilot):
        app.timeline.selected = 2
        app.timeline.draw()
        await pilot.pause()
        grounds = [
            {segment.style and segment.style.bgcolor for segment in app.timeline.render_line(y)}
            for y in range(4)
        ]
        assert grounds[1] == grounds[3] != grounds[2]
        assert [row[19] for row in app.rows[1:4]] == [" ", "◂", " "]
        assert app.chosen == []


async def test_a_new_connection_begins_anew() -> None:
    async with panel(talk("concurrent")) as (app, _):
        app.timeline.flights = Flights(Matcher())
        assert "█" not in "".join(app.rows)


@pytest.mark.parametrize("mode", ["concurrent", "sequential"])
async def test_a_frame_of_two_hundred_shouts_is_cheap(mode: Mode) -> None:
    world = crowd(mode, 200)
    async with panel(world, (120, 8)) as (app, _):
        spent = []
        for _ in range(20):
            world.shout(f"shout {random.random()}")
            world.go(1 / 18)
            begin = time.process_time()
            app.timeline.draw()
            for y in range(8):
                app.timeline.render_line(y)
            spent.append(time.process_time() - begin)
    assert sorted(spent)[10] < 10 * 0.005
