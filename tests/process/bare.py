"""The real command ``reverb-tui`` in a bare pseudo-terminal: every byte that it is sent is seen."""

import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fcntl import ioctl
from struct import pack

COMMAND = [sys.executable, "-m", "reverb_tui"]
TIMEOUT = 20
"""Real seconds until something that is waited for is given up."""

QUESTION = b"\x1b[6n"
"""Where the cursor is."""

TICK = 0.01
"""Seconds between two looks at a terminal."""


def environment() -> dict[str, str]:
    """Give the environment of a terminal that knows all that is expected of one."""
    return {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def wait_for(condition: Callable[[], object], shown: Callable[[], object]) -> None:
    """Wait until the condition holds; say what is shown if it never does."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, f"it did not come:\n{shown()!r}"
        time.sleep(TICK)


class Bare:
    """A client in a pseudo-terminal; ``sent`` is all that it sent to the terminal.

    Args:
        command: The client.
        speed: Bytes a second that the terminal takes; None: as many as come.
        answers: Whether it says where its cursor is when it is asked, as terminals do.
    """

    def __init__(self, *command: str, speed: float | None = None, answers: bool = True) -> None:
        self.master, self.slave = pty.openpty()
        ioctl(self.slave, termios.TIOCSWINSZ, pack("HHHH", 24, 100, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.speed = speed
        self.process = subprocess.Popen(
            command,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env=environment(),
            start_new_session=True,
        )
        self.sent = b""
        self._answers = answers
        self._last_read = time.monotonic()

    def read(self) -> None:
        """Take what was sent, as far as the terminal is that fast."""
        if self.speed is not None:
            now = time.monotonic()
            room = int(self.speed * min(now - self._last_read, 0.1))
            if room and select.select([self.master], [], [], 0)[0]:
                self._take(os.read(self.master, room))
            if room:
                self._last_read = now
            return
        deadline = time.monotonic() + TICK
        while time.monotonic() < deadline and select.select([self.master], [], [], TICK / 10)[0]:
            self._take(os.read(self.master, 65_536))

    def _take(self, data: bytes) -> None:
        seen = len(self.sent) - len(QUESTION) + 1
        self.sent += data
        if self._answers:
            self.press(b"\x1b[1;1R" * self.sent.count(QUESTION, max(0, seen)))

    def press(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.master, keys)

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size, and tell the client."""
        ioctl(self.slave, termios.TIOCSWINSZ, pack("HHHH", height, width, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def until(self, text: str, since: int = 0) -> None:
        """Wait until the text was sent, after so many other bytes."""

        def there() -> bool:
            self.read()
            return text.encode() in re.sub(rb"\x1b\[[0-9;]*m", b"", self.sent[since:])

        wait_for(there, lambda: self.sent[-2000:])

    def ended(self) -> int:
        """Wait for the end; return the exit status."""

        def over() -> bool:
            self.read()
            return self.process.poll() is not None

        wait_for(over, lambda: self.sent[-2000:])
        self.speed = None
        self.read()
        return self.process.returncode

    @property
    def memory(self) -> int:
        """Bytes of memory that the process has."""
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as sizes:
            return int(sizes.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @property
    def processor(self) -> float:
        """Seconds of processor time that the process has used."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as times:
            user, system = times.read().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        for end in (self.master, self.slave):
            with suppress(OSError):
                os.close(end)


@contextmanager
def bare(
    *arguments: str,
    command: list[str] = COMMAND,
    speed: float | None = None,
    answers: bool = True,
) -> Iterator[Bare]:
    """Run a client while the block runs."""
    client = Bare(*command, *arguments, speed=speed, answers=answers)
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


OWN_CONTROLS = rb"\x1b(\[[0-9;?<>=$ ]*[A-Za-z]|P[^\x1b]*\x1b\\|\]22;[a-z]+\x07)"
"""What the screen itself is drawn with."""


def assert_no_foreign_control(sent: bytes) -> str:
    """Make sure that nothing but the screen's own controls was sent; return the other text."""
    text = re.sub(OWN_CONTROLS, b"", sent).decode()
    controls = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - {"\r", "\n"}
    bidi = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert not (controls | bidi) & set(text)
    sent = re.sub(rb"(\x1b\[[0-9;?]*[Hhl])(\x1b\[6n)+", rb"\1", sent)  # its own, after a frame
    asked = rb"\x1b\[([0-9;]*n|[>=]?0?c|[0-9;]*t|31m)"  # device queries, titles, an odd colour
    assert not (found := re.search(asked, sent)), sent[: found.end()][-50:]
    return text


class Flooding:
    """A server that sends a block over and over, as fast as it is taken.

    ``sent`` is how many bytes were taken, ``heard`` is what the client said.
    """

    def __init__(self, block: bytes) -> None:
        self._block = block
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.sent = 0
        self.heard = b""
        host, port = self._listener.getsockname()
        self.arguments = (host, str(port))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            hearing = threading.Thread(target=self._hear, args=[connection], daemon=True)
            with connection:
                hearing.start()
                while True:
                    connection.sendall(self._block)
                    self.sent += len(self._block)

    def _hear(self, connection: socket.socket) -> None:
        with suppress(OSError):
            while data := connection.recv(65_536):
                self.heard += data

    def close(self) -> None:
        """Stop; the client must be gone."""
        self._listener.close()
        self._thread.join(TIMEOUT)


@contextmanager
def flooding(block: bytes) -> Iterator[Flooding]:
    """Run a server that floods with a block while the block of code runs."""
    server = Flooding(block)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def saying(data: bytes) -> Iterator[tuple[str, str]]:
    """Run a server that says something to one client; give the arguments that lead to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(data)
                while connection.recv(65_536):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        host, port = listener.getsockname()
        yield host, str(port)
        thread.join(TIMEOUT)


def seen_after(client: Bare, key: str) -> float:
    """Press a key that is nowhere on the screen; return the seconds until the terminal shows it."""
    since = len(client.sent)
    return _seconds(client, key.encode(), lambda: key.encode() in client.sent[since:])


def done_after(client: Bare, server: Flooding, word: str) -> float:
    """Shout a word; return the seconds until the server has heard it.

    However slow the terminal is, a key has done its work by then.
    """
    line = word.encode()
    return _seconds(client, line + b"\r", lambda: line + b"\n" in server.heard)


def _seconds(client: Bare, keys: bytes, condition: Callable[[], bool]) -> float:
    begin = time.perf_counter()
    client.press(keys)
    while not condition():
        assert time.perf_counter() - begin < TIMEOUT, client.sent[-2000:]
        client.read()
        time.sleep(0.001)
    return time.perf_counter() - begin


def assert_nothing_is_typed(client: Bare) -> None:
    """Make sure that a shell would find no input, such as the answer to a question."""
    client.read()
    tty.setraw(client.slave)
    assert not select.select([client.slave], [], [], 0)[0], os.read(client.slave, 100)
    termios.tcsetattr(client.slave, termios.TCSANOW, client.before)


def stop_and_go_on(client: Bare, key: bytes = b"") -> None:
    """Let the process stop by a key or a signal, check the terminal, and let it go on."""
    process = client.process
    if key:
        client.press(key)
    else:
        process.send_signal(signal.SIGTSTP)
    state = ""

    def stopped() -> bool:
        nonlocal state
        client.read()
        with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
            state = stat.read().rpartition(")")[2].split()[0]
        return state == "T"

    wait_for(stopped, lambda: state)
    client.read()
    assert_left_as_it_was(client)
    assert_nothing_is_typed(client)
    process.send_signal(signal.SIGCONT)
