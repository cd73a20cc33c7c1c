"""The figures of a server in the formats of Prometheus, written by its own client library."""

import math
from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from reverb_server.net.daemon_thread import in_daemon_thread_within
from reverb_server.net.figures import Figures

LEAST_BUCKET: Final = 50e-6
MOST_BUCKET: Final = 20.0
"""Seconds between which the buckets of the lateness end: 20 of them, each twice the one before."""


PROCESS_WITHIN: Final = 1.0
"""Seconds within which the kernel must have told about the process; else that is left out."""


class Metrics:
    """The metrics of a service, and of this process where that can be known (Linux).

    They are left out if it is not ``this_process`` that serves.
    """

    def __init__(self, *, this_process: bool = True) -> None:
        self._process = ProcessCollector(registry=None) if this_process else None

    async def exposition(self, figures: Figures, accept: str) -> tuple[bytes, str]:
        """Return the figures in the format that a client accepts best, and the format's name.

        ``accept`` is the client's header of that name.
        """
        registry = CollectorRegistry()
        registry.register(_Collected([*_families(figures), *await self._process_families()]))
        try:
            encode, content_type = choose_encoder(accept if accept.isascii() else "")
        except (TypeError, ValueError):  # of a version that is none
            encode, content_type = choose_encoder("")
        return encode(registry), content_type

    async def _process_families(self) -> list[Metric]:
        """Return the metrics of the process, from a thread: with 9,000 descriptors it takes 14 ms.

        The first time it takes ten times as long.
        """
        if self._process is None:
            return []
        collect = self._process.collect
        try:
            return await in_daemon_thread_within(PROCESS_WITHIN, lambda: list(collect()))
        except OSError:  # no thread can be had, or it took too long
            return []


class _Collected(Collector):
    """A collector of what was collected before."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(figures: Figures) -> Iterable[Metric]:
    yield GaugeMetricFamily(
        "reverb_connections", "Connections now, handshakes included.", figures.connections
    )
    yield GaugeMetricFamily("reverb_pending_shouts", "Shouts that are pending.", figures.pending)
    yield GaugeMetricFamily("reverb_held_bytes", "Bytes held for connections.", figures.held)
    for name, meaning, total in (
        (
            "connections_accepted",
            "Connections, those that were refused included.",
            figures.accepted,
        ),
        ("shouts", "Shouts heard.", figures.shouts),
        ("echoes", "Echoes handed out.", figures.echoes),
        ("lost_shouts", "Shouts that lost an echo, as their connection ended.", figures.lost),
        ("received_bytes", "Bytes read, without those of TLS.", figures.bytes_in),
        ("sent_bytes", "Bytes sent, without those of TLS.", figures.bytes_out),
    ):
        yield CounterMetricFamily(f"reverb_{name}", meaning, total)
    ended = CounterMetricFamily(
        "reverb_connections_ended", "Connections that have ended, by how.", labels=("end",)
    )
    for end, count in figures.ended.items():
        ended.add_metric((end.value,), count)
    yield ended
    buckets = [
        ("+Inf" if bound == math.inf else repr(bound), float(count))
        for bound, count in figures.lateness.cumulative()
        if LEAST_BUCKET < bound < MOST_BUCKET or bound == math.inf
    ]
    yield HistogramMetricFamily(
        "reverb_lateness_seconds",
        "How long after its due instant an echo left.",
        buckets=buckets,
        sum_value=figures.lateness.sum,
    )
