"""What a session says at the end of a connection, however much has come by then."""

import anyio
import pytest

from reverb_server import Settings
from reverb_tui.connection.targets import Embedded
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from reverb_tui.session.session import Session
from tests.client.servers import Serving, echo_in_part, echo_plainly, three
from tests.client.watcher import Watcher, watched

ECHOES = [echo + b"\n" for text in (b"Hello?", b"") for echo in three(text).splitlines()]


def said(watcher: Watcher) -> list[tuple[int, str]]:
    """What the client itself said, without its first sentence."""
    told = [(kind, text) for kind, text, *_ in watcher.entries]
    return [entry for entry in told if entry[0] in (Kind.NOTICE, Kind.PROBLEM)][1:]


async def conversation(session: Session, watcher: Watcher, *, half_close: bool) -> None:
    """Shout twice as soon as it is known whom to, and let the server end it."""
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(session.run)
            while not any(info.kind != "asking" for info in watcher.info):  # noqa: ASYNC110
                await anyio.sleep(0.001)
            session.shout(["Hello?", ""])
            if half_close:
                session.end_input()
            while session.state in ("connected", "input ended"):  # noqa: ASYNC110
                await anyio.sleep(0.001)
            group.cancel_scope.cancel()


@pytest.mark.parametrize("came", range(7))
@pytest.mark.parametrize("half_close", [True, False])
async def test_echoes_that_are_missing_are_counted(
    came: int, half_close: bool, serving: Serving
) -> None:
    server = echo_in_part(*ECHOES[:came], lines=None if half_close else 2)
    async with serving(server) as target:
        session, watcher = watched(target)
        await conversation(session, watcher, half_close=half_close)
    if came < 6:
        sentence = f"the server closed with {6 - came} of 6 echoes missing"
        assert said(watcher) == [(Kind.PROBLEM, sentence)]
    elif half_close:
        assert said(watcher) == [(Kind.NOTICE, "all echoes have come, the connection is closed")]
    else:
        assert said(watcher) == [(Kind.PROBLEM, "the server closed its side of the connection")]


@pytest.mark.parametrize(
    ("echoes", "missing"),
    [
        ([*ECHOES[:5], ECHOES[5][:-1]], 1),  # torn
        ([ECHOES[0][:3]], 6),
        (ECHOES[:3] * 2, 3),  # twice the same
        (ECHOES[::-1], 0),
        ([b"Welcome.\n", *ECHOES], 0),
    ],
)
async def test_only_whole_echoes_of_what_was_shouted_count(
    echoes: list[bytes], missing: int, serving: Serving
) -> None:
    async with serving(echo_in_part(*echoes)) as target:
        session, watcher = watched(target)
        await conversation(session, watcher, half_close=True)
    ((_, sentence),) = said(watcher)
    assert sentence == (
        f"the server closed with {missing} of 6 echoes missing"
        if missing
        else "all echoes have come, the connection is closed"
    )


@pytest.mark.parametrize("options", [Options(raw=True), Options(control="off")])
async def test_to_a_server_of_unknown_kind_no_echoes_are_promised(
    options: Options, serving: Serving
) -> None:
    async with serving(echo_plainly) as target:
        session, watcher = watched(target, options)
        await conversation(session, watcher, half_close=True)
    assert said(watcher) == [(Kind.NOTICE, "the connection is closed")]


async def test_a_disconnection_says_what_had_not_come() -> None:
    session, watcher = watched(Embedded(Settings(delay=60)))
    async with anyio.create_task_group() as group:
        group.start_soon(session.run)
        while not session.open:  # noqa: ASYNC110
            await anyio.sleep(0.001)
        session.shout(["Hello?"])
        while not any(entry[0] == Kind.LOUD for entry in watcher.entries):  # noqa: ASYNC110
            await anyio.sleep(0.001)
        session.disconnect()
        await watcher.rest()
        group.cancel_scope.cancel()
    assert said(watcher) == [(Kind.NOTICE, "disconnected, 2 of 3 echoes had not come")]
