"""The line that says how the connection stands."""

import pytest
from textual.app import App, ComposeResult

from reverb_tui.session.observer import State
from reverb_tui.widgets.status import StatusLine


class Bench(App[None]):
    def compose(self) -> ComposeResult:
        yield StatusLine(markup=False)


async def test_the_screen_is_laid_out_again_only_for_other_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    updates: list[str] = []
    update = StatusLine.update

    def counted(status: StatusLine, content: object) -> None:
        updates.append(str(content))
        update(status, str(content))

    monkeypatch.setattr(StatusLine, "update", counted)
    async with Bench().run_test() as pilot:
        status = pilot.app.query_one(StatusLine)
        for state in 2 * [State.CONNECTING] + 2 * [State.CONNECTED]:
            status.show(state, "localhost:8000", None)
        assert updates == ["◌ localhost:8000 · connecting", "● localhost:8000 · connected"]


async def test_a_long_name_is_cut_in_its_middle() -> None:
    async with Bench().run_test(size=(24, 3)) as pilot:
        status = pilot.app.query_one(StatusLine)
        status.styles.width = 24
        status.show(State.CONNECTED, "a" * 20 + "b" * 20, None)
        await pilot.pause()
        assert str(status.render()) == "● aaaaa…bbbb · connected"


async def test_a_recording_is_shown_behind_the_state_and_survives_another_state() -> None:
    async with Bench().run_test(size=(60, 3)) as pilot:
        status = pilot.app.query_one(StatusLine)
        status.show(State.CONNECTED, "localhost:8000", None)
        status.mark_recording(True)
        assert str(status.content) == "● localhost:8000 · connected · recording"
        status.show(State.CLOSED, "localhost:8000", None)
        assert str(status.content) == "○ localhost:8000 · closed · recording"
        status.mark_recording(False)
        assert str(status.content) == "○ localhost:8000 · closed"
