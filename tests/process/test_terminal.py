"""The real command ``reverb-tui`` on a real terminal."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

from reverb_server import Settings, running_in_thread
from tests.process.bare import (
    COMMAND,
    TIMEOUT,
    assert_left_as_it_was,
    assert_no_foreign_control,
    bare,
    environment,
    flooding,
    saying,
    wait_for,
)


def tool(name: str) -> str:
    """Tell where a program is; skip the test if it is nowhere."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


NUMBERS = count()

# Through tmux, which is a whole terminal: what a user sees.


class Terminal:
    """A shell in a tmux of its own."""

    def __init__(self, name: str, width: int, height: int, shell: str = "sh") -> None:
        self._tmux = [tool("tmux"), "-L", name, "-f", os.devnull]
        size = ["-x", str(width), "-y", str(height)]
        self.tmux("new-session", "-d", *size, f"env PS1='$ ' {shell}")

    def tmux(self, *arguments: str) -> str:
        return subprocess.run(
            [*self._tmux, *arguments],
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
            timeout=TIMEOUT,
        ).stdout

    @property
    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.tmux("capture-pane", "-p").splitlines()]

    def ends(self, rows: int) -> list[int]:
        """Tell the columns in which the first rows end, as the terminal counts them."""
        self.tmux("copy-mode")
        command = ["send-keys", "-X"]
        ends = []
        self.tmux(*command, "top-line")
        for _ in range(rows):
            self.tmux(*command, "end-of-line")
            ends.append(int(self.tmux("display", "-p", "#{copy_cursor_x}")))
            self.tmux(*command, "cursor-down")
        self.tmux(*command, "cancel")
        return ends

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)

    def shell(self, line: str) -> None:
        self.type(line)
        self.press("Enter")

    def start(self, *arguments: str) -> None:
        """Start the client, and wait until it is connected."""
        self.shell(f"clear; {shlex.join([*COMMAND, *arguments])}; echo status $?")
        self.until("connected")
        self.until("delay 0 ├")

    def until(self, text: str) -> None:
        """Wait until the text is on the screen."""
        wait_for(lambda: any(text in row for row in self.rows), lambda: "\n".join(self.rows))

    def until_rows(self, *rows: str) -> None:
        """Wait until these rows stand on the screen, one under the other."""
        wanted = "\n".join(["", *rows, ""])
        wait_for(lambda: wanted in "\n".join(["", *self.rows, ""]), lambda: "\n".join(self.rows))


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal(f"reverb-{os.getpid()}-{next(NUMBERS)}", 100, 24)
    try:
        yield terminal
    finally:
        terminal.tmux("kill-server")


HELLO = ("Hello?", "    HELLO?", "    Hello?", "    hello?")


@pytest.mark.parametrize("server", ["asyncio", "trio", "embedded"])
def test_a_whole_session(terminal: Terminal, server: str, tmp_path: Path) -> None:
    before = shlex.quote(str(tmp_path / "before"))
    with started(server) as arguments:
        terminal.shell(f"stty -a > {before}")
        terminal.start(*arguments)
        terminal.type("Hello?")
        terminal.until("> Hello?")
        terminal.press("Enter")
        terminal.until_rows(*HELLO)
        terminal.until("┤ 60 s   0.05 s ")
        terminal.press("M-Right")
        terminal.until("┤ 60 s   0.06 s ")
        terminal.press("C-t")
        terminal.until("sequential  ●")
        terminal.tmux("resize-window", "-x", "40", "-y", "12")
        terminal.until("^Q Quit")
        terminal.tmux("resize-window", "-x", "100", "-y", "24")
        terminal.until("┤ 60 s   0.06 s ")
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
    settings = Settings(host="127.0.0.1", port=0, delay=0.05, backend=server)  # type: ignore[arg-type]
    with running_in_thread(settings) as running:
        host, port = running.addresses[0]
        yield [host, str(port)]


def test_against_ncat_and_cat(terminal: Terminal) -> None:
    port = free_port()
    ncat = subprocess.Popen([tool("ncat"), "-l", "-k", "-e", tool("cat"), "127.0.0.1", str(port)])
    try:
        wait_for(lambda: listens(port), lambda: "ncat does not listen")
        terminal.shell(f"clear; {shlex.join([*COMMAND, '127.0.0.1', str(port)])}")
        terminal.until("this server is a plain echo, which has no delay")
        terminal.type("Hello?")
        terminal.press("Enter")
        terminal.until_rows("Hello?", "    Hello?")
        terminal.press("C-d")
        terminal.until(" closed")
    finally:
        ncat.kill()
        ncat.wait()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


DISPUTED = ["दि कि தமிழ் กำ", "🇩 🇩🇪", "䷀䷁", "漢字", "👨‍👩‍👧 ❤️", "plain"]
"""Lines in some of which this terminal takes other widths than the client."""


def test_no_cell_is_shifted(terminal: Terminal) -> None:
    said = "".join(f"{line}\n" for line in DISPUTED).encode()
    with saying(said) as server:
        terminal.shell(f"clear; {shlex.join([*COMMAND, *server])}")
        terminal.until("plain")
        terminal.tmux("resize-window", "-x", "80")
        terminal.press("F3")
        wait_for(lambda: stamped(terminal.rows), lambda: "\n".join(terminal.rows))
        begin = next(n for n, row in enumerate(terminal.rows) if row.startswith(DISPUTED[0][0]))
        rows = terminal.rows[begin : begin + len(DISPUTED)]
        ends = terminal.ends(begin + len(DISPUTED))[begin:]
        terminal.press("C-q")
    assert ends == ends[-1:] * len(DISPUTED)
    for row, line in zip(rows, DISPUTED, strict=True):
        assert re.search(r" [0-9:]{8}\.[0-9]{3}$", row), row  # nothing is cut off at the edge
        assert row.startswith(line[:1])


def test_suspended_in_a_flood_it_comes_back_whole(tmp_path: Path) -> None:
    log, before = tmp_path / "log", shlex.quote(str(tmp_path / "before"))
    # With job control, which this sh may not have.
    shell = f"{tool('bash')} --norc --noprofile -i"
    terminal = Terminal(f"reverb-{os.getpid()}-{next(NUMBERS)}", 100, 24, shell)
    try:
        with flooding(b"".join(b"line %d of a flood\n" % n for n in range(5000))) as server:
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
            wait_for(lambda: whole(terminal.rows), lambda: "\n".join(terminal.rows))
            terminal.press("C-q")
            terminal.until("status 0")
    finally:
        terminal.tmux("kill-server")
    numbers = [int(line.split()[1]) for line in log.read_text().splitlines() if " of a f" in line]
    assert numbers == [number % 5000 for number in range(len(numbers))]


def whole(rows: list[str]) -> bool:
    """Tell whether a screen of 18 rows is the client's, from the top to the bottom."""
    lines = [int(row.split()[1]) for row in rows if re.fullmatch("line [0-9]+ of a flood", row)]
    return (
        len(rows) == 18
        and len(lines) > 5
        and lines == [(lines[0] + n) % 5000 for n in range(len(lines))]
        and rows[len(lines) :][0][:5] in ("delay", "─ ech")
        and rows[-1].startswith("^D End input")
    )


def stamped(rows: list[str]) -> bool:
    """Tell whether the last line of a terminal of 80 cells has its time."""
    return any(re.fullmatch("plain +[0-9:.]+", row) and len(row) == 79 for row in rows)


# In a bare pseudo-terminal: every byte that the terminal is sent.


def test_quitting_leaves_the_terminal_as_it_was() -> None:
    with bare() as client:
        client.until("connected")
        os.write(client.master, b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)


def test_ctrl_c_twice_leaves_the_terminal_as_it_was() -> None:
    with bare() as client:
        client.until("connected")
        os.write(client.master, b"\x03")
        client.until("Ctrl-C again quits")
        os.write(client.master, b"\x03")
        assert client.ended() == 0
        assert_left_as_it_was(client)


def test_a_log_file_that_is_not_complete_is_a_failure(tmp_path: Path) -> None:
    log = tmp_path / "log \x1b]0;owned\x07"
    limited = ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *COMMAND]  # 4 or 8 KiB
    with bare("--log", str(log), command=limited) as client:
        client.until("connected")
        for _ in range(6):
            os.write(client.master, b"x" * 600 + b"\r")
        client.until("18 echoes")  # what the log says of it may have scrolled by unseen
        os.write(client.master, b"\x11")
        assert client.ended() == 1
        assert f"reverb-tui: {tmp_path}/log ␛]0;owned␇ may be incomplete".encode() in client.sent
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
        os.write(client.master, b"Hello?\r")
        assert client.ended() == 1
        assert_left_as_it_was(client)
        assert b"injected" in client.sent


def test_the_terminal_going_away_ends_it() -> None:
    with bare() as client:
        client.until("connected")
        client.process.send_signal(signal.SIGHUP)
        assert client.ended() == 128 + signal.SIGHUP


HOSTILE = (
    b"\x1b]52;c;aGFja2Vk\x07 \x1b]0;t\x1b\\ \x9b31m \xc2\x9b5n \x1b[6n \x1bc [/red] \x07 \x08 \x0e"
)


def test_no_byte_of_a_server_reaches_the_terminal_as_a_control() -> None:
    error = b'\x10{"reverb":1,"code":"x","error":"\\u001b]52;c;aGFja2Vk\\u0007 \\u009b5n"}\n'
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(HOSTILE + b"\n\t " + HOSTILE + b"\n" + error + b"the end\n")
                while connection.recv(65_536):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        host, port = listener.getsockname()
        with bare(host, str(port)) as client:
            client.until("the end")
            os.write(client.master, b"\x11")
            assert client.ended() == 0
        thread.join(TIMEOUT)
    text = assert_no_foreign_control(client.sent)
    assert "␛]52;c;aGFja2Vk␇" in text
