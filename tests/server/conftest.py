"""Both backends for the server's tests, and what they look at inside it."""

import logging
from pathlib import Path

import pytest

from reverb_server.net import server
from reverb_server.net.connection import Connection
from tests.server.secured import AUTHORITY


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    """Name each backend, so that every asynchronous test runs on both."""
    name: str = request.param
    return name


class WatchedConnection(Connection):
    """A connection that remembers the most it ever held, in bytes."""

    peak = 0

    def _say(self, now: float) -> None:
        self.peak = max(self.peak, self.held)
        super()._say(now)

    def _move_on(self, now: float) -> None:
        self.peak = max(self.peak, self.held)
        super()._move_on(now)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[WatchedConnection]:
    """The connections of every server in this test, in the order of their beginning."""
    made: list[WatchedConnection] = []

    class Remembered(WatchedConnection):
        async def run(self) -> None:
            made.append(self)
            await super().run()

    monkeypatch.setattr(server, "Connection", Remembered)
    return made


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the server logs, from ``info`` on."""
    caplog.set_level(logging.INFO, logger="reverb_server")
    return caplog


@pytest.fixture(scope="session")
def cert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with its key, for localhost."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    issued = AUTHORITY.issue_cert("localhost", "127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(str(path))
    return path
