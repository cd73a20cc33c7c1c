"""What the user has chosen, in the configuration or in a run before."""

import json
from pathlib import Path

import pytest

from reverb_tui.files.config import Config
from reverb_tui.files.state import Choices
from tests.tui.screen import SLOW, running


def written(file: Path) -> object:
    """Return what a file has; None while there is none."""
    return json.loads(file.read_text()) if file.exists() else None


async def test_choices_are_remembered(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    async with running(SLOW, choices=Choices(file=file)) as screen:
        await screen.shout("/theme dracula")
        await screen.press("f2", "f3")
        chosen = {"theme": "dracula", "timestamps": "clock", "timeline": False}
        await screen.until(lambda: written(file) == chosen)  # by a thread, when it comes to it
    async with running(SLOW, choices=Choices(file=file)) as screen:
        assert screen.app.theme == "dracula"
        assert screen.log.timestamps.value == "clock"
        await screen.until(lambda: "connected" in screen.text)
        assert "CONCURRENT" not in screen.text


async def test_what_the_user_wants_goes_before_what_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"theme": "dracula", "timestamps": "since", "timeline": False}))
    config = Config(theme="nord", timestamps="clock", timeline=True)
    async with running(SLOW, choices=Choices(config, file), config=config) as screen:
        assert screen.app.theme == "nord"
        assert screen.log.timestamps.value == "clock"
        await screen.until(lambda: "CONCURRENT" in screen.text)


async def test_a_terminal_of_16_colours_gets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLORTERM")
    monkeypatch.setenv("TERM", "xterm")
    async with running(SLOW, config=Config(theme="dracula")) as screen:
        assert screen.app.theme == "terminal"


@pytest.mark.parametrize("theme", [1, "a theme of the past"])
async def test_a_state_that_makes_no_sense_changes_nothing(tmp_path: Path, theme: object) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"theme": theme, "timestamps": "[/]", "timeline": "no"}))
    async with running(SLOW, choices=Choices(file=file)) as screen:
        await screen.until(lambda: "CONCURRENT" in screen.text)
        assert screen.app.theme == "textual-dark"
