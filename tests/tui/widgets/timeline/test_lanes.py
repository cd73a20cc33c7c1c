# ruff: noqa: RUF001 (the minus sign is one)
"""A lane for each shout: what came, what is due, and what waits."""

import pytest

from reverb_server.core.control import ReverbMode
from tests.flying import Conversation
from tests.tui.panel import marks, panel, talk


@pytest.mark.parametrize(
    ("mode", "rows"),
    [
        (
            "concurrent",
            [
                "─ echoes ─────────────── −2 s ───── −1 s ─────── now ────── +1 s ───── +2 s ────",
                "Is there anybody t…       █──────────■───────────▪│",
                "Yooo-hooo!                           █───────────■│╌╌╌╌╌╌╌╌╌▫",
                "[/red] 日本語                               █─────│╌╌╌╌╌□╌╌╌╌╌╌╌╌╌╌▫",
            ],
        ),
        (
            "sequential",
            [
                "─ echoes ───────── −4 s ───────── −2 s ───────── now ──────── +2 s ─────────────",
                "Is there anybody t…                █──────■──────▪│",
                "Yooo-hooo!                                ·······█│╌╌╌╌╌□╌╌╌╌╌╌╌▫",
                "[/red] 日本語                                 ····│·············▯╌╌╌╌╌╌□╌╌╌╌╌╌▫",
            ],
        ),
    ],
    ids=["concurrent", "sequential"],
)
async def test_concurrent_shouts_overlap_and_sequential_ones_make_a_staircase(
    mode: ReverbMode, rows: list[str]
) -> None:
    async with panel(talk(mode)) as (app, _):
        nothing = " " * 50 + "│"
        assert app.rows == [*rows, nothing, nothing]


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


async def test_an_unknown_delay_draws_nothing_in_the_future() -> None:
    world = Conversation(delay=None)
    world.shout("Hello?")
    world.go(0.5)
    async with panel(world) as (app, _):
        now = app.rows[2].index("│")
        assert "█" in app.rows[1]
        assert app.rows[1].rstrip().endswith("│")
        assert len(app.rows[1]) == now + 1


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
