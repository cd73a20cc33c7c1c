"""The command: what it is asked, what it says, and with which status it ends."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reverb_check.cli import main
from reverb_check.promises import KNOWN
from reverb_server import Settings, running_in_thread
from tests.client.watcher import nobody
from tests.conftest import CallCommand

QUICK = Settings(port=0, delay=0.02)
FEW = "three-echoes,bytes,crlf"


def test_a_server_that_keeps_all_ends_with_0(call_command: CallCommand, tmp_path: Path) -> None:
    junit = tmp_path / "report.xml"
    with running_in_thread(QUICK) as server:
        address = f"127.0.0.1:{server.port}"
        done = call_command(main, address, "--only", FEW, "--json", "--junit", str(junit))
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert (report["address"], report["server"]) == (address, "reverb")
    kept = {each["id"] for each in report["promises"] if each["verdict"] == "kept"}
    assert kept == set(FEW.split(","))
    suite = ElementTree.fromstring(junit.read_text(encoding="utf-8"))[0]
    assert suite.get("failures") == "0"


def test_a_broken_promise_ends_with_1(call_command: CallCommand) -> None:
    with running_in_thread(Settings(port=0, mode="plain")) as server:
        done = call_command(main, f"127.0.0.1:{server.port}", "--only", "three-echoes")
    assert done.returncode == 1
    assert "✗ three-echoes" in done.stdout


def test_a_unix_socket_can_be_checked(call_command: CallCommand, tmp_path: Path) -> None:
    path = tmp_path / "reverb"
    with running_in_thread(Settings(unix=path, delay=0.02)):
        done = call_command(main, "--unix", str(path), "--only", "bytes")
    assert done.returncode == 0


def test_nothing_to_connect_to_ends_with_3(call_command: CallCommand) -> None:
    done = call_command(main, str(nobody()))
    assert done.returncode == 3
    assert "nothing is listening there" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--only", "overlay"], "'overlay' is no promise here: --list shows all of them"),
        (["--promise", "x,y"], "'x' is no promise"),
        (["--explain", "nothing"], "'nothing' is no promise"),
        (["--only", "sends"], "'sends' is no promise here"),
        (["--only", ""], "only names no promise"),
        (["--client"], "client needs a program"),
        (["localhost", "--", "true"], "leave one of them out"),
        (["--port", "0"], "port 0 needs {port} in the command"),
        (["--idle", "0"], "idle 0 is out of range"),
        (["--timeout", "0"], "timeout 0 is out of range"),
        (["--tls-ca", "ca.pem"], "give --tls as well"),
        (["--unix", "x", "--tls"], "unix can't stand beside"),
        (["localhost:x:y"], "localhost:x:y"),
        (["--unix", ""], "--unix: the path is empty"),
        (["--junit", ""], "--junit: the path is empty"),
        (["--junit", "."], "junit '.' can't be written"),
        (["--junit", "/nowhere/report.xml"], "junit '/nowhere/report.xml' can't be written"),
    ],
)
def test_wrong_usage_is_one_sentence_and_ends_with_2(
    call_command: CallCommand, arguments: list[str], sentence: str
) -> None:
    done = call_command(main, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_promises_are_listed_and_explained(call_command: CallCommand) -> None:
    listed = call_command(main, "--list")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(KNOWN)
    explained = call_command(main, "--explain", "half-close")
    assert "exercise 8.4" in explained.stdout
    assert (listed.returncode, explained.returncode) == (0, 0)


SERVER = """
import sys, socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)
            if {once}:
                break
class Server(socketserver.{kind}):
    allow_reuse_address = True
server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
{serve}
"""


def program(*, once: bool, kind: str = "ThreadingTCPServer") -> list[str]:
    serve = "server.handle_request()" if once else "server.serve_forever()"
    return [sys.executable, "-c", SERVER.format(once=once, kind=kind, serve=serve), "{port}"]


def test_a_program_is_started_and_stopped(call_command: CallCommand) -> None:
    done = call_command(main, "--port", "0", "--only", "plain", "--", *program(once=False))
    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ plain" in done.stdout
    assert "This is a plain echo." in done.stdout


def test_a_program_that_serves_one_client_is_started_again(call_command: CallCommand) -> None:
    command = program(once=True, kind="TCPServer")
    done = call_command(main, "--port", "0", "--only", "closes", "--", *command)
    assert done.returncode == 0
    assert "started again" in done.stdout


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["no-such-program", "{port}"], "cannot start no-such-program"),
        ([sys.executable, "-c", "print('no, {port}'); exit(5)"], "ended with status 5"),
    ],
)
def test_a_program_that_does_not_listen_ends_with_3(
    call_command: CallCommand, command: list[str], sentence: str
) -> None:
    done = call_command(main, "--port", "0", "--", *command)
    assert done.returncode == 3
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_program_that_ends_before_it_listens_is_started_once(
    call_command: CallCommand, tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    program = f"open({str(starts)!r}, 'a').write('1 '); import time; time.sleep(0.2)"
    command = [sys.executable, "-c", f"{program}  # {{port}}"]
    done = call_command(main, "--port", "0", "--", *command)
    assert "ended with status 0 before it listened" in done.stderr
    assert starts.read_text() == "1 "


def test_a_port_in_use_is_told_before_anything_is_started(call_command: CallCommand) -> None:
    with running_in_thread(QUICK) as server:
        done = call_command(main, "--port", str(server.port), "--", "no-such-program")
    assert done.returncode == 3
    assert "is in use already" in done.stderr
