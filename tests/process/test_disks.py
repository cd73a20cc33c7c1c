"""A pipe in the place of a file, or a disk that hangs: the client starts, answers and ends."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.bare import COMMAND, bare, environment, prepared
from tests.process.forking import start
from tests.process.pipes import full_pipe
from tests.process.waiting import TIMEOUT, wait_for

HANGING = """
import sys, time

def until_killed(event, arguments):
    if event == "open" and "hanging" in str(arguments[0]):
        time.sleep(3600)

sys.addaudithook(until_killed)
"""
"""What makes every file hang in whose path this word is: as on a disk that does not answer."""


def with_variables(program: str = "", **variables: str) -> list[str]:
    return prepared(f"import os; os.environ.update({variables!r}); {program}")


def test_pipes_in_the_place_of_its_files_keep_it_from_nothing(tmp_path: Path) -> None:
    (folder := tmp_path / "reverb-echo").mkdir()
    for name in ("config.toml", "history.lock", "state.json"):
        os.mkfifo(folder / name)
    command = with_variables(XDG_CONFIG_HOME=str(tmp_path), XDG_STATE_HOME=str(tmp_path))
    log = tmp_path / "log"

    def said(sentence: str) -> None:
        wait_for(lambda: sentence in log.read_text(), log.read_text)

    with bare("--log", str(log), command=command) as client:
        client.until("connected")
        said("config.toml can't be read, the defaults are used: this is no regular file")
        said(f"your choices are not saved: {folder}/state.json: this is no regular file")
        client.press(b"Hello\r")
        said(f"the history is not saved: {folder}/history: this is no regular file")
        client.press(b"\x11")
        assert client.ended() == 0


def test_a_disk_that_hangs_keeps_it_neither_from_starting_nor_from_ending(
    tmp_path: Path,
) -> None:
    state = tmp_path / "hanging" / "reverb-echo"
    state.mkdir(parents=True)
    for name in ("history", "state.json"):
        (state / name).write_text("")
    command = with_variables(HANGING, XDG_STATE_HOME=str(tmp_path / "hanging"))
    with bare(command=command) as client:
        client.until("the history is not read: the disk does not answer")
        client.until("connected")
        client.press(f"/save {tmp_path}/hanging/log\r".encode())
        client.press(b"Hello\r")
        client.until("HELLO")
        client.press(b"\x11")
        assert client.ended() == 1
        client.until(f"reverb-tui: {tmp_path}/hanging/log may be incomplete")


HOMELESS = """
import os, pwd

def nobody(_):
    raise KeyError

pwd.getpwuid = nobody
for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
    os.environ.pop(name, None)
"""


def test_without_a_home_directory_it_keeps_nothing_and_runs() -> None:
    with bare(command=prepared(HOMELESS)) as client:
        client.until("connected")
        client.press(b"\x11")
        assert client.ended() == 0


def test_a_standard_error_that_nobody_reads_keeps_the_pipe_from_nothing() -> None:
    with (
        full_pipe() as (_, stderr),
        start(
            [*COMMAND, "127.0.0.1:1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment(),
        ) as process,
    ):
        out, _ = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, out) == (1, b"")


def test_ctrl_c_ends_a_pipe_that_waits_for_a_file(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "ca.pem")
    process = start(
        [*COMMAND, "tls://127.0.0.1:1", "--tls-ca", str(pipe)],
        stdin=subprocess.DEVNULL,
        env=environment(),
    )
    with process:
        # There is a reader once it has begun to open the file, and not before.
        writer = wait_for(lambda: opened(pipe), lambda: "nobody opens it")
        try:
            process.send_signal(signal.SIGINT)
            assert process.wait(TIMEOUT) == 130
        finally:
            os.close(writer)


def opened(pipe: Path) -> int:
    """Return a descriptor to write to the pipe; 0 while nobody reads it."""
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return 0


@pytest.mark.parametrize(
    ("closed", "arguments", "status"),
    [
        ("2>&-", "127.0.0.1:1", 1),
        ("<&- 2>&-", "--nonsense", 2),
        (">&- 2>&-", "127.0.0.1:1", 1),
    ],
)
def test_errors_never_go_among_the_data(closed: str, arguments: str, status: int) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{shlex.join(COMMAND)} {arguments} {closed}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment(),
        timeout=TIMEOUT,
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, b"", b"")


def test_ctrl_c_while_it_begins_is_no_traceback() -> None:
    program = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path, target=None):
        if name == "reverb_tui.cli":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from reverb_tui.__main__ import main
assert "anyio" not in sys.modules
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, env=environment(), timeout=TIMEOUT
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")
