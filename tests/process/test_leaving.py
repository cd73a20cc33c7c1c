"""However the client ends, the terminal is as it was before."""

import os
import signal
from pathlib import Path

import pytest

from tests.process.bare import Bare, bare, prepared
from tests.process.checks import assert_left_as_it_was, assert_no_gap
from tests.process.flooding import FLOOD, flooding
from tests.process.waiting import TIMEOUT


def test_quitting_leaves_the_terminal_as_it_was() -> None:
    with bare() as client:
        client.until("connected")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)


def test_standard_error_may_be_a_file(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    elsewhere = f"import os; os.dup2(os.open({str(errors)!r}, os.O_WRONLY | os.O_CREAT), 2)"
    with bare(command=prepared(elsewhere)) as client:
        client.until("connected")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)
    assert errors.read_bytes() == b""


def test_ctrl_c_twice_leaves_the_terminal_as_it_was() -> None:
    with bare() as client:
        client.until("connected")
        client.press(b"\x03")
        client.until("Ctrl-C again quits")
        client.press(b"\x03")
        assert client.ended() == 0
        assert_left_as_it_was(client)


def test_a_log_file_that_is_not_complete_is_a_failure(tmp_path: Path) -> None:
    log = tmp_path / "log \x1b]0;owned\x07"
    limited = "from resource import *; setrlimit(RLIMIT_FSIZE, (8192, 8192))"
    with bare("--delay", "0.01", "--log", str(log), command=prepared(limited)) as client:
        client.until("connected")
        for _ in range(6):
            client.press(b"\x1b[200~" + b"x" * 600 + b"\x1b[201~\r")  # pasted: no key for each
        client.press(b"Last\r")
        client.until("    last")  # what the log says of it may have scrolled by unseen
        client.press(b"\x11")
        assert client.ended() == 1
        assert f"reverb-tui: {tmp_path}/log ␛]0;owned␇ may be incomplete".encode() in client.sent
        assert_left_as_it_was(client)


Way = tuple[tuple[str, ...], str]
"""The arguments of a client, and what it then says."""
CONNECTED: Way = ((), " connected")
ALONE: Way = (("127.0.0.1", "1"), "not connected · retrying in")


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("SIGTERM", CONNECTED),
        ("SIGHUP", CONNECTED),
        ("SIGINT", CONNECTED),
        ("SIGQUIT", CONNECTED),
        ("SIGTERM", ALONE),
        ("SIGHUP", ALONE),
    ],
)
def test_a_signal_leaves_the_terminal_as_it_was(name: str, way: Way) -> None:
    arguments, state = way
    with bare(*arguments) as client:
        client.until(state)
        number = signal.Signals[name]
        client.process.send_signal(number)
        assert client.ended() == 128 + number
        assert_left_as_it_was(client)
        assert b"Traceback" not in client.sent


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_while_the_screen_begins_leaves_the_terminal_as_it_was(name: str) -> None:
    with bare() as client:
        client.until("\x1b[?1049h")
        number = signal.Signals[name]
        client.process.send_signal(number)
        assert client.ended() == 128 + number
        assert_left_as_it_was(client)
        assert b"Traceback" not in client.sent


def test_the_mouse_counts_cells_and_the_size_is_asked_of_the_kernel() -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        client.press(b"\x1b[?2048;2$y\x1b[48;99999;99999;1;1t")  # as kitty and others answer
        client.press(b"still here\r")
        client.until("    STILL HERE")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)
        assert b"\x1b[?1016h" not in client.sent
        assert b"\x1b[?2048h" not in client.sent


FAULTY = """
from reverb_tui.screens.main import MainScreen
from reverb_tui.session.session import Session, Transcript
from reverb_tui.widgets.log import EchoLog
def fail(*arguments, **options):
    raise RuntimeError("injected")
async def fail_later(*arguments, **options):
    fail()
"""

FAULTS = {
    "in a handler": "Transcript.shout = fail",
    "while the screen is composed": "MainScreen.compose = fail",
    "while the screen is drawn": "EchoLog.render_line = fail",
    "in a worker": "Session.run = fail_later",
}


@pytest.mark.parametrize("place", FAULTS)
def test_an_error_leaves_the_terminal_as_it_was(place: str) -> None:
    with bare(command=prepared(FAULTY + FAULTS[place])) as client:
        if place == "in a handler":
            client.until("connected")
            client.press(b"Hello?\r")
        assert client.ended() == 1
        assert_left_as_it_was(client)
        assert b"RuntimeError: injected" in client.sent
        # Rich's traceback, which takes its time and shows variables, has a frame: Textual has
        # renamed what reverb_tui.terminal.crash replaces.
        assert b"Traceback (most recent call last):" in client.sent
        assert "╭".encode() not in client.sent[client.sent.rindex(b"\x1b[?1049l") :]


FAULTY_KEY = """
import os
from reverb_tui.screens.main import MainScreen
def fail(*arguments, **options):
    raise RuntimeError("injected")
MainScreen.action_step_timestamps = fail
os.environ["XDG_STATE_HOME"] = {folder!r}
"""


def test_what_had_been_typed_before_an_error_is_in_the_history(tmp_path: Path) -> None:
    with bare(command=prepared(FAULTY_KEY.format(folder=str(tmp_path)))) as client:
        client.until("connected")
        client.press(b"a long thought")
        client.until("a long thought")
        client.press(b"\x1bOR")
        assert client.ended() == 1
    assert "a long thought" in (tmp_path / "reverb-echo" / "history").read_text()


OWNING = """
import os
terminal = os.open(os.ttyname(0), os.O_RDWR)
for number in range(3):
    os.dup2(terminal, number)
"""
"""Has a client be told when its terminal is gone, as the first of a session is."""


def end_by_closing(client: Bare) -> None:
    """Close the terminal, and make sure that the client knows."""
    os.close(client.slave)
    os.close(client.master)
    assert client.process.wait(TIMEOUT) == 128 + signal.SIGHUP


def test_a_closed_terminal_ends_it_and_the_log_file_is_complete(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with bare("--delay", "0.01", "--log", str(log), command=prepared(OWNING)) as client:
        client.until("connected")
        client.press(b"Hello?\r")
        client.until("    hello?")
        end_by_closing(client)
    assert log.read_text().splitlines()[-4:] == ["Hello?", "    HELLO?", "    Hello?", "    hello?"]


def test_a_terminal_closed_in_a_flood_ends_it_and_the_log_file_has_no_gap(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        flooding(FLOOD) as server,
        bare(*server.arguments, "--log", str(log), command=prepared(OWNING)) as client,
    ):
        client.until("of a flood")
        end_by_closing(client)
    assert_no_gap(log)


@pytest.mark.parametrize("name", ["SIGQUIT"])
def test_a_signal_in_a_flood_leaves_all_in_order(name: str, tmp_path: Path) -> None:
    log, number = tmp_path / "log", signal.Signals[name]
    with flooding(FLOOD) as server, bare(*server.arguments, "--log", str(log)) as client:
        client.until("of a flood")
        client.process.send_signal(number)
        assert client.ended() == 128 + number
        assert_left_as_it_was(client)
    assert_no_gap(log)
