"""Where a server listens, and how a machine's refusal reads."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from reverb_server import CannotListen, Settings, running
from reverb_server.net import listeners
from reverb_server.net.listeners import listen
from tests.families import needs_ipv6
from tests.server.calls import echoes

pytestmark = needs_ipv6

TRIES = 100
"""Servers to try: somebody's connection may happen to have the port of one."""

FAMILIES = {"127.0.0.1": socket.AF_INET, "::1": socket.AF_INET6}


@contextmanager
def taken(host: str) -> Iterator[int]:
    """Have a port that is taken on one address, and free on the other."""
    (other_host,) = FAMILIES.keys() - {host}
    with ExitStack() as stack:
        while True:
            server = stack.enter_context(socket.create_server((host, 0), family=FAMILIES[host]))
            port = server.getsockname()[1]
            if can_bind(other_host, port):  # else somebody's connection happens to have it
                break
        yield port


def can_bind(host: str, port: int) -> bool:
    with socket.socket(FAMILIES[host]) as sock:
        try:
            sock.bind((host, port))
        except OSError:
            return False
        return True


def open_sockets() -> int:
    return sum(
        os.readlink(f"/proc/self/fd/{number}").startswith("socket:")
        for number in os.listdir("/proc/self/fd")
        if os.path.exists(f"/proc/self/fd/{number}") or os.path.islink(f"/proc/self/fd/{number}")
    )


async def test_localhost_is_both_families_on_one_free_port() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        assert [host for host, _ in server.addresses] == ["127.0.0.1", "::1"]
        assert {port for _, port in server.addresses} == {server.port}
        assert server.port > 0
        for host, port in server.addresses:
            with socket.create_connection((host, port)):
                pass


async def test_a_given_port_is_the_one_listened_on_in_both_families() -> None:
    async with running(Settings(port=0)) as server:
        port = server.port
    async with running(Settings(port=port)) as server:
        assert server.addresses == (("127.0.0.1", port), ("::1", port))


async def test_a_numeric_host_is_one_address() -> None:
    for host in FAMILIES:
        async with running(Settings(host=host, port=0)) as server:
            assert [address[0] for address in server.addresses] == [host]


async def test_every_address_of_ipv6_is_not_ipv4_as_well() -> None:
    for _ in range(TRIES):
        async with running(Settings(host="::", port=0)) as server:
            with socket.create_connection(("::1", server.port)):
                pass
            if can_bind("127.0.0.1", server.port):
                return
    pytest.fail("the port is taken on 127.0.0.1 as well, each time")


async def test_a_star_is_every_address_of_both_families_on_one_free_port() -> None:
    async with running(Settings(host="*", port=0)) as server:
        assert server.addresses == (("0.0.0.0", server.port), ("::", server.port))
        for host in FAMILIES:
            with socket.create_connection((host, server.port)):
                pass


@pytest.mark.parametrize("host", ["localhost.", "LocalHost"])
async def test_localhost_may_be_written_otherwise(host: str) -> None:
    async with running(Settings(host=host, port=0)) as server:
        assert [address for address, _ in server.addresses] == ["127.0.0.1", "::1"]


@pytest.mark.parametrize("host", FAMILIES)
async def test_a_port_taken_in_one_family_only_is_refused_and_nothing_is_left(host: str) -> None:
    with taken(host) as port:
        before = open_sockets()
        with pytest.raises(CannotListen) as refusal:
            await listen("localhost", port)
        assert str(refusal.value) == (
            f"cannot listen on localhost port {port}: it is taken; stop what uses it, "
            "or choose another port"
        )
        assert open_sockets() == before


async def test_a_refusal_comes_out_of_running_as_it_is() -> None:
    with taken("::1") as port, pytest.raises(CannotListen):
        async with running(Settings(port=port)):
            pytest.fail("it ran")


@pytest.mark.parametrize("host", ["host.invalid", "a" * 64 + ".invalid", "with space", "."])
async def test_an_unknown_host_is_refused_in_one_sentence(host: str) -> None:
    with pytest.raises(CannotListen) as refusal:
        await listen(host, 0)
    assert str(refusal.value).startswith(f"cannot listen on {host!r}: ")
    assert str(refusal.value).endswith("; check the host")


async def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotListen, match=r"this machine has no such address; check the host$"):
        await listen("192.0.2.1", 0)


async def test_a_forbidden_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(self: socket.socket, address: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", bind)
    with pytest.raises(CannotListen, match="permission denied; choose a port from 1024 on"):
        await listen("localhost", 80)


@pytest.mark.parametrize("missing", FAMILIES)
@pytest.mark.parametrize("number", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
async def test_a_family_that_the_machine_lacks_is_left_out(
    missing: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lack(monkeypatch, [missing], number)
    (there,) = FAMILIES.keys() - {missing}
    async with running(Settings(port=0)) as server:
        assert [host for host, _ in server.addresses] == [there]


async def test_a_star_needs_one_family_only(monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch, ["::"], errno.EAFNOSUPPORT)
    async with running(Settings(host="*", port=0)) as server:
        assert server.addresses == (("0.0.0.0", server.port),)


async def test_a_machine_without_any_family_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch, list(FAMILIES), errno.EAFNOSUPPORT)
    with pytest.raises(CannotListen, match="cannot listen on localhost port 8000: "):
        await listen("localhost", 8000)


async def test_only_localhost_may_lack_a_family(monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch, ["::1"], errno.EAFNOSUPPORT)
    with pytest.raises(CannotListen):
        await listen("::1", 0)


def lack(monkeypatch: pytest.MonkeyPatch, addresses: list[str], number: int) -> None:
    """Let this machine be one that has no such addresses."""
    real = listeners._listen_on

    def listen_on(family: int, address: str, port: int) -> socket.socket:
        if address in addresses:
            raise OSError(number, os.strerror(number))
        return real(family, address, port)

    monkeypatch.setattr(listeners, "_listen_on", listen_on)


async def test_a_free_port_is_looked_for_until_both_families_have_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = listeners._listen_on
    tries: list[int] = []

    def listen_on(family: int, address: str, port: int) -> socket.socket:
        if family == socket.AF_INET6 and len(tries) < 5:
            tries.append(port)
            raise OSError(errno.EADDRINUSE, "Address already in use")
        return real(family, address, port)

    monkeypatch.setattr(listeners, "_listen_on", listen_on)
    before = open_sockets()
    sockets = await listen("localhost", 0)
    assert len(tries) == 5
    assert len({sock.getsockname()[1] for sock in sockets}) == 1
    assert open_sockets() == before + 2
    for sock in sockets:
        sock.close()


async def test_a_port_is_free_at_once_after_the_server_ended() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        port = server.port
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.setblocking(False)
            sock.send(b"a\n")
    for host in FAMILIES:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, port))
    async with running(Settings(port=port)):
        assert echoes(b"a")
