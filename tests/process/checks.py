"""How the client must leave a terminal, and what it may never be sent."""

import os
import re
import select
import signal
import termios
import tty
from pathlib import Path

from tests.process.bare import Bare
from tests.process.flooding import LINES
from tests.process.waiting import wait_for

MODES = {
    b"1049": b"l",  # alternate screen
    b"1000": b"l",  # mouse
    b"1003": b"l",
    b"1006": b"l",
    b"1015": b"l",
    b"1016": b"l",
    b"1004": b"l",  # focus
    b"2004": b"l",  # bracketed paste
    b"25": b"h",  # cursor
}
"""Private modes of a terminal, as they are in a shell."""


def assert_left_as_it_was(client: Bare) -> None:
    assert termios.tcgetattr(client.slave) == client.before
    last = dict(re.findall(rb"\x1b\[\?(\d+)([hl])", client.sent))
    assert {b"1049", b"1000", b"25"} <= last.keys()
    assert {mode: last[mode] for mode in MODES if mode in last} == {
        mode: MODES[mode] for mode in MODES if mode in last
    }


OWN_CONTROLS = rb"\x1b(\[[0-9;?<>=$ ]*[A-Za-z]|P[^\x1b]*\x1b\\|\]22;[a-z]+\x07)"
"""What the screen itself is drawn with."""


def assert_no_foreign_control(sent: bytes) -> str:
    """Make sure that nothing but the screen's own controls was sent; return the other text."""
    text = re.sub(OWN_CONTROLS, b"", sent).decode()
    controls = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - {"\r", "\n"}
    bidi = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert not (controls | bidi) & set(text)
    sent = re.sub(rb"(\x1b\[[0-9;?]*[Hhl]|\$p)(\x1b\[6n)+", rb"\1", sent)  # its own, after a frame
    asked = rb"\x1b\[([0-9;]*n|[>=]?0?c|[0-9;]*t|31m)"  # device queries, titles, an odd colour
    assert not (found := re.search(asked, sent)), sent[: found.end()][-50:]
    return text


def assert_nothing_is_typed(client: Bare) -> None:
    """Make sure that a shell would find no input, such as the answer to a question."""
    client.read_all()
    tty.setraw(client.slave)
    assert not select.select([client.slave], [], [], 0)[0], os.read(client.slave, 100)
    termios.tcsetattr(client.slave, termios.TCSANOW, client.before)


def until_drawn_again(client: Bare, since: int) -> None:
    """Wait until a client that goes on has taken the terminal and drawn all.

    What is left of an older frame may come before.
    """
    client.until("\x1b[?1049h", since)
    client.until("●", client.sent.rindex(b"\x1b[?1049h"))


def stop_and_go_on(client: Bare, key: bytes = b"") -> int:
    """Let the process stop by a key or a signal, check the terminal, and let it go on.

    Return how much it had sent until then.
    """
    process = client.process
    if key:
        client.press(key)
    else:
        process.send_signal(signal.SIGTSTP)

    def stopped() -> bool:
        client.read()
        return client.state == "T"

    wait_for(stopped, lambda: client.state)
    client.read_all()
    assert_left_as_it_was(client)
    assert_nothing_is_typed(client)
    since = len(client.sent)
    process.send_signal(signal.SIGCONT)
    return since


def assert_no_gap(log: Path) -> None:
    """Make sure that a log has each line of the flood; the last one may not have ended yet."""
    text = log.read_text()
    assert text.endswith((" of a flood\n", "⟨…⟩\n"))
    numbers = [int(number) for number in re.findall(r"this is line (\d+) of a flood\n", text)]
    assert numbers == [number % LINES for number in range(len(numbers))]
