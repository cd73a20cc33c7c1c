"""Stopped and let go on, the client is as it was, and so is the terminal meanwhile."""

import re
import shlex
import signal
from pathlib import Path

import pytest

from tests.process.bare import ANSWER, COMMAND, bare, prepared
from tests.process.checks import assert_left_as_it_was, stop_and_go_on, until_drawn_again
from tests.process.flooding import flooding
from tests.process.tmux import in_tmux, tool
from tests.process.waiting import wait_for


@pytest.mark.parametrize("key", [b"", b"\x1a"], ids=["signal", "ctrl-z"])
def test_stopped_it_leaves_the_terminal_as_it_was_and_comes_back(key: bytes) -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        since = stop_and_go_on(client, key)
        until_drawn_again(client, since)
        client.press(b"Hello?\r")
        client.until("HELLO?", since)
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)


PATIENT = """
from reverb_tui.terminal import driver, frame_gate
driver.LEAVE_WITHIN = frame_gate.ANSWER_WITHIN = 1000.0
"""
"""A client that waits for an answer however long the test takes to give it."""


def test_what_is_typed_while_it_stops_is_not_lost() -> None:
    with bare("--delay", "0.01", command=prepared(PATIENT), answers=False) as client:
        client.until("connected")
        client.press(b"Hello?\r")
        client.until("hello?")
        client.process.send_signal(signal.SIGTSTP)
        client.until("\x1b[?1049l")
        client.press(b"Yooo-hooo!" + ANSWER)
        wait_for(lambda: client.state == "T", lambda: client.state)
        since = len(client.sent)
        client.answers = True
        client.process.send_signal(signal.SIGCONT)
        client.until("Yooo-hooo!", since)
        client.press(b"\x11")
        assert client.ended() == 0


def test_suspended_at_rest_it_comes_back_whole() -> None:
    with in_tmux(f"{tool('bash')} --norc --noprofile -i") as terminal:
        terminal.start("--delay", "0.01")
        terminal.shell("Hello?")
        terminal.until("^Q Quit")
        terminal.wait_for(at_rest)
        before = without_times(terminal.rows)
        terminal.press("C-z")
        terminal.until("Stopped")
        terminal.shell("clear; fg; echo status $?")
        terminal.wait_for(lambda rows: without_times(rows) == before)
        terminal.press("C-q")
        terminal.until("status 0")


def at_rest(rows: list[str]) -> bool:
    """Tell whether all echoes are shown, and counted: nothing is pending any more."""
    return "    hello?" in rows and any("in the air 0 " in row for row in rows)


def without_times(rows: list[str]) -> list[str]:
    """Leave out the timeline's times, which may still change when all echoes have come."""
    timeline = [row[:12] for row in rows if row.startswith(" CONCURRENT")]
    log = next((n for n, row in enumerate(rows) if row.startswith("· ")), 0)
    return timeline + rows[log:]


@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_what_ends_a_client_ends_one_that_is_stopped(name: str) -> None:
    with in_tmux(f"{tool('bash')} --norc --noprofile -i") as terminal:
        terminal.start("--delay", "0.01")
        terminal.press("C-z")
        terminal.until("Stopped")
        terminal.shell(f"clear; kill -{name} %1; kill -CONT %1; wait %1; echo ended with $?")
        terminal.until(f"ended with {128 + signal.Signals[f'SIG{name}']}")
        modes = "#{alternate_on}#{mouse_any_flag}#{bracket_paste_flag}"
        assert "1" not in terminal.tmux("display", "-p", modes)


def test_ctrl_z_stops_the_whole_job_so_that_the_shell_knows() -> None:
    with in_tmux(f"{tool('bash')} --norc --noprofile -i") as terminal:
        client = shlex.join([*COMMAND, "--delay", "0.01"])
        job = shlex.join(["sh", "-c", f"{client}; echo ended with $?"])
        terminal.shell(f"clear; {job}")
        terminal.until("^Q Quit")
        terminal.press("C-z")
        terminal.until("Stopped")
        terminal.shell("clear; fg")
        terminal.until("^Q Quit")
        terminal.press("C-q")
        terminal.until("ended with 0")


SHEETS = {"F1": "─ Help ─", "F4": "─ Details ─", "C-p": "Search for commands"}
"""Keys that lay something over the screen, and its title."""


def test_it_can_be_suspended_whatever_lies_over_it() -> None:
    with in_tmux(f"{tool('bash')} --norc --noprofile -i") as terminal:
        terminal.start("--delay", "0.01")
        for key, title in SHEETS.items():
            terminal.press(key)
            terminal.until(title)
            terminal.press("C-z")
            terminal.until("Stopped")
            terminal.shell("clear; fg")
            terminal.until(title)
            terminal.press("Escape")
            terminal.wait_for(lambda rows: title not in str(rows))  # noqa: B023  # waited for at once


def test_suspended_in_a_flood_it_comes_back_whole(tmp_path: Path) -> None:
    log, before = tmp_path / "log", shlex.quote(str(tmp_path / "before"))
    # With job control, which this sh may not have.
    shell = f"{tool('bash')} --norc --noprofile -i"
    flood = b"".join(b"line %d of a flood\n" % n for n in range(5000))
    with in_tmux(shell) as terminal, flooding(flood) as server:
        terminal.shell(f"stty -a > {before}")
        client = shlex.join([*COMMAND, *server.arguments, "--log", str(log)])
        terminal.shell(f"clear; {client}")
        terminal.until("lines/s")
        terminal.press("C-z")
        terminal.until("Stopped")
        terminal.shell(f"stty -a | cmp - {before} && echo as it was")
        terminal.until_rows("as it was")
        modes = "#{alternate_on}#{mouse_any_flag}#{bracket_paste_flag}"
        assert "1" not in terminal.tmux("display", "-p", modes)
        terminal.tmux("resize-window", "-x", "70", "-y", "18")
        terminal.shell("clear; fg; echo status $?")
        terminal.until("lines/s")
        terminal.wait_for(whole)
        terminal.press("C-q")
        terminal.until("status 0")
    numbers = [int(each) for each in re.findall(r"line (\d+) of a flood\n", log.read_text())]
    assert numbers == [number % 5000 for number in range(len(numbers))]


def whole(rows: list[str]) -> bool:
    """Tell whether a screen of 18 rows is the client's, from the top to the bottom."""
    shown = [re.fullmatch("(?:< )?line ([0-9]+) of a flood", row) for row in rows]
    lines = [int(row[1]) for row in shown if row]
    return (
        len(rows) == 18
        and len(lines) > 5
        and lines == [(lines[0] + n) % 5000 for n in range(len(lines))]
        and any(row.startswith("delay") for row in rows[len(lines) : len(lines) + 1])
        and rows[-1].endswith("^Q Quit")
    )
