"""The check finds of each program of the book what is known of it."""

from collections.abc import Awaitable, Callable

import anyio
import pytest
from anyio.abc import SocketStream

from reverb_check import probes
from reverb_check.check import Check
from reverb_check.findings import Asked, Report
from reverb_check.learned import Name
from reverb_check.promises import clients, lines
from reverb_check.promises.promise import Verdict, Wishes
from reverb_check.server import ServerUnderTest
from reverb_tui.connection.targets import Target
from tests.examples.programs import WRONG, breaks, server, serving
from tests.virtual import anyio_backend as anyio_backend


@pytest.fixture(autouse=True)
def lightly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try with less: a fault shows as well with twenty clients, and time is virtual."""
    monkeypatch.setattr(probes, "HEARTBEAT", 1000.0)  # never late
    monkeypatch.setattr(clients, "MANY", 20)
    monkeypatch.setattr(lines, "FAST", 100)


async def checked(handle: Callable[[SocketStream], Awaitable[None]], *more: str) -> Report:
    async with serving(handle) as port:
        under_test = ServerUnderTest(Target("127.0.0.1", port), 1000)
        check = Check(under_test, Asked(more=more), Wishes(), lambda _what: None)
        return await check.run()


def having(report: Report, verdict: Verdict) -> set[str]:
    return {result.promise.id for result in report.having(verdict)}


@pytest.mark.parametrize(
    ("name", "kind", "broken"),
    [
        ("echo", Name.ECHO, set()),
        ("reverb1", Name.REVERB1, {"overlap"}),
        ("reverb2", Name.REVERB2, {"half-close"}),
        ("ex8_4", Name.REVERB2, set()),
        ("ex8_8", Name.REVERB2, set()),
    ],
)
async def test_the_books_servers(name: str, kind: Name, broken: set[str]) -> None:
    begin = anyio.current_time()
    report = await checked(server(name).handle_conn, *(["idle"] if name == "ex8_8" else []))
    assert anyio.current_time() - begin < (600 if name == "ex8_8" else 90)
    assert having(report, Verdict.BROKEN) == broken
    assert having(report, Verdict.UNCERTAIN) == set()
    assert report.server == kind
    assert report.delay == pytest.approx(0 if kind is Name.ECHO else 1)
    expected = {"clients", "many-clients", "reset", "slow-reader", "closes"}
    assert having(report, Verdict.KEPT) >= expected
    assert ("last-line" in having(report, Verdict.NOT_ASKED)) == (name in ("echo", "reverb2"))


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_server_breaks_exactly_the_promise_that_it_names(name: str) -> None:
    promise = breaks(name)
    report = await checked(server(name).handle_conn, *(["idle"] if promise == "idle" else []))
    assert having(report, Verdict.BROKEN) == {promise}
    assert having(report, Verdict.UNCERTAIN) == set()
