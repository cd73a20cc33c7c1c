"""The pages of the admin address, as monitors and Prometheus read them."""

import json
import math
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from reverb_server import End, Server, Settings, running
from reverb_server.admin.metrics import Metrics
from reverb_server.admin.pages import Pages
from tests.server.admin.asking import Asking, conversation
from tests.server.calls import call, joined, served
from tests.virtual import anyio_backend as anyio_backend

OPENMETRICS = "Accept: application/openmetrics-text; version=1.0.0; charset=utf-8"


@asynccontextmanager
async def asking_about(server: Server) -> AsyncIterator[Asking]:
    async with conversation(Pages(server, Metrics()).respond) as (asking, _):
        yield asking


def families(body: bytes) -> dict[str, Metric]:
    return {family.name: family for family in parse_text(body.decode())}


def sample(found: dict[str, Metric], name: str, **labels: str) -> float:
    """Return the one sample of that name with those labels, ``_total`` left out."""
    (value,) = (
        each.value
        for family in found.values()
        for each in family.samples
        if each.name.removesuffix("_total") == name and each.labels == labels
    )
    return float(value)


async def test_health_is_ok_until_the_server_stops() -> None:
    async with running(Settings(), accepting=False) as server, asking_about(server) as asking:
        answer = await asking.ask("/health")
        assert (answer.status, answer.body) == (200, b"ok\n")
        assert answer.headers["cache-control"] == "no-store"
        await server.drain()
        answer = await asking.ask("/health")
        assert (answer.status, answer.body) == (503, b"stopping\n")


async def test_a_lame_duck_is_not_healthy_and_serves_on() -> None:
    settings = Settings(port=0, delay=0, lame_duck=5)
    async with (
        running(settings) as server,
        asking_about(server) as asking,
        anyio.create_task_group() as group,
    ):
        group.start_soon(server.drain)
        await anyio.sleep(1)
        assert (await asking.ask("/health")).status == 503
        with call(server) as caller:
            await served(caller)
            assert b"reverb_connections 1.0" in (await asking.ask("/metrics")).body


async def test_another_path_is_told_which_there_are() -> None:
    async with running(Settings(), accepting=False) as server, asking_about(server) as asking:
        for path in ("/", "/Health", "/health/", "/metrics.json", "/%68ealth", "*"):
            answer = await asking.ask(path)
            assert answer.status == 404
            assert b"/health, /metrics or /connections" in answer.body


async def test_prometheus_reads_the_figures_in_both_of_its_formats() -> None:
    async with running(Settings(delay=0.5), accepting=False) as server:
        with joined(server) as first, joined(server) as second:
            await served(first)
            first.hang_up()
            await first.rest()
            await second.shout(b"Hello?\n")
            await second.line()
            figures = server.figures()  # time may go on while a thread asks about the process
            async with asking_about(server) as asking:
                text = await asking.ask("/metrics")
                assert text.headers["content-type"].startswith("text/plain; version=0.0.4")
                opened = await asking.ask("/metrics", "GET", OPENMETRICS)
                assert opened.headers["content-type"].startswith("application/openmetrics-text")
    found = families(text.body)
    read_open = parse_openmetrics(opened.body.decode())  # type: ignore[no-untyped-call]
    assert {family.name for family in read_open} == set(found)
    for name, value in {
        "connections": 1,
        "connections_accepted": 2,
        "shouts": 2,
        "echoes": 4,
        "lost_shouts": 0,
        "pending_shouts": 1,
        "held_bytes": figures.held,
        "received_bytes": 14,
        "sent_bytes": 36,
        "lateness_seconds_count": 4,
        "lateness_seconds_sum": figures.lateness.sum,
    }.items():
        assert sample(found, f"reverb_{name}") == value, name
    for end in End:
        ended = sample(found, "reverb_connections_ended", end=end)
        assert ended == (end is End.FINISHED)


async def test_every_metric_has_its_row_on_the_operations_page() -> None:
    async with running(Settings(), accepting=False) as server, asking_about(server) as asking:
        body = (await asking.ask("/metrics")).body.decode()
    told = set(re.findall(r"^# TYPE (reverb_\S+ \S+)", body, re.MULTILINE))
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(reverb_[a-z_]+)\S*` \| (\w+) \|", page, re.MULTILINE)
    assert {" ".join(row) for row in rows} == told


async def test_the_buckets_of_the_lateness_are_true() -> None:
    async with running(Settings(), accepting=False) as server:
        for lateness, echoes in ((0.0, 5), (64e-6, 1), (65e-6, 1), (0.5, 10), (100.0, 2)):
            server.lateness.add(lateness, echoes)
        async with asking_about(server) as asking:
            found = families((await asking.ask("/metrics")).body)
    buckets = {
        float(each.labels["le"]): each.value
        for each in found["reverb_lateness_seconds"].samples
        if "le" in each.labels
    }
    assert list(buckets) == sorted(buckets)
    assert (min(buckets), max(buckets)) == (64e-6, math.inf)
    for bound, count in buckets.items():
        added = {64e-6: 6, math.inf: 19}.get(bound, 7 if bound < 0.5 else 17)
        assert count == added, bound


async def test_the_metrics_tell_when_the_process_started() -> None:
    async with running(Settings(), accepting=False) as server, asking_about(server) as asking:
        found = families((await asking.ask("/metrics")).body)
    assert sample(found, "process_start_time_seconds") > 1e9


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text;version=abc",
        "application/openmetrics-text;version=1..0",
        "application/openmetrics-text;version=" + "9" * 5000,
        "application/openmetrics-text;version=1.0.0\xff",
        "text/plain;version=1.0.0;escaping=nothing",
        ",;=,;;==",
        "application/json",
    ],
)
async def test_whatever_is_accepted_the_metrics_come(accept: str) -> None:
    async with running(Settings(), accepting=False) as server, asking_about(server) as asking:
        answer = await asking.ask("/metrics", "GET", f"Accept: {accept}")
        assert answer.status == 200
        assert "reverb_connections" in families(answer.body)


async def connections(asking: Asking) -> dict[str, Any]:
    answer = await asking.ask("/connections")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    listed: dict[str, Any] = json.loads(answer.body)
    return listed


async def test_each_open_connection_is_an_object() -> None:
    settings = Settings(delay=0.5)
    async with running(settings, accepting=False) as server, asking_about(server) as asking:
        assert await connections(asking) == {"connections": [], "more": False}
        with joined(server) as caller:
            await caller.shout(b"Hello?\n")
            await caller.line()
            await anyio.sleep(0.25)
            (one,) = (await connections(asking))["connections"]
            (held,) = (state.held for state in server.connection_states())
        assert one.pop("seconds") == pytest.approx(0.25, abs=0.01)
        assert type(one.pop("id")) is int
        assert one == {
            "peer": "unix",
            "listener": "unix",
            "tls": None,
            "client": None,
            "via": None,
            "pid": os.getpid(),
            "mode": "concurrent",
            "delay": 0.5,
            "shouts": 1,
            "echoes": 1,
            "pending": 1,
            "held": held,
        }


async def test_a_plain_connection_has_no_delay() -> None:
    async with running(Settings(mode="plain"), accepting=False) as server:
        with joined(server) as caller:
            await caller.shout(b"x")
            await caller.read()
            async with asking_about(server) as asking:
                (one,) = (await connections(asking))["connections"]
    assert (one["mode"], one["delay"]) == ("plain", None)


@contextmanager
def crowd(server: Server, count: int) -> Iterator[None]:
    """Have so many connections."""
    if not count:
        yield
        return
    with joined(server), crowd(server, count - 1):
        yield


@pytest.mark.parametrize(("most", "count"), [(3, 2), (3, 3), (3, 4), (70, 130), (1000, 130)])
async def test_more_than_the_most_are_told_by_a_flag(
    most: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reverb_server.admin.pages.CONNECTIONS_MOST", most)
    async with running(Settings(), accepting=False) as server:
        with crowd(server, count):
            await anyio.sleep(0.1)
            async with asking_about(server) as asking:
                listed = await connections(asking)
        server.cut()
    assert len(listed["connections"]) == min(most, count)
    assert listed["more"] == (count > most)


async def test_pages_that_take_long_leave_others_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reverb_server.admin.pages.LISTED_IN_A_ROW", 1)
    monkeypatch.setattr("reverb_server.net.server.COUNTED_IN_A_ROW", 1)
    turns = 0
    async with running(Settings(), accepting=False) as server:
        with crowd(server, 50):
            await anyio.sleep(0.1)
            async with asking_about(server) as asking, anyio.create_task_group() as group:

                async def other() -> None:
                    nonlocal turns
                    while True:
                        turns += 1
                        await anyio.lowlevel.checkpoint()

                group.start_soon(other)
                for path in ("/connections", "/metrics"):
                    before = turns
                    await asking.ask(path)
                    assert turns - before >= 50
                group.cancel_scope.cancel()
        server.cut()


async def test_a_connection_that_ends_while_it_is_listed_spoils_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reverb_server.admin.pages.LISTED_IN_A_ROW", 1)
    async with running(Settings(), accepting=False) as server:
        with crowd(server, 20):
            await anyio.sleep(0.1)
            async with asking_about(server) as asking, anyio.create_task_group() as group:
                group.start_soon(server.reset_all)
                listed = await connections(asking)
    assert len(listed["connections"]) < 20
    assert not listed["more"]
