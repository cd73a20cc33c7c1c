"""The real command ``reverb-tui`` on a real terminal."""

import os
import pty
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fcntl import ioctl
from itertools import count
from pathlib import Path
from struct import pack

import pytest

from reverb_server import Settings, running_in_thread

COMMAND = [sys.executable, "-m", "reverb_tui"]
TIMEOUT = 20
"""Real seconds until something that is waited for is given up."""

ENVIRONMENT = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def tool(name: str) -> str:
    """Tell where a program is; skip the test if it is nowhere."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def wait_for(condition: Callable[[], object], shown: Callable[[], object]) -> None:
    """Wait until the condition holds; say what is shown if it never does."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, f"it did not come:\n{shown()}"
        time.sleep(0.01)


NUMBERS = count()

# Through tmux, which is a whole terminal: what a user sees.


class Terminal:
    """A shell in a tmux of its own."""

    def __init__(self, name: str, width: int, height: int) -> None:
        self._tmux = [tool("tmux"), "-L", name, "-f", os.devnull]
        size = ["-x", str(width), "-y", str(height)]
        self.tmux("new-session", "-d", *size, "env PS1='$ ' sh")

    def tmux(self, *arguments: str) -> str:
        return subprocess.run(
            [*self._tmux, *arguments],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=True,
            timeout=TIMEOUT,
        ).stdout

    @property
    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.tmux("capture-pane", "-p").splitlines()]

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


# In a bare pseudo-terminal: every byte that the terminal is sent.


class Bare:
    """The client in a pseudo-terminal; ``sent`` is all that it sent to the terminal."""

    def __init__(self, *command: str) -> None:
        self.master, self.slave = pty.openpty()
        ioctl(self.slave, termios.TIOCSWINSZ, pack("HHHH", 24, 100, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            command,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env=ENVIRONMENT,
            start_new_session=True,
        )
        self.sent = b""

    def read(self) -> None:
        while select.select([self.master], [], [], 0.01)[0]:
            self.sent += os.read(self.master, 65_536)

    def until(self, text: str) -> None:
        def there() -> bool:
            self.read()
            return text.encode() in re.sub(rb"\x1b\[[0-9;]*m", b"", self.sent)

        wait_for(there, lambda: self.sent)

    def ended(self) -> int:
        """Wait for the end; return the exit status."""

        def over() -> bool:
            self.read()
            return self.process.poll() is not None

        wait_for(over, lambda: self.sent[-2000:])
        self.read()
        return self.process.returncode

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@contextmanager
def bare(*arguments: str, command: list[str] = COMMAND) -> Iterator[Bare]:
    client = Bare(*command, *arguments)
    try:
        yield client
    finally:
        client.close()


MODES = {
    b"1049": b"l",  # alternate screen
    b"1000": b"l",  # mouse
    b"1003": b"l",
    b"1006": b"l",
    b"1015": b"l",
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


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
@pytest.mark.parametrize("arguments", [(), ("127.0.0.1", "1")])
def test_a_signal_leaves_the_terminal_as_it_was(name: str, arguments: tuple[str, ...]) -> None:
    with bare(*arguments) as client:
        client.until("connected")
        number = signal.Signals[name]
        client.process.send_signal(number)
        assert client.ended() == 128 + number
        assert_left_as_it_was(client)
        assert b"Traceback" not in client.sent


FAULTY = """
from reverb_tui import app, cli
def fail(*arguments):
    raise RuntimeError("injected")
app.Transcript.shout = fail
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
    allowed = rb"\x1b(\[[0-9;?<>=$ ]*[A-Za-z]|P[^\x1b]*\x1b\\|\]22;[a-z]+\x07)"  # the screen's own
    text = re.sub(allowed, b"", client.sent).decode()
    assert not {character for character in text if ord(character) in {*range(0x80, 0xA0)}}
    assert set(re.findall(r"[\x00-\x1f\x7f]", text)) <= {"\r", "\n"}
    assert not re.search(rb"\x1b\[([56]n|31m)", client.sent)
    assert "␛]52;c;aGFja2Vk␇" in text
