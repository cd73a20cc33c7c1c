"""The real command ``reverb-tui`` waits for no terminal: not for one that takes nothing at all."""

import re
import signal
import termios
from pathlib import Path

import pytest

from tests.process.bare import bare, done_after
from tests.process.checks import assert_left_as_it_was
from tests.process.flooding import flooding
from tests.process.waiting import TIMEOUT, wait_for

FLOOD = b"".join(b"\t this is line %d of a flood\n" % number for number in range(10_000))
WORDS = 30
"""Shouts whose frames are more than anything between the client and the terminal can hold."""


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "mute"])
def test_a_terminal_that_takes_nothing_stops_neither_keys_nor_the_log_nor_the_end(
    answers: bool, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with (
        flooding(FLOOD) as server,
        bare(*server.arguments, "--log", str(log), answers=answers) as client,
    ):
        client.until("of a flood")
        client.speed = 0
        for number in range(WORDS):
            done_after(client, server, f"word {number}")
        client.process.send_signal(signal.SIGTERM)
        assert client.process.wait(TIMEOUT) == 128 + signal.SIGTERM
        assert termios.tcgetattr(client.slave) == client.before
        client.speed = None
        client.read_all()
        assert_left_as_it_was(client)
    assert re.search(f"^(> )?word {WORDS - 1}$", log.read_text(), re.MULTILINE)


def test_a_terminal_that_goes_on_is_shown_all_that_it_missed(own_home: Path) -> None:
    remembered = own_home / "XDG_STATE_HOME" / "reverb-echo" / "state.json"
    with flooding(FLOOD) as server, bare(*server.arguments, answers=False) as client:
        client.until("of a flood")
        client.speed = 0
        for number in range(WORDS):
            done_after(client, server, f"word {number}")
        client.press(b"\x1b[200~Yooo-hooo!\x1b[201~")
        client.press(b"\x1bOR")  # F3 is done with once it is remembered
        wait_for(remembered.exists, lambda: client.sent[-2000:])
        client.speed = None
        client.until("Yooo-hooo!")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)
