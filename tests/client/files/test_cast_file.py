"""A recording is complete when it is closed, and ends where the disk takes no more of it."""

import json
import os
import threading
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from reverb_tui.files import background_writer, cast_file
from reverb_tui.files.asciicast import BEGIN, end
from reverb_tui.files.cast_file import CastFile
from reverb_tui.files.new_file import CannotSave, Exists
from tests.client.files.disks import full


def nobody(sentence: str) -> None:
    raise AssertionError(sentence)


def events(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_it_begins_empty_and_has_what_was_sent_and_every_size_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    cast = CastFile(tmp_path / "a.cast", nobody)
    cast.begin(100, 24)
    cast.resized(100, 24)
    cast.sent("\x1b[1;1HHello? 世界\x1b[6n".encode())
    cast.sent(b"\x1b[?2026l")
    cast.resized(60, 20)
    cast.resized(60, 20)
    cast.sent(b"again")
    assert cast.close()
    header, *rest = events(tmp_path / "a.cast")
    assert (header["width"], header["height"]) == (100, 24)
    assert header["env"] == {"TERM": "xterm-256color"}
    instants = [instant for instant, _, _ in rest]
    assert instants == sorted(instants)
    assert instants[0] == 0
    assert [each[1:] for each in rest] == [
        ["o", BEGIN],
        ["o", "\x1b[1;1HHello? 世界"],
        ["r", "60x20"],
        ["o", "again"],
        ["o", end(20)],
    ]


def test_nothing_is_written_over_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.cast"
    path.write_text("precious, and longer than what comes instead\n" * 20)
    with pytest.raises(Exists, match=r"a\.cast exists$"):
        CastFile(path, nobody)
    assert path.read_text().startswith("precious")
    cast = CastFile(path, nobody, overwrite=True)
    cast.begin(100, 24)
    assert cast.close()
    assert len(events(path)) == 3
    with pytest.raises(CannotSave, match="no directory"):
        CastFile(tmp_path / "missing" / "a.cast", nobody)
    with pytest.raises(CannotSave, match="that is a directory"):
        CastFile(tmp_path, nobody)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CannotSave, match="no regular file"):
        CastFile(tmp_path / "pipe", nobody, overwrite=True)


def test_a_full_disk_ends_it_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: Queue[str] = Queue()
    path = tmp_path / "a.cast"
    monkeypatch.setattr(os, "write", full(9))
    cast = CastFile(path, told.put)
    cast.begin(100, 24)
    assert told.get(timeout=20) == (
        f"the screen is not recorded any more: cannot write {path}: No space left on device"
    )
    cast.sent(b"more")
    assert not cast.close()
    assert told.empty()


def test_a_disk_that_hangs_costs_no_time_and_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, write = threading.Event(), os.write

    def hang(file: int, data: bytes) -> int:
        go_on.wait()
        return write(file, data)

    monkeypatch.setattr(os, "write", hang)
    monkeypatch.setattr(cast_file, "MOST_WAITING", 1000)
    monkeypatch.setattr(background_writer, "STUCK_AFTER", 0.01)
    told: list[str] = []
    path = tmp_path / "a.cast"
    cast = CastFile(path, told.append)
    cast.begin(100, 24)
    for _ in range(100):
        cast.sent(b"x" * 100)
    assert told == [
        f"the screen is not recorded any more: cannot write {path}: the disk does not answer"
    ]
    assert not cast.close()
    monkeypatch.setattr(background_writer, "STUCK_AFTER", 20.0)
    go_on.set()
    assert not cast.close()
    assert path.stat().st_size < 1500
    assert len(events(path)) > 3  # what there is of it can be played
