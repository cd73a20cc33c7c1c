"""The pytest plugin: a fixture ``reverb``, and a marker for how its server is.

Every suite in an environment with this package loads it: so it imports nothing until a test uses
the fixture.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from reverb_server.testing import WatchedServer


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "reverb(delay=0.05, mode='concurrent', tls=False, unix=False, backend='asyncio', ...): "
        "how the server of the fixture reverb is started; other names are those of the settings "
        "max_line, max_pending, max_connections, idle_timeout, write_timeout and drain_timeout.",
    )


@pytest.fixture
def reverb(request: pytest.FixtureRequest) -> "Iterator[WatchedServer]":
    """A network echo in a thread of its own, for this test: `reverb_server.testing.WatchedServer`.

    It listens on a free port, with a delay of 0.05 s; ``@pytest.mark.reverb`` changes that.
    """
    from contextlib import ExitStack

    from reverb_server.errors import ReverbError
    from reverb_server.testing.watched_server import watched_server

    arguments = _arguments(request)
    with ExitStack() as stack:
        try:
            server = stack.enter_context(watched_server(**arguments))
        except ReverbError as error:
            pytest.fail(f"the server of the fixture reverb can't start: {error}", pytrace=False)
        yield server


def _arguments(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the arguments of all markers of a test; the nearest one wins."""
    from reverb_server.testing.watched_server import ARGUMENTS

    arguments: dict[str, Any] = {}
    for mark in request.node.iter_markers("reverb"):
        for given in (*mark.args, *(name for name in mark.kwargs if name not in ARGUMENTS)):
            pytest.fail(
                f"@pytest.mark.reverb can't take {given!r}: give one of {', '.join(ARGUMENTS)}, "
                "each with its name",
                pytrace=False,
            )
        arguments = {**mark.kwargs, **arguments}
    return arguments
