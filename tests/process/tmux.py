"""A shell in a tmux of its own, which is a whole terminal: what a user sees."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import pytest

from tests.process.bare import COMMAND, environment
from tests.process.waiting import TICK, TIMEOUT, Seen, wait_for


def tool(name: str) -> str:
    """Tell where a program is; skip the test if it is nowhere."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


class Terminal:
    """A shell in a tmux of its own."""

    def __init__(self, socket: str, width: int, height: int, shell: str = "sh") -> None:
        self._tmux = [tool("tmux"), "-S", socket, "-f", os.devnull]
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
        """The rows of the screen, without the column of air at its left edge."""
        return [
            row.rstrip().removeprefix(" ") for row in self.tmux("capture-pane", "-p").splitlines()
        ]

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
        self.until("delay ├")

    def wait_for(self, condition: Callable[[list[str]], Seen]) -> Seen:
        """Wait until the condition holds for the rows, and return what it sees.

        Each look starts a process, so there are fewer of them.
        """
        return wait_for(lambda: condition(self.rows), lambda: "\n".join(self.rows), tick=5 * TICK)

    def until(self, text: str) -> None:
        """Wait until the text is on the screen."""
        self.wait_for(lambda rows: any(text in row for row in rows))

    def until_rows(self, *rows: str) -> None:
        """Wait until these rows stand on the screen, one under the other."""
        wanted = "\n".join(["", *rows, ""])
        self.wait_for(lambda rows: wanted in "\n".join(["", *rows, ""]))


@contextmanager
def in_tmux(shell: str = "sh") -> Iterator[Terminal]:
    """Open a terminal while the block runs."""
    with TemporaryDirectory() as folder:
        terminal = Terminal(f"{folder}/tmux", 100, 24, shell)
        try:
            yield terminal
        finally:
            terminal.tmux("kill-server")
