"""The timeline: when it draws, what can be selected in it, and what it costs."""

import random
import time

import pytest
from textual.events import Hide, Resize

from reverb_server.core.control import ReverbMode
from reverb_tui.echoes.in_flight import Flights
from reverb_tui.themes import TERMINAL
from reverb_tui.widgets.timeline import Timeline
from tests.flying import Conversation
from tests.tui.panel import crowd, panel, talk
from tests.tui.screen import until


def is_asleep(timeline: Timeline) -> bool:
    assert timeline._frames is not None
    return not timeline._frames._active.is_set()


async def test_it_sleeps_while_nothing_is_in_the_air() -> None:
    world = Conversation()
    async with panel(world) as (app, _):
        await until(lambda: is_asleep(app.timeline))
        assert "your shouts will appear here" in app.rows[2]
        assert "NOW" not in app.rows[0]
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


async def test_a_shout_that_is_over_keeps_its_row_while_there_is_room_for_all() -> None:
    world = Conversation(delay=0.5)
    async with panel(world, (80, 24), legend=False) as (app, _):
        app.timeline.styles.height = "auto"
        texts = ["alpha", "bravo", "charlie", "delta", "foxtrot"]
        for text in texts:  # the first is over when the third comes, and so on
            world.shout(text)
            world.go(0.6)
            app.timeline.wake()
            await until(lambda text=text: text in app.seen)  # type: ignore[misc]
        world.go(2.0)
        await until(lambda: is_asleep(app.timeline))
        assert [row.split()[0] for row in app.rows[2 : 2 + len(texts)]] == texts


async def test_at_the_end_it_draws_until_the_scale_has_followed() -> None:
    world = Conversation(delay=0.5)
    world.shout("Hello?")
    world.late = 60.0
    async with panel(world) as (app, _):
        app.timeline.wake()
        await until(lambda: "█" in app.seen)
        world.flights.tune(10.0, world.now)
        app.timeline.wake()
        await until(lambda: "→ +" in app.seen)
        world.flights.end(world.now)
        app.timeline.wake()
        await until(lambda: "connection ended" in app.seen)
        assert not is_asleep(app.timeline)

        def rests() -> bool:
            world.now += 0.1
            return is_asleep(app.timeline)

        await until(rests)
        assert "→ +" not in app.seen
        assert " 20 s ─" in app.seen


async def test_it_sleeps_while_it_is_hidden() -> None:
    async with panel(talk("concurrent")) as (app, _):
        app.timeline.display = False
        assert app.world.flights.in_flight
        await until(lambda: is_asleep(app.timeline))
        app.timeline.wake()
        assert is_asleep(app.timeline)
        app.timeline.display = True
        await until(lambda: not is_asleep(app.timeline))


async def test_it_draws_again_with_room_even_if_textual_sends_no_show() -> None:
    async with panel(talk("concurrent")) as (app, _):
        app.timeline.post_message(Hide())
        await until(lambda: is_asleep(app.timeline))
        app.timeline.post_message(Resize(app.timeline.size, app.timeline.size))
        await until(lambda: not is_asleep(app.timeline))


async def test_no_frame_is_drawn_while_the_terminal_is_behind() -> None:
    world = talk("concurrent")
    async with panel(world) as (app, _):
        await until(lambda: "█" in app.seen)
        before = app.seen
        frames: list[bool] = []

        def terminal_is_behind() -> bool:
            frames.append(True)
            return True

        app.timeline.terminal_is_behind = terminal_is_behind
        world.go(0.5)
        await until(lambda: len(frames) > 2)
        assert app.seen == before
        app.timeline.terminal_is_behind = lambda: False
        await until(lambda: app.seen != before)


async def test_a_click_selects_and_another_takes_it_back() -> None:
    async with panel(talk("concurrent")) as (app, pilot):
        app.timeline.draw()
        await pilot.click(Timeline, offset=(30, 3))
        assert app.timeline.selected == 2
        await pilot.click(Timeline, offset=(3, 3))
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
            for y in range(5)
        ]
        assert grounds[2] == grounds[4] != grounds[3]
        assert [row[19] for row in app.rows[2:5]] == [" ", "◂", " "]
        assert app.chosen == []


async def test_the_picture_of_a_connection_stays_until_a_shout_to_the_next_one() -> None:
    async with panel(talk("concurrent")) as (app, _):
        app.world.flights.end(app.world.now)
        before = app.rows
        following = Flights(app.world.flights.shouts)
        app.timeline.flights = following
        assert app.rows[2:] == before[2:]
        following.shout(b"Hello?", app.world.now, "Hello?")
        assert app.rows[2].startswith("Hello?")
        assert "Yooo-hooo!" not in app.seen


async def test_it_takes_the_rows_that_its_lanes_need_up_to_what_it_is_given() -> None:
    world = Conversation(delay=60.0)
    async with panel(world, (80, 9)) as (app, _):
        app.timeline.styles.height = "auto"
        app.timeline.styles.max_height = 9
        for shouts, rows in [(1, 6), (3, 6), (4, 7), (6, 9), (7, 9)]:
            while world.flights.shouts < shouts:
                world.shout(f"shout {world.flights.shouts}")
            app.timeline.draw()
            await until(lambda rows=rows: app.timeline.size.height == rows)  # type: ignore[misc]
            assert ("░ waits for its turn" in app.rows[-1]) == (shouts < 7)


async def test_each_shout_has_a_colour_of_its_own_and_a_number_where_there_are_none() -> None:
    async with panel(talk("concurrent")) as (app, pilot):
        for theme in ("textual-dark", "textual-light"):
            app.theme = theme
            await pilot.pause()
            app.timeline.draw()
            labels = [next(iter(app.timeline.render_line(y))) for y in (2, 3, 4)]
            assert len({label.style.color for label in labels if label.style}) == 3
            bars = [list(app.timeline.render_line(y)) for y in (2, 3, 4)]
            for label, bar in zip(labels, bars, strict=True):
                assert any(
                    "━" in part.text and part.style.color == label.style.color
                    for part in bar
                    if part.style and label.style
                )
        app.register_theme(TERMINAL)
        app.theme = TERMINAL.name
        await pilot.pause()
        assert [row[:4] for row in app.rows[2:5]] == ["1 Is", "2 Yo", "3 [/"]


@pytest.mark.parametrize("mode", ["concurrent", "sequential"])
@pytest.mark.parametrize("shouts", [200, 5000])
async def test_a_frame_is_cheap_however_many_shouts_there_are(
    mode: ReverbMode, shouts: int
) -> None:
    world = crowd(mode, shouts)
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
