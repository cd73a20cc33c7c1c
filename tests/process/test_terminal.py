"""The real command ``reverb-tui`` in a whole terminal."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reverb_server import Settings, running_in_thread
from tests.process.bare import COMMAND
from tests.process.flooding import saying
from tests.process.tmux import Terminal, tool
from tests.process.waiting import listens, wait_for

HELLO = ("Hello?", "    HELLO?", "    Hello?", "    hello?")


@pytest.mark.parametrize("server", ["trio", "embedded"])
def test_a_whole_session(terminal: Terminal, server: str, tmp_path: Path) -> None:
    before = shlex.quote(str(tmp_path / "before"))
    with started(server) as arguments:
        terminal.shell(f"stty -a > {before}")
        terminal.start(*arguments)
        terminal.type("Hello?")
        terminal.until("> Hello?")
        terminal.press("Enter")
        terminal.until_rows(*HELLO)
        terminal.until("┤ 0.05 s ")
        terminal.press("M-Right")
        terminal.until("┤ 0.06 s ")
        terminal.press("C-t")
        terminal.until("sequential ●")
        terminal.tmux("resize-window", "-x", "40", "-y", "12")
        terminal.until("^Q Quit")
        terminal.tmux("resize-window", "-x", "100", "-y", "24")
        terminal.until("┤ 0.06 s ")
        terminal.until_rows(*HELLO)
        terminal.type("Yooo-hooo!")
        terminal.press("Enter")
        terminal.press("C-d")
        terminal.until_rows("Yooo-hooo!", "    YOOO-HOOO!", "    Yooo-hooo!", "    yooo-hooo!")
        terminal.until(" closed")
        terminal.press("C-q")
        terminal.until("status 0")
        terminal.shell(f"clear; stty -a | cmp - {before} && echo as it was")
        terminal.until_rows("as it was")


@contextmanager
def started(server: str) -> Iterator[list[str]]:
    """Run a server with a short delay; give the arguments that lead to it."""
    if server == "embedded":
        yield ["--delay", "0.05"]
        return
    settings = Settings(host="127.0.0.1", port=0, delay=0.05)
    with running_in_thread(settings, backend=server) as running:
        host, port = running.addresses[0]
        yield [host, str(port)]


def test_against_ncat_and_cat(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "echo"
    ncat = subprocess.Popen([tool("ncat"), "-l", "-k", "-e", tool("cat"), "-U", str(path)])
    try:
        wait_for(lambda: listens(path), lambda: "ncat does not listen")
        terminal.shell(f"clear; {shlex.join([*COMMAND, '--unix', str(path)])}")
        terminal.until("a plain echo")
        terminal.type("Hello?")
        terminal.press("Enter")
        terminal.until_rows("Hello?", "    Hello?")
        terminal.press("C-d")
        terminal.until(" closed")
    finally:
        ncat.kill()
        ncat.wait()


DISPUTED = ["दि कि தமிழ் กำ", "🇩 🇩🇪", "䷀䷁", "漢字", "👨‍👩‍👧 ❤️", "plain"]
"""Lines in some of which this terminal takes other widths than the client."""


def test_no_cell_is_shifted(terminal: Terminal) -> None:
    said = "".join(f"{line}\n" for line in DISPUTED).encode()
    with saying(said) as server:
        terminal.shell(f"clear; {shlex.join([*COMMAND, *server])}")
        terminal.until("plain")
        terminal.tmux("resize-window", "-x", "80")
        terminal.press("F3")
        seen = terminal.wait_for(lambda rows: disputed(terminal, rows))
        terminal.press("C-q")
    assert seen is not None
    rows, ends = seen
    assert ends == ends[-1:] * len(DISPUTED)
    for row, line in zip(rows, DISPUTED, strict=True):
        assert re.search(r" [0-9:]{8}\.[0-9]{3}$", row), row  # nothing is cut off at the edge
        assert row.removeprefix("< ").startswith(line[:1])


def disputed(terminal: Terminal, rows: list[str]) -> tuple[list[str], list[int]] | None:
    """Tell how the lines stand in a terminal of 80 cells, and where they end.

    None while they are still on their way there.
    """
    begin = next((n for n, row in enumerate(rows) if DISPUTED[0][0] in row), len(rows))
    end = begin + len(DISPUTED)
    last = "".join(rows[end - 1 : end])
    if not re.fullmatch("(< )?plain +[0-9:.]+", last) or len(last) != 78:
        return None
    ends = terminal.ends(end)[begin:]
    return (rows[begin:end], ends) if terminal.rows[begin:end] == rows[begin:end] else None


def test_control_l_draws_the_screen_again(terminal: Terminal) -> None:
    terminal.start("--delay", "0.01")
    terminal.type("Hello?")
    terminal.press("Enter")
    terminal.until("    hello?")
    device = Path(terminal.tmux("display", "-p", "#{pane_tty}").strip())
    for row in (1, 7, 12, 24):
        device.write_text(f"\x1b[{row};1HGARBAGE")
    terminal.until("GARBAGE")
    terminal.press("C-l")
    terminal.wait_for(drawn)


def drawn(rows: list[str]) -> bool:
    """Tell whether all stands there again, and nothing else."""
    return "GARBAGE" not in "".join(rows) and "    hello?" in rows
