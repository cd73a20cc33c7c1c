"""Processes that import nothing: each is forked from one that has imported both programs.

The imports are more than half of what a short process costs. All else is as with ``python -m``:
the descriptors, the environment, and the end. A test of the start itself starts a process in the
usual way, and so do those in tmux.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from subprocess import DEVNULL, PIPE, CompletedProcess, TimeoutExpired
from types import TracebackType
from typing import IO, Any, Self

from tests.process.forker import MESSAGE

ROOT = Path(__file__).parents[2]


@cache
def forker() -> socket.socket:
    """Start the process that forks, once; return the way to it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.process.forker", str(theirs.fileno())],
            cwd=ROOT,
            stdin=DEVNULL,
            stdout=DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def ask(request: Mapping[str, object], descriptors: Sequence[int] = ()) -> int:
    """Ask the process that forks for something; return the number that it answers."""
    socket.send_fds(forker(), [json.dumps(request).encode()], descriptors)
    answer = forker().recv(MESSAGE)
    assert answer, "the process that forks has ended"
    return int(answer)


class Forked:
    """A forked process, to be used like a ``subprocess.Popen``.

    Args:
        command: The interpreter, ``-m`` or ``-c``, and what belongs to it.
        stdin: A descriptor, ``PIPE`` or ``DEVNULL``; so for the other two.
        text: Whether the pipes are of text.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        stdin: int = 0,
        stdout: int = 1,
        stderr: int = 2,
        env: Mapping[str, str],
        start_new_session: bool = False,
        text: bool = False,
    ) -> None:
        theirs: list[int] = []
        files: list[IO[Any] | None] = []
        for number, wanted in enumerate((stdin, stdout, stderr)):
            file = None
            if wanted == PIPE:
                reading, writing = os.pipe()
                own, given = (writing, reading) if number == 0 else (reading, writing)
                file = os.fdopen(own, ("w" if number == 0 else "r") + ("" if text else "b"))
            else:
                given = os.open(os.devnull, os.O_RDWR) if wanted == DEVNULL else os.dup(wanted)
            theirs.append(given)
            files.append(file)
        self.stdin, self.stdout, self.stderr = files
        start = {
            "command": [str(each) for each in command[1:]],
            "env": dict(env),
            "folder": os.getcwd(),
            "session": start_new_session,
        }
        self.pid = ask(start, theirs)
        self.returncode: int | Any = None  # as a Popen has it
        self._over = os.pidfd_open(self.pid)
        for descriptor in theirs:
            os.close(descriptor)

    def poll(self) -> int | None:
        """Return the exit status; None while it runs."""
        if self.returncode is None and select.select([self._over], [], [], 0)[0]:
            os.close(self._over)
            self.returncode = ask({"over": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; return the exit status."""
        if self.returncode is None:
            select.select([self._over], [], [], timeout)
        if self.poll() is None:
            raise TimeoutExpired(str(self.pid), timeout or 0)
        return self.returncode

    def communicate(self, data: Any = None, timeout: float | None = None) -> tuple[Any, Any]:
        """Send little input, if there is any; return what is printed until the end."""
        if self.stdin:
            with suppress(BrokenPipeError), self.stdin:
                self.stdin.write(data)
        with ThreadPoolExecutor() as readers:  # both at once: a full pipe would hold it up
            out, err = readers.map(lambda file: file and file.read(), (self.stdout, self.stderr))
        self.wait(timeout)
        return out, err

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.wait()
        for file in (self.stdin, self.stdout, self.stderr):
            if file:
                with suppress(BrokenPipeError):
                    file.close()


Process = Forked | subprocess.Popen[Any]


def start(command: Sequence[str], **options: Any) -> Process:
    """Start a process, as ``subprocess.Popen`` does it; fork it where that can be done."""
    forks = sys.platform == "linux" and command[0] == sys.executable and command[1] in ("-c", "-m")
    return (Forked if forks else subprocess.Popen)(command, **options)


def run(
    command: Sequence[str], *, env: Mapping[str, str], timeout: float, data: str | bytes = b""
) -> CompletedProcess[Any]:
    """Run a process to its end; what it is sent, and what it prints, is text or bytes alike."""
    text = isinstance(data, str)
    with start(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=env, text=text) as process:
        out, err = process.communicate(data, timeout=timeout)
    return CompletedProcess(command, process.returncode, out, err)
