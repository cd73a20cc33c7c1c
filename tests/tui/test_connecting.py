"""A host that does not answer: how long it is tried, and that one can stop it."""

import re

import anyio
import pytest

import reverb_tui.connection.connect
from reverb_tui.connection.targets import Target
from tests.tui.screen import Screen, running

SILENT = Target("192.0.2.1")


@pytest.fixture(autouse=True)
def silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no host answer."""

    async def connect(target: Target, patience: float) -> None:
        await anyio.sleep_forever()

    monkeypatch.setattr(reverb_tui.connection.connect, "connect", connect)


async def test_it_says_for_how_long_it_has_tried_and_a_key_stops_it_and_another_begins_anew() -> (
    None
):
    async with running(SILENT) as screen:
        assert screen.status.startswith(f"◌ {SILENT} · connecting")
        told = []
        for _ in range(2):
            await screen.until(lambda: (seconds := tried_for(screen)) and seconds not in told)
            told.append(tried_for(screen))
        assert 1 <= told[0] < told[1]
        await screen.until(lambda: screen.keys == ["Stop trying", "Help", "Quit"])
        await screen.press("escape")
        await screen.until(lambda: screen.status == f"✗ {SILENT} · not connected")
        assert screen.problems == []
        assert screen.keys == ["Connect", "Help", "Quit"]
        await screen.press("ctrl+r")
        await screen.until(lambda: "connecting" in screen.status)
        await screen.shout("/disconnect")
        await screen.until(lambda: screen.status == f"✗ {SILENT} · not connected")


def tried_for(screen: Screen) -> int:
    """The seconds that the status tells, 0 if it tells none."""
    told = re.fullmatch(rf"◌ {re.escape(str(SILENT))} · connecting, (\d+) s", screen.status)
    return int(told[1]) if told else 0
