"""A server that is restarted while clients shout; its log goes on in a file."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

GIVE_UP_AFTER: Final = 300.0
"""Seconds until something that never comes is given up."""

LOOK_INTERVAL: Final = 0.02


def wait_until(condition: Callable[[], object], shown: Callable[[], object]) -> None:
    """Wait until a condition holds. Raises TimeoutError with what is shown if it never does."""
    deadline = time.monotonic() + GIVE_UP_AFTER
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it did not come: {shown()}")
        time.sleep(LOOK_INTERVAL)


class RestartedServer:
    """The command, running; get its log, restart it, stop it.

    Args:
        arguments: Its arguments.
        log: The file for its log.
        env: Its environment; this process's if there is none.
    """

    def __init__(
        self, arguments: list[str], log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self._command = [sys.executable, "-m", "reverb_server", *arguments]
        self._path = log
        self._env = env
        self._file = log.open("ab")
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        seen = self.log.count("listening on")
        process = subprocess.Popen(self._command, env=self._env, stderr=self._file)
        wait_until(lambda: self.log.count("listening on") > seen, lambda: self.log)
        return process

    @property
    def log(self) -> str:
        """All that was logged."""
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
        wait_until(lambda: "shouts=1 " in self.log.rpartition("listening on")[2], lambda: self.log)

    def stop(self) -> None:
        """Stop it; every echo must have been sent."""
        self.process.terminate()
        status = self.process.wait(GIVE_UP_AFTER)
        assert status == 0, f"exit status {status}: {self.log[-1000:]}"

    def end(self) -> None:
        """Kill it if it still runs."""
        self.process.kill()
        self.process.wait()
        self._file.close()
