"""The protocol of systemd: what its variables say, and what it is told."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from reverb_server.supervisor import Supervisor, given_descriptors, watchdog_period
from tests.virtual import anyio_backend as anyio_backend


@pytest.mark.parametrize(
    ("variables", "descriptors"),
    [
        ({}, ()),
        ({"LISTEN_FDS": "2"}, ()),
        ({"LISTEN_FDS": "2", "LISTEN_PID": "8"}, ()),
        ({"LISTEN_FDS": "junk", "LISTEN_PID": "8"}, ()),
        ({"LISTEN_PID": "7"}, ()),
        ({"LISTEN_FDS": "1", "LISTEN_PID": "7"}, (3,)),
        ({"LISTEN_FDS": "3", "LISTEN_PID": "7", "LISTEN_FDNAMES": "a:b:c"}, (3, 4, 5)),
    ],
)
def test_the_sockets_given_to_this_process(
    variables: dict[str, str], descriptors: tuple[int, ...]
) -> None:
    assert given_descriptors(variables, 7) == descriptors


@pytest.mark.parametrize("count", ["", "x", "-1", "0", "1025", "9" * 5_000, "٣", "1.0", " 1"])
def test_a_number_that_is_none_is_one_sentence(count: str) -> None:
    with pytest.raises(ValueError, match=r"^LISTEN_FDS=.*(no number|out of range)"):
        given_descriptors({"LISTEN_FDS": count, "LISTEN_PID": "7"}, 7)


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "3000000"}, 1.5),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"}, 1.5),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "9" * 5_000}, None),
    ],
)
def test_the_period_of_the_watchdog_is_half_of_what_it_waits(
    variables: dict[str, str], seconds: float | None
) -> None:
    assert watchdog_period(variables, 7) == seconds


@pytest.fixture
def hearer(tmp_path: Path) -> Iterator[socket.socket]:
    """The supervisor's end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.setblocking(False)
        yield sock


def test_states_are_told_in_one_message_a_line_each(hearer: socket.socket) -> None:
    supervisor = Supervisor(hearer.getsockname())
    supervisor.tell(READY=1, STATUS="listening on /a\nREADY=0")
    assert hearer.recv(1000) == b"READY=1\nSTATUS=listening on /a\\nREADY=0"
    supervisor.close()
    supervisor.tell(STOPPING=1)
    with pytest.raises(BlockingIOError):
        hearer.recv(1000)


def test_an_abstract_address_begins_with_an_at_sign() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hearer:
        hearer.bind("")
        supervisor = Supervisor("@" + os.fsdecode(hearer.getsockname()[1:]))
        supervisor.tell(READY=1)
        assert hearer.recv(1000) == b"READY=1"
        supervisor.close()


async def test_signs_of_life_come_in_time_and_one_that_is_slow_is_not_waited_for(
    hearer: socket.socket,
) -> None:
    supervisor = Supervisor(hearer.getsockname())
    with anyio.move_on_after(7):
        await supervisor.keep_alive(2)
    assert [hearer.recv(1000) for _ in range(4)] == [b"WATCHDOG=1"] * 4  # at 0, 2, 4 and 6
    with anyio.move_on_after(4_000):
        await supervisor.keep_alive(2)  # more than the kernel keeps
    assert hearer.recv(1000) == b"WATCHDOG=1"
    supervisor.close()


@pytest.mark.parametrize(
    "address", ["/nowhere/notify", "no address", "a\0b", "vsock:2:1", "x" * 200]
)
async def test_nobody_there_is_told_once(address: str, caplog: pytest.LogCaptureFixture) -> None:
    supervisor = Supervisor(address)
    for _ in range(3):
        supervisor.tell(READY=1)
    await supervisor.keep_alive(1)
    (line,) = caplog.messages
    assert line.startswith("cannot tell NOTIFY_SOCKET=")


def test_without_one_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    Supervisor(None).tell(READY=1)
    Supervisor("").tell(READY=1)
    assert not caplog.messages
