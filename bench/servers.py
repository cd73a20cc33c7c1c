"""The servers that are measured: how each is started, on one core, and stopped."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.machine import on_core
from bench.programs import HERE, Failed, Programs

GIVE_UP_AFTER: Final = 20.0
"""Seconds within which a server must listen."""

REVERB: Final = "reverb"
TRIO: Final = "reverb, trio"
GOROUTINES: Final = "goroutines"
TUNED: Final = "tuned Go"
LIMIT: Final = "the limit"
TASKS: Final = "tasks"
SOCAT: Final = "socat"
NCAT: Final = "ncat"

Command = Callable[[int, float], list[str]]
"""How to start a server, by its port and delay in seconds."""


@dataclass(frozen=True)
class Subject:
    """A thing to measure: its name, and where it serves if it is a server."""

    name: str
    address: str = ""
    pid: int = 0


def reverb_command(port: int, delay: float = 0.0, *more: str) -> list[str]:
    """Return the command that starts Reverb's server."""
    options = ["--port", str(port), "--delay", str(delay), "--log-level", "error"]
    return [sys.executable, "-m", "reverb_server", *options, *more]


def echoing(programs: Programs) -> dict[str, Command]:
    """Return the commands of the servers that echo lines three times."""
    commands: dict[str, Command] = {
        REVERB: reverb_command,
        GOROUTINES: _compiled(programs.goroutines),
        TUNED: _compiled(programs.tuned),
        TRIO: lambda port, delay: reverb_command(port, delay, "--backend", "trio"),
        TASKS: lambda port, delay: [
            sys.executable,
            str(HERE / "peers/tasks.py"),
            str(port),
            str(delay),
        ],
    }
    if programs.limit is not None:
        commands[LIMIT] = _compiled(programs.limit)
    return commands


def _compiled(program: Path) -> Command:
    return lambda port, delay: [str(program), f"-address=127.0.0.1:{port}", f"-delay={delay}"]


def plain(programs: Programs) -> dict[str, Command]:
    """Return the commands of the plain echo servers that are installed."""
    go = str(programs.goroutines)
    commands: dict[str, Command] = {
        REVERB: lambda port, delay: reverb_command(port, delay, "--mode", "plain"),
        GOROUTINES: lambda port, _: [go, f"-address=127.0.0.1:{port}", "-plain"],
        TRIO: lambda port, delay: reverb_command(
            port, delay, "--mode", "plain", "--backend", "trio"
        ),
        SOCAT: lambda port, _: [
            "socat",
            f"TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr",
            "PIPE",
        ],
        NCAT: lambda port, _: ["ncat", "-l", "127.0.0.1", str(port), "-k", "-e", "/bin/cat"],
    }
    return {
        name: command
        for name, command in commands.items()
        if name not in (SOCAT, NCAT) or shutil.which(name)
    }


@contextmanager
def serving(name: str, command: Command, delay: float, core: int) -> Iterator[Subject]:
    """Start a server on ``core`` and stop it afterwards. Raises Failed if it does not listen."""
    port = free_port()
    with started(command(port, delay), core) as process:
        wait_until_listening(port, process)
        yield Subject(name, f"127.0.0.1:{port}", process.pid)


@contextmanager
def started(command: list[str], core: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program on ``core`` and kill it afterwards: what is pending is not waited for."""
    with on_core(core):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
    return port


def wait_until_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody can connect. Raises Failed."""
    end = time.monotonic() + GIVE_UP_AFTER
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.005)
    raise Failed(f"the server does not listen: {process.args!r}")
