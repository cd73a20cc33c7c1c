"""docs/deploy.md: its configurations are started as they stand there, and keep what it says."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from bench.check.proxies import stream_module
from bench.restarted_server import RestartedServer
from bench.steady_clients import Clients
from tests.process.balanced import DELAY, Ports
from tests.process.commands import TIMEOUT, environment
from tests.process.waiting import wait_for

PAGE = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text(encoding="utf-8")

HURRY = {"inter 500ms": "inter 100ms"}
"""The balancer notices sooner than on the page: that a server is back, above all."""

ROUNDS = 3


def block(language: str, number: int = 0) -> str:
    """Return a block of the page, which begins where a section has one."""
    blocks: list[str] = re.findall(rf"(?ms)^```{language}\n(.*?)^```$", PAGE)
    text = blocks[number]
    for slow, fast in HURRY.items():
        text = text.replace(slow, fast)
    return text


@contextmanager
def servers(number: int, ports: Ports, folder: Path) -> Iterator[list[RestartedServer]]:
    """Start the servers of a block of commands."""
    with ExitStack() as stack:
        started = []
        for place, line in enumerate(ports.put_into(block("sh", number)).splitlines()):
            arguments = [*line.split()[1:], "--host", "127.0.0.1", "--delay", str(DELAY)]
            started.append(RestartedServer(arguments, folder / f"log{place}", environment()))
            stack.callback(started[-1].end)
        yield started


@contextmanager
def haproxy(ports: Ports, folder: Path) -> Iterator[None]:
    """Start HAProxy with its configuration, which gives no connection a second chance."""
    control = folder / "haproxy.sock"
    text = ports.put_into(block("haproxy"))
    text = f"global\n    stats socket {control} level admin\n{text}"
    text = text.replace("defaults\n", "defaults\n    retries 0\n")
    file = folder / "haproxy.cfg"
    file.write_text(text)
    checked = subprocess.run(
        ["haproxy", "-c", "-f", str(file)], capture_output=True, text=True, timeout=TIMEOUT
    )
    assert (checked.returncode, checked.stderr.count("[WARNING]")) == (0, 0), checked.stderr
    with subprocess.Popen(
        ["haproxy", "-db", "-f", str(file)], stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(control.exists, lambda: list(folder.iterdir()))
            wait_for(lambda: in_use(folder) == 2, lambda: in_use(folder))
            yield
        finally:
            process.kill()


def in_use(folder: Path) -> int:
    """Return how many servers HAProxy takes for healthy."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(TIMEOUT)
        sock.connect(str(folder / "haproxy.sock"))
        sock.sendall(b"show servers state reverb\n")
        with sock.makefile() as file:
            rows = [line.split() for line in file if line[:1].isdigit()]
    # The sixth word is the operational state, 2 is "running"; the first row is a version.
    return sum(row[5] == "2" for row in rows if len(row) > 10)


@pytest.mark.skipif(not shutil.which("haproxy"), reason="needs HAProxy")
async def test_restarts_behind_haproxy_lose_no_shout_of_who_obeys(tmp_path: Path) -> None:
    ports = Ports()
    with servers(0, ports, tmp_path) as (one, two), haproxy(ports, tmp_path):
        clients = Clients(ports["8000"])
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(clients.shout_once_per_connection)
            for number in range(6):
                group.start_soon(shout_on, clients, number % 2 == 0)
            for _ in range(ROUNDS):
                for server in (one, two):
                    await anyio.to_thread.run_sync(server.restart)
                    await anyio.to_thread.run_sync(
                        lambda: wait_for(lambda: in_use(tmp_path) == 2, lambda: in_use(tmp_path))
                    )
            clients.stopped = True
        for server in (one, two):
            server.stop()
        assert min(clients.sent.values()) > 100
        assert clients.lost("once") == 0
        assert clients.lost("obeying") == 0
        assert one.heard + two.heard == clients.whole.total()


async def shout_on(clients: Clients, obey: bool) -> None:
    await clients.shout_on(obey=obey)


@contextmanager
def nginx(ports: Ports, folder: Path) -> Iterator[None]:
    """Start nginx with its configuration."""
    errors = folder / "error.log"
    file = folder / "nginx.conf"
    file.write_text(
        f"load_module {stream_module()};\ndaemon off;\npid {folder}/pid;\n"
        f"error_log {errors};\nevents {{}}\n{ports.put_into(block('nginx'))}"
    )
    command = ["nginx", "-e", str(errors), "-p", str(folder), "-c", str(file)]
    with subprocess.Popen(command) as process:
        try:
            wait_for(lambda: connects(ports["8000"]), errors.read_text)
            yield
        finally:
            process.terminate()


@pytest.mark.skipif(
    not (shutil.which("nginx") and stream_module()), reason="needs nginx and its module stream"
)
async def test_restarts_behind_nginx_lose_nothing_of_one_shout_per_connection(
    tmp_path: Path,
) -> None:
    ports = Ports()
    with servers(2, ports, tmp_path) as started, nginx(ports, tmp_path):
        clients = Clients(ports["8000"])
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(clients.shout_once_per_connection)
            for server in started:
                await anyio.to_thread.run_sync(server.restart)
                await anyio.to_thread.run_sync(server.wait_for_a_client)
            clients.stopped = True
        assert clients.sent["once"] > 20
        assert clients.lost("once") == 0


def connects(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0
