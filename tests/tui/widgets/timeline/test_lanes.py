"""A lane for each shout: what came, what is due, and what waits."""

import re
from itertools import pairwise

import pytest

from reverb_server.core.control import ReverbMode
from reverb_tui.widgets.slider.scale import nice_values
from tests.flying import Conversation
from tests.tui.panel import marks, panel, talk

LEGEND = "█ loud  ■ normal  ▪ quiet   hollow = due   ░ waits for its turn"


@pytest.mark.parametrize(
    ("mode", "rows"),
    [
        (
            "concurrent",
            [
                "────────────────── 0 s ─────────────── NOW ────────────── 4 s ──────────────────",
                " CONCURRENT · all at once                       in the air 2 · waiting 0 · 2.1 s",
                "Is there anybody t… █━━━━━━━━■━━━━━━━━━▪│",
                "Yooo-hooo!                   █━━━━━━━━━■│╌╌╌╌╌╌╌╌▫",
                "[/red] 日本語                      █━━━━│╌╌╌╌□╌╌╌╌╌╌╌╌╌▫",
                "                                        │",
                LEGEND,
            ],
        ),
        (
            "sequential",
            [
                "────────────────── 0 s ─────── NOW ────── 4 s ─────── 6 s ─────── 8 s ──────────",
                " SEQUENTIAL · one at a time                     in the air 1 · waiting 1 · 2.1 s",
                "Is there anybody t… █━━━━■━━━━━▪│",
                "Yooo-hooo!               ░░░░░░█│╌╌╌╌□╌╌╌╌╌▫",
                "[/red] 日本語                ░░░│ waits ░░░▯╌╌╌╌╌□╌╌╌╌╌▫",
                "                                │",
                LEGEND,
            ],
        ),
    ],
    ids=["concurrent", "sequential"],
)
async def test_concurrent_shouts_overlap_and_sequential_ones_make_a_staircase(
    mode: ReverbMode, rows: list[str]
) -> None:
    async with panel(talk(mode), (80, 7)) as (app, _):
        assert app.rows == rows


@pytest.mark.parametrize(("mode", "seconds"), [("concurrent", "3.6"), ("sequential", "6.0")])
async def test_the_whole_picture_stays_at_the_end_with_its_sum(
    mode: ReverbMode, seconds: str
) -> None:
    world = talk(mode)
    async with panel(world, (80, 7)) as (app, _):
        world.go(60)
        rows = app.rows
        assert rows[1].endswith(f"done in {seconds} s")
        assert "NOW" not in rows[0]
        for row in rows[2:5]:
            assert [len(marks(row, kind)) for kind in "█■▪▯□▫│"] == [1, 1, 1, 0, 0, 0, 0]
        world.flights.end(world.now)
        assert app.rows == rows


async def test_an_echo_that_comes_after_its_place_shows_the_place() -> None:
    async with panel(talk("concurrent", late=0.25), (80, 7)) as (app, _):
        assert app.rows[2:5] == [
            "Is there anybody t… ▯┈█━━━━━━□┈┈■━━━━━━━▫",
            "Yooo-hooo!                   ▯┈┈█━━━━━━━□╌╌╌╌╌╌╌╌▫",
            "[/red] 日本語                      ▯┈┈█━│╌╌╌╌□╌╌╌╌╌╌╌╌╌▫",
        ]
        app.world.late = 60.0  # from here on nothing comes any more
        app.world.go(0.75)
        assert "□┈┈■━━━━━│▫" in app.rows[3]
        app.world.go(1.0)
        assert re.search("▫┈+│$", app.rows[3])


async def test_the_way_to_the_server_and_back_is_neither_waiting_nor_in_the_air() -> None:
    world = Conversation(late=0.04)
    world.shout("Hello?")
    world.go(0.5)
    async with panel(world, (80, 5)) as (app, _):
        assert re.search("Hello\\? +█━+", app.rows[2])
        assert "░" not in app.rows[2]


async def test_what_came_stands_still_while_now_walks() -> None:
    world = Conversation()
    world.shout("Hello?")
    async with panel(world, (80, 5)) as (app, _):
        seen: list[tuple[list[int], list[int]]] = []
        nows = []
        for _ in range(36):
            world.go(0.05)
            seen.append((marks(app.rows[2], "█■▪"), marks(app.rows[2], "▯□▫")))
            nows.append(app.rows[3].index("│"))
        assert nows == sorted(nows)
        assert nows[-1] > nows[0] + 30
        for (came, due), (then_came, then_due) in pairwise(seen):
            assert then_came[: len(came)] == came
            assert due[-len(then_due) :] == then_due


def places(row: str) -> list[int]:
    """The cells of the hollow marks; one that left the picture is told at the edge."""
    found = [row.find(mark) for mark in ("□▫" if "█" in row else "▯□▫")]
    assert min(found) >= 0 or "→ +" in row
    return [place if place >= 0 else 1000 for place in found]


WISHES = [value for value in nice_values(60.0) if 0.1 <= value <= 20]


@pytest.mark.parametrize("width", [30, 40, 60, 80, 101, 120, 177, 240])
@pytest.mark.parametrize("mode", ["concurrent", "sequential"])
async def test_a_longer_delay_moves_what_is_due_right_and_nothing_else(
    mode: ReverbMode, width: int
) -> None:
    world = Conversation(mode, delay=0.1)
    world.shout("Hello?")
    world.shout("Yooo-hooo!")
    async with panel(world, (width, 7)) as (app, _):
        ruler, solid = app.rows[0], [marks(row, "█━") for row in app.rows[2:4]]
        before, instants = [places(row) for row in app.rows[2:4]], []
        for wish in WISHES:
            world.flights.tune(wish, world.now)
            rows = app.rows
            assert [marks(row, "█━") for row in rows[2:4]] == solid
            assert rows[0] == ruler
            hollow = [places(row) for row in rows[2:4]]
            assert all(now >= then for now, then in zip(hollow, before, strict=True))
            before = hollow
            instants.append([at for each in world.flights.picture() for _, at in each.due])
        assert all(
            then < now for a, b in pairwise(instants) for then, now in zip(a, b, strict=True)
        )
        assert all("→ +" in row for row in app.rows[2:4])
        for wish in reversed(WISHES):
            world.flights.tune(wish, world.now)
            hollow = [places(row) for row in app.rows[2:4]]
            assert all(now <= then for now, then in zip(hollow, before, strict=True))
            before = hollow
            assert [marks(row, "█━") for row in app.rows[2:4]] == solid


async def test_the_scale_follows_a_second_after_the_hand() -> None:
    world = Conversation(delay=0.5)
    world.shout("Hello?")
    world.late = 60.0
    async with panel(world, (80, 5)) as (app, _):
        assert "1 s" in app.rows[0]
        world.flights.tune(10.0, world.now)
        for _ in range(9):
            world.go(0.1)
            assert "→ +" in app.rows[2]
        world.go(0.2)
        app.timeline.in_hand = lambda: True
        assert "→ +" in app.rows[2]
        app.timeline.in_hand = lambda: False
        app.timeline.draw()
        world.go(0.5)
        assert marks(app.rows[2], "▫")
        assert "20 s" in app.rows[0]


async def test_an_unknown_delay_draws_nothing_in_the_future() -> None:
    world = Conversation(delay=None)
    world.shout("Hello?")
    world.go(0.5)
    async with panel(world) as (app, _):
        now = app.rows[3].index("│")
        assert "█" in app.rows[2]
        assert app.rows[2].rstrip().endswith("│")
        assert len(app.rows[2]) == now + 1


async def test_a_lost_connection_leaves_the_picture_and_says_how_many_are_missing() -> None:
    world = talk("concurrent")
    async with panel(world, (80, 7)) as (app, _):
        before = app.rows
        world.flights.end(world.now)
        rows = app.rows
        assert rows[1].endswith("connection ended · 3 echoes missing")
        for row, then in zip(rows[2:5], before[2:5], strict=True):
            assert [marks(row, kind) for kind in "█■▪□▫━"] == [
                marks(then, kind) for kind in "█■▪□▫━"
            ]


@pytest.mark.parametrize("width", [40, 20, 5, 1])
async def test_narrow_screens_have_room(width: int) -> None:
    async with panel(talk("concurrent"), (width, 5)) as (app, _):
        rows = app.rows
        if width == 40:
            assert rows[2:] == [
                "Is there… █━━━■━━━━▪│",
                "Yooo-hoo…     █━━━━■│╌╌╌▫",
                "[/red]  …        █━━│╌□╌╌╌╌▫",
            ]


async def test_tall_lanes_tell_the_echoes_by_their_height() -> None:
    async with panel(talk("concurrent"), (80, 12)) as (app, _):
        app.timeline.tall = True
        above, lane, below = app.rows[2:5]
        assert [lane.index(mark) for mark in "█■"] == [above.index("█"), lane.index("■")]
        assert above.index("█") == below.index("█")
        assert above.index("▄") == below.index("▀") > above.index("█")
        assert lane.startswith("Is there")
        assert app.rows[-1].startswith("█ loud")


async def test_lanes_are_tall_only_while_all_have_room() -> None:
    async with panel(talk("concurrent"), (80, 11)) as (app, _):
        app.timeline.tall = True
        assert [row[:8] for row in app.rows[2:5]] == ["Is there", "Yooo-hoo", "[/red] 日"[:8]]
