"""The client over real sockets: against a reverb, and against servers that are none."""

import errno
import socket
import struct
from functools import partial

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

import reverb_server
import reverb_tui.connection.connect
from reverb_server import Settings
from reverb_server.address_syntax import LOCALHOST
from reverb_tui.connection.client import Client, open_client
from reverb_tui.connection.connect import CannotConnect, connect
from reverb_tui.connection.racing import SocketAddress
from reverb_tui.connection.targets import Embedded, Target
from reverb_tui.display import LONGEST_LINE
from reverb_tui.protocol.events import Changed, Ended, Ending, Event, Heard
from reverb_tui.protocol.negotiation import ServerError
from tests.client.servers import Serving, echo_like_go, echo_plainly

NOW = Settings(port=0, delay=0)


async def rest(client: Client) -> list[Event]:
    with anyio.fail_after(10):
        return [event async for event in client.events()]


async def until(client: Client, kind: type[Event]) -> Event:
    with anyio.fail_after(10):
        async for event in client.events():
            if isinstance(event, kind):
                return event
    raise AssertionError("it ended")


def lines_of(events: list[Event]) -> list[bytes]:
    return [line for event in events if isinstance(event, Heard) for line in event.lines]


async def test_half_close_still_gets_every_echo_of_the_embedded_server() -> None:
    async with open_client(Embedded(Settings(delay=0.01))) as client:
        client.shout(b"Hello?")
        client.half_close()
        assert not client.open
        events = await rest(client)
    assert lines_of(events) == [b"\t HELLO?", b"\t Hello?", b"\t hello?"]
    assert events[-1] == Ended(Ending.AS_ASKED)
    assert client.info.kind == "reverb"


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "::1"])
async def test_every_way_to_name_a_server_connects(host: str) -> None:
    async with reverb_server.running(NOW) as server:
        if host == "::1" and len(server.addresses) < 2:
            return
        async with open_client(Target(host, server.port)) as client:
            client.shout(b"Hi")
            client.half_close()
            assert len(lines_of(await rest(client))) == 3


async def test_localhost_is_found_where_only_one_family_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = await connect(Target("localhost", listener.getsockname()[1]))
        stream.close()


async def test_no_server_is_said_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(
        CannotConnect, match=f"^cannot connect to 127.0.0.1:{port}: nothing is listening"
    ):
        await connect(Target("127.0.0.1", port))


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 300, "a..b", "a\0b"])
async def test_an_unknown_host_is_said_in_one_sentence(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = socket.getaddrinfo

    def without_network(host: str, *args: object, **named: object) -> object:
        if host.endswith(".invalid") or "\0" in host:  # Python looks for what stands before it
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return ask(host, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", without_network)
    with pytest.raises(CannotConnect, match="no host of that name"):
        await connect(Target(host, 8000))


async def test_no_answer_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reverb_tui.connection.connect.TIMEOUT", 0.05)
    monkeypatch.setattr(
        "reverb_tui.connection.connect._connect", lambda _address: anyio.sleep_forever()
    )
    with pytest.raises(CannotConnect, match="no answer within"):
        await connect(Target("localhost", 8000))


async def test_the_next_address_is_tried_when_one_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    really_connect = reverb_tui.connection.connect._connect

    async def only_ipv4_answers(address: SocketAddress) -> socket.socket:
        if address[0] == socket.AF_INET6:
            await anyio.sleep_forever()
        return await really_connect(address)

    monkeypatch.setattr("reverb_tui.connection.connect._connect", only_ipv4_answers)
    monkeypatch.setattr("reverb_tui.connection.racing.CONNECT_STAGGER", 0.01)
    monkeypatch.setattr("reverb_tui.connection.connect.LOCALHOST", LOCALHOST[::-1])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = await connect(Target("localhost", listener.getsockname()[1]))
        stream.close()


class Unreachable(socket.socket):
    """One that can reach no address of IPv6, and says so at once."""

    def connect_ex(self, address: object) -> int:
        if self.family == socket.AF_INET6:
            return errno.ENETUNREACH
        return super().connect_ex(address)  # type: ignore[arg-type]


async def test_an_address_that_fails_at_once_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reverb_tui.connection.connect.LOCALHOST", LOCALHOST[::-1])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setattr(socket, "socket", Unreachable)
        stream = await connect(Target("localhost", port))
        stream.close()
    with pytest.raises(CannotConnect, match="network is unreachable; check"):
        await connect(Target("::1", port))


async def test_a_change_is_confirmed_and_the_last_value_arrives() -> None:
    async with open_client(Embedded(), delay=2.0) as client:
        for hundredths in range(100):
            client.ask(delay=hundredths / 100)
        client.ask(mode="sequential")
        assert client.info.wished == 0.99
        while client.info.wished is not None or client.info.wished_mode is not None:
            changed = await until(client, Changed)
            assert isinstance(changed, Changed)
            assert changed.asked <= anyio.current_time()
        assert (client.info.delay, client.info.mode) == (0.99, "sequential")


async def test_one_read_is_one_event_and_control_lines_are_none(serving: Serving) -> None:
    async def handle(stream: SocketStream) -> None:
        await stream.receive()
        await stream.send(
            b"a\nb\r\n"
            b'\x10{"reverb":1,"reply":1,"delay":1,"mode":"concurrent"}\n'
            b'\x10{"reverb":1,"code":"draining","error":"bye"}\n'
            b'\x10{"reverb":1,"reply":1}\nc\nunfinished'
        )
        await stream.send_eof()
        await stream.receive()

    async with serving(handle) as target, open_client(target) as client:
        first, changed, refused, second, last, ended = await rest(client)
    assert isinstance(first, Heard)
    assert first.lines == [b"a", b"b"]
    assert isinstance(changed, Changed)
    assert changed.info.delay == 1.0
    assert refused == ServerError("draining", "bye")
    assert isinstance(second, Heard)
    assert second.lines == [b'\x10{"reverb":1,"reply":1}', b"c"]
    assert isinstance(last, Heard)
    assert (last.lines, last.goes_on) == ([b"unfinished"], {0})
    assert last.instant <= second.instant  # it came with the others, not with the end
    assert ended == Ended(Ending.CLOSED)


async def test_a_server_like_gos_has_no_control_and_shows_no_hello(serving: Serving) -> None:
    async with serving(echo_like_go) as target, open_client(target, delay=2) as client:
        client.shout(b"Hi")
        client.half_close()
        events = await rest(client)
    assert lines_of(events) == [b"\t HI", b"\t Hi", b"\t hi"]
    assert client.info.kind == "no control lines"
    assert events[-1] == Ended(Ending.AS_ASKED)


@pytest.mark.parametrize("control", [True, False])
async def test_a_plain_echo_gives_back_the_shout_alone(serving: Serving, control: bool) -> None:
    async with serving(echo_plainly) as target, open_client(target, control=control) as client:
        client.shout(b"Hi")
        client.half_close()
        assert lines_of(await rest(client)) == [b"Hi"]
        assert client.info.kind == ("plain" if control else "off")


@pytest.mark.parametrize("crlf", [True, False])
async def test_crlf_ends_shouts_but_not_requests(serving: Serving, crlf: bool) -> None:
    heard = bytearray()

    async def handle(stream: SocketStream) -> None:
        async for data in stream:
            heard.extend(data)

    async with serving(handle) as target, open_client(target, crlf=crlf) as client:
        client.shout("ä".encode() + b"\x80")
        client.half_close()
        await rest(client)
    end = b"\r\n" if crlf else b"\n"
    assert heard == b'\x10{"reverb":1,"id":1}\n\xc3\xa4\x80' + end


async def reset(after: int, stream: SocketStream) -> None:
    while after > 0:
        after -= len(await stream.receive())
    linger = struct.pack("ii", 1, 0)
    stream.extra(SocketAttribute.raw_socket).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


async def test_a_reset_is_the_end_with_a_sentence(serving: Serving) -> None:
    async with serving(partial(reset, 1)) as target, open_client(target) as client:
        assert (await rest(client))[-1] == Ended(
            Ending.RESET, "the other side reset the connection"
        )
        client.shout(b"into the void")
        client.ask(delay=1)
        client.half_close()
        assert not client.open


async def test_a_reset_while_sending_frees_who_waits_for_the_outbox(serving: Serving) -> None:
    async with (
        serving(partial(reset, 100_000)) as target,
        open_client(target, control=False) as client,
    ):
        client.shout(b"x" * 30_000_000)
        with anyio.fail_after(10):
            await client.outbox_below(1)
        last = (await rest(client))[-1]
    assert isinstance(last, Ended)
    assert last.how in (Ending.RESET, Ending.BROKEN)


async def test_an_outbox_larger_than_the_kernels_arrives_whole(serving: Serving) -> None:
    async with serving(echo_plainly) as target, open_client(target, control=False) as client:
        for _ in range(100):
            client.shout(b"x" * 65_535)
        client.half_close()
        client.shout(b"too late")
        assert sum(len(line) for line in lines_of(await rest(client))) == 100 * 65_535


async def test_a_line_without_an_end_comes_in_parts_that_are_all_there(serving: Serving) -> None:
    size = 64

    async def flood(stream: SocketStream) -> None:
        for _ in range(size):
            await stream.send(bytes(65_536))
        await stream.send(b"\n")

    async with serving(flood) as target, open_client(target, control=False) as client:
        heard = [event for event in await rest(client) if isinstance(event, Heard)]
    parts = [part for event in heard for part in event.lines]
    assert b"".join(parts) == bytes(size * 65_536)
    assert max(map(len, parts)) <= LONGEST_LINE
    assert sum(len(event.goes_on) for event in heard) == len(parts) - 1


async def test_what_has_not_ended_can_be_taken_as_a_part(serving: Serving) -> None:
    async def ask(stream: SocketStream) -> None:
        await stream.send(b"login: ")
        await stream.receive()
        await stream.send(b"\nWelcome.\n")
        await stream.receive()

    async with serving(ask) as target, open_client(target, control=False) as client:
        events = client.events()
        asked = await anext(events)
        assert client.unfinished == b"login: "
        client.shout(b"bob")
        assert client.cut() == Heard([b"login: "], asked.instant, {0})  # type: ignore[union-attr]
        assert client.cut().lines == []
        assert client.unfinished == b""
        heard = await anext(events)
        assert isinstance(heard, Heard)
        assert heard.lines == [b"", b"Welcome."]


async def test_what_is_held_back_for_a_control_line_is_not_lost_at_the_end(
    serving: Serving,
) -> None:
    async def ask(stream: SocketStream) -> None:
        await stream.send(b"login: \n\x10{")
        await stream.receive()

    async with serving(ask) as target, open_client(target, control=False) as client:
        await anext(client.events())
        assert client.last().lines == [b"\x10{"]


async def test_who_does_not_listen_holds_the_server_back(serving: Serving) -> None:
    taken = 0

    async def flood(stream: SocketStream) -> None:
        nonlocal taken
        while True:
            with anyio.move_on_after(0.3) as scope:
                await stream.send(bytes(65_536))
            if scope.cancelled_caught:
                blocked.set()
                return
            taken += 65_536

    blocked = anyio.Event()
    async with serving(flood) as target, open_client(target, control=False):
        with anyio.fail_after(20):
            await blocked.wait()
    assert taken < 16 * 2**20


async def test_what_the_block_raises_comes_out_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        async with open_client(Embedded(NOW)):
            raise ZeroDivisionError
