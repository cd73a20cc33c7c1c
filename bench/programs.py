"""The programs in Go and in C: how they are built, and how the load is called."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.machine import on_core

HERE: Final = Path(__file__).parent


class Failed(Exception):
    """A run has no figures; the text says why."""


@dataclass(frozen=True)
class Programs:
    load: Path
    goroutines: Path
    tuned: Path
    limit: Path | None
    """None where there is no C compiler."""


def build(into: Path) -> Programs:
    """Build them. Raises Failed if there is no Go, or if a compiler refuses.

    The first time takes half a minute: Go compiles its standard library, and keeps it in its
    cache.
    """
    compiler = shutil.which("cc")
    limit = None if compiler is None else into / "limit"
    programs = Programs(into / "load", into / "goroutines", into / "tuned", limit)
    compile_go(programs.load, "load")
    compile_go(programs.goroutines, "peers/goroutines")
    compile_go(programs.tuned, "peers/tuned")
    if compiler is not None and limit is not None:
        source = HERE / "peers/limit/limit.c"
        _compile([compiler, "-O2", "-o", str(limit), str(source)], dict(os.environ))
    return programs


def go_command() -> str:
    """Return where Go is. Raises Failed if there is none."""
    beside = Path(sys.executable).with_name("go")
    go = str(beside) if beside.exists() else shutil.which("go")
    if go is None:
        raise Failed("there is no Go: pip install 'reverb-echo[bench]'")
    return go


def compile_go(program: Path, folder: str) -> None:
    """Build the sources of one folder. Raises Failed if there is no Go, or if it refuses."""
    environment = os.environ | {"GO111MODULE": "off", "GOTOOLCHAIN": "local"}
    if "HOME" not in environment:
        environment.setdefault("GOCACHE", str(program.parent / "cache"))
    sources = sorted(map(str, (HERE / folder).glob("*.go")))
    _compile([go_command(), "build", "-o", str(program), *sources], environment)


def _compile(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{Path(command[0]).name} could not build {command[-1]}: {done.stderr}")


OF_A_PROCESS: Final = ("cpu", "memory")
"""The figures that are read off the server's process."""


@dataclass(frozen=True)
class Load:
    """The load generator, on a core of its own."""

    program: Path
    core: int

    def __call__(
        self, measure: str, address: str, pid: int, **options: float | bool
    ) -> dict[str, float]:
        """Run one measure and return its figures. Raises Failed.

        Of a server that somebody else started, whose ``pid`` is 0, some are not known.
        """
        arguments = [f"-{name}={_text(value)}" for name, value in options.items()]
        command = [str(self.program), measure, f"-address={address}", f"-pid={pid}", *arguments]
        with on_core(self.core):
            done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Failed(
                done.stderr.partition("\n")[0] or f"the load ended with status {done.returncode}"
            )
        answer = json.loads(done.stdout)
        if "failed" in answer:
            raise Failed(answer["failed"])
        stats: dict[str, float] = answer["figures"]
        return stats if pid else {key: stats[key] for key in stats if key not in OF_A_PROCESS}


def _text(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
