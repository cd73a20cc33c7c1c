"""How the command ``reverb-server`` is called, and what it says before it serves."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from reverb_server import __version__
from tests.families import needs_ipv6
from tests.process import forking
from tests.process.commands import (
    COMMAND,
    TIMEOUT,
    assert_one_sentence,
    command,
    environment,
    log_line,
    run,
)
from tests.process.forking import start
from tests.process.waiting import listens, wait_for


@pytest.mark.parametrize(
    ("hosts", "backend"),
    [
        pytest.param(["127.0.0.1", "::1"], "asyncio", marks=needs_ipv6),
        pytest.param(["127.0.0.1", "::1"], "trio", marks=needs_ipv6),
        (["127.0.0.1"], "trio"),
        pytest.param(["::1"], "asyncio", marks=needs_ipv6),
    ],
)
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


def test_a_proxy_names_its_clients_where_the_environment_asks_for_it() -> None:
    with command("--port", "0", "--delay", "0", REVERB_PROXY_PROTOCOL="require") as running:
        assert running.ready.endswith(" (concurrent, delay 0 s, PROXY require)\n")
        header = b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n"
        assert running.shout(header + b"Hello?\n").count(b"\n") == 3
        line = log_line(running, "finished")
    assert line.startswith("reverb-server: 192.0.2.1:56324 finished: ")
    assert " via=127.0.0.1:" in line


def test_a_wrong_call_ends_the_process_with_status_2() -> None:
    done = run("--loud")
    assert_one_sentence(done.stderr)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize("program", ["reverb_server", "reverb_tui"])
@pytest.mark.parametrize("most", [4, 9, 15])
def test_too_few_files_to_begin_with_are_one_sentence(program: str, most: int) -> None:
    limited = f"""
from resource import *
setrlimit(RLIMIT_NOFILE, ({most}, {most}))
from {program}.cli import main
main()
"""
    done = forking.run(
        [sys.executable, "-c", limited, "127.0.0.1:8000"],
        env=environment(),
        timeout=TIMEOUT,
        data="",
    )
    name = program.replace("_", "-")
    assert done.stderr == (
        f"{name}: cannot open 13 more files: Too many open files; raise the limit with ulimit -n\n"
    )
    assert (done.returncode, done.stdout) == (1, "")


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
    done = subprocess.run(
        [*COMMAND, "--backend", "trio", "--port", "0"],
        env=environment(PYTHONPATH=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert_one_sentence(done.stderr)
    assert "pip install 'reverb-echo[trio]'" in done.stderr
    assert done.returncode == 1


def test_log_level_leaves_out_what_is_less_severe() -> None:
    arguments = ["--host", "0.0.0.0", "--port", "0", "--log-level", "warning"]
    with start(
        [*COMMAND, *arguments], env=environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.terminate()
        rest = process.stderr.read()
    assert "not encrypted" in first  # the warning of who listens to others
    assert rest == ""


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [(["--host", "0.0.0.0"], True), (["--host", "127.0.0.1"], False), ([], False)],
)
def test_listening_to_others_without_tls_is_warned_of(arguments: list[str], warned: bool) -> None:
    with command("--port", "0", *arguments) as running:
        running.process.terminate()
        assert running.process.stderr is not None
        assert ("not encrypted" in running.process.stderr.read()) == warned


@pytest.mark.parametrize(
    ("host", "told"),
    [("0.0.0.0", "0.0.0.0 is IPv4 alone"), ("::", ":: is IPv6 alone"), ("*", ""), ("::1", "")],
)
def test_a_wildcard_of_one_family_is_told(host: str, told: str) -> None:
    with command("--host", host, "--port", "0") as running:
        running.process.terminate()
        assert running.process.stderr is not None
        rest = running.process.stderr.read()
    assert ("--host '*' listens on both" in rest) == bool(told)
    assert told in rest


ROUTE = """
from reverb_server import cli, lifespan
lifespan.reachable_addresses = lambda hosts: [
    {"0.0.0.0": "192.168.1.5", "::": "fd00::5"}[host] for host in hosts if host in ("0.0.0.0", "::")
]
cli.main()
"""
"""The command on a machine that has an address of each family."""


@pytest.mark.parametrize(
    ("host", "addresses"),
    [("0.0.0.0", ["192.168.1.5"]), ("*", ["192.168.1.5", "fd00::5"]), ("localhost", [])],
)
def test_it_says_what_to_type_on_other_machines(host: str, addresses: list[str]) -> None:
    with start(
        [sys.executable, "-c", ROUTE, "--host", host, "--port", "0"],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        listening = process.stderr.readline()
        process.terminate()
        rest = process.stderr.read()
    port = listening.partition(" (")[0].rpartition(":")[2]
    commands = " or ".join(f"reverb-tui {address} {port}" for address in addresses)
    told = [line for line in rest.splitlines() if "on other machines" in line]
    assert told == [f"reverb-server: on other machines: {commands}"] * bool(addresses)


SERVICE = {
    "REVERB_PORT": "tcp://10.3.104.46:80",
    "REVERB_SERVICE_HOST": "10.3.104.46",
    "REVERB_SERVICE_PORT": "80",
    "REVERB_PORT_80_TCP": "tcp://10.3.104.46:80",
    "REVERB_PORT_80_TCP_PROTO": "tcp",
    "REVERB_PORT_80_TCP_PORT": "80",
    "REVERB_PORT_80_TCP_ADDR": "10.3.104.46",
    "REVERB_NAME": "/web/reverb",
    "REVERB_ENV_PATH": "/bin",
}
"""What Kubernetes and Docker set for a service, or a link, that is called reverb."""


def test_what_a_cluster_sets_by_itself_is_left_alone_and_told(tmp_path: Path) -> None:
    with start(
        [*COMMAND, "--unix", str(tmp_path / "reverb")],
        env=environment(**SERVICE),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            assert "left REVERB_PORT=tcp://10.3.104.46:80 alone" in process.stderr.readline()
            assert "listening on " in process.stderr.readline()
        finally:
            process.kill()


def test_a_port_on_the_command_line_goes_before_what_a_cluster_sets() -> None:
    with command("--port", "0", **SERVICE) as running:
        assert "listening on 127.0.0.1:" in running.ready


@pytest.mark.parametrize("typed", [["127.0.0.1:0"], ["127.0.0.1", "0"], ["--host", "127.0.0.1:0"]])
def test_an_address_is_understood_on_the_command_line(typed: list[str]) -> None:
    with command(*typed) as running:
        assert f"listening on 127.0.0.1:{running.port} " in running.ready


def test_an_empty_variable_counts_as_none() -> None:
    with command("--port", "0", REVERB_DELAY="", REVERB_MODE="", REVERB_UNIX="") as running:
        assert running.ready.endswith("(concurrent, delay 1 s)\n")


def run_with_closed(redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end with streams that a shell closed, or sent elsewhere."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *COMMAND, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )


@pytest.mark.parametrize(
    ("redirection", "arguments", "status"),
    [
        ("2>&-", ["--port", "65536"], 2),
        ("2>&-", ["--unix", "no/such/folder"], 1),
        ("2</dev/null", ["--port", "65536"], 2),
        ("2>&- <&-", ["--unix", "no/such/folder"], 1),
    ],
)
def test_an_error_never_goes_to_standard_output(
    arguments: list[str], status: int, redirection: str
) -> None:
    done = run_with_closed(redirection, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_a_page_that_cannot_be_printed_is_one_sentence_with_status_1(option: str) -> None:
    done = run_with_closed(">&-", option)
    assert (done.returncode, done.stderr) == (1, "reverb-server: standard output is closed\n")


@pytest.mark.skipif(sys.platform != "linux", reason="looks at descriptors in /proc")
def test_no_connection_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    path = tmp_path / "reverb"
    shell = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    with subprocess.Popen([*shell, *COMMAND, "--unix", path], env=environment()) as process:
        try:
            wait_for(lambda: listens(path), lambda: "no socket")
            streams = [os.readlink(f"/proc/{process.pid}/fd/{number}") for number in range(3)]
        finally:
            process.kill()
    assert streams == ["/dev/null"] * 3


def test_no_path_can_pass_for_two_lines_of_the_log(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "--unix", "a\nb\x1b[2J\u00fc"],
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stderr is not None
        assert r"listening on a\nb\x1b[2Jü (" in process.stderr.readline()
        process.terminate()


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--ready-file", "", "--ready-file: the path is empty"),
        ("--tls-cert", "", "--tls-cert: the path is empty"),
        ("--tls-client-ca", "", "--tls-client-ca: the path is empty"),
        ("--unix", "", "--unix is empty"),
        ("--tls-cert", ".", "--tls-cert is a directory or empty"),
        ("--unix", ".", "--unix is a directory or empty"),
    ],
)
def test_a_path_that_is_empty_or_none_is_refused_with_status_2(
    option: str, value: str, sentence: str
) -> None:
    done = run(option, value)
    assert_one_sentence(done.stderr)
    assert sentence in done.stderr
    assert (done.returncode, done.stdout) == (2, "")
