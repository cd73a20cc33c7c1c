"""What is read waits until there is room, and nothing of it is lost."""

import socket
from collections.abc import Iterator

import pytest

from reverb_server.core.memory_budget import MemoryBudget
from reverb_server.net.inbox import Inbox
from reverb_server.net.stream import SocketStream

FULL = 2048
"""Bytes that are pending when there is no room for more."""


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, Inbox]]:
    ours, theirs = socket.socketpair()
    stream = SocketStream(theirs)
    with ours:
        yield ours, Inbox(stream, MemoryBudget(2 * FULL))
    stream.close()


Pair = tuple[socket.socket, Inbox]


def test_what_has_no_room_waits_and_nothing_more_is_read(pair: Pair) -> None:
    ours, inbox = pair
    assert inbox.take(0) == b""
    assert inbox.wants_data
    ours.sendall(b"a" * 200)
    assert inbox.take(FULL) == b""
    assert (inbox.held, inbox.wants_data, inbox.has_more) == (200, False, True)
    assert not inbox.has_room(FULL)
    assert inbox.has_room(0)
    ours.sendall(b"b" * 10)
    assert inbox.take(0) == b"a" * 200
    assert (inbox.bytes_in, inbox.wants_data, inbox.has_more) == (200, True, False)
    assert inbox.take(0) == b"b" * 10


def test_a_part_is_taken_and_the_rest_after_it(pair: Pair) -> None:
    ours, inbox = pair
    data = b"\x10" + bytes(range(200))
    ours.sendall(data)
    taken = inbox.take(0)
    assert 0 < len(taken) < len(data)
    while inbox.has_more:
        taken += inbox.take(0)
    assert taken == data


def test_the_end_of_the_input_is_the_end(pair: Pair) -> None:
    ours, inbox = pair
    ours.shutdown(socket.SHUT_WR)
    assert not inbox.over
    assert inbox.take(0) == b""
    assert inbox.over
    assert not inbox.wants_data


def test_after_the_end_what_waits_is_still_taken_and_nothing_more_is_read(pair: Pair) -> None:
    ours, inbox = pair
    ours.sendall(b"a" * 200)
    inbox.take(FULL)
    inbox.end()
    assert (inbox.over, inbox.has_more) == (False, True)
    ours.sendall(b"too late")
    assert inbox.take(0) == b"a" * 200
    assert inbox.over
    assert inbox.take(0) == b""
    assert inbox.bytes_in == 200
