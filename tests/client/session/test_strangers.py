"""Servers that are no reverb and no echo, and were not said to be: `--raw` is found out."""

import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

import reverb_server
from reverb_server import Settings
from reverb_tui.connection.targets import Target
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from reverb_tui.session.session import Session
from reverb_tui.session.stranger import MAYBE_TLS, STAYS, TREATED_AS_RAW
from tests.client.servers import Serving, echo_like_go, three
from tests.client.watcher import Watcher, watched
from tests.virtual import anyio_backend as anyio_backend

HELLO = b'\x10{"reverb":1,"id":1}\n'


class Stranger:
    """A server that keeps what it hears, connection by connection."""

    def __init__(self, handle: Callable[["Stranger", SocketStream], Awaitable[None]]) -> None:
        self.heard: list[bytes] = []
        self._handle = handle

    async def __call__(self, stream: SocketStream) -> None:
        self.heard.append(b"")
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            await self._handle(self, stream)

    async def hear(self, stream: SocketStream) -> bytes:
        data = await stream.receive()
        self.heard[-1] += data
        return data


async def like_redis(server: Stranger, stream: SocketStream) -> None:
    """Answer a protocol error and close, or +PONG."""
    while b"{" not in await server.hear(stream):
        await stream.send(b"+PONG\r\n")
    await stream.send(b"-ERR Protocol error: unbalanced quotes in request\r\n")


async def like_smtp(server: Stranger, stream: SocketStream) -> None:
    """Begin with a banner."""
    await stream.send(b"220 mail.example.org ESMTP\r\n")
    while True:
        for line in (await server.hear(stream)).splitlines():
            known = line in (b"EHLO x", b"QUIT")
            await stream.send(b"250 ok\r\n" if known else b"500 unrecognized\r\n")


async def hang_up(server: Stranger, stream: SocketStream) -> None:
    """Close at the first shout, without a word."""
    while b"Hello" not in await server.hear(stream):
        pass


async def resetting(server: Stranger, stream: SocketStream) -> None:
    """Reset at a control line, and say something to all else."""
    if b"{" in await server.hear(stream):
        sock = stream.extra(SocketAttribute.raw_socket)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        await stream.send(b"ok\r\n")
        await anyio.sleep_forever()


def told(watcher: Watcher) -> list[str]:
    return [text for kind, text, *_ in watcher.entries if kind in (Kind.NOTICE, Kind.PROBLEM)]


def lines(watcher: Watcher) -> list[str]:
    return [text for kind, text, *_ in watcher.entries if kind == Kind.PLAIN]


async def run(
    session: Session, seconds: float = 5.0, during: Callable[[], Awaitable[None]] | None = None
) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(session.run)
        if during is not None:
            await during()
        await anyio.sleep(seconds)
        group.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("handle", "sentence", "answer"),
    [
        (like_redis, TREATED_AS_RAW, "+PONG"),
        (resetting, TREATED_AS_RAW + MAYBE_TLS, "ok"),
    ],
)
async def test_one_that_ends_at_a_control_line_is_connected_to_again_without(
    handle: Callable[[Stranger, SocketStream], Awaitable[None]],
    sentence: str,
    answer: str,
    serving: Serving,
) -> None:
    server = Stranger(handle)
    async with serving(server) as target:
        session, watcher = watched(target)

        async def shout() -> None:
            while session.client is None or session.client.info.kind != "no reverb":  # noqa: ASYNC110
                await anyio.sleep(0.001)
            await anyio.sleep(2)
            session.shout(["PING"])

        await run(session, during=shout)
    assert server.heard == [HELLO, b"PING\n"]
    assert told(watcher) == [f"connected: {target}", sentence]
    assert lines(watcher)[-1] == answer
    assert session.client is None
    assert watcher.info[-1].kind == "no reverb"


async def test_one_that_begins_with_a_banner_is_kept_and_said_to_be_one(serving: Serving) -> None:
    server = Stranger(like_smtp)
    async with serving(server) as target:
        session, watcher = watched(target)

        async def shout() -> None:
            while session.client is None or session.client.info.kind != "no reverb":  # noqa: ASYNC110
                await anyio.sleep(0.001)
            session.shout(["EHLO x"])

        await run(session, during=shout)
    assert server.heard == [HELLO + b"EHLO x\n"]
    assert told(watcher) == [f"connected: {target}", STAYS]
    assert lines(watcher) == ["220 mail.example.org ESMTP", "500 unrecognized", "250 ok"]
    assert watcher.info[-1].kind == "no reverb"
    assert session.transcript.flights.shouts == 0


async def test_from_then_on_it_gets_no_control_line(serving: Serving) -> None:
    server = Stranger(like_redis)
    async with serving(server) as target:
        session, watcher = watched(target)
        await run(session)
        await run(session)
    assert server.heard == [HELLO, b"", b""]
    assert told(watcher)[1:] == [TREATED_AS_RAW, f"connected: {target}"]


async def test_who_types_at_once_is_told_before_it_is_sent(serving: Serving) -> None:
    server = Stranger(like_redis)
    async with serving(server) as target:
        session, watcher = watched(target)

        async def shout() -> None:
            while len(server.heard) < 2 or not session.open:  # noqa: ASYNC110
                await anyio.sleep(0.001)
            session.shout(["PING"])

        await run(session, during=shout)
    assert told(watcher) == [f"connected: {target}", TREATED_AS_RAW]
    texts = [entry[1] for entry in watcher.entries]
    assert texts.index(TREATED_AS_RAW) < texts.index("PING") < texts.index("+PONG")


async def test_who_answers_a_banner_at_once_is_told_that_it_is_one(serving: Serving) -> None:
    server = Stranger(like_smtp)
    async with serving(server) as target:
        session, watcher = watched(target)

        async def answer() -> None:
            while not lines(watcher):  # noqa: ASYNC110
                await anyio.sleep(0.001)
            session.shout(["QUIT"])

        await run(session, during=answer)
    assert told(watcher) == [f"connected: {target}", STAYS]
    assert [entry[0] for entry in watcher.entries if entry[1] == "QUIT"] == [Kind.SENT]
    assert lines(watcher)[-1] == "250 ok"
    assert watcher.info[-1].kind == "no reverb"


async def test_one_that_closes_for_everybody_is_asked_again_after_waits(serving: Serving) -> None:
    tries: list[float] = []

    async def close(stream: SocketStream) -> None:
        tries.append(anyio.current_time())

    async with serving(close) as target:
        session, watcher = watched(target)
        await run(session, seconds=20)
    assert len(tries) == 2 * len([0, 1, 3, 7, 15])
    assert told(watcher) == [
        f"connected: {target}",
        "the server closed its side of the connection before it said anything" + MAYBE_TLS,
    ]
    assert not session.raw
    assert not session.transcript.raw


async def test_a_proxy_whose_server_comes_back_is_found_to_be_a_reverb(serving: Serving) -> None:
    calls = 0

    async def proxy(stream: SocketStream) -> None:
        nonlocal calls
        calls += 1
        if calls > 4:
            await echo_like_go(stream)

    async with serving(proxy) as target:
        session, watcher = watched(target)
        await run(session, seconds=20)
    assert not session.raw
    assert watcher.info[-1].kind == "no control lines"
    assert told(watcher)[-1] == f"connected: {target}"


async def test_a_reverb_behind_a_banner_is_a_reverb(serving: Serving) -> None:
    async def late(stream: SocketStream) -> None:
        await stream.send(b"Welcome to the proxy.\r\n")
        hello = await stream.receive()
        await anyio.sleep(0.3)
        await stream.send(three(hello.removesuffix(b"\n")))
        await anyio.sleep_forever()

    async with serving(late) as target:
        session, watcher = watched(target)
        await run(session)
    assert told(watcher) == [f"connected: {target}"]
    assert lines(watcher) == ["Welcome to the proxy."]
    assert watcher.info[-1].kind == "no control lines"


async def test_a_silent_server_is_no_stranger_however_long_it_takes(serving: Serving) -> None:
    async def slow(stream: SocketStream) -> None:
        hello = await stream.receive()
        await anyio.sleep(30)
        await stream.send(three(hello.removesuffix(b"\n")))
        await anyio.sleep_forever()

    async with serving(slow) as target:
        session, watcher = watched(target)
        await run(session, seconds=100)
    assert told(watcher) == [f"connected: {target}"]
    assert watcher.info[-1].kind == "no control lines"


async def test_a_reverb_that_is_full_is_no_stranger() -> None:
    settings = Settings(host="127.0.0.1", port=0, max_connections=1)
    async with reverb_server.running(settings) as server:
        target = Target("127.0.0.1", server.port)
        with socket.create_connection(("127.0.0.1", server.port)) as first:
            first.sendall(b"x\n")
            session, watcher = watched(target)
            await run(session, seconds=0.5)
    assert not session.raw
    (_, full) = told(watcher)
    assert full.startswith("the server says: this server takes no more than 1 at a time")


async def test_an_end_after_a_shout_proves_nothing(serving: Serving) -> None:
    server = Stranger(hang_up)
    async with serving(server) as target:
        session, watcher = watched(target, Options())

        async def shout() -> None:
            while not session.open:  # noqa: ASYNC110
                await anyio.sleep(0.001)
            session.shout(["Hello?"])

        await run(session, seconds=0.5, during=shout)
    assert told(watcher)[1:] == [
        "the server closed its side of the connection before it said anything" + MAYBE_TLS
    ]
    assert not session.raw
