"""The command ``reverb-server`` under signals, attacks and with TLS, in a process of its own."""

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from bench.clients import ATTACKS, good, serving
from tests.process.commands import BACKENDS, TIMEOUT, Running, command, run
from tests.server.calls import echoes

DELAY = 0.1


def log_line(running: Running, word: str) -> str:
    """Read the log up to a line with a word in it."""
    assert running.process.stderr is not None
    for line in running.process.stderr:
        if word in line:
            return line
    raise AssertionError(f"the log ended without {word!r}")


@contextmanager
def shouting(running: Running) -> Iterator[Any]:
    """Shout once and have the loud echo back; what comes later can be read from the file."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=TIMEOUT) as sock:
        sock.sendall(b"Hello?\n")
        with sock.makefile("rb") as file:
            assert file.readline() == b"\t HELLO?\n"
            yield file


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
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


def test_log_level_leaves_out_what_is_less_severe() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = [sys.executable, "-m", "reverb_server", "--host", "0.0.0.0", "--port", str(port)]
    with subprocess.Popen(
        [*arguments, "--log-level", "warning"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT).close()
        process.terminate()
        rest = process.stderr.read()
    assert "without TLS" in first  # the warning of who listens to others
    assert rest == ""


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [(["--host", "0.0.0.0"], True), (["--host", "127.0.0.1"], False), ([], False)],
)
def test_listening_to_others_without_tls_is_warned_of(arguments: list[str], warned: bool) -> None:
    with command("--port", "0", *arguments) as running:
        running.process.terminate()
        assert running.process.stderr is not None
        assert ("without TLS" in running.process.stderr.read()) == warned


def test_an_empty_variable_counts_as_none() -> None:
    with command("--port", "0", REVERB_DELAY="", REVERB_MODE="", REVERB_UNIX="") as running:
        assert running.ready.endswith("(concurrent, delay 1 s)\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--max-line", "0"],
        ["--max-pending", "100"],
        ["--max-connections", "0"],
        ["--idle-timeout", "-1"],
        ["--write-timeout", "nan"],
        ["--drain-timeout", "inf"],
        ["--tls-key", "key.pem"],
        ["--log-level", "loud"],
    ],
)
def test_a_wrong_limit_is_one_sentence_with_status_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert re.fullmatch(rf"reverb-server: [^\n]*{arguments[0][2:]}[^\n]+\n", done.stderr)
    assert done.returncode == 2


# TLS


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    """A folder with a server's certificate and its authority's."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued = authority.issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    return tmp_path


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_openssl_gets_its_echoes(version: str, backend: str, certificates: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    cert = str(certificates / "server.pem")
    with command("--port", "0", "--delay", "0", "--tls-cert", cert, "--backend", backend) as (
        running
    ):
        assert running.ready.endswith("(concurrent, delay 0 s, TLS)\n")
        options = ["-quiet", "-verify_return_error", "-CAfile", str(certificates / "ca.pem")]
        with subprocess.Popen(
            [openssl, "s_client", "-connect", f"localhost:{running.port}", version, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as client:
            assert client.stdin is not None
            assert client.stdout is not None
            client.stdin.write(b"Hello?\n")
            client.stdin.flush()
            assert sorted(client.stdout.readline() for _ in range(3)) == echoes(b"Hello?")
            client.terminate()
        assert running.end(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_sighup_reads_the_certificate_again_and_bad_files_change_nothing(
    backend: str, certificates: Path
) -> None:
    path = certificates / "server.pem"
    context = ssl.create_default_context(cafile=certificates / "ca.pem")
    with command("--port", "0", "--tls-cert", str(path), "--backend", backend) as running:

        def connect() -> ssl.SSLSocket:
            sock = socket.create_connection(("127.0.0.1", running.port), timeout=TIMEOUT)
            return context.wrap_socket(sock, server_hostname="localhost")

        with connect() as kept:
            path.write_text("broken")
            running.process.send_signal(signal.SIGHUP)
            assert "kept the certificate" in log_line(running, "certificate")
            connect().close()
            authority = trustme.CA()
            issued = authority.issue_cert("localhost")
            issued.private_key_and_cert_chain_pem.write_to_path(str(path))
            running.process.send_signal(signal.SIGHUP)
            assert "read the certificate again" in log_line(running, "certificate")
            with pytest.raises(ssl.SSLCertVerificationError):
                connect()
            authority.configure_trust(context)
            connect().close()
            kept.sendall(b"Hello?\n")
            assert kept.recv(100) == b"\t HELLO?\n"


def test_bad_tls_files_are_one_sentence_with_status_1(tmp_path: Path) -> None:
    done = run("--port", "0", "--tls-cert", str(tmp_path / "missing.pem"))
    assert re.fullmatch(r"reverb-server: cannot serve TLS with [^\n]+\n", done.stderr)
    assert done.returncode == 1


# Unix sockets


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_unix_socket_serves_and_a_killed_servers_is_taken_over(
    backend: str, tmp_path: Path
) -> None:
    path = tmp_path / "reverb"
    arguments = [sys.executable, "-m", "reverb_server", "--unix", str(path), "--delay", "0"]
    for number in (signal.SIGKILL, signal.SIGTERM):
        with subprocess.Popen(
            [*arguments, "--backend", backend], stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            assert process.stderr.readline() == (
                f"reverb-server: listening on {path} (concurrent, delay 0 s)\n"
            )
            with socket.socket(socket.AF_UNIX) as sock:
                sock.connect(str(path))
                sock.sendall(b"Hello?\n")
                sock.shutdown(socket.SHUT_WR)
                with sock.makefile("rb") as file:
                    assert sorted(file) == echoes(b"Hello?")
            assert run("--unix", str(path)).returncode == 1
            process.send_signal(number)
        assert path.exists() == (number == signal.SIGKILL)


# Attacks


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is read from /proc")
@pytest.mark.parametrize("backend", BACKENDS)
def test_under_each_attack_memory_is_bounded_and_another_client_gets_all_in_time(
    backend: str,
) -> None:
    with serving("--delay", str(DELAY), "--backend", backend) as served:
        before, descriptors = served.memory(), served.descriptors()
        for name, attack in ATTACKS.items():
            attacker = threading.Thread(target=attack, args=(served.address, 0.3))
            attacker.start()
            late = good(served.address, 0.5, DELAY)
            attacker.join(TIMEOUT)
            assert late < 1, name
            assert served.memory(most=True) < before + 40, name
        for _ in range(50):
            if served.descriptors() <= descriptors:
                break
            time.sleep(0.1)
        assert served.descriptors() <= descriptors
        assert served.memory() < before + 30
