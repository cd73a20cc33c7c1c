"""More shouts than there are lanes."""

import pickle
from collections import defaultdict
from random import Random

import pytest

from reverb_server.core.control import ReverbMode
from reverb_tui.echoes.flight import Flight
from reverb_tui.echoes.in_flight import Flights
from reverb_tui.widgets.timeline.axis import Axis
from reverb_tui.widgets.timeline.density import FOUR, Density
from reverb_tui.widgets.timeline.lanes import Look
from tests.flying import Conversation
from tests.tui.panel import crowd, marks, panel
from tests.tui.work import steps

SIZE = (80, 8)


async def test_many_concurrent_shouts_are_three_slopes() -> None:
    async with panel(crowd("concurrent", 40), SIZE) as (app, _):
        assert app.rows[2:] == [
            "1 to 8              ⠑⠢⣀      ⠈⠑⠦⣀  │   ⠈⠓⠤⡀",
            "9 to 16                ⠙⠢⢄      ⠈⠑⠢│      ⠈⠑⠤⣀",
            "17 to 24                  ⠉⠢⢄⡀     │⠙⠢⣄      ⠈⠑⠢⣀",
            "25 to 32                     ⠉⠒⢄⡀  │   ⠉⠢⢄⡀      ⠙⠢⣄",
            "33 to 40                        ⠈⠒⢤│      ⠉⠲⢄⡀      ⠉⠢⢄⡀",
            "█ loud  ■ normal  ▪ quiet   hollow = due   ░ waits for its turn",
        ]


async def test_many_sequential_shouts_are_a_crowd_that_waits() -> None:
    async with panel(crowd("sequential", 40), SIZE) as (app, _):
        assert "in the air 1 · waiting 39" in app.rows[1]
        right = [row.partition("│")[2] for row in app.rows[2:7]]
        lengths = [len(row.rstrip()) for row in right]
        assert lengths == sorted(lengths)
        assert lengths[0] > 5


async def test_a_crowd_stays_a_crowd_at_rest_and_is_all_there() -> None:
    async with panel(crowd("concurrent", 40), SIZE) as (app, _):
        app.world.go(1.0)
        during = app.rows
        app.world.go(60.0)
        assert app.rows[1].endswith("done in 3.6 s")
        for row, then in zip(app.rows[2:], during[2:], strict=True):
            # NOW hides what is behind it.
            assert [a for a, b in zip(row, then, strict=False) if b != "│"] == [
                b for b in then[: len(row)] if b != "│"
            ]


async def test_a_lasting_crowd_scrolls_and_its_beginning_leaves() -> None:
    world = Conversation(delay=0.5)
    async with panel(world, SIZE) as (app, _):
        for number in range(300):
            world.shout(f"{number}")
            world.go(0.05)
            app.timeline.draw()
        assert " 0 s " not in app.rows[0]
        assert " 15 s " in app.rows[0] or " 14 s " in app.rows[0]
        assert not app.rows[2].startswith("1 ")


async def test_the_cells_of_a_crowd_have_the_colours_of_their_shouts() -> None:
    async with panel(crowd("concurrent", 40), SIZE) as (app, _):
        app.timeline.draw()
        strips = [app.timeline.render_line(y) for y in range(2, 7)]
        colours = {
            part.style.color
            for strip in strips
            for part in strip
            if part.style and set(part.text) & {chr(0x2800 + dots) for dots in range(1, 256)}
        }
        assert len(colours) >= 4


async def test_the_selected_shout_keeps_a_lane_in_the_crowd() -> None:
    async with panel(crowd("concurrent", 40), SIZE) as (app, _):
        app.timeline.selected = 21
        assert app.rows[-1].startswith("shout 20           ◂")
        assert marks(app.rows[-1], "█")
        assert marks(app.rows[-1], "▫")
        light = app.timeline.get_component_rich_style("timeline--selected", partial=True).bgcolor
        drawn = [app.timeline.render_line(y) for y in range(SIZE[1])]
        chosen = [any(part.style and part.style.bgcolor == light for part in row) for row in drawn]
        assert [y for y in range(2, SIZE[1]) if chosen[y]] == [4, 7]


async def test_a_crowd_that_thins_out_gets_lanes_again_but_not_at_once() -> None:
    world = Conversation()
    for number in range(1, 8):
        world.shout(f"shout {number}")
        world.go(0.25)
    async with panel(world, SIZE) as (app, _):
        assert app.rows[2].startswith("1 to ") or app.rows[2].startswith("1 ")
        world.go(0.5)
        assert "in the air 5" in app.rows[1]
        assert not app.rows[2].startswith("shout")
        world.go(0.25)
        assert [row.split()[1] for row in app.rows[2:]] == ["2", "3", "4", "5", "6", "7"]


async def test_five_thousand_pending_are_shown_and_said() -> None:
    async with panel(crowd("concurrent", 5000), SIZE) as (app, _):
        assert "not drawn" in app.rows[1]
        app.world.go(60)
        assert "NOW" not in app.rows[0]


def test_a_shout_stays_in_its_line_while_older_ones_leave() -> None:
    flights = [Flight(number, 0.0, "", b"", 0, 0.0) for number in range(1, 500)]
    lines, density = defaultdict(set), Density()
    for before in range(1, 300):
        count = 201 - (before - 1) % 90
        divided = density.divide(flights[before : before + count], before, rows=6)
        assert len(divided.flights) <= 6 * FOUR
        for number, line in enumerate(divided.flights, divided.number):
            for flight in line:
                lines[flight].add(number)
    assert {len(numbers) for numbers in lines.values()} == {1}
    divided = density.divide(flights[300:360], 300, rows=6)
    assert len(divided.flights) > 3 * FOUR  # of so few shouts, fewer share a line


@pytest.mark.parametrize("mode", ["concurrent", "sequential"])
@pytest.mark.parametrize("delay", [0.2, None])
def test_what_is_remembered_is_drawn_as_if_for_the_first_time(
    mode: ReverbMode, delay: float | None
) -> None:
    random, world, density = Random(7), Conversation(mode, delay, late=0.05), Density()
    began = world.now
    for number in range(400):
        world.shout(f"shout {number}")
        world.go(random.choice([0.0, 0.01, 0.1, 0.3]))
        if random.random() < 0.1:
            world.flights.tune(random.choice([0.1, 0.2, 0.4]), world.now)
        moment = world.flights.moment()
        left = max(0, number - 60)
        divided = density.divide(moment.flights[left:], left, rows=3)
        since = random.choice([0.0, 1.0, 2.0])  # at times, now is far beyond the right edge
        axis = Axis(40, began, random.choice([0.1, 0.1, 0.1, 0.2]))
        axis = axis.scroll_to(max(began, world.now - 1 - since))
        now = random.choice([None, world.now])
        assert density.rows(divided, axis, now, 3) == Density().rows(divided, axis, now, 3)


def test_a_shout_that_is_learned_late_to_have_waited_is_drawn_again() -> None:
    flights, density = Flights(), Density()
    for number, text in enumerate([b"one", b"two"]):
        flights.shout(text, number / 2)
    for number, line in enumerate([b"ONE", b"one", b"one", b"TWO", b"two", b"two"]):
        flights.hear(b"\t " + line, number - (number > 2))
    drawn = []
    modes: list[ReverbMode | None] = [None, "sequential", "concurrent"]
    for mode in modes:
        flights.measure(1.0, mode)
        divided = density.divide(flights.picture(), 0, rows=1)
        drawn.append(density.rows(divided, Axis(40, 0.0, 0.1), None, 1))
        waits = [text for text, look, _ in drawn[-1][0] if look is Look.WAITING]
        assert any(waits) == (mode == "sequential")
    assert drawn[0] == drawn[2]


def test_what_is_remembered_of_a_lasting_crowd_is_bounded() -> None:
    world, density, sizes = Conversation(delay=0.5), Density(), []
    began = world.now
    for number in range(1, 2001):
        world.shout(f"shout {number}")
        world.go(0.1)
        moment = world.flights.moment()
        before = moment.left + len(moment.flights) - 40
        divided = density.divide(moment.flights[-40:], before, rows=4)
        density.rows(divided, Axis(40, began, 0.1).scroll_to(world.now - 3), world.now, 4)
        sizes.append(len(pickle.dumps(density)))
    assert max(sizes[1000:]) < 1.5 * max(sizes[200:600])


def test_shouts_that_are_over_are_drawn_without_work() -> None:
    world = crowd("concurrent", 600)
    world.go(60.0)
    moment, density = world.flights.moment(), Density()
    divided, axis = density.divide(moment.flights, 0, rows=5), Axis(60, moment.began, 0.1)

    def draw() -> None:
        density.rows(divided, axis, None, 5)

    first = steps(draw)
    assert steps(draw) < first / 5


async def test_a_tick_of_the_clock_draws_no_shouts_again() -> None:
    async with panel(crowd("sequential", 400), (80, 20)) as (app, _):
        app.timeline.draw()
        app.world.go(0.11)
        tick = steps(app.timeline.draw)
        app.world.go(1.0)
        assert tick < steps(app.timeline.draw) / 3
