"""The command under supervisors: systemd and its like, and test harnesses that use port 0."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.watcher import nobody
from tests.process.commands import (
    BACKENDS,
    COMMAND,
    TIMEOUT,
    assert_one_sentence,
    command,
    environment,
    log_line,
    run,
)
from tests.process.shouting import ALL_ECHOES, shout
from tests.process.waiting import listens, wait_for

UNITS = Path(__file__).parents[2] / "docs" / "deploy"


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[socket.socket]:
    """The end of a supervisor that is notified."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(TIMEOUT)
        yield sock


def told(supervisor: socket.socket) -> dict[str, str]:
    """Return the next message that is no sign of life."""
    while (message := supervisor.recv(4096).decode()) == "WATCHDOG=1":
        pass
    return dict(line.split("=", 1) for line in message.split("\n"))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_supervisor_is_told_of_the_start_a_reload_and_the_stop(
    backend: str, supervisor: socket.socket
) -> None:
    where = {"NOTIFY_SOCKET": supervisor.getsockname(), "WATCHDOG_USEC": "40000"}
    arguments = ["--port", "0", "--lame-duck", "600", "--drain-timeout", "30"]
    with command(*arguments, "--backend", backend, **where) as running:
        ready = told(supervisor)
        assert ready["READY"] == "1"
        assert f"127.0.0.1:{running.port}" in ready["STATUS"]
        for _ in range(3):
            assert supervisor.recv(4096) == b"WATCHDOG=1"
        running.process.send_signal(signal.SIGHUP)
        reloading = told(supervisor)
        assert reloading["RELOADING"] == "1"
        assert int(reloading["MONOTONIC_USEC"]) > 0
        assert told(supervisor) == {"READY": "1"}
        running.process.send_signal(signal.SIGTERM)
        stopping = told(supervisor)
        assert stopping["STOPPING"] == "1"
        assert int(stopping["EXTEND_TIMEOUT_USEC"]) > 630e6
        assert supervisor.recv(4096) == b"WATCHDOG=1"  # it lives until its end
        assert running.end(signal.SIGTERM)[0] == 0


def test_a_supervisor_that_is_not_there_is_told_of_in_the_log() -> None:
    with command("--port", "0", NOTIFY_SOCKET="/nowhere/notify") as running:
        assert log_line(running, "cannot tell NOTIFY_SOCKET=/nowhere/notify: No such file")
        assert running.end(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_lame_duck_serves_until_a_second_signal(backend: str) -> None:
    arguments = ["--port", "0", "--delay", "0", "--lame-duck", "600", "--backend", backend]
    with command(*arguments) as running:
        running.process.send_signal(signal.SIGTERM)
        assert log_line(running, "stopping in 600 s: connections=0 ")
        for _ in range(2):
            assert set(running.shout(b"Hello?\n").splitlines(keepends=True)) == ALL_ECHOES
        status, _, err = running.end(signal.SIGTERM)
        assert (status, err) == (0, "")


@pytest.mark.parametrize("backend", BACKENDS)
def test_sockets_that_are_given_by_number_are_served(backend: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as given,
        subprocess.Popen(
            [*COMMAND, "--fd", str(given.fileno()), "--delay", "0", "--backend", backend],
            pass_fds=[given.fileno()],
            env=environment(REVERB_PORT="1"),  # the command line goes before it
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert shout(given.getsockname()) == ALL_ECHOES
        process.terminate()
        _, err = process.communicate(timeout=TIMEOUT)
        assert f"listening on 127.0.0.1:{given.getsockname()[1]} " in err
        with socket.create_connection(given.getsockname(), TIMEOUT):
            pass  # it still listens, for whoever comes next


@pytest.mark.parametrize(
    ("arguments", "sentence", "status"),
    [
        (["--fd", "3.5"], "'3.5' is no number of a descriptor", 2),
        (["--fd", "-1"], "-1", 2),
        (["--fd", "3", "--fd", "3"], "--fd 3 is given twice", 2),
        (["--fd", "3", "--port", "8000"], "--port can't stand beside --fd", 2),
        (["--fd", "3", "--unix", "/x"], "--unix can't stand beside --fd", 2),
        (["--fd", "999999"], "descriptor 999999: it is not open", 1),
        (["--fd", "0"], "descriptor 0: it is no socket", 1),
        (["--lame-duck", "-1"], "--lame-duck -1.0 is out of range", 2),
        (["--ready-file", "/nowhere/ready"], "cannot write the ready file '/nowhere/ready'", 1),
    ],
)
def test_what_can_t_be_is_one_sentence(arguments: list[str], sentence: str, status: int) -> None:
    done = run(*arguments, *([] if "--fd" in arguments else ["--port", "0"]))
    assert done.returncode == status
    assert sentence in done.stderr
    assert_one_sentence(done.stderr.splitlines(keepends=True)[-1])


@pytest.mark.parametrize(
    ("count", "arguments", "sentence"),
    [("many", "", "LISTEN_FDS='many' is no number"), ("1", "--port 5", "beside LISTEN_FDS=1")],
)
def test_what_a_supervisor_gives_wrongly_is_one_sentence(
    count: str, arguments: str, sentence: str
) -> None:
    program = " ".join([*COMMAND, arguments])
    shell = f"LISTEN_PID=$$ LISTEN_FDS={count} exec {program}"
    done = subprocess.run(
        ["sh", "-c", shell], capture_output=True, text=True, env=environment(), timeout=TIMEOUT
    )
    assert (done.returncode, sentence in done.stderr) == (2, True)
    assert_one_sentence(done.stderr)


def test_the_ready_file_says_where_it_listens_until_it_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "ready"
    with command("--port", "0", "--delay", "0", "--ready-file", str(path)) as running:
        wait_for(path.exists, lambda: os.listdir(tmp_path))
        ready = json.loads(path.read_text())
        assert ready["pid"] == running.process.pid
        place = ready["addresses"][0]
        assert shout((place["host"], place["port"])) == ALL_ECHOES
        running.end(signal.SIGTERM)
        assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="needs systemd")
def test_systemd_gives_its_sockets_and_keeps_them(tmp_path: Path) -> None:
    path = str(tmp_path / "reverb")
    ready = tmp_path / "ready"
    free = nobody()
    tcp = (free.host, free.port)
    activate = ["systemd-socket-activate", "-l", "{}:{}".format(*tcp), "-l", path]
    inherited = [option for name in os.environ for option in ("-E", name)]
    with subprocess.Popen(
        [*activate, *inherited, *COMMAND, "--delay", "0", "--ready-file", str(ready)],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            # The server starts at the first call, and this is one.
            wait_for(lambda: listens(Path(path)), lambda: os.listdir(tmp_path))
            assert shout(path, socket.AF_UNIX) == ALL_ECHOES
            assert shout(tcp) == ALL_ECHOES
            wait_for(ready.exists, lambda: os.listdir(tmp_path))  # it may serve a moment before
            addresses = [{"host": tcp[0], "port": tcp[1]}, {"unix": path}]
            assert json.loads(ready.read_text())["addresses"] == addresses
            process.terminate()
            _, err = process.communicate(timeout=TIMEOUT)
        finally:
            process.kill()
    assert process.returncode == 0
    assert f"listening on {tcp[0]}:{tcp[1]} and {path} " in err
    assert os.path.exists(path)  # it is systemd's


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_the_units_are_right(tmp_path: Path) -> None:
    """Verify them as instances, and with a program that is installed here."""
    names = []
    for unit in UNITS.glob("reverb-server*"):
        text = re.sub(r"(?m)^(ExecStart=)\S+", rf"\1{sys.executable}", unit.read_text())
        names.append(str(tmp_path / unit.name.replace("@.", "@1.")))
        for name in (unit.name, unit.name.replace("@.", "@1.")):
            (tmp_path / name).write_text(text)
    assert len(names) == 4
    done = subprocess.run(
        ["systemd-analyze", "verify", *names], capture_output=True, text=True, timeout=TIMEOUT
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_units_run_options_that_there_are() -> None:
    for unit in UNITS.glob("*.service"):
        (arguments,) = re.findall(r"(?m)^ExecStart=/\S+/reverb-server (.*)$", unit.read_text())
        with command(*arguments.split(), "--port", "0") as running:
            assert running.end(signal.SIGTERM)[0] == 0
