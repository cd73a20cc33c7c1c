"""Signals while ``reverb-server`` starts, however long that takes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from tests.process.commands import BACKENDS, TIMEOUT, command, environment, log_line
from tests.process.forking import Process, start
from tests.process.waiting import wait_for

STUCK = """
import sys, time
def stuck(*arguments, **options):
    print("stuck", flush=True)
    while True:
        time.sleep(0.05)  # again and again: a signal just before one sleep would not end it
"""
IMPORT = (
    STUCK
    + """
class Finder:
    def find_spec(name, path=None, target=None):
        if name == "anyio":
            stuck()
sys.meta_path.insert(0, Finder)
"""
)
LOOK_UP = (
    STUCK
    + """
import socket
look_up = socket.getaddrinfo
def stuck_for_names(*arguments, flags=0, **options):
    if flags & socket.AI_NUMERICHOST:  # asks nobody
        return look_up(*arguments, flags=flags, **options)
    stuck()
socket.getaddrinfo = stuck_for_names
"""
)
BIND = STUCK + "import socket\nsocket.socket.bind = stuck\n"


@contextmanager
def starting(*arguments: str, patch: str) -> Iterator[Process]:
    """Start the command, patched, and wait until it is stuck."""
    program = f"{patch}\nfrom reverb_server.__main__ import main\nmain()\n"
    # Only in a process that has imported nothing can an import be what hangs.
    with (subprocess.Popen if patch == IMPORT else start)(
        [sys.executable, "-c", program, *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "stuck\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("patch", "arguments", "number"),
    [
        (IMPORT, [], signal.SIGINT),
        (IMPORT, [], signal.SIGTERM),
        (LOOK_UP, ["--host", "reverb.example"], signal.SIGINT),
        (LOOK_UP, ["--host", "reverb.example", "--backend", "trio"], signal.SIGTERM),
        (BIND, ["--unix", "never-made"], signal.SIGTERM),
    ],
    ids=["importing", "importing still", "looking up", "looking up on trio", "on a hanging disk"],
)
def test_a_start_that_takes_long_can_be_stopped_and_other_signals_do_not_end_it(
    patch: str, arguments: list[str], number: signal.Signals
) -> None:
    with starting(*arguments, patch=patch) as process:
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGUSR1)
        process.send_signal(number)
        out, err = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_certificate_that_cannot_be_read_does_not_keep_the_start_from_being_stopped(
    backend: str, tmp_path: Path
) -> None:
    cert = tmp_path / "server.pem"
    os.mkfifo(cert)
    with (
        subprocess.Popen(
            [sys.executable, "-m", "reverb_server", "--tls-cert", cert, "--backend", backend],
            env=environment(),
            stderr=subprocess.PIPE,
        ) as process,
        cert.open("wb"),
    ):  # it is being read from now on, and nothing comes
        process.terminate()
        err = process.communicate(timeout=TIMEOUT)[1]
    assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_certificate_that_cannot_be_read_again_holds_up_nothing(
    backend: str, tmp_path: Path
) -> None:
    cert = tmp_path / "server.pem"
    issued = trustme.CA().issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(str(cert))
    with command("--port", "0", "--tls-cert", str(cert), "--backend", backend) as running:
        cert.unlink()
        os.mkfifo(cert)
        running.process.send_signal(signal.SIGHUP)
        with cert.open("wb"):
            for _ in range(20):
                running.process.send_signal(signal.SIGHUP)
                running.process.send_signal(signal.SIGUSR1)
                log_line(running, "connections=0")
            threads = Path(f"/proc/{running.process.pid}/task")
            if threads.exists():
                wait_for(lambda: len(list(threads.iterdir())) < 8, lambda: list(threads.iterdir()))
            assert running.end(signal.SIGTERM)[0] == 0
