"""The command ``reverb-server`` with ``--admin``."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench.clients import at_most, good, serving, until
from tests.process.asking import ask
from tests.process.commands import (
    BACKENDS,
    TIMEOUT,
    Running,
    assert_one_sentence,
    command,
    environment,
    log_line,
    run,
)
from tests.process.waiting import wait_for

GET = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"


def admin_port(running: Running) -> int:
    """Read the log up to the line that says where the admin address is."""
    found = re.search(r"admin on http://127\.0\.0\.1:(\d+)", log_line(running, "admin on "))
    assert found
    return int(found[1])


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_answers_until_the_end_of_the_drain(backend: str) -> None:
    arguments = ["--port", "0", "--admin", "127.0.0.1:0", "--backend", backend]
    with command(*arguments, "--delay", "60", "--drain-timeout", "60") as running:
        assert running.ready.startswith("reverb-server: listening on ")
        port = admin_port(running)
        assert ask(port, "/health") == (200, b"ok\n")
        with socket.create_connection(("127.0.0.1", running.port), timeout=TIMEOUT) as sock:
            sock.sendall(b"Hello?\n")
            assert sock.recv(100) == b"\t HELLO?\n"
            (one,) = json.loads(ask(port, "/connections")[1])["connections"]
            assert one["peer"] == f"127.0.0.1:{sock.getsockname()[1]}"
            assert (one["shouts"], one["echoes"], one["pending"]) == (1, 1, 1)
            running.process.send_signal(signal.SIGTERM)
            wait_for(lambda: ask(port, "/health")[0] == 503, lambda: ask(port, "/health"))
            families = text_string_to_metric_families(ask(port, "/metrics")[1].decode())
            samples = {each.name: each.value for family in families for each in family.samples}
            assert samples["reverb_pending_shouts"] == 1
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(TIMEOUT) == 1  # an echo was lost
        with pytest.raises(ConnectionRefusedError):
            ask(port, "/health")


def test_a_unix_socket_is_taken_away_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "admin"
    with command("--port", "0", "--admin", f"unix:{path}") as running:
        assert f"unix:{path} (http)" in log_line(running, "admin on ")
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(TIMEOUT)
            sock.connect(str(path))
            sock.sendall(GET % b"/health")
            assert sock.recv(1000).endswith(b"\r\n\r\nok\n")
        assert running.end(signal.SIGTERM)[0] == 0
    assert not path.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_an_admin_address_beyond_this_machine_is_warned_of(host: str) -> None:
    with command("--port", "0", "--admin", f"{host}:0") as running:
        log_line(running, "admin on http://")
        warning = running.end(signal.SIGTERM)[2]
    assert ("--admin localhost:PORT keeps it here" in warning) == (host == "0.0.0.0")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--port", "8123", "--admin", "8123"], "where the echoes are"),
        (["--unix", "x", "--admin", "unix:x"], "where the echoes are"),
        (["--admin", "localhost"], "no port"),
        (["--admin", "tls://localhost:9100"], "TLS"),
        (["--admin", "70000"], "out of range"),
    ],
)
def test_a_wrong_admin_address_is_one_sentence(arguments: list[str], word: str) -> None:
    done = run(*arguments)
    assert_one_sentence(done.stderr)
    assert word in done.stderr
    assert (done.returncode, done.stdout) == (2, "")


def test_an_admin_address_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run("--port", "0", "--admin", f"127.0.0.1:{port}")
    assert_one_sentence(done.stderr)
    assert f"port {port}: it is taken" in done.stderr
    assert (done.returncode, done.stdout) == (1, "")


WITHOUT = """
import sys
from importlib import util
found = util.find_spec
util.find_spec = lambda name, *more: None if name == {missing!r} else found(name, *more)
from reverb_server.__main__ import main
main()
"""


@pytest.mark.parametrize("missing", ["h11", "prometheus_client"])
def test_without_its_extra_it_says_how_to_get_it(missing: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing=missing), "--port", "0", "--admin", "0"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert_one_sentence(done.stderr)
    assert f"{missing} is not installed: pip install 'reverb-echo[admin]'" in done.stderr
    assert done.returncode == 1


def test_a_server_without_it_imports_nothing_of_it() -> None:
    program = (
        "import sys, reverb_server.cli, reverb_server.pytest_plugin, reverb_server.net.server; "
        "print([each for each in sys.modules if each.split('.')[0] in ('h11', 'prometheus_client')"
        " or each.startswith('reverb_server.admin.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=TIMEOUT, check=True
    )
    assert done.stdout == "[]\n"


Attack = Callable[[int, float], None]


@contextmanager
def several(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Have so many connections at a time, some of which may be closed by the server."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT))
            for _ in range(count)
        ]


def says_nothing(port: int, seconds: float) -> None:
    """Be a thousand scrapers that say nothing."""
    for _ in until(seconds):
        with several(port, at_most(1000)):
            pass


def asks_half(port: int, seconds: float) -> None:
    """Send half a request on each of many connections."""
    for _ in until(seconds):
        with several(port, at_most(200)) as socks:
            for sock in socks:
                with suppress(OSError):
                    sock.sendall(b"GET /metrics HTTP/1.1\r\nX: ")


def never_reads(port: int, seconds: float) -> None:
    """Ask for the longest page over and over, and read nothing of it."""
    with several(port, 16) as socks:
        for sock in socks:
            sock.setblocking(False)
        for _ in until(seconds):
            for sock in socks:
                with suppress(OSError):
                    sock.send(GET % b"/connections" * 100)
            time.sleep(0.01)


def floods(port: int, seconds: float) -> None:
    """Send requests as fast as they go, and read the answers."""
    with several(port, 4) as socks:
        for sock in socks:
            sock.setblocking(False)
        for _ in until(seconds):
            for sock in socks:
                with suppress(OSError):
                    sock.send(GET % b"/metrics" * 20)
                with suppress(OSError):
                    sock.recv(1 << 20)


def sends_garbage(port: int, seconds: float) -> None:
    """Send what is no request."""
    for _ in until(seconds):
        with several(port, 50) as socks:
            for sock in socks:
                with suppress(OSError):
                    sock.sendall(os.urandom(10_000))


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is read from /proc")
@pytest.mark.parametrize("backend", BACKENDS)
def test_no_scraper_costs_a_client_its_echoes_or_the_server_its_memory(backend: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    admin = f"127.0.0.1:{port}"
    with serving("--delay", "0.1", "--backend", backend, "--admin", admin) as served:
        before, descriptors = served.memory(), served.descriptors()
        attacks: list[Attack] = [says_nothing, asks_half, never_reads, floods, sends_garbage]
        for attack in attacks:
            attacker = threading.Thread(target=attack, args=(port, 0.2))
            attacker.start()
            late = good(served.address, 0.2, 0.1)
            attacker.join(TIMEOUT)
            assert late < 3, attack.__name__
            assert served.memory(most=True) < before + 40, attack.__name__
            assert ask(port, "/health") == (200, b"ok\n")
        wait_for(lambda: served.descriptors() <= descriptors, served.descriptors)
