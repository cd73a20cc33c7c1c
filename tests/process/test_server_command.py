"""The real command ``reverb-server``, in a process of its own."""

import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reverb_server import __version__
from tests.server.calls import echoes

BACKENDS = ["asyncio", "trio"]
TIMEOUT = 30
"""Real seconds after which a process hangs."""


def environment(**variables: str) -> dict[str, str]:
    """This process's environment, without settings of a server but those given."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("REVERB_")}
    # Wide enough that the help is not wrapped within an option.
    return {**inherited, "COLUMNS": "120", "NO_COLOR": "1", **variables}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "reverb_server", *arguments],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=10,
    )


USUAL = re.compile(r"reverb-server: (\S+ \w+: shouts=.*|stopping: .*|stopped)\n")


class Running:
    """The command, running and ready."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stderr is not None
        self.ready = process.stderr.readline()
        self.ports = [int(port) for port in re.findall(r":(\d+)(?= )", self.ready)]
        assert self.ports, f"not ready: {self.ready}{process.stderr.read()}"

    @property
    def port(self) -> int:
        return self.ports[0]

    def end(self, with_signal: signal.Signals) -> tuple[int, str, str]:
        """Send a signal; return the status, and what was printed beside the usual since ready."""
        self.process.send_signal(with_signal)
        out, err = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, out, USUAL.sub("", err)

    def shout(self, data: bytes, host: str = "127.0.0.1") -> bytes:
        """Send, half-close, and return all that comes back."""
        with socket.create_connection((host, self.port), timeout=TIMEOUT) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            with sock.makefile("rb") as file:
                return file.read()


@contextmanager
def command(*arguments: str, **variables: str) -> Iterator[Running]:
    """Start the command, wait until it is ready, and kill it if it still runs afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", "reverb_server", *arguments],
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
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
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address)


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


def assert_one_sentence(err: str) -> None:
    assert re.fullmatch(r"reverb-server: [^\n]+\n", err), err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "variables", "word"),
    [
        (["--delay", "61"], {}, "61"),
        (["--delay=-1"], {}, "-1"),
        (["--delay", "nan"], {}, "nan"),
        (["--delay", "soon"], {}, "soon"),
        (["--mode", "loud"], {}, "loud"),
        (["--backend", "curio"], {}, "curio"),
        (["--port", "65536"], {}, "65536"),
        (["--port", "http"], {}, "http"),
        (["--port", "80.5"], {}, "80.5"),
        (["--port"], {}, "--port"),
        (["--host", ""], {}, "host"),
        (["--loud"], {}, "--loud"),
        (["stray"], {}, "stray"),
        ([], {"REVERB_PORT": "abc"}, "REVERB_PORT"),
        ([], {"REVERB_DELAY": "61"}, "61"),
        ([], {"REVERB_MODE": "loud"}, "loud"),
    ],
)
def test_a_wrong_call_is_told_in_one_sentence_with_status_2(
    arguments: list[str], variables: dict[str, str], word: str
) -> None:
    done = run(*arguments, **variables)
    assert_one_sentence(done.stderr)
    assert word in done.stderr
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("hosts", [["127.0.0.1", "::1"], ["127.0.0.1"], ["::1"]])
def test_a_port_that_is_taken_is_refused_in_one_sentence_with_status_1(
    hosts: list[str], backend: str
) -> None:
    others: list[socket.socket] = []
    try:
        for host in hosts:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            port = others[0].getsockname()[1] if others else 0
            others.append(socket.create_server((host, port), family=family))
        port = others[0].getsockname()[1]
        done = run("--port", str(port), "--backend", backend)
    finally:
        for other in others:
            other.close()
    assert_one_sentence(done.stderr)
    assert f"port {port}: it is taken" in done.stderr
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("host", ["host.invalid", "192.0.2.1", "a" * 64])
def test_a_host_to_listen_on_that_is_not_here_is_refused_with_status_1(host: str) -> None:
    done = run("--host", host, "--port", "0")
    assert_one_sentence(done.stderr)
    assert host in done.stderr
    assert (done.returncode, done.stdout) == (1, "")


def test_the_environment_is_read_and_the_command_line_wins() -> None:
    variables = {
        "REVERB_PORT": "0",
        "REVERB_HOST": "127.0.0.1",
        "REVERB_MODE": "sequential",
        "REVERB_DELAY": "0.5",
        "REVERB_BACKEND": "trio",
    }
    with command(**variables) as running:
        assert running.ready.endswith(f"on 127.0.0.1:{running.port} (sequential, delay 0.5 s)\n")
    with command("--delay", "0", "--mode", "concurrent", **variables) as running:
        assert running.ready.endswith(f"on 127.0.0.1:{running.port} (concurrent, delay 0 s)\n")


def test_version_is_the_packages() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


def test_help_names_every_option_and_its_environment_variable() -> None:
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for option in ["host", "port", "mode", "delay", "backend"]:
        assert f"--{option} " in done.stdout
        assert f"REVERB_{option.upper()}" in done.stdout
    for option in ["--help", "--version"]:
        assert option in done.stdout


@pytest.mark.parametrize("script", ["reverb-server"])
def test_the_installed_command_is_the_same(script: str) -> None:
    path = Path(sys.executable).with_name(script)
    done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=TIMEOUT)
    assert (done.returncode, done.stdout) == (0, f"{__version__}\n")


def test_a_backend_that_is_not_installed_says_how_to_get_it(tmp_path: Path) -> None:
    # As if trio were not there: a finder that knows no trio stands before all others.
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'trio' else find(name)\n"
    )
    done = run("--backend", "trio", "--port", "0", PYTHONPATH=str(tmp_path))
    assert_one_sentence(done.stderr)
    assert "pip install 'reverb-echo[trio]'" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("delay", ["0", "0.1"])
def test_netcat_gets_three_exact_echoes_of_each_line_of_a_long_file(
    delay: str, backend: str, tmp_path: Path
) -> None:
    netcat = shutil.which("nc.openbsd") or shutil.which("nc")
    if netcat is None:
        pytest.skip("nc (Debian: netcat-openbsd) is not installed")
    shouts = [b"Line %d of the file" % number for number in range(100_000)]
    file = tmp_path / "file"
    file.write_bytes(b"".join(line + b"\n" for line in shouts))
    with command("--port", "0", "--delay", delay, "--backend", backend) as running:
        with file.open("rb") as lines:
            done = subprocess.run(
                [netcat, "-N", "localhost", str(running.port)],
                stdin=lines,
                capture_output=True,
                timeout=TIMEOUT,
            )
        assert (done.returncode, done.stderr) == (0, b"")
        assert Counter(done.stdout.splitlines(keepends=True)) == Counter(echoes(*shouts))
        assert running.end(signal.SIGTERM) == (0, "", "")
