"""The command ``reverb-server`` under signals."""

import re
import resource
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any

import pytest

from tests.process.commands import BACKENDS, TIMEOUT, Running, command, log_line


@contextmanager
def shouting(running: Running) -> Iterator[Any]:
    """Shout once and have the loud echo back; what comes later can be read from the file."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=TIMEOUT) as sock:
        sock.sendall(b"Hello?\n")
        with sock.makefile("rb") as file:
            assert file.readline() == b"\t HELLO?\n"
            yield file


@pytest.mark.parametrize(
    ("backend", "number"), [("asyncio", signal.SIGTERM), ("trio", signal.SIGINT)]
)
def test_a_signal_sends_what_is_pending_and_ends_with_status_0(
    backend: str, number: signal.Signals
) -> None:
    with command("--port", "0", "--delay", "0.4", "--backend", backend) as running:
        with shouting(running) as file:
            running.process.send_signal(number)
            assert file.read() == b"\t Hello?\n\t hello?\n"
        assert running.end(signal.SIGHUP)[0] == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_due_after_drain_timeout_is_lost_with_status_1_and_the_log_says_how_many(
    backend: str,
) -> None:
    arguments = ["--port", "0", "--delay", "60", "--drain-timeout", "0.3", "--backend", backend]
    with command(*arguments) as running:
        with shouting(running) as file, shouting(running):
            running.process.send_signal(signal.SIGTERM)
            assert b'"code":"cut"' in file.read()
        _, err = running.process.communicate(timeout=TIMEOUT)
        assert running.process.returncode == 1
    assert "reverb-server: stopped: shouts that lost echoes: 2\n" in err
    assert len(re.findall(r" cut: shouts=1 echoes=1 ", err)) == 2


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_second_signal_cuts_at_once(backend: str) -> None:
    arguments = ["--port", "0", "--delay", "60", "--drain-timeout", "600", "--backend", backend]
    with command(*arguments) as running:
        with shouting(running) as file:
            running.process.send_signal(signal.SIGTERM)
            log_line(running, "stopping")
            running.process.send_signal(signal.SIGUSR1)
            assert "pending=1" in log_line(running, "connections=1")
            running.process.send_signal(signal.SIGINT)
            assert b'"code":"cut"' in file.read()
        running.process.wait(TIMEOUT)
        assert running.process.returncode == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_sigusr1_logs_a_summary_and_sighup_without_tls_changes_nothing(backend: str) -> None:
    with command("--port", "0", "--delay", "60", "--drain-timeout", "0", "--backend", backend) as (
        running
    ):
        with shouting(running):
            running.process.send_signal(signal.SIGHUP)
            running.process.send_signal(signal.SIGUSR1)
            summary = log_line(running, "connections=")
        assert re.fullmatch(
            r"reverb-server: connections=1 pending=1 held=\d+ shouts=1 echoes=1 "
            r"lateness_p50=[\d.]+ lateness_p99=[\d.]+\n",
            summary,
        )
        assert (
            running.end(signal.SIGTERM)[0] == 1
        )  # a close is a half-close until something is sent


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_flood_of_signals_changes_neither_the_end_nor_its_status(backend: str) -> None:
    arguments = ["--port", "0", "--delay", "60", "--drain-timeout", "600", "--backend", backend]
    with command(*arguments) as running, shouting(running):
        flood = cycle((signal.SIGTERM, signal.SIGHUP, signal.SIGINT))
        until = time.monotonic() + TIMEOUT
        while running.process.poll() is None and time.monotonic() < until:
            running.process.send_signal(next(flood))
        assert running.process.poll() == 1
        _, err = running.process.communicate(timeout=TIMEOUT)
    assert err.endswith("reverb-server: stopped: shouts that lost echoes: 1\n")
    assert "Traceback" not in err


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_a_server_out_of_descriptors_can_be_stopped(backend: str) -> None:
    with command("--port", "0", "--backend", backend) as running:
        resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (3, 3))
        assert running.end(signal.SIGTERM)[0] == 0
