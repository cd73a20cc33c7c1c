import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue

import pytest

from reverb_tui.entry import Entry, Kind
from reverb_tui.files import background_writer, log_file
from reverb_tui.files.log_file import LogFile
from tests.client.files.disks import full


def numbered(begin: int, end: int) -> list[Entry]:
    return [(Kind.SHOUT, f"line {number}", 0.0, 0) for number in range(begin, end)]


def nobody(sentence: str) -> None:
    raise AssertionError(sentence)


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
    monkeypatch.setattr(background_writer, "CLOSE_WITHIN", 0.01)
    log = LogFile(tmp_path / "log", nobody)
    log.add(numbered(0, 5))
    assert not log.full
    log.add(numbered(5, 10))
    assert log.full
    log.add(numbered(10, 30))
    log.add(numbered(30, 40))
    assert not log.close()
    monkeypatch.setattr(background_writer, "CLOSE_WITHIN", 20.0)
    monkeypatch.setattr(background_writer, "STUCK_AFTER", 20.0)
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
    for number in range(10_000):
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
    assert texts == [f"line {number}" for number in range(10_000)]


def test_a_log_file_needs_no_textual() -> None:
    code = "import sys, reverb_tui.files.log_file; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
