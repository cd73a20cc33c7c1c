"""What the real command ``reverb-server`` serves, and how it ends."""

import re
import resource
import shutil
import signal
import socket
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.families import needs_ipv6
from tests.process.commands import BACKENDS, COMMAND, TIMEOUT, USUAL, command, environment, run
from tests.process.forking import start
from tests.server.calls import echoes


@pytest.mark.parametrize(
    ("backend", "with_signal"), [("asyncio", signal.SIGINT), ("trio", signal.SIGTERM)]
)
def test_a_signal_ends_it_with_status_0_and_a_free_port(
    backend: str, with_signal: signal.Signals
) -> None:
    with command("--port", "0", "--delay", "0", "--backend", backend) as running:
        with socket.create_connection(("127.0.0.1", running.port), timeout=TIMEOUT) as sock:
            sock.sendall(b"Hello?\n")
            with sock.makefile("rb") as file:
                assert sorted(file.readline() for _ in range(3)) == echoes(b"Hello?")
                assert running.end(with_signal) == (0, "", "")
                assert file.read() == b""
        for address in [("127.0.0.1", running.port), ("::1", running.port)]:
            with pytest.raises(OSError, match=r"Errno (111|61|99)\b"):  # refused, or no IPv6 here
                socket.create_connection(address)


@needs_ipv6
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_ready_line_has_every_address_with_its_real_port(backend: str) -> None:
    with command("--port", "0", "--delay", "0", "--backend", backend) as running:
        port = running.port
        assert running.ready == (
            f"reverb-server: listening on 127.0.0.1:{port} and [::1]:{port} "
            "(concurrent, delay 0 s)\n"
        )
        assert port > 0
        for host in ["127.0.0.1", "::1"]:
            heard = running.shout(b"Hello?\n", host)
            assert sorted(heard.splitlines(keepends=True)) == echoes(b"Hello?")


@pytest.mark.parametrize(
    ("arguments", "manner"),
    [
        (["--mode", "sequential", "--delay", "0.25"], "(sequential, delay 0.25 s)"),
        (["--mode", "plain"], "(plain)"),
        ([], "(concurrent, delay 1 s)"),
    ],
)
def test_the_ready_line_says_how_it_echoes(arguments: list[str], manner: str) -> None:
    with command("--port", "0", *arguments) as running:
        assert running.ready.endswith(f" {manner}\n")


@needs_ipv6
def test_one_host_is_one_address() -> None:
    with command("--port", "0", "--host", "::1") as running:
        assert f"listening on [::1]:{running.port} (" in running.ready
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", running.port))


def test_plain_mode_gives_every_byte_back() -> None:
    sent = bytes(range(256)) * 5_000
    received = bytearray()
    with (
        command("--port", "0", "--mode", "plain") as running,
        socket.create_connection(("127.0.0.1", running.port), timeout=TIMEOUT) as sock,
    ):
        for begin in range(0, len(sent), 64_000):
            sock.sendall(sent[begin : begin + 64_000])
            while len(received) < min(begin + 64_000, len(sent)):
                received += sock.recv(64_000)
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(1) == b""
    assert received == sent


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can limit a process")
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_process_out_of_file_descriptors_says_so_and_recovers(backend: str) -> None:
    with command("--port", "0", "--delay", "0", "--backend", backend) as running:
        resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (24, 24))
        crowd = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(40)]
        assert running.process.stderr is not None
        told = USUAL.sub("", running.process.stderr.readline())
        for sock in crowd:
            sock.close()
        heard = running.shout(b"Hello?\n")
        assert sorted(heard.splitlines(keepends=True)) == echoes(b"Hello?")
        status, _, err = running.end(signal.SIGTERM)
    assert told == "reverb-server: cannot accept connections for now: Too many open files\n"
    assert set(err.splitlines()) <= {told.strip(), "reverb-server: accepting connections again"}
    assert status == 0


def netcat() -> str:
    """Find an ``nc`` that can half-close; skip the test if there is none."""
    for path in filter(None, map(shutil.which, ("nc.openbsd", "nc"))):
        told = subprocess.run([path, "-h"], capture_output=True, text=True)
        if re.search(r"usage: nc \[-\w*N", told.stderr + told.stdout):
            return path
    pytest.skip("nc with -N (Debian: netcat-openbsd) is not installed")


@pytest.mark.parametrize(("backend", "delay"), [("asyncio", "0"), ("trio", "0.1")])
def test_netcat_gets_three_exact_echoes_of_each_line_of_a_long_file(
    delay: str, backend: str, tmp_path: Path
) -> None:
    shouts = [b"Line %d of the file" % number for number in range(30_000)]
    file = tmp_path / "file"
    file.write_bytes(b"".join(line + b"\n" for line in shouts))
    with command("--port", "0", "--delay", delay, "--backend", backend) as running:
        with file.open("rb") as lines:
            done = subprocess.run(
                [netcat(), "-N", "localhost", str(running.port)],
                stdin=lines,
                capture_output=True,
                timeout=TIMEOUT,
            )
        assert (done.returncode, done.stderr) == (0, b"")
        assert Counter(done.stdout.splitlines(keepends=True)) == Counter(echoes(*shouts))
        assert running.end(signal.SIGTERM) == (0, "", "")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_unix_socket_serves_and_a_killed_servers_is_taken_over(
    backend: str, tmp_path: Path
) -> None:
    path = tmp_path / "reverb"
    arguments = [*COMMAND, "--unix", str(path), "--delay", "0"]
    for number in (signal.SIGKILL, signal.SIGTERM):
        with start(
            [*arguments, "--backend", backend],
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
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
