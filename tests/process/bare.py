"""The real command ``reverb-tui`` in a bare pseudo-terminal: every byte that it is sent is seen."""

import os
import pty
import re
import select
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fcntl import ioctl
from struct import pack

from tests.process.flooding import Flooding
from tests.process.forking import start
from tests.process.waiting import TICK, TIMEOUT, wait_for

COMMAND = [sys.executable, "-m", "reverb_tui"]


def prepared(program: str) -> list[str]:
    """Return the command of a client in whose process a program runs first."""
    return [sys.executable, "-c", f"{program}\nfrom reverb_tui.cli import main\nmain()\n"]


QUESTION = b"\x1b[6n"
"""Where the cursor is."""
ANSWER = b"\x1b[1;1R"
MARK = b"<the end of what was sent>"


def environment() -> dict[str, str]:
    """Give the environment of a terminal that knows all that is expected of one."""
    return {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


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
        self.process = start(
            command,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env=environment(),
            start_new_session=True,
        )
        self.sent = b""
        self.answers = answers
        self._last_read = time.monotonic()

    def read(self, patience: float = 0) -> None:
        """Take what was sent, as far as the terminal is that fast; wait for the first of it."""
        if self.speed is None:
            deadline = time.monotonic() + TICK
            while self._comes(patience):
                self._take(os.read(self.master, 65_536))
                patience = 0
                if time.monotonic() > deadline:
                    break
            return
        time.sleep(patience)
        now = time.monotonic()
        room = int(self.speed * min(now - self._last_read, 0.1))
        if room:
            self._last_read = now
            if self._comes(0):
                self._take(os.read(self.master, room))

    def read_all(self) -> None:
        """Take all that was sent by a client that has ended, or is stopped.

        The kernel may hand it over later: what is written after it comes last.
        """
        since = len(self.sent)
        while self._comes(0):
            self._take(os.read(self.master, 65_536))
        os.write(self.slave, MARK)
        while MARK not in self.sent[since:]:
            self._take(os.read(self.master, 65_536))
        self.sent = self.sent.replace(MARK, b"")

    def _comes(self, patience: float) -> bool:
        return bool(select.select([self.master], [], [], patience)[0])

    def _take(self, data: bytes) -> None:
        seen = len(self.sent) - len(QUESTION) + 1
        self.sent += data
        if self.answers:
            self.press(ANSWER * self.sent.count(QUESTION, max(0, seen)))

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
            self.read(TICK)
            return text.encode() in re.sub(rb"\x1b\[[0-9;]*m", b"", self.sent[since:])

        wait_for(there, lambda: self.sent[-2000:], tick=0)

    def ended(self) -> int:
        """Wait for the end; return the exit status."""

        def over() -> bool:
            self.read(TICK)
            return self.process.poll() is not None

        wait_for(over, lambda: self.sent[-2000:], tick=0)
        self.speed = None
        self.read_all()
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

    @property
    def state(self) -> str:
        """The state of the process as the kernel names it: T is stopped."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0]

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
        client.read(0.001)
    return time.perf_counter() - begin
