"""An observer is told what clients shout, and how their connections ended."""

import anyio
import pytest

from reverb_server import ConnectionRecord, End, Settings, running
from tests.server.calls import Caller, call, joined, served
from tests.virtual import anyio_backend as anyio_backend


class Notebook:
    """An observer that writes down what it is told."""

    def __init__(self) -> None:
        self.heard_lines: list[tuple[str, bytes, float]] = []
        self.records: list[ConnectionRecord] = []

    def heard(self, peer: str, data: bytes, instant: float) -> None:
        self.heard_lines.append((peer, data, instant))

    def ended(self, record: ConnectionRecord) -> None:
        self.records.append(record)


class Broken:
    """An observer that has an error of its own."""

    def heard(self, peer: str, data: bytes, instant: float) -> None:
        raise ValueError(f"{peer} heard")

    def ended(self, record: ConnectionRecord) -> None:
        raise ValueError(f"{record.peer} ended")


def name(caller: Caller) -> str:
    host, port = caller.socket.getsockname()
    return f"{host}:{port}"


async def all_of(caller: Caller, data: bytes) -> bytes:
    await caller.shout(data)
    caller.hang_up()
    return await caller.rest()


async def test_shouts_are_heard_with_their_peer_and_instant() -> None:
    seen = Notebook()
    async with running(Settings(port=0, delay=1), observer=seen) as server:
        with call(server) as caller, joined(server) as other:
            begin = anyio.current_time()
            await caller.shout(b"One\r\nTwo\n")
            await caller.line()
            await anyio.sleep(1800)
            assert await all_of(other, b"no end")
            assert seen.heard_lines == [
                (name(caller), b"One\nTwo\n", begin),
                ("unix", b"no end\n", begin + 1800),
            ]


async def test_control_lines_and_refused_lines_are_no_shouts() -> None:
    seen = Notebook()
    async with running(Settings(port=0, delay=0, max_line=100), observer=seen) as server:
        with call(server) as caller:
            await all_of(caller, b"A\n\x10" + b'{"reverb":1,"id":1}\n' + b"x" * 101 + b"\nB\n")
    assert b"".join(data for _, data, _ in seen.heard_lines) == b"A\nB\n"


async def test_plain_mode_hears_bytes() -> None:
    seen = Notebook()
    async with running(Settings(port=0, mode="plain"), observer=seen) as server:
        with call(server) as caller:
            assert await all_of(caller, b"\x00\r\n\x10") == b"\x00\r\n\x10"
    assert b"".join(data for _, data, _ in seen.heard_lines) == b"\x00\r\n\x10"


async def test_each_connection_that_ends_leaves_its_record() -> None:
    seen = Notebook()
    settings = Settings(port=0, delay=0, max_connections=1)
    async with running(settings, observer=seen) as server:
        with call(server) as caller:
            await served(caller)
            with call(server) as refused:
                await refused.rest()
                refused.hang_up()
            await all_of(caller, b"Two\n")
            first = name(caller)
    by_end = {record.end: record for record in seen.records}
    assert by_end.keys() == {End.FULL, End.FINISHED}
    record = by_end[End.FINISHED]
    assert (record.peer, record.shouts, record.echoes) == (first, 2, 6)
    assert record.bytes_in == len(b"Hello?\nTwo\n")


async def test_the_worst_lateness_is_that_of_open_and_ended_connections() -> None:
    async with running(Settings(port=0, delay=0)) as server:
        assert server.worst_lateness == 0
        with call(server) as caller:
            await served(caller)
        await anyio.sleep(1)
        assert server.worst_lateness == 0  # in virtual time every echo is on time


async def test_an_error_of_the_observer_costs_the_connection_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running(Settings(port=0, delay=0), observer=Broken()) as server:
        for _ in range(2):
            with call(server) as caller:
                assert await all_of(caller, b"Hello?\n") == b""
    assert caplog.text.count("an error ended the connection") == 2
    assert caplog.text.count("an error of the observer") == 2
