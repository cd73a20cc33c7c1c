"""`watched_server`: a server in a thread, for a test that asks what it heard."""

import os
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest

from reverb_server import BadSettings, End, NotRunning
from reverb_server.testing import (
    Heard,
    NotAsked,
    NotEnded,
    NotHeard,
    NoTrustme,
    WatchedServer,
    watched_server,
)


@pytest.fixture
def server(backend: str) -> Iterator[WatchedServer]:
    with watched_server(delay=0, backend=backend) as server:
        yield server


def connect(server: WatchedServer) -> socket.socket:
    return socket.create_connection((server.host, server.port))


def shout(server: WatchedServer, *texts: bytes) -> str:
    """Shout to a server, in a connection of its own; return the client's name."""
    with connect(server) as client:
        client.sendall(b"".join(text + b"\n" for text in texts))
        client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as file:
            assert len(file.readlines()) == 3 * len(texts)
        host, port = client.getsockname()
    return f"{host}:{port}"


def test_it_remembers_what_it_heard_of_whom_and_when(server: WatchedServer) -> None:
    first = shout(server, b"One", b"Two")
    second = shout(server, b"Three")
    assert [(each.peer, each.text) for each in server.heard] == [
        (first, b"One"),
        (first, b"Two"),
        (second, b"Three"),
    ]
    instants = [each.instant for each in server.heard]
    assert instants[0] == instants[1] <= instants[2]
    records = server.wait_ended(2)
    assert [record.peer for record in records] == [first, second]
    assert [record.end for record in server.reports] == [End.FINISHED, End.FINISHED]
    assert server.worst_lateness == max(record.worst_lateness for record in records)


def test_a_shout_is_waited_for_while_it_comes(server: WatchedServer) -> None:
    with connect(server) as client:
        later = threading.Timer(0.01, client.sendall, (b"Hello?\n",))
        later.start()
        heard = server.wait_heard(b"Hello?")
        later.join()
    assert heard == server.heard[0]
    assert server.wait_heard(b"Hello?", timeout=0) == heard


async def test_it_is_waited_for_in_an_event_loop(server: WatchedServer) -> None:
    stream = await anyio.connect_tcp(server.host, server.port)
    heard: list[Heard] = []

    async def wait() -> None:
        heard.append(await server.heard_soon(b"Hello?"))

    async with stream, anyio.create_task_group() as group:
        group.start_soon(wait)
        await stream.send(b"Oh\n")
        await server.heard_soon(b"Oh")
        await stream.send(b"Hello?\n")
    assert heard == [server.heard[1]]
    (record,) = await server.ended_soon()
    assert record.shouts == 2


def test_a_failure_says_what_was_heard_instead(server: WatchedServer) -> None:
    with pytest.raises(NotHeard, match=r"^b'Hello\?' was not heard within 0 s; .*: nothing$"):
        server.wait_heard(b"Hello?", timeout=0)
    shout(server, *(b"%d" % number for number in range(15)))
    with pytest.raises(AssertionError, match=r"instead: 5 others, b'5', b'6', .* b'14'$"):
        server.wait_heard(b"Hello?", timeout=0)
    with pytest.raises(NotEnded, match=r"^[01] of 2 connections ended within 0 s: close"):
        server.wait_ended(2, timeout=0)


async def test_a_failure_in_an_event_loop_says_it_too(server: WatchedServer) -> None:
    with pytest.raises(NotHeard, match="heard instead: nothing"):
        await server.heard_soon(b"Hello?", timeout=0.01)
    with pytest.raises(NotEnded, match="0 of 1 connections"):
        await server.ended_soon(timeout=0.01)


def test_in_plain_mode_a_text_may_come_in_pieces(backend: str) -> None:
    with watched_server(mode="plain", backend=backend) as server, connect(server) as client:
        for piece in (b"ab\0", b"\r\n", b"c"):
            client.sendall(piece)
            server.wait_heard(piece)
        assert server.wait_heard(b"b\0\r\nc") == server.heard[-1]
        with pytest.raises(NotHeard):
            server.wait_heard(b"ac", timeout=0)


def test_delay_and_mode_change_while_it_runs(server: WatchedServer) -> None:
    server.set_mode("sequential")
    server.set_delay(60)
    with connect(server) as client, client.makefile("rb") as file:
        client.sendall(b"A\nB\n")
        assert file.readline() == b"\t A\n"
        server.set_delay(0)
        assert file.readline() == b"\t A\n"
    with pytest.raises(BadSettings, match="delay -1 is out of range"):
        server.set_delay(-1)


def test_it_resets_and_refuses_and_accepts_again(server: WatchedServer) -> None:
    with connect(server) as client:
        client.sendall(b"Hello?\n")
        server.wait_heard(b"Hello?")
        server.reset_all()
        with pytest.raises(ConnectionResetError), client.makefile("rb") as file:
            file.read()
    assert [record.end for record in server.reports] == [End.CUT]
    server.refuse()
    with pytest.raises(ConnectionRefusedError):
        connect(server)
    server.accept()
    shout(server, b"Hello?")


def test_leaving_waits_for_nothing(backend: str) -> None:
    with watched_server(delay=60, backend=backend) as server:
        client = connect(server)
        client.sendall(b"Hello?\n")
        server.wait_heard(b"Hello?")
    with closing(client):
        assert server.heard[0].text == b"Hello?"
        assert [record.end for record in server.reports] == [End.CUT]
        with pytest.raises(NotRunning):
            server.set_delay(1)


def test_a_client_that_trusts_its_authority_speaks_tls(backend: str) -> None:
    with watched_server(tls=True, backend=backend) as server:
        trusting = ssl.create_default_context(cafile=server.ca_file)
        for name in ("localhost", "127.0.0.1"):
            with trusting.wrap_socket(connect(server), server_hostname=name) as client:
                client.sendall(b"Hello?\n")
                assert client.recv(100) == b"\t HELLO?\n"
        ca_file = server.ca_file
    assert not ca_file.exists()


def test_a_unix_socket_has_a_path_and_nothing_else(backend: str) -> None:
    with watched_server(unix=True, backend=backend) as server:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(server.path))
            client.sendall(b"Hello?\n")
            assert server.wait_heard(b"Hello?").peer == "unix"
        for name in ("host", "port"):
            with pytest.raises(NotAsked, match="connect to its path"):
                getattr(server, name)
        path = server.path
    assert not path.parent.exists()


def test_what_was_not_asked_for_is_not_there(server: WatchedServer) -> None:
    with pytest.raises(NotAsked, match="no path: start it with unix=True"):
        _ = server.path
    with pytest.raises(NotAsked, match="no certificate: start it with tls=True"):
        _ = server.ca_file


def test_other_settings_are_those_of_every_server(backend: str) -> None:
    with watched_server(idle_timeout=0.01, max_line=100, backend=backend) as server:
        with connect(server) as client, client.makefile("rb") as file:
            assert b'"code":"idle"' in file.readline()
            assert file.readline() == b""
        assert server.wait_ended()[0].end == End.IDLE
        assert server.server.settings.max_line == 100


@pytest.mark.parametrize("arguments", [{"tls": "yes"}, {"unix": 1}, {"delay": 61}, {"mode": "x"}])
def test_wrong_arguments_are_named(arguments: dict[str, Any]) -> None:
    (name,) = arguments
    with pytest.raises(BadSettings, match=f"^{name} "), watched_server(**arguments):
        pytest.fail("it ran")


def test_without_trustme_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(NoTrustme, match=r"pip install trustme$"), watched_server(tls=True):
        pytest.fail("it ran")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_nothing_is_left_of_many(backend: str) -> None:
    def run() -> None:
        with watched_server(backend=backend) as server, connect(server) as client:
            client.sendall(b"Hello?\n")
            server.wait_heard(b"Hello?")

    run()
    descriptors, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    for _ in range(10):
        run()
    assert len(os.listdir("/proc/self/fd")) <= descriptors
    assert threading.active_count() <= threads
