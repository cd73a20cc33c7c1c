"""A terminal with all colours, and time to look at a client without a connection."""

import pytest

from tests.stylesheets import parse_once

parse_once()


@pytest.fixture(autouse=True)
def colourful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the terminal have all colours, whichever one the tests are run in."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client not connect again by itself before a test has seen that it is going to.

    Nor is a server that takes its time, on a busy machine, one that has not hung up.
    """
    monkeypatch.setattr("reverb_tui.connection.backoff.FIRST_WAIT", 60.0)
    monkeypatch.setattr("reverb_tui.session.stranger.GRACE", 60.0)
