"""Nobody has to read the log: the server serves and ends all the same."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.process import commands
from tests.process.commands import BACKENDS, COMMAND, TIMEOUT, command, environment
from tests.process.forking import Process, run, start
from tests.process.pipes import full_pipe
from tests.process.waiting import listens, wait_for
from tests.server.calls import echoes

LOGS_LINES = """
import logging, sys
from reverb_server.log import logging_to_stderr
with logging_to_stderr("some-command", "INFO"):
    for number in range({lines}):
        logging.info("line %d", number)
    print("logged", flush=True)
    sys.stdin.read()
    logging.info("last")
"""


@contextmanager
def unread(*arguments: str) -> Iterator[tuple[Process, Path]]:
    """The command on a Unix socket, with a standard error that takes nothing."""
    socket_path = Path(arguments[-1])
    with (
        full_pipe() as (_, stderr),
        start(
            [*COMMAND, *arguments], env=environment(), stdout=subprocess.PIPE, stderr=stderr
        ) as process,
    ):
        try:
            wait_for(lambda: listens(socket_path), lambda: "no socket")
            yield process, socket_path
        finally:
            process.kill()


def shout(path: Path) -> list[bytes]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(TIMEOUT)
        sock.connect(str(path))
        sock.sendall(b"Hello?\n")
        with sock.makefile("rb") as file:
            return sorted(file.readline() for _ in range(3))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_standard_error_that_takes_nothing_holds_up_neither_clients_nor_the_end(
    backend: str, tmp_path: Path
) -> None:
    arguments = ["--backend", backend, "--delay", "0", "--unix", str(tmp_path / "reverb")]
    with unread(*arguments) as (process, path):
        for _ in range(20):
            assert shout(path) == echoes(b"Hello?")
        process.send_signal(signal.SIGUSR1)
        assert shout(path) == echoes(b"Hello?")
        process.terminate()
        out, _ = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, out) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "status"), [(["--port", "65536"], 2), (["--unix", "no/such/folder"], 1)]
)
def test_an_error_that_nobody_reads_does_not_hold_up_the_end(
    arguments: list[str], status: int
) -> None:
    with (
        full_pipe() as (_, stderr),
        start(
            [*COMMAND, *arguments], env=environment(), stdout=subprocess.PIPE, stderr=stderr
        ) as process,
    ):
        out, _ = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, out) == (status, b"")


def test_what_does_not_fit_is_counted_and_told_once_there_is_room() -> None:
    with (
        full_pipe() as (reading, stderr),
        start(
            [sys.executable, "-c", LOGS_LINES.format(lines=5000)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"logged\n"
        heard = b""
        while b"left out" not in heard:
            heard += os.read(reading, 65_536)
        process.stdin.close()
        assert process.wait(TIMEOUT) == 0
        heard += os.read(reading, 65_536)
    *told, left_out, last = heard.lstrip(b"x").decode().splitlines()
    assert told == [f"some-command: line {number}" for number in range(len(told))]
    found = re.fullmatch(r"some-command: (\d+) log lines were left out: .*", left_out)
    assert found, left_out
    assert len(told) + int(found[1]) == 5000
    assert last == "some-command: last"


def test_the_last_lines_are_written_before_the_end() -> None:
    command = [sys.executable, "-c", LOGS_LINES.format(lines=1500)]  # there is room for them
    done = run(command, env=environment(), timeout=TIMEOUT, data="")
    assert done.stderr.endswith("some-command: last\n")


def test_a_standard_error_in_non_blocking_mode_gets_every_line() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with start(
        [sys.executable, "-c", LOGS_LINES.format(lines=1500)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=writing,
    ) as process:
        os.close(writing)
        with os.fdopen(reading, "rb") as file:
            lines = file.read().splitlines()
        assert process.wait(TIMEOUT) == 0
    assert lines == [b"some-command: line %d" % number for number in range(1500)] + [
        b"some-command: last"
    ]


def test_json_is_an_object_on_every_line_from_the_first_to_the_last() -> None:
    with command("--port", "0", "--delay", "0", "--log-format", "json") as running:
        assert running.shout(b"Hello?\n").count(b"\n") == 3
        running.process.send_signal(signal.SIGUSR1)
        running.process.terminate()
        _, err = running.process.communicate(timeout=TIMEOUT)
    told = [json.loads(line) for line in (running.ready + err).splitlines()]
    assert all({"time", "level", "message"} <= each.keys() for each in told)
    assert told[0]["message"].startswith("listening on ")
    assert told[-1]["message"] == "stopped"
    (ended,) = [each for each in told if each["message"] == "connection ended"]
    assert (ended["end"], ended["shouts"], ended["bytes_in"]) == ("finished", 1, 7)
    assert ended["listener"].startswith("127.0.0.1:")


def test_a_refusal_of_the_machine_is_an_object_too() -> None:
    done = commands.run("--unix", "no/such/folder", "--log-format", "json")
    told = json.loads(done.stderr)
    assert told["level"] == "error"
    assert "no/such" in told["message"]
    assert done.returncode == 1


def test_the_time_is_in_front_of_each_line_of_text_if_it_is_wanted() -> None:
    done = run(
        [*COMMAND, "--port", "65536", "--log-time"], env=environment(), timeout=TIMEOUT, data=""
    )
    assert done.stderr.startswith("reverb-server: ")  # the log has not begun
    with command("--port", "0", REVERB_LOG_TIME="true") as running:
        running.process.terminate()
        _, err = running.process.communicate(timeout=TIMEOUT)
    for line in (running.ready + err).splitlines():
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z reverb-server: ", line), line
