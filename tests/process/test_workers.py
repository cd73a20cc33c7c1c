"""The command with ``--workers``: several processes that serve as one."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from bench.restarted_server import RestartedServer
from bench.steady_clients import Clients
from reverb_server.testing.certificate import make_certificate
from tests.client.watcher import nobody
from tests.process.asking import ask
from tests.process.commands import BACKENDS, TIMEOUT, assert_one_sentence, environment, run
from tests.process.shouting import ALL_ECHOES, shout
from tests.process.waiting import wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


class Parent(RestartedServer):
    """A parent of workers; all that it and they log is in one file."""

    @property
    def pids(self) -> dict[int, int]:
        """The process at each place."""
        found = re.findall(r"worker (\d+) is process (\d+)", self.log)
        return {int(place): int(pid) for place, pid in found}

    def kill(self, place: int) -> None:
        """Kill a worker, and wait until there is another."""
        before = self.pids[place]
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: self.pids[place] != before, lambda: self.log)

    def replace(self) -> None:
        """Have all workers replaced, and wait for that."""
        before = self.log.count("replaced ")
        self.process.send_signal(signal.SIGUSR2)
        wait_for(lambda: self.log.count("replaced ") > before, lambda: self.log)


@contextmanager
def workers(count: int, folder: Path, *arguments: str) -> Iterator[tuple[Parent, int]]:
    """Start a parent and its workers; return it and its port."""
    port = nobody().port
    place = [f"--host=127.0.0.1:{port}", f"--workers={count}", "--log-level=debug"]
    with ExitStack() as stack:
        parent = Parent([*place, *arguments], folder / "log", environment())
        stack.callback(parent.end)
        wait_for(lambda: len(parent.pids) == count, lambda: parent.log)
        yield parent, port


async def in_thread(call: Callable[[], object]) -> None:
    await anyio.to_thread.run_sync(call)


@pytest.mark.parametrize("backend", BACKENDS)
def test_workers_serve_as_one(backend: str, tmp_path: Path) -> None:
    admin = nobody().port
    ready = tmp_path / "ready"
    arguments = [f"--admin={admin}", f"--ready-file={ready}", f"--backend={backend}"]
    with workers(2, tmp_path, *arguments, "--delay=0", "--lame-duck=600") as (parent, port):
        assert f"listening on 127.0.0.1:{port} (concurrent, delay 0 s, 2 workers)" in parent.log
        wait_for(ready.exists, lambda: parent.log)
        told = json.loads(ready.read_text())
        assert (told["pid"], told["addresses"][0]["port"]) == (parent.process.pid, port)
        with ExitStack() as stack:
            # The kernel spreads them by chance: that all go to one is as rare as 2 to the -39.
            calls = [
                stack.enter_context(socket.create_connection(("127.0.0.1", port), TIMEOUT))
                for _ in range(40)
            ]
            for call in calls:
                call.sendall(b"Hello?\n")
                with call.makefile("rb") as file:
                    assert {file.readline() for _ in range(3)} == ALL_ECHOES
            listed = json.loads(ask(admin, "/connections")[1])["connections"]
            assert len(listed) == 40
            assert {each["pid"] for each in listed} == set(parent.pids.values())
            parent.process.send_signal(signal.SIGUSR1)
            summary = "connections=40 pending=0 held="
            wait_for(lambda: summary in parent.log, lambda: parent.log)
            assert "shouts=40 echoes=120 lateness_p50" in parent.log
        assert b"reverb_shouts_total 40.0" in ask(admin, "/metrics")[1]
        assert ask(admin, "/health") == (200, b"ok\n")
        parent.process.send_signal(signal.SIGTERM)
        wait_for(lambda: ask(admin, "/health")[0] == 503, lambda: parent.log)
        assert shout(("127.0.0.1", port)) == ALL_ECHOES  # a lame duck
        parent.process.send_signal(signal.SIGTERM)
        assert parent.process.wait(TIMEOUT) == 0
        assert not ready.exists()
        assert parent.log.endswith("stopped\n")


async def test_replacing_the_workers_loses_no_shout_of_who_obeys(tmp_path: Path) -> None:
    with workers(2, tmp_path, "--delay=0.1") as (parent, port):
        clients = Clients(port)
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(clients.shout_once_per_connection)
            for obeys in (True, True, True, False, False, False):
                group.start_soon(shout_on, clients, obeys)
            before = set(parent.pids.values())
            for _ in range(2):
                await in_thread(parent.replace)
            clients.stopped = True
        assert not before & set(parent.pids.values())
        parent.stop()
        assert min(clients.sent.values()) > 10
        assert (clients.lost("once"), clients.lost("obeying")) == (0, 0)
        assert parent.heard == clients.whole.total()


async def shout_on(clients: Clients, obey: bool) -> None:
    await clients.shout_on(obey=obey)


def test_who_kills_a_worker_costs_its_connections_and_no_other(tmp_path: Path) -> None:
    with workers(2, tmp_path, "--delay=0") as (parent, port), ExitStack() as stack:
        calls = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), TIMEOUT))
            for _ in range(40)
        ]
        for call in calls:
            call.sendall(b"Hello?\n")
            assert call.recv(100)
        os.kill(parent.pids[1], signal.SIGKILL)
        for _ in range(10):  # also while nobody serves at its place
            assert shout(("127.0.0.1", port)) == ALL_ECHOES
        wait_for(lambda: parent.log.count("worker 1 is process") > 1, lambda: parent.log)
        assert re.search(r"worker 1 \(process \d+\) ended by SIGKILL, with connect", parent.log)
        alive = 0
        for call in calls:
            try:
                call.sendall(b"And now?\n")
                alive += call.recv(100) != b""
            except ConnectionError:
                continue
        assert 0 < alive < 40
        parent.process.send_signal(signal.SIGUSR1)
        wait_for(lambda: f" connections={alive} " in parent.log, lambda: parent.log)
        parent.stop()


def test_a_stop_ends_a_replacement(tmp_path: Path) -> None:
    with workers(2, tmp_path, "--delay=0") as (parent, port):
        parent.process.send_signal(signal.SIGUSR2)
        for _ in range(3):
            assert shout(("127.0.0.1", port)) == ALL_ECHOES
        parent.stop()
        assert "kept worker" not in parent.log
        assert "replaced" not in parent.log
        assert parent.log.endswith("stopped\n")


def test_workers_whose_parent_is_killed_drain_and_end(tmp_path: Path) -> None:
    with workers(2, tmp_path, "--delay=0.5") as (parent, port):
        pids = parent.pids.values()
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as sock:
            sock.sendall(b"Hello?\n")
            assert sock.recv(100) == b"\t HELLO?\n"
            parent.process.kill()
            with sock.makefile("rb") as file:
                assert file.read() == b"\t Hello?\n\t hello?\n"
        wait_for(lambda: not any(map(runs, pids)), lambda: parent.log)
        assert parent.log.count("the parent of this worker has ended") == 2
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), TIMEOUT)


def runs(pid: int) -> bool:
    """Return whether a process runs; one that nobody waits for has ended, too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_signal_for_all_processes_at_once_cuts_nothing(tmp_path: Path) -> None:
    """As from a supervisor that stops every process of a service."""
    with workers(2, tmp_path, "--delay=0.3") as (parent, port):
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as sock:
            sock.sendall(b"Hello?\n")
            assert sock.recv(100) == b"\t HELLO?\n"
            for pid in (parent.process.pid, *parent.pids.values()):
                os.kill(pid, signal.SIGTERM)
            with sock.makefile("rb") as file:
                assert file.read() == b"\t Hello?\n\t hello?\n"
        assert parent.process.wait(TIMEOUT) == 0


def test_a_worker_that_is_stopped_alone_drains_while_another_serves(tmp_path: Path) -> None:
    with workers(2, tmp_path, "--delay=60", "--drain-timeout=600") as (parent, port):
        stopped = dict(parent.pids)
        with ExitStack() as stack:
            for _ in range(20):
                call = socket.create_connection(("127.0.0.1", port), TIMEOUT)
                stack.enter_context(call).sendall(b"Hello?\n")
                assert call.recv(100) == b"\t HELLO?\n"
            os.kill(stopped[1], signal.SIGTERM)
            wait_for(lambda: parent.pids[1] != stopped[1], lambda: parent.log)
            assert runs(stopped[1])
            assert parent.pids[2] == stopped[2]


def test_a_second_signal_cuts_in_all_workers(tmp_path: Path) -> None:
    with workers(2, tmp_path, "--delay=60", "--drain-timeout=600") as (parent, port):
        with ExitStack() as stack:
            calls = []
            for _ in range(20):
                call = socket.create_connection(("127.0.0.1", port), TIMEOUT)
                calls.append(stack.enter_context(call))
                call.sendall(b"Hello?\n")
                assert call.recv(100) == b"\t HELLO?\n"
            parent.process.send_signal(signal.SIGTERM)
            wait_for(lambda: "stopping: connections=20 pending=20 " in parent.log, lambda: "")
            parent.process.send_signal(signal.SIGTERM)
            assert parent.process.wait(TIMEOUT) == 1
        assert parent.log.endswith("stopped: shouts that lost echoes: 20\n")


def test_a_new_certificate_comes_to_all_workers(tmp_path: Path) -> None:
    certificate, _ = make_certificate(tmp_path)
    with workers(2, tmp_path, f"--tls-cert={certificate}") as (parent, _):
        parent.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "read the certificate again" in parent.log, lambda: parent.log)
        certificate.write_text("nothing")
        parent.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "kept the certificate: " in parent.log, lambda: parent.log)
        parent.process.send_signal(signal.SIGUSR2)  # new workers can't start with it
        wait_for(lambda: "kept worker 1: " in parent.log, lambda: parent.log)
        parent.stop()
        assert parent.log.count("certificate again") == 1


def test_workers_share_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "reverb"
    with ExitStack() as stack:
        parent = Parent(
            [f"--unix={path}", "--workers=2", "--delay=0", "--log-level=debug"],
            tmp_path / "log",
            environment(),
        )
        stack.callback(parent.end)
        for _ in range(5):
            assert shout(str(path), socket.AF_UNIX) == ALL_ECHOES
        parent.kill(1)
        assert shout(str(path), socket.AF_UNIX) == ALL_ECHOES
        parent.stop()
        assert not path.exists()


def test_a_port_that_is_taken_is_shared_with_nobody(tmp_path: Path) -> None:
    with workers(2, tmp_path) as (_, port):
        done = run(f"--host=127.0.0.1:{port}", "--workers=2")
        assert (done.returncode, "it is taken" in done.stderr) == (1, True)
        assert_one_sentence(done.stderr)


@pytest.mark.parametrize(
    ("arguments", "sentence", "status"),
    [
        ("--workers=0", "--workers 0 is out of range: 1 to 256", 2),
        ("--workers=257", "--workers 257 is out of range: 1 to 256", 2),
        ("--workers=-1", "'-1' is no number of workers, nor auto", 2),
        ("--workers=2.5", "'2.5' is no number of workers, nor auto", 2),
        ("--workers=several", "'several' is no number of workers, nor auto", 2),
        ("--workers=4 --max-connections=3", "--max-connections 3 is less than", 2),
        ("--workers=2 --tls-cert=/nowhere/cert.pem", "/nowhere/cert.pem", 1),
        ("--workers=2 --backend=asyncio --fd=0", "descriptor 0: it is no socket", 1),
    ],
)
def test_what_can_t_be_is_one_sentence(arguments: str, sentence: str, status: int) -> None:
    done = run(*arguments.split(), *([] if "--fd" in arguments else ["--port=0"]))
    assert (done.returncode, sentence in done.stderr) == (status, True), done.stderr
    assert_one_sentence(done.stderr)


@pytest.mark.parametrize("descriptor", ["x", "-1", "0", "99999", "9" * 30, "3.5"])
def test_who_sets_the_variable_of_workers_is_told(descriptor: str) -> None:
    done = run("--port=0", REVERB_PARENT_FD=descriptor)
    assert (done.returncode, "a parent sets it for its workers" in done.stderr) == (2, True)
    assert_one_sentence(done.stderr)


def test_given_sockets_are_for_all_workers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as given:
        command = [sys.executable, "-m", "reverb_server", f"--fd={given.fileno()}", "--workers=2"]
        with subprocess.Popen(
            [*command, "--delay=0"], pass_fds=[given.fileno()], stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            assert ", 2 workers)" in process.stderr.readline()
            for _ in range(5):
                assert shout(given.getsockname()) == ALL_ECHOES
            process.terminate()
            process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0
        with socket.create_connection(given.getsockname(), TIMEOUT):
            pass  # it still listens, for whoever comes next
