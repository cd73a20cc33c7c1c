"""Replace and restart servers under steady load, and count what is lost.

``python -m bench.restarts workers [RUNS]``: SIGUSR2 replaces four workers, once in each run.
``python -m bench.restarts haproxy [RUNS]``: two servers behind HAProxy, with the configuration of
docs/deploy.md and without its retries, are restarted one after the other.

200 clients each shout 20 times a second, with a delay of 1 s: in a run with workers 150 over
connections that obey ``draining`` and 50 with a connection for each shout; behind HAProxy 100, 50,
and 50 that ignore it.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from bench.restarted_server import RestartedServer, wait_until

ALWAYS: Final = ("--delay=1", "--log-level=info")
"""Arguments of every server."""

CLIENT_PROCESSES: Final = 2

SETTLED: Final = 3.0
"""Seconds of load before a restart, and after it."""

PAGE: Final = Path(__file__).parents[1] / "docs" / "deploy.md"


class Load:
    """Clients in processes of their own."""

    def __init__(self, port: int, once: int, obeying: int, ignoring: int) -> None:
        shares = [str(each // CLIENT_PROCESSES) for each in (once, obeying, ignoring)]
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.steady_clients", str(port), *shares],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(CLIENT_PROCESSES)
        ]

    def end(self) -> tuple[Counter[str], Counter[str]]:
        """Stop shouting; return the shouts that were sent, and those that came whole, by kind."""
        sent: Counter[str] = Counter()
        whole: Counter[str] = Counter()
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in self._processes:
            assert process.stdout is not None
            told = json.loads(process.stdout.read())
            process.wait()
            sent.update(told["sent"])
            whole.update(told["whole"])
        return sent, whole


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def replace_workers(folder: Path) -> str:
    """Replace four workers under load; return the result in words."""
    port = free_port()
    server = RestartedServer([*ALWAYS, f"--port={port}", "--workers=4"], folder / "log")
    load = Load(port, once=50, obeying=150, ignoring=0)
    try:
        time.sleep(SETTLED)
        server.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: "replaced 4 workers" in server.log, lambda: server.log)
        time.sleep(SETTLED)
        sent, whole = load.end()
        server.stop()
    finally:
        server.end()
    return f"{_lost(sent, whole)}; heard {server.heard}"


def restart_behind_haproxy(folder: Path) -> str:
    """Restart two servers behind HAProxy under load; return the result in words."""
    text = PAGE.read_text(encoding="utf-8")
    ports = {name: str(free_port()) for name in ("8000", "8001", "8002", "9001", "9002")}

    def block(language: str) -> str:
        found = re.search(rf"(?ms)^```{language}\n(.*?)^```$", text)
        assert found is not None
        return re.sub(r"\b[89]00[0-9]\b", lambda each: ports[each[0]], found[1])

    control = folder / "haproxy.sock"
    config = folder / "haproxy.cfg"
    config.write_text(
        f"global\n    stats socket {control} level admin\n"
        + block("haproxy").replace("defaults\n", "defaults\n    retries 0\n")
    )
    with ExitStack() as stack:
        servers = []
        for number, line in enumerate(block("sh").splitlines()):
            arguments = [*ALWAYS, *line.split()[1:], "--host=127.0.0.1"]
            servers.append(RestartedServer(arguments, folder / f"log{number}"))
            stack.callback(servers[-1].end)
        stack.enter_context(_haproxy(config))
        wait_until(lambda: control.exists() and _in_use(control) == 2, config.read_text)
        load = Load(int(ports["8000"]), once=50, obeying=100, ignoring=50)
        time.sleep(SETTLED)
        for server in servers:
            server.restart()
            wait_until(lambda: _in_use(control) == 2, config.read_text)
        time.sleep(SETTLED)
        sent, whole = load.end()
        for server in servers:
            server.stop()
    heard = sum(server.heard for server in servers)
    return f"{_lost(sent, whole)}; heard {heard}, whole {whole.total()}"


@contextmanager
def _haproxy(config: Path) -> Iterator[None]:
    program = shutil.which("haproxy")
    if program is None:
        sys.exit("this needs haproxy")
    with subprocess.Popen([program, "-db", "-f", config], stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def _in_use(control: Path) -> int:
    """Return how many servers HAProxy takes for healthy."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(control))
        sock.sendall(b"show servers state reverb\n")
        with sock.makefile() as file:
            rows = [line.split() for line in file if line[:1].isdigit()]
    return sum(row[5] == "2" for row in rows if len(row) > 10)  # 2 is "running"


def _lost(sent: Counter[str], whole: Counter[str]) -> str:
    return ", ".join(f"{kind}: {sent[kind] - whole[kind]} of {sent[kind]} lost" for kind in sent)


WAYS: Final = {"workers": replace_workers, "haproxy": restart_behind_haproxy}


def main() -> None:
    """Run what the command line names."""
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in WAYS:
        sys.exit(__doc__)
    os.environ.pop("REVERB_PORT", None)
    for number in range(int(sys.argv[2]) if len(sys.argv) == 3 else 1):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{number + 1}: {WAYS[sys.argv[1]](Path(folder))}", flush=True)


if __name__ == "__main__":
    main()
