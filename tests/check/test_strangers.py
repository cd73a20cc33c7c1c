"""Servers that are no reverb and no echo get a verdict, in bounded time and memory."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import anyio
import pytest
from anyio.abc import SocketStream

from reverb_check import probes
from reverb_check.check import Check
from reverb_check.findings import Asked
from reverb_check.learned import Name
from reverb_check.promises.promise import Verdict, Wishes
from reverb_check.script import KEPT
from reverb_check.server import ServerUnderTest
from reverb_tui.connection.targets import Target
from tests.examples.programs import serving
from tests.virtual import anyio_backend as anyio_backend

GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream)


async def silent(conn: SocketStream) -> None:
    await anyio.sleep(3600)


async def closing(conn: SocketStream) -> None:
    await conn.aclose()


async def speaking(conn: SocketStream) -> None:
    await conn.receive()
    await conn.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await conn.aclose()


async def greeting(conn: SocketStream) -> None:
    await conn.send(b"220 welcome\n")
    while True:
        await conn.send(await conn.receive())


async def flooding(conn: SocketStream) -> None:
    while True:
        await conn.send(b"%63d\n" % 0 * 1024)


async def endless(conn: SocketStream) -> None:
    while True:
        await conn.send(bytes(65_536))


@pytest.mark.parametrize(
    ("handle", "told", "seconds"),
    [
        (silent, "nothing came within 10.0 s", 11),
        (closing, "before anything came", 1),
        (speaking, "2 lines came", 3),
        (greeting, "2 lines came", 5),
        (flooding, "lines came", 1),
        (endless, "bytes came, and no line end", 1),
    ],
)
async def test_it_gets_a_verdict(
    handle: Callable[[SocketStream], Awaitable[None]],
    told: str,
    seconds: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probes, "HEARTBEAT", 1000.0)

    async def contained(conn: SocketStream) -> None:
        with suppress(*GONE):
            async with conn:
                await handle(conn)

    begin = anyio.current_time()
    async with serving(contained) as port:
        under_test = ServerUnderTest(Target("127.0.0.1", port), 1000)
        report = await Check(under_test, Asked(), Wishes(), lambda _what: None).run()
    assert anyio.current_time() - begin < seconds
    (broken,) = report.having(Verdict.BROKEN)
    assert broken.promise.id == "three-echoes"
    assert told in broken.finding.told
    assert report.server == Name.UNKNOWN
    assert not report.having(Verdict.KEPT)
    assert all(len(t.data) <= KEPT + 65_536 for t in broken.evidence.transcripts)
