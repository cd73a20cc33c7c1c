"""The real command ``reverb-tui`` where there is no terminal: a pipe."""

import os
import re
import shlex
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from reverb_server import ServerInThread, Settings, __version__, running_in_thread
from reverb_tui.pipe_connection import DRAINS
from tests.client.certificates import issue
from tests.process import forking
from tests.process.forking import start
from tests.server.calls import echoes

COMMAND = [sys.executable, "-m", "reverb_tui"]
TIMEOUT = 30
"""Real seconds after which a process hangs."""


@pytest.fixture
def server(backend: str) -> Iterator[ServerInThread]:
    settings = Settings(host="127.0.0.1", port=0, delay=0.05)
    with running_in_thread(settings, backend=backend) as server:
        yield server


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return forking.run([*COMMAND, *arguments], env=os.environ, timeout=TIMEOUT, data=stdin)


def shell(line: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which ``reverb-tui`` is the command."""
    command = line.replace("reverb-tui", shlex.join(COMMAND))
    return subprocess.run(["sh", "-c", command], capture_output=True, timeout=TIMEOUT)


def to(server: ServerInThread) -> tuple[str, ...]:
    host, port = server.addresses[0]
    return ("--host", host, "--port", str(port))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_all_echoes_of_all_input_are_printed(server: ServerInThread) -> None:
    done = run(*to(server), stdin=b"Hello?\nYooo-hooo!\n")
    assert Counter(done.stdout.splitlines(keepends=True)) == Counter(
        echoes(b"Hello?", b"Yooo-hooo!")
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_host_and_port_can_stand_by_themselves(server: ServerInThread) -> None:
    host, port = server.addresses[0]
    assert run(host, str(port), stdin=b"x").stdout == b"\t X\n\t x\n\t x\n"


def test_delay_and_mode_are_asked_for(server: ServerInThread) -> None:
    done = run(*to(server), "--delay", "0", "--mode", "sequential", stdin=b"a\nb\n")
    assert done.stdout == b"\t A\n\t a\n\t a\n\t B\n\t b\n\t b\n"
    assert (done.returncode, done.stderr) == (0, b"")


def test_it_brings_its_own_server() -> None:
    done = run("--delay", "0.01", "--mode", "sequential", stdin=b"a\nb\n")
    assert done.stdout == b"\t A\n\t a\n\t a\n\t B\n\t b\n\t b\n"
    assert (done.returncode, done.stderr) == (0, b"")


def test_crlf_is_what_the_server_hears() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
        with start(
            [*COMMAND, host, str(port), "--crlf", "--raw"],
            env=os.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdin is not None
            process.stdin.write(b"HELO\nQUIT\r\n")
            process.stdin.close()
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as heard:
                assert heard.read() == b"HELO\r\nQUIT\r\n"
        assert process.returncode == 0


def test_a_reader_that_goes_away_ends_it_quietly(server: ServerInThread) -> None:
    done = shell(f"yes Hello | reverb-tui {' '.join(to(server))} --delay 0 | head -1")
    assert done.stdout == b"\t HELLO\n"
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("stdin", ["</dev/null", "<&-"])
def test_without_input_it_ends_at_once(server: ServerInThread, stdin: str) -> None:
    done = shell(f"reverb-tui {' '.join(to(server))} {stdin}")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_with_output_closed_it_still_says_what_is_wrong() -> None:
    done = shell("reverb-tui --host 127.0.0.1 --port 1 </dev/null >&-")
    assert done.returncode == 1
    assert done.stderr.startswith(b"reverb-tui: cannot connect to 127.0.0.1:1")


def test_with_output_closed_echoes_are_not_lost_in_silence(server: ServerInThread) -> None:
    done = shell(f"echo Hello | reverb-tui {' '.join(to(server))} --delay 0 >&-")
    assert done.returncode == 1
    assert done.stderr.startswith(b"reverb-tui: standard output is closed: ")


def test_input_goes_on_over_another_connection_when_the_server_drains() -> None:
    with (
        running_in_thread(Settings(host="127.0.0.1", port=0, delay=0.05)) as old,
        start(
            [*COMMAND, *to(old), "--control", "on"],
            env=os.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"one\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"\t ONE\n"
        old.drain()
        assert process.stderr.readline() == f"reverb-tui: {DRAINS}\n".encode()
        with running_in_thread(Settings(host="127.0.0.1", port=old.port, delay=0.05)):
            out, err = process.communicate(b"two\nthree", timeout=TIMEOUT)
    assert Counter(out.splitlines(keepends=True)) == Counter(
        echoes(b"one", b"two", b"three")
    ) - Counter([b"\t ONE\n"])
    assert (process.returncode, err) == (0, b"")


def test_tls_is_a_pipe_like_any_other(tmp_path: Path) -> None:
    certificates = issue(tmp_path / "tls")
    settings = Settings(
        host="127.0.0.1",
        port=0,
        delay=0.05,
        tls_cert=certificates.server,
        tls_client_ca=certificates.ca,
    )
    ours = ("--tls-ca", str(certificates.ca))
    with running_in_thread(settings) as server:
        done = run(*to(server), "--tls", *ours, "--tls-cert", str(certificates.client), stdin=b"x")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"\t X\n\t x\n\t x\n", b"")
        refused = run(*to(server), "--tls", *ours, stdin=b"x")
        unknown = run(*to(server), "--tls", stdin=b"x")
        missing = run(*to(server), "--tls", "--tls-ca", "missing.pem", stdin=b"x")
    assert [each.returncode for each in (refused, unknown, missing)] == [1, 1, 1]
    assert [each.stdout for each in (refused, unknown, missing)] == [b"", b"", b""]
    assert [each.stderr.count(b"\n") for each in (refused, unknown, missing)] == [1, 1, 1]
    assert b"the server demands a client certificate" in refused.stderr
    assert b"an issuer unknown here" in unknown.stderr
    assert b"cannot read 'missing.pem'" in missing.stderr


def test_a_unix_socket_is_a_pipe_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with running_in_thread(Settings(unix=path, delay=60)):
        done = run("--unix", str(path), "--delay", "0", stdin=b"x")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"\t X\n\t x\n\t x\n", b"")
    done = run("--unix", str(path), stdin=b"x")
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (1, b"", 1)


def test_not_reachable_is_one_sentence_and_status_1() -> None:
    done = run("--host", "127.0.0.1", "--port", "1", stdin=b"Hello?\n")
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr == (
        b"reverb-tui: cannot connect to 127.0.0.1:1: nothing is listening there: "
        b"start a server, or check the host and port\n"
    )


def test_a_hostile_host_is_shown_not_obeyed() -> None:
    done = run("--host", "[/red]\x1b[2J\u202e")
    assert done.returncode == 2
    assert b"\x1b" not in done.stderr
    assert r"'[/red]\x1b[2J\u202e' has brackets" in done.stderr.decode()


def test_wrong_usage_ends_the_process_with_status_2() -> None:
    done = run("--nonsense")
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)


def test_the_version_is_printed() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout.decode().strip()) == (0, __version__)


def test_the_help_names_every_option() -> None:
    done = run("--help")
    assert done.returncode == 0
    for option in (
        *("host", "port", "unix", "tls", "tls-ca", "tls-cert", "tls-key"),
        *("delay", "mode", "control", "raw", "crlf", "no-half-close", "version", "help"),
    ):
        assert re.search(rf"--{option}\b(?!-)", done.stdout.decode())
