"""A host that does not answer: how long it is tried, and that one can stop it."""

import anyio
import pytest

import reverb_tui.connect
from reverb_tui.connect import Target
from tests.tui.screen import running

SILENT = Target("192.0.2.1")


@pytest.fixture(autouse=True)
def silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no host answer."""

    async def connect(target: Target) -> None:
        await anyio.sleep_forever()

    monkeypatch.setattr(reverb_tui.connect, "connect", connect)


async def test_it_says_for_how_long_it_has_tried() -> None:
    async with running(SILENT) as screen:
        assert screen.status == f"◌ {SILENT} connecting"
        await screen.until(lambda: screen.status == f"◌ {SILENT} connecting, 1 s")
        await screen.until(lambda: screen.status == f"◌ {SILENT} connecting, 2 s")


async def test_a_key_stops_it_and_another_begins_anew() -> None:
    async with running(SILENT) as screen:
        await screen.until(lambda: screen.keys == ["Stop trying", "Help", "Quit"])
        await screen.press("escape")
        await screen.until(lambda: screen.status == f"✗ {SILENT} not connected")
        assert screen.problems == []
        assert screen.keys == ["Connect", "Help", "Quit"]
        await screen.press("ctrl+r")
        await screen.until(lambda: "connecting" in screen.status)
        await screen.shout("/disconnect")
        await screen.until(lambda: screen.status == f"✗ {SILENT} not connected")
