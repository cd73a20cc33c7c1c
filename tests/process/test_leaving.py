"""However the client ends, the terminal is as it was before."""

import signal
import sys
from pathlib import Path

import pytest

from tests.process.bare import COMMAND, bare
from tests.process.checks import assert_left_as_it_was
from tests.process.waiting import TIMEOUT


def test_quitting_leaves_the_terminal_as_it_was() -> None:
    with bare() as client:
        client.until("connected")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)


def test_ctrl_c_twice_leaves_the_terminal_as_it_was() -> None:
    with bare() as client:
        client.until("connected")
        client.press(b"\x03")
        client.until("Ctrl-C again quits")
        client.press(b"\x03")
        assert client.ended() == 0
        assert_left_as_it_was(client)


def test_a_log_file_that_is_not_complete_is_a_failure(tmp_path: Path) -> None:
    log = tmp_path / "log"
    limited = ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *COMMAND]  # 4 or 8 KiB
    with bare("--log", str(log), command=limited) as client:
        client.until("connected")
        for _ in range(6):
            client.press(b"x" * 600 + b"\r")
        client.until("18 echoes")  # what the log says of it may have scrolled by unseen
        client.press(b"\x11")
        assert client.ended() == 1
        assert f"reverb-tui: {log} may be incomplete".encode() in client.sent
        assert_left_as_it_was(client)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
@pytest.mark.parametrize(
    ("arguments", "state"), [((), " connected"), (("127.0.0.1", "1"), "no connection, again in")]
)
def test_a_signal_leaves_the_terminal_as_it_was(
    name: str, arguments: tuple[str, ...], state: str
) -> None:
    with bare(*arguments) as client:
        client.until(state)
        number = signal.Signals[name]
        client.process.send_signal(number)
        assert client.ended() == 128 + number
        assert_left_as_it_was(client)
        assert b"Traceback" not in client.sent


FAULTY = """
from reverb_tui import cli, session
def fail(*arguments):
    raise RuntimeError("injected")
session.Transcript.shout = fail
cli.main()
"""


def test_an_error_leaves_the_terminal_as_it_was() -> None:
    with bare(command=[sys.executable, "-c", FAULTY]) as client:
        client.until("connected")
        client.press(b"Hello?\r")
        assert client.ended() == 1
        assert_left_as_it_was(client)
        assert b"injected" in client.sent


OWNED = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # what a terminal does for the shell in it
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_the_terminal_going_away_ends_it() -> None:
    with bare(command=[sys.executable, "-c", OWNED, *COMMAND]) as client:
        client.until("connected")
        client.hang_up()
        assert client.process.wait(TIMEOUT) == 128 + signal.SIGHUP
