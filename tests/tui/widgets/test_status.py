"""The line that says what is in the air, and how the connection stands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from reverb_tui.session.observer import State
from reverb_tui.session.transcript import Transcript
from reverb_tui.widgets.status import StatusLine

SERVER = "localhost:8000"


class Bench(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.transcript = Transcript()
        self.transcript.flights.mode_changed("concurrent")
        self.transcript.flights.delay_changed(1.0, 0.0)
        self.status = StatusLine(lambda: self.transcript)

    def compose(self) -> ComposeResult:
        yield self.status

    @property
    def seen(self) -> str:
        return str(self.status.render())

    def shout(self, text: str) -> None:
        self.transcript.shout(text.encode(), anyio.current_time())

    def hear(self, *texts: str) -> None:
        self.transcript.hear([f"\t {text}".encode() for text in texts], anyio.current_time())


@asynccontextmanager
async def bench(width: int = 60) -> AsyncIterator[tuple[Bench, StatusLine, Pilot[None]]]:
    app = Bench()
    async with app.run_test(size=(width, 3)) as pilot:
        app.status.styles.width = width
        await pilot.pause()
        yield app, app.status, pilot


async def test_the_screen_is_laid_out_again_only_for_other_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    updates: list[tuple[str, bool]] = []
    update = StatusLine.update

    def counted(status: StatusLine, content: object, *, layout: bool) -> None:
        updates.append((str(content), layout))
        update(status, str(content), layout=layout)

    monkeypatch.setattr(StatusLine, "update", counted)
    async with bench() as (app, status, _):
        updates.clear()  # of its first look, which may be over or not
        for state in 2 * [State.CONNECTING] + 2 * [State.CONNECTED]:
            status.show(state, SERVER, None)
        assert updates == [(f"◌ {SERVER} · connecting", True), (f"● {SERVER}", True)]
        app.shout("one")
        status.draw()
        status.draw()
        assert updates[2:] == [(f"● {SERVER}", False)]
        for _ in range(999):
            app.shout("one")
        status.draw()  # the figures need more room
        assert updates[3:] == [(f"● {SERVER}", True)]


async def test_it_says_what_is_in_the_air_while_there_is_a_connection() -> None:
    async with bench() as (app, status, _):
        status.show(State.CONNECTING, SERVER, None)
        assert app.seen == f"◌ {SERVER} · connecting"
        status.show(State.CONNECTED, SERVER, None)
        assert app.seen == f"in the air 0 · waiting 0 │ ● {SERVER}"
        app.shout("one")
        status.draw()
        assert app.seen == f"in the air 1 · waiting 0 │ ● {SERVER}"
        app.hear("ONE", "one")
        status.show(State.INPUT_ENDED, SERVER, None)
        assert app.seen == f"in the air 1 · waiting 0 │ ◐ {SERVER} · input ended"
        app.hear("one")
        status.draw()
        assert app.seen == f"in the air 0 · waiting 0 │ ◐ {SERVER} · input ended"
        again = anyio.current_time() + 4
        status.show(State.WAITING, SERVER, None, again)
        assert app.seen == f"✗ {SERVER} · not connected · retrying in 4 s"


async def test_what_is_sent_to_a_server_that_is_no_reverb_is_not_in_the_air() -> None:
    async with bench() as (app, status, _):
        status.show(State.CONNECTED, SERVER, None)
        app.transcript.raw = True
        app.shout("one")
        app.hear("two", "three")
        status.draw()
        assert app.seen == f"received 2 · sent 1 │ ● {SERVER}"


async def test_a_long_name_is_cut_in_its_middle_and_the_figures_give_way_to_it() -> None:
    async with bench(24) as (app, status, pilot):
        long = "a" * 20 + "b" * 20
        status.show(State.CLOSED, long, None)
        await pilot.pause()
        assert app.seen == "○ aaaaaa…bbbbbb · closed"
        status.show(State.CONNECTED, long, None)
        await pilot.pause()
        assert app.seen == "● aaaaaaaaaaa…bbbbbbbbbb"
        status.styles.width = 45
        await pilot.pause()
        assert app.seen == "in the air 0 · waiting 0 │ ● aaaaaaaa…bbbbbbb"


async def test_a_recording_is_shown_behind_the_state_and_survives_another_state() -> None:
    async with bench() as (_, status, _):
        status.show(State.CONNECTED, SERVER, None)
        status.mark_recording(True)
        assert str(status.content) == f"● {SERVER} · recording"
        status.show(State.CLOSED, SERVER, None)
        assert str(status.content) == f"○ {SERVER} · closed · recording"
        status.mark_recording(False)
        assert str(status.content) == f"○ {SERVER} · closed"
