"""A change of mode has its line in the log."""

import anyio

from reverb_server import Settings
from reverb_tui.connection.targets import Embedded
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from reverb_tui.session.session import Session
from tests.client.watcher import Watcher, watched
from tests.virtual import anyio_backend as anyio_backend


def modes(watcher: Watcher) -> list[str]:
    notices = [text for kind, text, *_ in watcher.entries if kind == Kind.NOTICE]
    return [text for text in notices if text.startswith("mode: ")]


async def connected(session: Session) -> None:
    await anyio.sleep(0.5)
    assert session.client is not None
    assert session.client.info.kind == "reverb"


async def test_each_change_of_mode_has_a_line_and_the_start_has_none() -> None:
    session, watcher = watched(Embedded(Settings(delay=1)), Options(mode="sequential"))
    async with anyio.create_task_group() as group:
        group.start_soon(session.run)
        await connected(session)
        assert modes(watcher) == []
        for mode in ("concurrent", "concurrent", "sequential"):
            session.ask(mode=mode)
            await anyio.sleep(0.5)
        session.ask(delay=0.5)
        await anyio.sleep(0.5)
        group.cancel_scope.cancel()
    assert modes(watcher) == ["mode: concurrent, all at once", "mode: sequential, one at a time"]


async def test_a_change_of_mode_says_which_shouts_keep_their_order() -> None:
    session, watcher = watched(Embedded(Settings(delay=1)))
    async with anyio.create_task_group() as group:
        group.start_soon(session.run)
        await connected(session)
        session.shout(["one"])
        await anyio.sleep(0.25)
        session.ask(mode="sequential")
        await anyio.sleep(0.5)
        session.shout(["two", "three"])
        await anyio.sleep(0.25)
        session.ask(mode="concurrent")
        await anyio.sleep(0.5)
        group.cancel_scope.cancel()
    texts = [text for _, text, *_ in watcher.entries]
    assert modes(watcher) == [
        "mode: sequential, one at a time, from the next shout on; 1 pending shout keeps its order",
        "mode: concurrent, all at once, from the next shout on; 3 pending shouts keep their order",
    ]
    assert texts.index("one") < texts.index(modes(watcher)[0]) < texts.index("two")


async def test_a_shout_after_the_wish_is_in_the_new_mode_and_keeps_no_order() -> None:
    session, watcher = watched(Embedded(Settings(delay=1)))
    async with anyio.create_task_group() as group:
        group.start_soon(session.run)
        await connected(session)
        session.ask(mode="sequential")
        session.shout(["after"])
        await anyio.sleep(0.5)
        group.cancel_scope.cancel()
    assert modes(watcher) == ["mode: sequential, one at a time"]


async def test_a_mode_that_was_refused_has_no_line() -> None:
    session, watcher = watched(Embedded(Settings(delay=1)))
    async with anyio.create_task_group() as group:
        group.start_soon(session.run)
        await connected(session)
        session.ask(mode="plain")
        await anyio.sleep(0.5)
        group.cancel_scope.cancel()
    assert [kind for kind, *_ in watcher.entries if kind == Kind.PROBLEM]
    assert modes(watcher) == []
