"""The figures of a running server: what it has done since its start, and what it holds now."""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import islice
from typing import Final, Self

from reverb_server.core.lateness import Histogram
from reverb_server.net.connection import Connection
from reverb_server.net.connection_log import ConnectionRecord, End
from reverb_server.settings import Mode


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a server; get them from `Server.figures`. Totals never go back."""

    connections: int
    """Connections now, those in their handshake included."""
    accepted: int
    """Connections since the start, those that were refused included."""
    ended: Mapping[End, int]
    """Connections that have ended, by how they ended; every word is there."""
    pending: int
    """Shouts that are pending now."""
    held: int
    """Bytes held for all connections now."""
    shouts: int
    """Shouts heard since the start; 0 in plain mode."""
    echoes: int
    """Echoes handed out since the start."""
    lost: int
    """Shouts that lost an echo, because their connection ended before it was sent."""
    bytes_in: int
    """Bytes read since the start, without those of TLS."""
    bytes_out: int
    """Bytes sent since the start, without those of TLS."""
    lateness: Histogram
    """How late the echoes left."""

    @classmethod
    def sum_of(cls, several: Iterable[Self]) -> Self:
        """Return the figures of several servers as those of one."""
        each = tuple(several)
        sums = {name: sum(getattr(one, name) for one in each) for name in NUMBERS}
        ended = {end: sum(one.ended[end] for one in each) for end in End}
        return cls(**sums, ended=ended, lateness=Histogram.sum_of(one.lateness for one in each))

    def __str__(self) -> str:
        """Return what the log says of them: counts, bytes, and lateness in seconds."""
        return (
            f"connections={self.connections} pending={self.pending} held={self.held} "
            f"shouts={self.shouts} echoes={self.echoes} "
            f"lateness_p50={self.lateness.quantile(0.5):.6f} "
            f"lateness_p99={self.lateness.quantile(0.99):.6f}"
        )


NUMBERS: Final = tuple(each.name for each in fields(Figures) if each.type is int)
"""Names of the figures that are numbers."""


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """An open connection as it is now; get them from `Server.connection_states`."""

    peer: str
    """The client: ``127.0.0.1:40123``, ``[::1]:40123`` or ``unix``; the real one behind a proxy."""
    seconds: float
    """How long it has been open."""
    mode: Mode
    """How the shouts that are heard from now on wait."""
    delay: float | None
    """Seconds between its echoes; None in plain mode."""
    shouts: int
    """Shouts heard."""
    echoes: int
    """Echoes handed out."""
    pending: int
    """Shouts that are pending."""
    held: int
    """Bytes held for it."""
    id: int
    """The number of its record."""
    listener: str
    """Where it came in: ``127.0.0.1:8000``, or the path of a Unix socket."""
    tls: str
    """The version of TLS, as ``TLSv1.3``; empty without."""
    client: str
    """The name in the client's certificate; empty without."""
    via: str
    """The proxy that named the client, as ``peer`` is written; empty without."""
    pid: int = field(default_factory=os.getpid)
    """The process that serves it."""


@dataclass(slots=True)
class Totals:
    """Sums over the records of connections."""

    shouts: int = 0
    echoes: int = 0
    lost: int = 0
    bytes_in: int = 0
    bytes_out: int = 0

    def add(self, record: ConnectionRecord) -> None:
        """Add what a record says."""
        self.shouts += record.shouts
        self.echoes += record.echoes
        self.lost += record.lost
        self.bytes_in += record.bytes_in
        self.bytes_out += record.bytes_out


class Ended:
    """Sums over the connections that have ended, and how many ended how."""

    def __init__(self) -> None:
        self.totals = Totals()
        self.ends: Counter[End] = Counter()
        self.worst_lateness = 0.0
        """How late an echo of theirs left at the most, in seconds."""

    def add(self, record: ConnectionRecord) -> None:
        """Add a connection that has ended."""
        self.totals.add(record)
        self.ends[record.end] += 1
        self.worst_lateness = max(self.worst_lateness, record.worst_lateness)


class Count:
    """Adds the open connections to the totals of those that have ended, some at a time.

    One that ends meanwhile is counted once: its record says all that it did.
    """

    def __init__(self, ended: Ended, connections: Collection[Connection]) -> None:
        self._ends = ended.ends
        self._totals = replace(ended.totals)
        self._pending = self._held = 0
        self._left = iter(tuple(connections))

    def go_on(self, most: int) -> bool:
        """Add at most so many connections; return whether some may be left."""
        batch = tuple(islice(self._left, most))
        for connection in batch:
            self._totals.add(connection.record)
            self._pending += connection.echo.pending
            self._held += connection.held
        return len(batch) == most

    def figures(self, served: int, refusing: int, lateness: Histogram) -> Figures:
        """Return the figures; so many connections are served now, and so many being refused."""
        return Figures(
            connections=served,
            accepted=served + refusing + self._ends.total(),
            ended={end: self._ends[end] for end in End},
            pending=self._pending,
            held=self._held,
            **asdict(self._totals),
            lateness=Histogram(lateness.counts, lateness.sum),
        )


def states(
    connections: Collection[Connection], time: Callable[[], float]
) -> Iterator[ConnectionState]:
    """Yield the state of each connection that is still open when its turn comes."""
    for connection in connections:
        if connection.open:
            record, echo = connection.record, connection.echo
            yield ConnectionState(
                peer=record.peer,
                seconds=time() - record.began,
                mode=echo.mode,
                delay=None if echo.mode == "plain" else echo.delay,
                shouts=record.shouts,
                echoes=record.echoes,
                pending=echo.pending,
                held=connection.held,
                id=record.id,
                listener=record.listener,
                tls=record.tls,
                client=record.client,
                via=record.via,
            )
