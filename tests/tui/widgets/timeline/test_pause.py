"""A picture that is paused: it stands, and can be stepped through."""

from reverb_tui.widgets.timeline.pause import Pause
from tests.flying import Conversation
from tests.tui.panel import Panel, marks, panel, talk


def paused(app: Panel) -> Pause:
    pause = app.pause
    app.timeline.draw()
    pause.toggle()
    return pause


async def test_it_stands_while_time_goes_on_and_says_so() -> None:
    async with panel(talk("concurrent"), (80, 7)) as (app, _):
        paused(app)
        before = app.rows
        assert " PAUSED " in before[0]
        assert "paused at 2.1 s" in before[1]
        assert before[-1].startswith("paused")
        app.world.go(3.0)
        assert app.rows == before


async def test_steps_go_from_echo_to_echo_and_no_further() -> None:
    async with panel(talk("concurrent"), (80, 7)) as (app, _):
        pause = paused(app)
        app.world.go(3.0)
        counts = []
        for step in [-1] * 12 + [1] * 12:
            pause.step(step)
            counts.append(sum(len(marks(row, "█■▪")) for row in app.rows[2:5]))
        assert counts[:12] == sorted(counts[:12], reverse=True)
        assert counts[12:] == sorted(counts[12:])
        assert (min(counts), max(counts)) == (1, 9)


async def test_afterwards_it_is_as_if_it_had_never_been_paused() -> None:
    async with panel(talk("sequential"), (80, 7)) as (app, _):
        pause = paused(app)
        app.world.go(60.0)
        pause.step(-1)
        assert "PAUSED" in app.rows[0]
        pause.toggle()
        assert "PAUSED" not in app.rows[0]
        assert app.rows[1].endswith("done in 6.0 s")


async def test_shouts_after_a_rest_do_not_take_the_picture_away() -> None:
    async with panel(talk("concurrent"), (80, 7)) as (app, _):
        pause = paused(app)
        before = app.rows
        app.world.go(60.0)
        app.world.shout("Hello?")
        assert app.rows == before
        pause.toggle()
        assert app.rows[2].startswith("Hello?")


async def test_without_a_shout_nothing_is_there_to_be_paused() -> None:
    async with panel(Conversation(), (80, 7)) as (app, _):
        app.timeline.draw()
        assert not app.timeline.shows_shouts
