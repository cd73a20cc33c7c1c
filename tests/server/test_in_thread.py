"""`running_in_thread`: a server for code that is not asynchronous."""

import socket
from pathlib import Path
from threading import Thread

import pytest

from reverb_server import (
    BadSettings,
    CannotAdopt,
    CannotListen,
    NoBackend,
    NoPort,
    NotRunning,
    ServerInThread,
    Settings,
    running_in_thread,
)
from tests.process.waiting import wait_for
from tests.server.calls import echoes
from tests.server.secured import AUTHORITY

FOREVER = 3600.0
"""Seconds of drain_timeout that no test waits for."""


def listens(server: ServerInThread) -> bool:
    host, port = server.addresses[0]
    with socket.socket() as sock:
        return sock.connect_ex((host, port)) == 0


def heard(sock: socket.socket) -> bool:
    """Shout, half-close, and tell whether all echoes came."""
    sock.sendall(b"Hello?\n")
    sock.shutdown(socket.SHUT_WR)
    with sock.makefile("rb") as file:
        return sorted(file) == echoes(b"Hello?")


class OfTheBlock(Exception):
    pass


def test_running_in_thread_serves_code_that_is_not_async(backend: str) -> None:
    with running_in_thread(Settings(port=0, delay=0), backend=backend) as server:
        for host, port in server.addresses:
            with socket.create_connection((host, port)) as sock:
                sock.sendall(b"Hello?\n")
                sock.shutdown(socket.SHUT_WR)
                heard = sock.makefile("rb").read()
                assert sorted(heard.splitlines(keepends=True)) == echoes(b"Hello?")
    assert not listens(server)


def test_running_in_thread_raises_what_the_block_and_the_machine_raise(backend: str) -> None:
    problem = OfTheBlock()
    with (
        pytest.raises(OfTheBlock) as raised,
        running_in_thread(Settings(port=0), backend=backend),
    ):
        raise problem
    assert raised.value is problem

    with (
        running_in_thread(Settings(port=0), backend=backend) as server,
        pytest.raises(CannotListen),
        running_in_thread(Settings(port=server.port), backend=backend),
    ):
        pytest.fail("it ran")


def test_the_thread_that_has_it_can_use_all_of_it(backend: str) -> None:
    settings = Settings(port=0, delay=0, drain_timeout=FOREVER)
    with running_in_thread(settings, backend=backend) as server:
        assert server.settings is settings
        assert {port for _, port in server.addresses} == {server.port}
        ours, theirs = socket.socketpair()
        with ours:
            server.adopt(theirs)
            assert heard(ours)
        assert "shouts=1 echoes=3 " in server.summary()
        server.drain()
        assert not listens(server)
    assert server.lost == 0


def test_a_certificate_is_read_again_from_another_thread(backend: str, tmp_path: Path) -> None:
    cert = tmp_path / "cert.pem"
    issued = AUTHORITY.issue_cert("localhost").private_key_and_cert_chain_pem
    issued.write_to_path(str(cert))
    with running_in_thread(Settings(port=0, tls_cert=cert), backend=backend) as server:
        server.reload_certificate()
        cert.write_text("nonsense")
        with pytest.raises(CannotListen, match="not a certificate"):
            server.reload_certificate()


def test_a_failing_adopt_is_not_counted_and_not_waited_for(backend: str) -> None:
    settings = Settings(port=0, drain_timeout=FOREVER)
    with running_in_thread(settings, backend=backend) as server:
        closed = socket.socket()
        closed.close()
        with pytest.raises(CannotAdopt):
            server.adopt(closed)
        assert "connections=0 " in server.summary()


def test_another_thread_cuts_what_leaving_waits_for(backend: str) -> None:
    settings = Settings(port=0, delay=60, drain_timeout=FOREVER)
    with socket.socket() as sock:
        with running_in_thread(settings, backend=backend) as server:
            sock.connect(server.addresses[0])
            sock.sendall(b"Hello?\n")
            assert sock.recv(100) == b"\t HELLO?\n"
            cutting = Thread(target=cut_once_draining, args=(server,))
            cutting.start()
        cutting.join()
    assert server.lost == 1


def cut_once_draining(server: ServerInThread) -> None:
    wait_for(lambda: not listens(server), server.summary)
    server.cut()


def test_a_server_that_has_ended_says_so_and_keeps_what_it_knows(backend: str) -> None:
    with running_in_thread(Settings(port=0), backend=backend) as server:
        addresses, port = server.addresses, server.port
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for call in (
            lambda: server.adopt(theirs),
            server.summary,
            server.reload_certificate,
            server.drain,
            server.cut,
            server.refuse,
            server.accept,
            server.reset_all,
            lambda: server.set_delay(1),
            lambda: server.set_mode("sequential"),
        ):
            with pytest.raises(NotRunning, match="the server has ended"):
                call()
    assert (server.addresses, server.port, server.lost) == (addresses, port, 0)
    assert server.worst_lateness == 0


def test_who_asks_while_it_ends_gets_an_answer(backend: str) -> None:
    refused: list[NotRunning] = []

    def ask(server: ServerInThread) -> None:
        while not refused:
            try:
                server.summary()
            except NotRunning as error:
                refused.append(error)

    with running_in_thread(Settings(port=0), backend=backend) as server:
        asking = Thread(target=ask, args=(server,), daemon=True)
        asking.start()
        server.summary()
    asking.join()


def test_a_unix_socket_has_no_port(backend: str, tmp_path: Path) -> None:
    with running_in_thread(Settings(unix=tmp_path / "reverb"), backend=backend) as server:
        assert server.addresses == ()
        with pytest.raises(NoPort, match="reverb"):
            _ = server.port


def test_a_backend_that_does_not_exist_is_refused() -> None:
    with (
        pytest.raises(NoBackend, match="'curio' is unknown: choose asyncio or trio"),
        running_in_thread(Settings(port=0), backend="curio"),
    ):
        pytest.fail("it ran")


def test_another_thread_turns_the_knobs(backend: str) -> None:
    settings = Settings(host="127.0.0.1", port=0, delay=60)
    with running_in_thread(settings, backend=backend) as server:
        server.set_mode("sequential")
        server.set_delay(0)
        with socket.create_connection(server.addresses[0]) as sock:
            sock.sendall(b"A\nB\n")
            with sock.makefile("rb") as file:
                assert [file.readline() for _ in range(3)] == [b"\t A\n", b"\t A\n", b"\t a\n"]
            server.refuse()
            assert not listens(server)
            server.accept()
            assert listens(server)
            server.reset_all()
            with pytest.raises(ConnectionResetError):
                sock.makefile("rb").read()
        with pytest.raises(BadSettings, match="delay 61 is out of range"):
            server.set_delay(61)
    assert server.worst_lateness >= 0
