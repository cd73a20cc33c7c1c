"""Servers behind a balancer, restarted under load."""

import re
import signal
import subprocess
from pathlib import Path

from tests.client.watcher import nobody
from tests.process.commands import COMMAND, TIMEOUT, environment
from tests.process.waiting import wait_for

DELAY = 0.1
"""Seconds between the echoes of a shout."""


class Ports:
    """Free ports in the place of those of a page; each stays the same."""

    def __init__(self) -> None:
        self._free: dict[str, int] = {}

    def __getitem__(self, port: str) -> int:
        if port not in self._free:
            self._free[port] = nobody().port
        return self._free[port]

    def put_into(self, text: str) -> str:
        """Replace every port of the page in a text."""
        return re.sub(r"\b[89]00[0-9]\b", lambda found: str(self[found[0]]), text)


class RestartedServer:
    """A server that can be restarted; its log goes on in a file.

    Args:
        arguments: Its arguments.
        log: The file.
    """

    def __init__(self, arguments: list[str], log: Path) -> None:
        self._command = [*COMMAND, *arguments]
        self._path = log
        self._log = log.open("ab")
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        seen = self.log.count("listening on")
        process = subprocess.Popen(self._command, env=environment(), stderr=self._log)
        wait_for(lambda: self.log.count("listening on") > seen, lambda: self.log)
        return process

    @property
    def log(self) -> str:
        return self._path.read_text()

    @property
    def heard(self) -> int:
        """Shouts that it heard on connections that have ended."""
        return sum(map(int, re.findall(r" shouts=(\d+) echoes=\d+ in=", self.log)))

    def restart(self) -> None:
        """Stop it, and start it again; every echo must have been sent."""
        self.stop()
        self.process = self._start()

    def wait_for_a_client(self) -> None:
        """Wait until it has served somebody since it was started."""
        wait_for(lambda: "shouts=1 " in self.log.rpartition("listening on")[2], lambda: self.log)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(TIMEOUT) == 0

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()
