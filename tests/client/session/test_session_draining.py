"""A server that drains: its echoes come to the last, and new shouts go to the next connection."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketStream

import reverb_server
from reverb_server import Settings
from reverb_server.address_syntax import Address
from reverb_tui.connection.targets import AnyTarget, Target
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from reverb_tui.session import held
from reverb_tui.session.availability import obstacle
from reverb_tui.session.handover import DRAINS
from reverb_tui.session.session import ASKED_ELSEWHERE, Session
from tests.client.servers import Draining, read_line, saying, serving
from tests.client.watcher import Watcher, watched
from tests.virtual import anyio_backend as anyio_backend

ANSWER = b'\x10{"reverb":1,"reply":1,"delay":1,"delay_max":60,"mode":"concurrent"}\n'
WORD = b'\x10{"reverb":1,"code":"draining","error":"bye"}\n'


@asynccontextmanager
async def running(
    target: AnyTarget, options: Options = Options()
) -> AsyncIterator[tuple[Session, Watcher]]:
    """Run a session while the block runs."""
    session, watcher = watched(target, options)
    async with anyio.create_task_group() as group:
        group.start_soon(session.run)
        await anyio.sleep(0.1)
        yield session, watcher
        group.cancel_scope.cancel()


def told(watcher: Watcher) -> list[tuple[int, str]]:
    return [(kind, text) for kind, text, *_ in watcher.entries]


def shouts(server: Draining) -> list[list[bytes]]:
    """Return what each connection has shouted."""
    return [[line for line in lines if line] for lines in server.connections]


def triple(text: str) -> list[tuple[int, str]]:
    return [(Kind.LOUD, text.upper()), (Kind.NORMAL, text), (Kind.QUIET, text.lower())]


async def test_pending_echoes_come_first_and_then_what_was_held_is_sent_in_order() -> None:
    server = Draining()
    async with serving(server) as target, running(target) as (session, watcher):
        session.shout(["One"])
        await anyio.sleep(0.5)
        server.drain()
        await anyio.sleep(0.1)
        assert session.state == "draining"
        session.shout(["Two"])
        session.shout(["Three", "Four"])
        assert len(session.held) == 3
        server.succeed()
        await anyio.sleep(5)
        assert session.state == "connected"
        assert len(session.held) == 0
    connected = (Kind.NOTICE, f"connected: {target}")
    assert told(watcher) == [
        connected,
        (Kind.SHOUT, "One"),
        (Kind.LOUD, "ONE"),
        (Kind.NOTICE, DRAINS),
        (Kind.NOTICE, "held for the next connection: Two"),
        (Kind.NOTICE, "held for the next connection: 2 lines"),
        (Kind.NORMAL, "One"),
        (Kind.QUIET, "one"),
        connected,
        *[(Kind.SHOUT, text) for text in ("Two", "Three", "Four")],
        *[
            (stage, form)
            for step in range(3)
            for stage, form in [triple(text)[step] for text in ("Two", "Three", "Four")]
        ],
    ]
    assert shouts(server) == [[b"One"], [b"Two", b"Three", b"Four"]]
    assert [entry[3] for entry in watcher.entries if entry[0] == Kind.SHOUT] == [1, 2, 3, 4]


async def test_a_real_server_that_stops_is_followed_by_the_next_one_at_its_address() -> None:
    settings = Settings(host="127.0.0.1", port=0, delay=1)
    async with reverb_server.running(settings) as old:
        target = Target("127.0.0.1", old.port)
        async with running(target) as (session, watcher), anyio.create_task_group() as group:
            session.shout(["One"])
            await anyio.sleep(0.5)
            group.start_soon(old.drain)
            await anyio.sleep(0.1)
            session.shout(["Two"])
            async with reverb_server.running(Settings(host="127.0.0.1", port=old.port, delay=1)):
                await anyio.sleep(5)
    echoes = [entry for entry in told(watcher) if entry[0] in (Kind.LOUD, Kind.NORMAL, Kind.QUIET)]
    assert echoes == [*triple("One"), *triple("Two")]
    assert not [text for kind, text in told(watcher) if kind == Kind.PROBLEM]


async def test_a_server_that_never_ends_the_connection_is_left_after_its_last_echo() -> None:
    server = Draining(delay=3, ends=False)
    async with serving(server) as target, running(target) as (session, _):
        session.shout(["One"])
        server.drain()
        await anyio.sleep(5.9)
        assert server.connections == [[b"One"]]
        await anyio.sleep(0.6)
        assert server.connections == [[b"One", b""]]  # first only half
        await anyio.sleep(4)
        assert len(server.connections) == 1
        await anyio.sleep(2)
        assert len(server.connections) == 2


async def test_servers_that_all_drain_are_asked_after_waits_that_grow() -> None:
    server = Draining(at_once=True, lame=False)
    async with serving(server) as target, running(target) as (session, watcher):
        session.shout(["One"])
        await anyio.sleep(70)
        assert session.held.holds
        session.shout(["Two"])
        server.succeed()
        await anyio.sleep(35)
    assert watcher.tries() == [0, 0, 1, 3, 7, 15, 31, 61, 91]
    assert [lines for lines in shouts(server) if lines] == [[b"One", b"Two"]]
    assert [text for _, text in told(watcher)].count(DRAINS) == 1


async def test_a_shout_that_may_not_have_been_heard_is_missing_and_not_sent_again() -> None:
    server = Draining(lame=False)
    async with serving(server) as target, running(target) as (session, watcher):
        session.shout(["One"])
        await anyio.sleep(0.5)
        server.drain()
        session.shout(["Late"])  # the word is under way
        await anyio.sleep(0.1)
        server.succeed()
        session.shout(["Two"])
        await anyio.sleep(5)
    assert told(watcher)[5:9] == [
        (Kind.NOTICE, "held for the next connection: Two"),
        (Kind.NORMAL, "One"),
        (Kind.QUIET, "one"),
        (Kind.PROBLEM, "the server closed with 3 of 6 echoes missing"),
    ]
    assert shouts(server)[1] == [b"Two"]


async def test_the_end_of_input_needs_no_other_connection_unless_shouts_are_held() -> None:
    server = Draining()
    async with serving(server) as target, running(target) as (session, watcher):
        session.shout(["One"])
        server.drain()
        await anyio.sleep(0.1)
        session.end_input()
        assert session.state == "input ended"
        await watcher.rest()
    assert shouts(server) == [[b"One"]]
    assert told(watcher)[-1] == (Kind.NOTICE, "all echoes have come, the connection is closed")


async def test_held_shouts_are_sent_before_the_end_of_input() -> None:
    server = Draining()
    async with serving(server) as target, running(target) as (session, watcher):
        session.shout(["One"])
        server.drain()
        await anyio.sleep(0.1)
        session.shout(["Two"])
        session.end_input()
        server.succeed()
        assert not session.open
        reason = obstacle("shout", session, following=True, connect="^R")
        assert reason.startswith("you ended the input; held shouts are still sent")
        await watcher.rest()
    assert shouts(server) == [[b"One"], [b"Two"]]
    assert told(watcher)[-4:] == [
        *triple("Two"),
        (Kind.NOTICE, "all echoes have come, the connection is closed"),
    ]


async def test_the_user_can_go_on_at_once_and_loses_the_echoes_that_had_not_come() -> None:
    server = Draining(delay=30)
    async with serving(server) as target, running(target) as (session, watcher):
        session.shout(["One"])
        server.drain()
        await anyio.sleep(0.1)
        session.shout(["Two"])
        server.succeed()
        assert obstacle("reconnect", session, following=True) == ""
        session.connect()
        await anyio.sleep(1)
        assert session.state == "connected"
    assert told(watcher)[-4:] == [
        (Kind.NOTICE, "disconnected, 2 of 3 echoes had not come"),
        (Kind.NOTICE, f"connected: {target}"),
        (Kind.SHOUT, "Two"),
        (Kind.LOUD, "TWO"),
    ]


@pytest.mark.parametrize(
    "leave",
    [
        Session.disconnect,
        lambda session: session.connect(Address("127.0.0.1", 1)),
    ],
    ids=["disconnect", "elsewhere"],
)
async def test_whoever_leaves_is_told_what_was_held_and_not_sent(
    leave: Callable[[Session], None],
) -> None:
    server = Draining()
    async with serving(server) as target, running(target) as (session, watcher):
        server.drain()
        await anyio.sleep(0.1)
        session.shout(["Two", "Three"])
        server.succeed()
        leave(session)
        await anyio.sleep(5)
        assert not session.open
        assert len(session.held) == 0
    assert (Kind.PROBLEM, "2 shouts were held and not sent") in told(watcher)
    assert shouts(server) == [[]]


async def test_a_balancer_without_a_server_is_asked_until_it_has_one_again() -> None:
    """It takes a connection and closes it, as HAProxy does; or it does not listen."""
    server = Draining()
    away = False

    async def balance(stream: object) -> None:
        if not away:
            await server(stream)  # type: ignore[arg-type]

    async with serving(balance) as target, running(target) as (session, watcher):
        server.drain()
        away = True
        await anyio.sleep(0.1)
        session.shout(["Two"])
        await anyio.sleep(6)
        assert len(session.held) == 1
        assert session.open
        server.succeed()
        away = False
        await anyio.sleep(5)
    assert shouts(server) == [[], [b"Two"]]
    assert watcher.tries() == [0, 0, 1, 3, 7]
    assert not session.raw
    assert len([kind for kind, _ in told(watcher) if kind == Kind.PROBLEM]) == 1


async def test_trying_can_be_given_up() -> None:
    server = Draining()
    async with serving(server) as target, running(target) as (session, watcher):
        server.drain()
        await anyio.sleep(0.1)
        session.shout(["Two"])
        await anyio.sleep(5)
        assert session.state == "waiting"
        session.stop_waiting()
        await watcher.rest()
    assert told(watcher)[-1] == (Kind.PROBLEM, "one shout was held and not sent")


async def test_a_word_that_is_repeated_without_end_is_logged_once() -> None:
    server = Draining()

    async def repeat(stream: SocketStream) -> None:
        if not server.connections:
            server.drain()
            await server(stream)
            return
        await read_line(stream)
        await stream.send(ANSWER + 20 * WORD)
        async for _ in stream:
            await stream.send(20 * WORD)

    async with serving(repeat) as target, running(target) as (session, watcher):
        await anyio.sleep(1)
        session.shout(["One"])
        await anyio.sleep(9)
        assert len(session.held) == 1
    assert [text for _, text in told(watcher)] == [
        f"connected: {target}",
        DRAINS,
        "held for the next connection: One",
    ]
    assert watcher.tries() == pytest.approx([0, 0, 1.5, 4, 8], abs=1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options(), WORD),  # it has answered nothing
        (Options(control="off"), WORD),
        (Options(raw=True), WORD),
    ],
    ids=["unanswered", "off", "raw"],
)
async def test_only_a_reverb_is_obeyed(options: Options, said: bytes) -> None:
    async with (
        serving(saying(said)) as target,
        running(target, options) as (session, watcher),
    ):
        session.shout(["One"])
        assert session.state == "connected"
        assert not session.held.holds
    assert (Kind.NOTICE, DRAINS) not in told(watcher)


async def test_nothing_is_held_for_who_wants_no_other_connection() -> None:
    server = Draining(lame=False)
    async with serving(server) as target, anyio.create_task_group() as group:
        watcher = Watcher()
        session = watcher.session = Session(target, Options(), watcher, reconnects=False)
        group.start_soon(session.run)
        await anyio.sleep(0.1)
        server.drain()
        await watcher.rest()
        assert not session.open
        group.cancel_scope.cancel()
    assert [text for _, text in told(watcher)][1:] == [
        "the server says: the server is stopping",
        "the server closed its side of the connection",
    ]


async def test_a_secret_goes_to_no_other_connection() -> None:
    server = Draining(question=b"Password: ")
    async with serving(server) as target, running(target) as (session, watcher):
        await anyio.sleep(0.5)
        server.drain()
        await anyio.sleep(0.1)
        session.shout(["hunter2"], secret=True)
        server.succeed()
        await anyio.sleep(1)
        session.shout(["hunter2"], secret=True)  # asked for again, by this server
        await anyio.sleep(1)
    assert shouts(server) == [[], [b"hunter2"]]
    assert [text for kind, text in told(watcher) if kind == Kind.PROBLEM] == [ASKED_ELSEWHERE]


async def test_a_secret_that_was_begun_before_goes_to_no_connection_after() -> None:
    server = Draining(question=b"Password: ")
    async with serving(server) as target, running(target) as (session, _):
        await anyio.sleep(0.5)
        server.question = b""
        server.drain()
        await anyio.sleep(0.1)
        server.succeed()
        await anyio.sleep(2)
        assert session.state == "connected"
        session.shout(["hunter2"], secret=True)
        await anyio.sleep(1)
    assert shouts(server) == [[], []]


async def test_no_more_is_held_than_a_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "MOST", 1000)
    server = Draining()
    async with serving(server) as target, running(target) as (session, watcher):
        server.drain()
        await anyio.sleep(0.1)
        session.shout(["x" * 1000])
        assert told(watcher)[-1][1].startswith("not sent: more than 1 MiB")
        session.shout(["x" * 900])
        session.shout(["y" * 900])
        assert not session.open
        assert obstacle("shout", session, following=True).startswith("1 MiB already waits")
        server.succeed()
        await anyio.sleep(2)
        assert session.open
    assert shouts(server)[1] == [b"x" * 900, b"y" * 900]


async def test_the_delay_and_the_slider_are_the_next_connections() -> None:
    server = Draining()
    async with serving(server) as target, running(target) as (session, _):
        server.drain()
        await anyio.sleep(0.1)
        assert obstacle("set_delay", session, following=True).startswith("the server is draining")
        session.ask(delay=0.5)
        server.succeed()
        await anyio.sleep(2)
        assert session.client is not None
        assert session.client.info.delay == 1
