"""The delay and the mode of a server without control lines are measured, and shown as measured."""

from typing import Final

import anyio
import pytest

from reverb_server import Settings
from reverb_server.core.control import ReverbMode
from reverb_server.core.voice import LOUD, NORMAL, QUIET
from reverb_tui.connection.targets import Embedded
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from tests.client.servers import echo_like_the_book, echo_plainly, serving
from tests.client.watcher import watched
from tests.virtual import anyio_backend as anyio_backend

DELAY: Final = 0.3
WORDS: Final = {
    "concurrent": "≈ 0.30 s, all at once",
    "sequential": "≈ 0.30 s, one at a time",
}
MODES: Final[list[ReverbMode]] = ["concurrent", "sequential"]


@pytest.mark.parametrize("mode", MODES)
async def test_they_are_learned_and_what_is_due_is_forecast(mode: ReverbMode) -> None:
    async with serving(echo_like_the_book(mode, DELAY)) as target:
        session, watcher = watched(target)
        async with anyio.create_task_group() as group:
            group.start_soon(session.run)
            await anyio.sleep(2)
            assert str(session.transcript.learned) == ""
            session.shout(["One"])
            await anyio.sleep(2)
            assert str(session.transcript.learned) == "≈ 0.30 s"
            session.shout(["Two", "Three"])
            await anyio.sleep(2)
            learned = session.transcript.learned
            assert str(learned) == WORDS[mode]
            shown = len(watcher.info)
            begin = anyio.current_time()
            session.shout(["Four", "Five"])
            await anyio.sleep(0.1)
            four, five = session.transcript.flights.picture()
            second = {
                "concurrent": [(NORMAL, 0.3), (QUIET, 0.6)],
                "sequential": [(LOUD, 0.6), (NORMAL, 0.9), (QUIET, 1.2)],
            }[mode]
            for flight, dues in (four, [(NORMAL, 0.3), (QUIET, 0.6)]), (five, second):
                assert [stage for stage, _ in flight.due] == [stage for stage, _ in dues]
                instants = [at - begin for _, at in flight.due]
                assert instants == pytest.approx([at for _, at in dues], abs=0.06)
            assert five.waits(anyio.current_time()) == (mode == "sequential")
            await anyio.sleep(2)
            group.cancel_scope.cancel()
    echoes = [text for kind, text, _, shout in watcher.entries if kind != Kind.NOTICE and shout]
    assert len(echoes) == 5 * 4
    assert session.transcript.flights.missing == 0
    assert shown >= 3  # the first facts, the delay, the mode


@pytest.mark.parametrize("mode", MODES)
async def test_identical_shouts_are_matched_as_without_a_measure(mode: ReverbMode) -> None:
    async with serving(echo_like_the_book(mode, DELAY)) as target:
        session, watcher = watched(target)
        async with anyio.create_task_group() as group:
            group.start_soon(session.run)
            await anyio.sleep(2)
            for text in ("One", "Two", "123", "123", "123", "Hello", "hello"):
                session.shout([text])
                await anyio.sleep(0.1)
            await anyio.sleep(10)
            assert str(session.transcript.learned) == WORDS[mode]
            group.cancel_scope.cancel()
    assert sum(1 for *_, shout in watcher.entries if shout) == 7 * 4
    assert session.transcript.flights.missing == 0


async def test_nothing_is_measured_of_a_reverb_a_plain_echo_or_in_raw_mode() -> None:
    async with serving(echo_plainly) as plain:
        for target, options in (
            (Embedded(Settings(delay=DELAY)), Options()),
            (plain, Options()),
            (plain, Options(plain.host, str(plain.port), raw=True)),
        ):
            session, _ = watched(target, options)
            async with anyio.create_task_group() as group:
                group.start_soon(session.run)
                await anyio.sleep(1)
                for text in ("One", "Two", "Three"):
                    session.shout([text])
                    await anyio.sleep(2)
                assert str(session.transcript.learned) == ""
                group.cancel_scope.cancel()


async def test_a_reverb_whose_control_lines_are_off_is_measured() -> None:
    options = Options(control="off")
    session, _ = watched(Embedded(Settings(delay=DELAY, mode="sequential")), options)
    async with anyio.create_task_group() as group:
        group.start_soon(session.run)
        await anyio.sleep(1)
        session.shout(["One", "Two"])
        await anyio.sleep(3)
        assert str(session.transcript.learned) == WORDS["sequential"]
        group.cancel_scope.cancel()
