"""The real command ``reverb-tui`` ends, whatever its terminal does, and with the right status."""

import os
import pty
import select
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.process.bare import Bare, bare, prepared
from tests.process.checks import assert_left_as_it_was
from tests.process.flooding import FLOOD, flooding
from tests.process.waiting import TIMEOUT, wait_for

FAULTY = """
from reverb_tui.session import session
def fail(*arguments, **options):
    raise RuntimeError("injected")
session.Transcript.shout = fail
"""

ENDS = [
    (signal.SIGTERM, 128 + signal.SIGTERM),
    (signal.SIGHUP, 128 + signal.SIGHUP),
    (b"\x11", 0),
    (b"Hello?\r", 1),
]
"""A signal, a key that quits, and a line that ends in a crash, each with its exit status."""


@contextmanager
def taking_nothing(folder: Path, *command: str) -> Iterator[Bare]:
    """Run a client in a terminal that was full of a flood before it was told to end."""
    with (
        flooding(FLOOD, folder / "socket") as server,
        bare(*server.arguments, command=[*command]) as client,
    ):
        client.until("of a flood")
        client.speed = 0
        moves = b"".join(b"\x1b[<35;%d;%dM" % (n % 100 + 1, n % 24 + 1) for n in range(200))
        client.press(moves)  # each may be answered with another shape of the pointer
        wait_for(lambda: not select.select([], [client.slave], [], 0)[1], lambda: "not full")
        sent = server.sent
        wait_for(lambda: server.sent > sent + len(FLOOD), lambda: server.sent)
        yield client


@pytest.mark.parametrize(("how", "status"), ENDS, ids=["term", "hangup", "ctrl-q", "crash"])
def test_a_terminal_that_takes_nothing_holds_up_no_end(
    how: int | bytes, status: int, tmp_path: Path
) -> None:
    with taking_nothing(tmp_path, *prepared(FAULTY)) as client:
        if isinstance(how, bytes):
            client.press(how)
        else:
            client.process.send_signal(how)
        assert client.process.wait(TIMEOUT) == status
        assert termios.tcgetattr(client.slave) == client.before
        client.speed = None
        client.read_all()
        assert_left_as_it_was(client)


@pytest.mark.skipif(sys.platform != "linux", reason="stops a terminal's output as Linux does")
def test_a_terminal_whose_output_is_stopped_holds_up_no_end(tmp_path: Path) -> None:
    with flooding(FLOOD, tmp_path / "socket") as server, bare(*server.arguments) as client:
        client.until("of a flood")
        termios.tcflow(client.slave, termios.TCOOFF)
        sent = server.sent
        wait_for(lambda: server.sent > sent + 2 * len(FLOOD), lambda: server.sent)
        client.process.send_signal(signal.SIGTERM)
        assert client.process.wait(TIMEOUT) == 128 + signal.SIGTERM
        assert termios.tcgetattr(client.slave) == client.before


def test_a_terminal_in_non_blocking_mode_is_drawn_on_and_left_as_it_was() -> None:
    with flooding(FLOOD) as server, bare(*server.arguments, speed=200_000) as client:
        os.set_blocking(client.slave, False)
        client.until("of a flood")
        client.resize(200, 50)
        client.press(b"\x1b[200~Yooo-hooo!\x1b[201~")
        client.until("Yooo-hooo!")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)
        assert not os.get_blocking(client.slave)


def test_a_terminal_in_non_blocking_mode_from_the_start_is_drawn_on_too() -> None:
    loose = prepared("import os; os.set_blocking(0, False)")
    with bare(command=loose, speed=200_000) as client:
        client.until("connected")
        client.press(b"Hello?\r")
        client.until("HELLO?")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)


def test_input_and_output_may_be_different_terminals() -> None:
    master, slave = pty.openpty()
    try:
        before = termios.tcgetattr(slave)
        other = f"import os; os.dup2(os.open({os.ttyname(slave)!r}, os.O_RDONLY), 0)"
        with bare(command=prepared(other)) as client:
            client.until("connected")
            os.write(master, b"Hello?\r")
            client.until("HELLO?")
            os.write(master, b"\x11")
            assert client.ended() == 0
            assert_left_as_it_was(client)
            assert termios.tcgetattr(slave) == before
    finally:
        os.close(master)
        os.close(slave)


def test_a_terminal_that_is_gone_without_a_signal_ends_it() -> None:
    with bare() as client:
        client.until("connected")
        os.close(client.slave)
        os.close(client.master)  # not the terminal of a session: nobody is told
        assert client.process.wait(TIMEOUT) == 128 + signal.SIGHUP


LATE = """
import asyncio, signal
close = asyncio.Runner.close
def close_first(runner):
    close(runner)
    signal.raise_signal(signal.SIGTERM)
asyncio.Runner.close = close_first
"""


def test_a_signal_after_the_event_loop_was_closed_changes_no_end() -> None:
    with bare(command=prepared(LATE)) as client:
        client.until("connected")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)
        assert b"Traceback" not in client.sent


def test_a_broken_pipe_elsewhere_ends_nothing() -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        client.process.send_signal(signal.SIGPIPE)
        client.press(b"Hello?\r")
        client.until("HELLO?")
        client.press(b"\x11")
        assert client.ended() == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_standard_error_changes_no_status() -> None:
    full = "import os; os.dup2(os.open('/dev/full', os.O_WRONLY), 2)"
    with bare(command=prepared(full + FAULTY)) as client:
        client.until("connected")
        client.press(b"Hello?\r")
        assert client.ended() == 1
        assert_left_as_it_was(client)


def test_a_resize_is_followed_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("LINES", "20")
    with bare() as client:
        client.until("connected")
        client.until("\x1b[24;")  # the last row of the terminal
        since = len(client.sent)
        client.resize(120, 40)
        client.until("\x1b[40;", since)
        client.press(b"\x11")
        assert client.ended() == 0
