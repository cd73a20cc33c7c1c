"""More shouts than there are lanes."""

from tests.flying import Conversation
from tests.tui.panel import crowd, marks, panel


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
        light = app.timeline.get_component_rich_style("timeline--selected", partial=True).bgcolor
        drawn = [app.timeline.render_line(y) for y in range(6)]
        chosen = [any(part.style and part.style.bgcolor == light for part in row) for row in drawn]
        assert [y for y in range(6) if chosen[y]] == [2, 5]


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
        assert f"{app.world.flights.pending:,} pending" in text
        assert "not drawn" in text
        app.world.go(60)
        assert "at rest" in app.rows[0]
