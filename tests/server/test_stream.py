"""Bytes over a socket: nothing kept, nothing hidden, and one error for all that can go wrong."""

import errno
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import suppress

import anyio
import pytest

from reverb_server.net.stream import Gone, SocketStream
from tests.server.calls import PAIRS, tcp_pair
from tests.virtual import anyio_backend as anyio_backend


@pytest.fixture(params=PAIRS)
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[tuple[socket.socket, SocketStream]]:
    ours, theirs = request.param()
    stream = SocketStream(theirs)
    yield ours, stream
    ours.close()
    stream.close()


MUCH = 1 << 28
"""More bytes than any kernel's buffers take, which grow, and empty while nobody looks."""

Pair = tuple[socket.socket, SocketStream]


async def send(stream: SocketStream, data: bytes) -> None:
    """Send all of ``data``, waiting as often as needed."""
    rest = memoryview(data)
    while rest := rest[stream.send_now(rest) :]:
        await stream.wait_writable()


async def test_what_comes_is_received_up_to_the_limit_and_then_the_end(pair: Pair) -> None:
    ours, stream = pair
    ours.send(b"Hello?")
    assert await stream.receive(4) == b"Hell"
    assert await stream.receive(4) == b"o?"
    ours.shutdown(socket.SHUT_WR)
    assert await stream.receive() == b""
    assert await stream.receive() == b""


async def test_receive_waits_until_something_comes(pair: Pair) -> None:
    ours, stream = pair
    begin = anyio.current_time()

    async def send_later() -> None:
        await anyio.sleep(5)
        ours.send(b"Hello?")

    async with anyio.create_task_group() as group:
        group.start_soon(send_later)
        assert await stream.receive() == b"Hello?"
        assert anyio.current_time() == begin + 5


async def test_it_does_not_read_ahead(pair: Pair) -> None:
    ours, stream = pair
    ours.setblocking(False)
    assert not await receive_nothing(stream)
    sent = 0
    while True:
        with anyio.move_on_after(1):
            await anyio.wait_writable(ours)
            with suppress(BlockingIOError):
                sent += ours.send(b"x" * 65_536)
            continue
        break
    received = 0
    with anyio.move_on_after(1):
        while True:
            received += len(await stream.receive())
    assert received == sent, "what the kernel had taken was kept by the kernel alone"
    kept = [getattr(stream, name) for name in stream.__slots__]
    assert not any(each for each in kept if isinstance(each, bytes))


async def test_what_was_put_back_is_received_again_before_the_rest(pair: Pair) -> None:
    ours, stream = pair
    ours.sendall(b"Hello?")
    assert await stream.receive() == b"Hello?"
    stream.unread(b"lo?")
    stream.unread(b"Hel")
    assert stream.buffered
    ours.sendall(b"Yes")
    assert await stream.receive(4) == b"Hell"
    assert stream.receive_now() == b"o?"
    assert not stream.buffered
    assert await stream.receive() == b"Yes"


async def receive_nothing(stream: SocketStream) -> bytes:
    with anyio.move_on_after(1):
        return await stream.receive()
    return b""


async def test_a_cancelled_receive_loses_nothing(pair: Pair) -> None:
    ours, stream = pair
    for _ in range(3):
        assert await receive_nothing(stream) == b""
        ours.send(b"Hello?")
        assert await stream.receive() == b"Hello?"


async def test_send_takes_its_time_and_loses_nothing(pair: Pair) -> None:
    ours, stream = pair
    ours.setblocking(False)
    data = bytes(range(256)) * 20_000
    received = bytearray()

    async def receive() -> None:
        while len(received) < len(data):
            await anyio.wait_readable(ours)
            received.extend(ours.recv(100_000))

    async with anyio.create_task_group() as group:
        group.start_soon(receive)
        await send(stream, data)
    assert received == data


async def test_send_now_never_waits(pair: Pair) -> None:
    _, stream = pair
    assert any(stream.send_now(b"x" * 1_000_000) == 0 for _ in range(10_000))


async def test_half_close_lets_receiving_go_on(pair: Pair) -> None:
    ours, stream = pair
    stream.half_close()
    assert ours.recv(10) == b""
    ours.send(b"Hello?")
    assert await stream.receive() == b"Hello?"


async def test_a_peer_that_closed_is_gone_for_who_sends(pair: Pair) -> None:
    ours, stream = pair
    ours.close()
    with suppress(Gone):
        await send(stream, b"Hello?")  # over TCP, the reset comes as an answer to this
        await anyio.sleep(1)
    with pytest.raises(Gone):
        await send(stream, b"Hello?")
    stream.half_close()  # says nothing: the next receive tells


async def test_a_reset_is_gone_for_who_receives() -> None:
    ours, theirs = tcp_pair()
    stream = SocketStream(theirs)

    async def reset_later() -> None:
        await anyio.sleep(1)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ours.close()

    async with anyio.create_task_group() as group:
        group.start_soon(reset_later)
        with pytest.raises(Gone, match=r"^the other side reset the connection$"):
            await stream.receive()
    stream.close()


async def test_closing_ends_who_receives_and_who_waits_to_send(pair: Pair) -> None:
    _, stream = pair
    gone: list[str] = []

    async def receive() -> None:
        try:
            await stream.receive()
        except Gone as error:
            gone.append(str(error))

    async def send_one() -> None:
        try:
            await send(stream, bytes(MUCH))
        except Gone as error:
            gone.append(str(error))

    async with anyio.create_task_group() as group:
        group.start_soon(receive)
        group.start_soon(send_one)
        await anyio.sleep(1)
        stream.close()
    assert gone == ["the connection was closed here"] * 2


async def test_a_closed_stream_is_gone_for_everybody(pair: Pair) -> None:
    _, stream = pair
    stream.close()
    stream.close()  # once more is no error
    stream.half_close()
    with pytest.raises(Gone):
        await stream.receive()
    with pytest.raises(Gone):
        stream.send_now(b"Hello?")


@pytest.mark.parametrize(
    "number", [errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ECONNRESET, errno.EPIPE]
)
async def test_every_error_of_the_network_is_gone_with_its_reason(number: int) -> None:
    class Broken(socket.socket):
        def recv(self, *_: object) -> bytes:
            raise OSError(number, "the reason")

        def send(self, *_: object) -> int:
            raise OSError(number, "the reason")

    with Broken() as sock:
        stream = SocketStream(sock)
        with pytest.raises(Gone, match=r"reason|reset"):
            await stream.receive()
        with pytest.raises(Gone, match=r"reason|reset"):
            stream.send_now(b"Hello?")
