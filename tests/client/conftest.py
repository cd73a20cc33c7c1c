"""A server for each test that needs one that is no reverb."""

import ssl
from pathlib import Path

import pytest

import reverb_tui.connection.tls
from reverb_tui.connection.tls import client_context
from tests.client import servers
from tests.client.certificates import Certificates, issue
from tests.client.servers import Serving


@pytest.fixture
def serving() -> Serving:
    """Run a server that hands every connection to a function, while a block runs."""
    return servers.serving


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="session")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("tls") / "theirs")


@pytest.fixture(params=["TLSv1.2", "TLSv1.3"])
def version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the client speak only one version of TLS, and return its name."""
    name: str = request.param

    def limited(ca: Path | None) -> ssl.SSLContext:
        context = client_context(ca)
        context.maximum_version = ssl.TLSVersion[name.replace(".", "_")]
        return context

    monkeypatch.setattr(reverb_tui.connection.tls, "client_context", limited)
    return name
