"""Several addresses, of which most say nothing; in virtual time."""

import errno
import socket

import anyio
import pytest

from reverb_tui.connection.racing import TRIED_AT_ONCE, SocketAddress, first_to_answer, in_turns
from tests.virtual import anyio_backend as anyio_backend

LIMIT = 15.0


def addresses(count: int) -> list[SocketAddress]:
    return [(socket.AF_INET, (f"192.0.2.{number}", 8000)) for number in range(count)]


@pytest.mark.parametrize("silent", [1, 20, 200, 1_000])
async def test_a_good_address_behind_silent_ones_is_found(silent: int) -> None:
    *_, good = found = addresses(silent + 1)
    at_once = most = 0

    async def connect(address: SocketAddress) -> socket.socket:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        try:
            await anyio.sleep(0.1 if address == good else 3600)
        finally:
            at_once -= 1
        return socket.socket()

    with anyio.fail_after(LIMIT):
        sock = await first_to_answer(found, connect, [])
    assert sock is not None
    sock.close()
    assert anyio.current_time() < LIMIT / 2 + 0.5
    assert most <= TRIED_AT_ONCE
    assert at_once == 0


async def test_an_address_that_fails_makes_room_at_once_and_its_error_is_kept() -> None:
    async def connect(address: SocketAddress) -> socket.socket:
        raise OSError(errno.ECONNREFUSED, "refused")

    errors: list[OSError] = []
    before = anyio.current_time()
    assert await first_to_answer(addresses(50), connect, errors) is None
    assert anyio.current_time() == before
    assert len(errors) == 50


def test_families_take_turns() -> None:
    six: list[SocketAddress] = [(10, (f"::{number}", 1)) for number in range(3)]
    four: list[SocketAddress] = [(2, (f"192.0.2.{number}", 1)) for number in range(1)]
    assert in_turns([*six, *four]) == [six[0], four[0], six[1], six[2]]
    assert in_turns([]) == []
