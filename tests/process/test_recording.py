"""The real command ``reverb-tui`` records what its terminal is sent, and no more."""

import json
import re
import shlex
import signal
from pathlib import Path
from typing import Any

import pytest

from reverb_tui.files.asciicast import drawing
from tests.process.bare import bare
from tests.process.test_disks import HANGING, with_variables
from tests.process.tmux import Terminal, in_tmux


def parsed(file: Path) -> tuple[dict[str, Any], list[list[Any]]]:
    """Return the header and the events of a recording, by the rules of its format."""
    text = file.read_text("utf-8")
    assert text.endswith("\n")
    header, *events = map(json.loads, text.removesuffix("\n").split("\n"))
    assert header["version"] == 2
    assert all(kind in "or" and len(event) == 3 for event in events for kind in [event[1]])
    instants = [event[0] for event in events]
    assert instants == sorted(instants)
    return header, events


@pytest.mark.parametrize(
    ("how", "status"),
    [(b"\x11", 0), (signal.SIGTERM, 128 + signal.SIGTERM)],
    ids=["ctrl-q", "term"],
)
def test_a_recording_is_complete_when_the_client_has_ended(
    how: int | bytes, status: int, tmp_path: Path
) -> None:
    file = tmp_path / "a.cast"
    with bare() as client:
        client.until("connected")
        client.press(b"before\r")
        client.until("    before")
        client.press(f"/cast {file}\r".encode())
        client.until("· recording")
        client.press("Hello? é\r".encode())
        client.until("    hello? é")
        client.resize(60, 20)
        client.press(b"wide\r")
        client.until("    wide")
        if isinstance(how, bytes):
            client.press(how)
        else:
            client.process.send_signal(how)
        assert client.ended() == status
    header, events = parsed(file)
    assert (header["width"], header["height"]) == (100, 24)
    assert header["env"]["TERM"] == "xterm-256color"
    assert [data for _, kind, data in events if kind == "r"] == ["60x20"]
    drawn = [data for _, kind, data in events if kind == "o"]
    assert drawn[-1].endswith("\x1b[?25h")
    whole = drawn[1]  # on an empty screen
    assert [int(row) for row in re.findall("\x1b\\[([0-9]+);1H", whole)] == [*range(1, 25)]
    assert "    before" in whole
    assert "    hello? é" in "".join(drawn)
    sent = drawing(client.sent.decode()).replace("\r\n", "\n")  # the line's own setting
    assert all(text in sent for text in drawn[1:-1])


def test_what_is_played_ends_with_the_same_screen(terminal: Terminal, tmp_path: Path) -> None:
    file, played = tmp_path / "a.cast", tmp_path / "played"
    terminal.start("--delay", "0")
    terminal.type(f"/cast {file}")
    terminal.press("Enter")
    terminal.until("· recording")
    terminal.type("Hello? 世界 é")
    terminal.press("Enter")
    terminal.until_rows("    hello? 世界 é")
    terminal.press("C-t")
    terminal.until("sequential ●")
    terminal.type("/cast")
    terminal.press("F1")
    terminal.until("Keys that work everywhere")
    terminal.press("Escape")
    terminal.until("/cast [FILE]")
    terminal.press("F2")
    terminal.wait_for(lambda rows: not any("SEQUENTIAL" in row for row in rows))
    seen = terminal.rows
    terminal.press("C-q")
    terminal.until("status 0")
    _, events = parsed(file)
    played.write_text("".join(data for _, kind, data in events if kind == "o"))
    with in_tmux() as player:
        player.shell(f"clear; stty -echo; cat {shlex.quote(str(played))}; sleep 1000")
        player.wait_for(lambda rows: rows == seen)


def test_a_disk_that_hangs_holds_up_neither_the_keys_nor_the_end(tmp_path: Path) -> None:
    (folder := tmp_path / "hanging").mkdir()
    with bare(command=with_variables(HANGING)) as client:
        client.until("connected")
        client.press(f"/cast {folder}/a.cast\r".encode())
        client.press(b"Hello\r")
        client.until("HELLO")
        client.press(b"\x11")
        assert client.ended() == 1
        client.until(f"reverb-tui: {folder}/a.cast may be incomplete")
