"""The real command ``reverb-tui`` after SIGCONT, which comes with a stop or without one."""

import os
import signal
import sys
import termios

import pytest

from tests.process.bare import Bare, bare
from tests.process.checks import assert_left_as_it_was, until_drawn_again
from tests.process.tmux import in_tmux, tool
from tests.process.waiting import TICK, wait_for

MODES_SET = ["?1049h", "?1000h", "?1003h", "?1006h", "?25l", "?1004h", "?2004h", "<u", ">29u"]
"""What a terminal is sent again, in this order, whatever state it is in."""


ENDING = """
import signal
from reverb_tui import cli
from reverb_tui.terminal.driver import TerminalDriver
stop = TerminalDriver.stop_application_mode
def stop_later(driver):
    signal.raise_signal(signal.{name})
    stop(driver)
TerminalDriver.stop_application_mode = stop_later
cli.main()
"""
"""A signal comes at the last instant at which it is heard."""


def stop(client: Bare) -> int:
    """Stop it so that it can't catch that; return how much it had sent until then."""
    client.process.send_signal(signal.SIGSTOP)
    wait_for(lambda: client.state == "T", lambda: client.state)
    client.read_all()
    return len(client.sent)


def type_and_quit(client: Bare) -> None:
    """Make sure that keys come once and in order, and that the end is a good one."""
    since = len(client.sent)
    client.press(b"The quick brown fox jumps over the lazy dog\r")
    client.until("THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG", since)
    client.press(b"\x11")
    assert client.ended() == 0
    assert_left_as_it_was(client)


def test_continued_without_a_stop_it_goes_on_as_it_was() -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        for _ in range(5):
            since = len(client.sent)
            client.process.send_signal(signal.SIGCONT)
            until_drawn_again(client, since)
        type_and_quit(client)


def test_after_a_stop_that_none_can_catch_it_takes_the_terminal_from_whatever_state() -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        since = stop(client)
        termios.tcsetattr(client.slave, termios.TCSANOW, client.before)  # as a shell does
        client.process.send_signal(signal.SIGCONT)
        until_drawn_again(client, since)
        places = [client.sent.find(f"\x1b[{mode}".encode(), since) for mode in MODES_SET]
        assert min(places) >= 0
        assert places == sorted(places)
        assert termios.tcgetattr(client.slave) != client.before
        type_and_quit(client)


@pytest.mark.parametrize("stuck", [False, True], ids=["taking", "taking-nothing"])
def test_a_flood_of_stops_and_continues_locks_nothing_up(stuck: bool) -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        client.speed = 0 if stuck else None
        for _ in range(100):
            client.process.send_signal(signal.SIGTSTP)
            client.read()
            client.process.send_signal(signal.SIGCONT)
        client.speed = None
        since = stop(client)

        def continued() -> bool:
            if client.state == "T":  # a stop may have come to pass since
                client.process.send_signal(signal.SIGCONT)
            client.read(TICK)
            _, _, drawn = client.sent[since:].partition(b"\x1b[?1049h")
            return b"connected" in drawn

        wait_for(continued, lambda: (client.state, client.sent[-1000:]), tick=0)
        type_and_quit(client)


MODES = "#{alternate_on}#{mouse_any_flag}#{bracket_paste_flag}"


def test_continued_in_the_background_it_waits_for_the_terminal() -> None:
    with in_tmux(f"{tool('bash')} --norc --noprofile -i") as terminal:
        terminal.start("--delay", "0.01")
        terminal.press("C-z")
        terminal.until("Stopped")
        terminal.shell("clear; bg; jobs")
        terminal.until("Running")
        terminal.shell("clear; echo $((6 * 7)); jobs")
        terminal.until("42")
        terminal.until("Running")
        assert "1" not in terminal.tmux("display", "-p", MODES)
        terminal.shell("clear; fg; echo status $?")
        terminal.until("^Q Quit")
        terminal.shell("Hello?")
        terminal.until("    hello?")
        terminal.press("C-q")
        terminal.until("status 0")


def test_stopped_from_outside_and_continued_in_the_background_it_fights_no_shell() -> None:
    with in_tmux(f"{tool('bash')} --norc --noprofile -i") as terminal:
        terminal.start("--delay", "0.01")
        pid = terminal.tmux("display", "-p", "#{pane_pid}").strip()
        client = children(int(pid))[0]
        os.kill(client, signal.SIGSTOP)
        terminal.until("Stopped")
        terminal.press("C-u")  # an answer to the client may have come to the shell
        terminal.shell("reset; stty sane; bg; jobs")
        terminal.until("Running")
        terminal.shell("clear; echo $((6 * 7))")
        terminal.until("42")
        terminal.shell("fg; echo status $?")
        terminal.until("^Q Quit")
        terminal.shell("Hello?")
        terminal.until("    hello?")
        terminal.press("C-q")
        terminal.until("status 0")
        assert "1" not in terminal.tmux("display", "-p", MODES)


def test_ended_in_the_background_it_takes_its_modes_away_and_stops_for_nothing() -> None:
    with in_tmux(f"{tool('bash')} --norc --noprofile -i") as terminal:
        terminal.start("--delay", "0.01")
        pid = terminal.tmux("display", "-p", "#{pane_pid}").strip()
        client = children(int(pid))[0]
        os.kill(client, signal.SIGSTOP)
        terminal.until("Stopped")
        terminal.press("C-u")
        terminal.shell("stty sane tostop; bg; jobs")
        terminal.until("Running")
        terminal.shell("clear; kill %1; wait %1; echo ended with $?")
        terminal.until(f"ended with {128 + signal.SIGTERM}")
        assert "1" not in terminal.tmux("display", "-p", MODES)


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


@pytest.mark.parametrize("name", ["SIGCONT", "SIGTSTP"])
def test_a_signal_of_job_control_at_the_last_instant_changes_no_end(name: str) -> None:
    with bare(command=[sys.executable, "-c", ENDING.format(name=name)]) as client:
        client.until("connected")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)
