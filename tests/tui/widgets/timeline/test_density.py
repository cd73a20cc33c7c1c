"""More shouts than there are lanes."""

from tests.flying import Conversation
from tests.tui.panel import crowd, marks, panel

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
