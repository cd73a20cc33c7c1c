"""The clients of ``examples/book``, as processes between two pipes and a server."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pytest

from tests.examples.programs import BOOK
from tests.process.commands import environment
from tests.process.forking import Process, start

TIMEOUT = 30
"""Real seconds after which a process hangs."""
SENDING = ["netcat2", "netcat3", "ex8_3"]


@contextmanager
def netcat(name: str, port: int) -> Iterator[Process]:
    """Run a client, as a program would that imports it."""
    program = f"import sys; sys.path.insert(0, {str(BOOK)!r}); import {name}; "
    program += f"{name}.PORT = {port}; import anyio; anyio.run({name}.main)"
    pipe = subprocess.PIPE
    with start(
        [sys.executable, "-c", program], stdin=pipe, stdout=pipe, stderr=pipe, env=environment()
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def connected(name: str) -> Iterator[tuple[Process, socket.socket]]:
    """Run a client; yield it and the server's end of its connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(TIMEOUT)
        with netcat(name, listener.getsockname()[1]) as process:
            conn, _ = listener.accept()
            conn.settimeout(TIMEOUT)
            with conn:
                yield process, conn


def write(process: Process, data: bytes) -> None:
    assert process.stdin
    process.stdin.write(data)
    process.stdin.flush()


def end_input(process: Process) -> None:
    assert process.stdin
    process.stdin.close()


def read(file: IO[bytes] | None) -> bytes:
    assert file
    return file.read()


def receive(conn: socket.socket, wanted: bytes) -> bytes:
    """Receive as many bytes as are wanted, or all up to the end."""
    data = b""
    while len(data) < len(wanted) and (more := conn.recv(65_536)):
        data += more
    return data


def test_netcat1_prints_until_the_server_ends() -> None:
    with connected("netcat1") as (process, conn):
        conn.sendall(b"12:00:00\n12:00:01\nno LF")
        conn.shutdown(socket.SHUT_WR)
        assert process.wait(TIMEOUT) == 0
        assert read(process.stdout) == b"12:00:00\n12:00:01\nno LF"
        assert read(process.stderr) == b""
        assert conn.recv(1) == b""


@pytest.mark.parametrize("name", SENDING)
def test_lines_go_both_ways_as_they_come(name: str) -> None:
    with connected(name) as (process, conn):
        for line in (b"Hello?\n", b"Yooo-hooo!\n"):
            write(process, line)
            assert receive(conn, line) == line
            conn.sendall(b"\t " + line)
            assert process.stdout
            assert process.stdout.readline() == b"\t " + line


def test_netcat2_ends_with_its_input() -> None:
    with connected("netcat2") as (process, conn):
        write(process, b"Hello?\nno LF")
        end_input(process)
        assert process.wait(TIMEOUT) == 0
        assert receive(conn, b"Hello?\nno LF, and the end") == b"Hello?\nno LF"
        assert (read(process.stdout), read(process.stderr)) == (b"", b"")


def test_netcat3_waits_for_its_other_task_alone() -> None:
    with connected("netcat3") as (process, conn):
        write(process, b"Hello?\n")
        end_input(process)
        assert process.wait(TIMEOUT) == 0
        assert receive(conn, b"Hello?\n, and the end") == b"Hello?\n"
        assert (read(process.stdout), read(process.stderr)) == (b"", b"done\n")


def test_ex8_3_prints_what_comes_after_the_end_of_its_input() -> None:
    with connected("ex8_3") as (process, conn):
        write(process, b"Hello?\n")
        end_input(process)
        assert receive(conn, b"Hello?\n, and the end") == b"Hello?\n"
        conn.sendall(b"\t HELLO?\n\t Hello?\n\t hello?\n")
        conn.shutdown(socket.SHUT_WR)
        assert process.wait(TIMEOUT) == 0
        assert read(process.stdout) == b"\t HELLO?\n\t Hello?\n\t hello?\n"
        assert read(process.stderr) == b"done\n"


def test_a_client_without_a_server_says_so() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        port = bound.getsockname()[1]
        with netcat("netcat1", port) as process:
            assert process.wait(TIMEOUT) == 1
            sentence = f"nothing is listening on localhost:{port}: start a server first\n"
            assert read(process.stderr) == sentence.encode()
