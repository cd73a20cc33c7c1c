"""A recording of the screen, from one command to the next."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from textual.app import App

from reverb_tui.files import background_writer
from reverb_tui.screens import recording
from reverb_tui.screens.confirm import Confirm
from reverb_tui.terminal import Viewer
from tests.tui.screen import SLOW, Screen, running


class Frames:
    """A terminal in the place of that of a client without one."""

    def __init__(self) -> None:
        self.viewer: Viewer | None = None

    def watch(self, _app: App[Any], viewer: Viewer | None) -> bool:
        self.viewer = viewer
        return True

    def draw(self, text: str) -> None:
        assert self.viewer is not None
        self.viewer.sent(text.encode())


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> Frames:
    frames = Frames()
    monkeypatch.setattr(recording, "watch", frames.watch)
    return frames


def drawn(file: Path) -> str:
    _, *events = map(json.loads, file.read_text("utf-8").splitlines())
    return "".join(text for _, kind, text in events if kind == "o")


def says(screen: Screen, words: str) -> bool:
    return any(words in text for _, text, *_ in screen.log.entries())


async def test_a_recording_goes_from_one_command_to_the_next(
    frames: Frames, tmp_path: Path
) -> None:
    file, other = tmp_path / "a.cast", tmp_path / "b.cast"
    async with running(SLOW, size=(120, 30)) as screen:
        await screen.connected()
        await screen.shout("/cast")
        await screen.until(lambda: screen.problems)
        assert screen.problems[-1] == "nothing is being recorded: /cast FILE begins"
        await screen.shout(f"/cast {file}")
        await screen.until(lambda: frames.viewer)
        await screen.until(lambda: screen.status.endswith("● built-in server · recording"))
        await screen.until(lambda: says(screen, f"recording the screen to {file}"))
        frames.draw("Hello?")
        await screen.shout(f"/cast {other}")
        await screen.until(lambda: len(screen.problems) == 2)
        assert screen.problems[-1] == f"still recording to {file}: /cast ends that first"
        assert not other.exists()
        await screen.shout("/cast")
        await screen.until(lambda: says(screen, f"s to {file}"))
        assert frames.viewer is None
        assert "recording" not in screen.status
        assert "Hello?" in drawn(file)
        header = json.loads(file.read_text().splitlines()[0])
        assert (header["width"], header["height"]) == (120, 30)


async def test_a_file_is_recorded_over_only_after_a_question(
    frames: Frames, tmp_path: Path
) -> None:
    (file := tmp_path / "a.cast").write_text("precious")
    async with running(SLOW) as screen:
        await screen.connected()
        for answer in ("escape", "enter"):
            await screen.shout(f"/cast {file}")
            await screen.until(lambda: screen.shows(Confirm))
            assert file.read_text() == "precious"
            await screen.press(answer)
        await screen.until(lambda: frames.viewer)
        frames.draw("Hello?")
        await screen.shout("/cast")
        await screen.until(lambda: says(screen, f"s to {file}"))
        assert "Hello?" in drawn(file)


async def test_the_end_of_the_client_completes_a_recording(frames: Frames, tmp_path: Path) -> None:
    file = tmp_path / "a.cast"
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout(f"/cast {file}")
        await screen.until(lambda: frames.viewer)
        frames.draw("Hello?")
    assert screen.app.main.files.finish(0) == []
    assert "Hello?" in drawn(file)
    assert drawn(file).endswith("\x1b[?25h")


async def test_a_full_disk_ends_a_recording_and_is_told(
    frames: Frames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(_descriptor: int, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(background_writer, "write", write)
    file = tmp_path / "a.cast"
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout(f"/cast {file}")
        await screen.until(lambda: screen.problems)
        assert screen.problems == [
            f"the screen is not recorded any more: cannot write {file}: No space left on device"
        ]
        assert frames.viewer is None
        assert "recording" not in screen.status
    assert screen.app.main.files.finish(0) == []


async def test_without_a_terminal_of_its_own_nothing_is_recorded(tmp_path: Path) -> None:
    file = tmp_path / "a.cast"
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout(f"/cast {file}")
        await screen.until(lambda: screen.problems)
        assert screen.problems == ["the screen can't be recorded: that needs a Unix terminal"]
        assert not file.exists()
