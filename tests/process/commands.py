"""The real command ``reverb-server``, in a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.process import forking
from tests.process.forking import Process, start

COMMAND = (sys.executable, "-m", "reverb_server")
BACKENDS = ["asyncio", "trio"]
TIMEOUT = 30
"""Real seconds after which a process hangs."""


def environment(**variables: str) -> dict[str, str]:
    """This process's environment, without settings of a server but those given."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("REVERB_")}
    # Wide enough that the help is not wrapped within an option.
    return {**inherited, "COLUMNS": "120", "NO_COLOR": "1", **variables}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return forking.run(
        [*COMMAND, *arguments], env=environment(**variables), timeout=TIMEOUT, data=""
    )


USUAL = re.compile(r"reverb-server: (\S+ \w+: shouts=.*|stopping: .*|stopped)\n")


class Running:
    """The command, running and ready."""

    def __init__(self, process: Process) -> None:
        self.process = process
        assert process.stderr is not None
        self.ready = process.stderr.readline()
        self.ports = [int(port) for port in re.findall(r":(\d+)(?= )", self.ready)]
        assert self.ports, f"not ready: {self.ready}{process.stderr.read()}"

    @property
    def port(self) -> int:
        return self.ports[0]

    def end(self, with_signal: signal.Signals) -> tuple[int, str, str]:
        """Send a signal; return the status, and what was printed beside the usual since ready."""
        self.process.send_signal(with_signal)
        out, err = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, out, USUAL.sub("", err)

    def shout(self, data: bytes, host: str = "127.0.0.1") -> bytes:
        """Send, half-close, and return all that comes back."""
        with socket.create_connection((host, self.port), timeout=TIMEOUT) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            with sock.makefile("rb") as file:
                return file.read()


@contextmanager
def command(*arguments: str, **variables: str) -> Iterator[Running]:
    """Start the command, wait until it is ready, and kill it if it still runs afterwards."""
    with start(
        [*COMMAND, *arguments],
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


def log_line(running: Running, word: str) -> str:
    """Read the log up to a line with a word in it."""
    assert running.process.stderr is not None
    for line in running.process.stderr:
        if word in line:
            return str(line)
    raise AssertionError(f"the log ended without {word!r}")


def assert_one_sentence(err: str) -> None:
    assert re.fullmatch(r"reverb-server: [^\n]+\n", err), err
    assert "Traceback" not in err
