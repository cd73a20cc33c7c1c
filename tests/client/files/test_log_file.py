import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Queue

import pytest

from reverb_tui.entry import Entry, Kind
from reverb_tui.files import log_file
from reverb_tui.files.log_file import CannotSave, Exists, LogFile, save

TALK: list[Entry] = [
    (Kind.NOTICE, "connected", 0.0, 0),
    (Kind.SHOUT, "Hello? 世界", 1_700_000_000.25, 1),
    (Kind.LOUD, "HELLO? 世界", 1_700_000_000.5, 1),
]
PLAIN = "· connected\nHello? 世界\n    HELLO? 世界\n"


def numbered(begin: int, end: int) -> list[Entry]:
    return [(Kind.SHOUT, f"line {number}", 0.0, 0) for number in range(begin, end)]


def nobody(sentence: str) -> None:
    raise AssertionError(sentence)


def test_plain_text_is_what_was_seen(tmp_path: Path) -> None:
    save(tmp_path / "log.txt", TALK)
    assert (tmp_path / "log.txt").read_text("utf-8") == PLAIN


def test_json_lines_have_instants(tmp_path: Path) -> None:
    save(tmp_path / "log.JSONL", TALK)
    lines = (tmp_path / "log.JSONL").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"time": None, "kind": "notice", "shout": None, "text": "connected"},
        {
            "time": "2023-11-14T22:13:20.250000+00:00",
            "kind": "shout",
            "shout": 1,
            "text": "Hello? 世界",
        },
        {
            "time": "2023-11-14T22:13:20.500000+00:00",
            "kind": "loud",
            "shout": 1,
            "text": "HELLO? 世界",
        },
    ]


@pytest.mark.parametrize("what", ["saved", "kept all along"])
def test_a_link_to_itself_is_told_as_that(what: str, tmp_path: Path) -> None:
    path = tmp_path / "round"
    path.symlink_to(path)
    with pytest.raises(CannotSave, match=r"round: Too many levels of symbolic links"):
        save(path, TALK) if what == "saved" else LogFile(path, nobody)


def test_an_existing_file_is_not_overwritten_without_being_told_to(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("precious")
    path.chmod(0o640)
    with pytest.raises(Exists, match=r"log exists$"):
        save(path, TALK)
    assert path.read_text() == "precious"
    link = tmp_path / "link"
    link.symlink_to(path)
    save(link, TALK, overwrite=True)
    assert path.read_text("utf-8") == PLAIN
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "log"]


def full(before: int) -> Callable[[int, bytes], int]:
    """Writing to a disk that takes so many bytes more."""
    room = [before]
    write = os.write

    def attempt(file: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = write(file, bytes(data)[: room[0]])
        room[0] -= done
        return done

    return attempt


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    path = tmp_path / "log"
    if overwrite:
        path.write_text("precious")
    monkeypatch.setattr(os, "write", full(9))
    with pytest.raises(CannotSave, match=r"log: No space left on device$"):
        save(path, TALK, overwrite=overwrite)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["precious"] * overwrite


@pytest.mark.parametrize("name", ["no/such/log", "", "\0", "x" * 300, "pipe", "~nobody-here/log"])
def test_what_cannot_be_written_is_told_in_one_sentence(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / name if not name.startswith("~") else Path(name)
    with pytest.raises(CannotSave) as refusal:
        save(path, TALK, overwrite=True)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).isprintable()
    with pytest.raises(CannotSave):
        LogFile(path, nobody)


def test_a_log_file_goes_on_where_it_ended_and_has_everything_in_order(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("before\nbroken o")
    log = LogFile(path, nobody)
    log.add([])
    for begin in range(0, 3000, 3):
        log.add(numbered(begin, begin + 3))
    assert log.close()
    numbers = [f"line {number}" for number in range(3000)]
    assert path.read_text().split("\n") == ["before", "broken o", *numbers, ""]


def test_two_clients_that_write_one_file_keep_each_others_lines_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    logs = [LogFile(path, nobody) for _ in range(2)]
    for begin in range(0, 900, 3):
        for log in logs:
            log.add(numbered(begin, begin + 3))
    assert all(log.close() for log in logs)
    assert sorted(path.read_text().splitlines()) == sorted(
        2 * [f"line {number}" for number in range(900)]
    )


def test_a_full_disk_is_told_once_and_nobody_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: Queue[str] = Queue()
    monkeypatch.setattr(os, "write", full(9))
    log = LogFile(tmp_path / "log", complaints.put)
    log.add(numbered(0, 10))
    assert complaints.get(timeout=20) == (
        f"the log is not written any more: cannot write {tmp_path / 'log'}: No space left on device"
    )
    log.add(numbered(10, 20))
    assert not log.full
    assert not log.close()  # not all of it was written
    assert complaints.empty()
    assert (tmp_path / "log").read_text() == "line 0\nli"


def test_a_slow_disk_costs_lines_that_are_counted_but_no_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, write = threading.Event(), os.write

    def wait(file: int, data: bytes) -> int:
        go_on.wait()
        return write(file, data)

    monkeypatch.setattr(os, "write", wait)
    monkeypatch.setattr(log_file, "FULL_AT", 5)
    monkeypatch.setattr(log_file, "MOST_HELD", 9)
    monkeypatch.setattr(log_file, "CLOSE_WITHIN", 0.01)
    log = LogFile(tmp_path / "log", nobody)
    log.add(numbered(0, 5))
    assert not log.full
    log.add(numbered(5, 10))
    assert log.full
    log.add(numbered(10, 30))
    log.add(numbered(30, 40))
    assert not log.close()
    monkeypatch.setattr(log_file, "CLOSE_WITHIN", 20.0)
    monkeypatch.setattr(log_file, "STUCK_AFTER", 20.0)
    go_on.set()
    assert not log.close()  # in time, but not with all of it
    *written, gap = (tmp_path / "log").read_text().splitlines()
    assert written == [f"line {number}" for number in range(10)]
    assert gap == "! 30 lines are missing here: the disk was too slow"


PROGRAM = """
import signal, sys, time
from pathlib import Path
from reverb_tui.display import exact, visible_text
from reverb_tui.entry import Kind
from reverb_tui.files.log_file import LogFile
log = LogFile(Path(sys.argv[1]), print)
def end(number, frame):
    sys.exit(128 + number)
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, end)
try:
    for number in range(50_000):
        log.add([(Kind.PLAIN, f"line {number}", 1.0, 0)])
    print("all", flush=True)
    while True:
        time.sleep(0.05)  # again and again: a signal just before one long wait would not end it
finally:
    log.close()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_log_file_is_complete_when_the_client_is_ended_from_outside(
    tmp_path: Path, number: signal.Signals
) -> None:
    path = tmp_path / "log.jsonl"
    command = [sys.executable, "-c", PROGRAM, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"all\n"
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    texts = [json.loads(line)["text"] for line in path.read_text().splitlines()]
    assert texts == [f"line {number}" for number in range(50_000)]


def test_saving_needs_no_textual() -> None:
    code = "import sys, reverb_tui.files.log_file; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
