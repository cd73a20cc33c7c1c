"""What a connection puts into the log, without a session."""

import time

import anyio
import pytest

from reverb_tui.entry import Kind
from reverb_tui.protocol.events import Heard
from reverb_tui.session.logbook import Logbook
from tests.client.watcher import Watcher
from tests.virtual import anyio_backend as anyio_backend

pytestmark = pytest.mark.anyio


def told(watcher: Watcher) -> list[tuple[int, str, int]]:
    return [(kind, text, shout) for kind, text, _, shout in watcher.entries]


async def test_the_numbers_of_shouts_go_on_from_connection_to_connection() -> None:
    watcher = Watcher()
    logbook = Logbook(watcher, raw=False)
    for instant in (1.0, 2.0):
        logbook.begin(raw=False)
        logbook.sent([b"one", b"two"], instant, secret=False)
        logbook.end(instant)
    assert told(watcher) == [
        (Kind.SHOUT, text, number) for number, text in enumerate(["one", "two"] * 2, 1)
    ]


async def test_a_connection_that_ended_has_nothing_in_the_air() -> None:
    logbook = Logbook(Watcher(), raw=False)
    logbook.begin(raw=False)
    logbook.sent([b"one"], 0.0, secret=False)
    assert logbook.transcript.flights.in_flight
    logbook.end(1.0)
    assert not logbook.transcript.flights.in_flight


async def test_no_secret_is_shown_and_nothing_unsafe() -> None:
    watcher = Watcher()
    logbook = Logbook(watcher, raw=True)
    logbook.sent([b"hunter2"], 0.0, secret=True)
    logbook.came(Heard([b"\x1b[2J"], 1.0))
    logbook.say("a\x1bb", Kind.PROBLEM)
    assert "hunter2" not in str(watcher.entries)
    assert "\x1b" not in "".join(text for _, text, _ in told(watcher))
    assert len(watcher.entries) == 3


async def test_a_wall_clock_that_is_set_changes_no_time_since_a_shout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wall = 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: wall + anyio.current_time())
    watcher = Watcher()
    logbook = Logbook(watcher, raw=False)
    logbook.begin(raw=False)
    begin = anyio.current_time()
    logbook.sent([b"one"], begin, secret=False)
    wall -= 3600
    for seconds, echo in enumerate((b"\t ONE", b"\t one", b"\t one"), 1):
        logbook.came(Heard([echo], begin + seconds))
        if seconds < 3:
            logbook.say("between")  # as soon as it can be told from the echoes
    logbook.sent([b"two"], begin + 4, secret=False)
    times = [instant - begin - 1_000_000 for _, text, instant, _ in watcher.entries]
    kinds = [kind for kind, *_ in watcher.entries]
    echoes = [seen for seen, kind in zip(times, kinds, strict=True) if kind != Kind.NOTICE]
    assert echoes == pytest.approx([0, 1, 2, 3, 4 - 3600])
    notices = [seen for seen, kind in zip(times, kinds, strict=True) if kind == Kind.NOTICE]
    assert notices == pytest.approx([0, 0], abs=1)
