"""All that is measured, and what is to be reached, as data."""

from collections.abc import Callable
from typing import Final

from bench import starting
from bench.measures import Calibrated, Effort, Measure, Row, Stats, Target, Trial
from bench.programs import Load
from bench.servers import GOROUTINES, LIMIT, NCAT, REVERB, SOCAT, TASKS, TRIO, TUNED, Subject

ALL: Final = (REVERB, GOROUTINES, TUNED, LIMIT, TRIO, TASKS)
PAIR: Final = (REVERB, GOROUTINES)

LONG: Final = 60.0
"""Seconds of a delay within which nothing falls due that should be pending."""


def measures(load: Load, effort: Effort) -> list[Measure]:
    """Return all measures, with this effort."""

    def call(measure: str, **options: float | bool) -> Callable[[Subject], Stats]:
        return lambda subject: load(measure, subject.address, subject.pid, **options)

    subjects = ALL if effort.everything else PAIR

    def flood(conns: int, size: int, wide: bool) -> Trial:
        target = Target(60, aim=90) if size == 32 else None
        text = "not ASCII" if wide else "ASCII"
        name = f"{conns} connection{'s' * (conns > 1)}, {size} B, {text}"
        rows = [Row("shouts", name, "shouts/s", target)]
        if size == 32:
            rows.append(Row("ceiling", "what the load alone could do", "shouts/s"))
        if size == 4096:
            rows.append(Row("bytes", name, "B/s"))

        def run(subject: Subject, shouts: int) -> Stats:
            options = {"conns": conns, "size": size, "wide": wide, "shouts": shouts}
            return load("throughput", subject.address, subject.pid, **options)

        return Trial(
            name,
            Calibrated(run, effort.flood, max(20 * conns, 1000)),
            tuple(rows),
            subjects if size == 32 else PAIR,
        )

    sizes = (16, 100, 4096) if effort.everything else ()
    floods = [flood(100, 32, False)]
    floods += [
        flood(conns, size, wide) for conns in (1, 100) for size in sizes for wide in (False, True)
    ]

    def trips(conns: int, target: Target) -> Trial:
        where = f"{conns} connection{'s' * (conns > 1)}"
        rows = (
            Row("trips", where, "trips/s", target),
            Row("p50", f"{where}, p50", "s"),
            Row("p99", f"{where}, p99", "s"),
            Row("cpu", f"{where}, CPU per trip", "s"),
        )
        return Trial(where, call("round-trips", conns=conns, seconds=effort.trips), rows, subjects)

    delayed = Trial(
        "100 connections",
        call("delayed", conns=100, rate=20, delay=0.1, seconds=effort.delayed),
        (
            Row("p50", "lateness p50", "s"),
            Row("p99", "lateness p99", "s", Target(0.9, aim=0.7, at_most=True)),
            Row("p999", "lateness p99.9", "s"),
            Row("max", "lateness max", "s"),
            Row("cpu", "CPU per echo", "s", Target(1.15, aim=1.0, at_most=True)),
        ),
        subjects,
        delay=0.1,
    )
    blocks, singles = (60_000, 15_000) if effort.everything else (40_000, 10_000)
    memory = [
        Trial(
            "idle",
            call("idle", **{"from": 1000, "to": 5000 if effort.everything else 2000}),
            (Row("each", "idle connection", "B", Target(1.5, aim=1.2, at_most=True)),),
            subjects[:5],
            fresh=True,
        ),
        Trial(
            "blocks",
            call("pending", **{"from": 10_000, "to": blocks, "conns": 100, "size": 8}),
            (Row("each", "shout of 8 B, in blocks", "B", Target(0.01, at_most=True)),),
            subjects[:5],
            delay=LONG,
            fresh=True,
        ),
        Trial(
            "one by one",
            call(
                "pending",
                **{"from": 5_000, "to": singles, "conns": 100, "size": 8, "single": True},
            ),
            (Row("each", "shout of 8 B, one by one", "B", Target(0.1, at_most=True)),),
            subjects[:5],
            delay=LONG,
            fresh=True,
        ),
    ]
    accept = Trial(
        "16 at a time",
        call("accept", conns=16, seconds=effort.trips),
        (
            Row("connections", "connections", "1/s", Target(0.8, aim=1.0)),
            Row("cpu", "CPU per connection", "s"),
        ),
        subjects,
    )

    def plain(name: str, burst: int, others: tuple[str, ...]) -> Trial:
        def run(subject: Subject, size: int) -> Stats:
            return load("plain", subject.address, subject.pid, bytes=size, burst=burst)

        return Trial(
            name,
            Calibrated(run, effort.flood, 1 << 22),
            (Row("bytes", name, "B/s"),),
            (REVERB, GOROUTINES, TRIO, *others),
            plain=True,
        )

    scale = [
        Trial(
            str(conns),
            call("throughput", conns=conns, shouts=max(10_000, 6 * conns), burst=5),
            (
                Row("shouts", f"{conns:,} connections", "shouts/s"),
                Row("cpu", f"{conns:,}, CPU per shout", "s"),
                Row("memory", f"{conns:,}, memory", "B"),
            ),
        )
        for conns in (1, 10, 100, 1000, 5000)
    ]
    found = [
        Measure("throughput", "Pipelined throughput", tuple(floods)),
        Measure(
            "round-trips",
            "One shout in flight",
            (trips(1, Target(1.0, aim=1.05)), trips(50, Target(1.15, aim=1.3))),
        ),
        Measure("delayed", "Delayed load: 20 shouts/s each, delay 0.1 s, open loop", (delayed,)),
        Measure("memory", "Memory", tuple(memory)),
        Measure("accept", "Connect, shout, hear the echoes, close", (accept,)),
        Measure("start", "Start", tuple(_starts())),
    ]
    if effort.everything:
        found += [
            Measure(
                "plain",
                "Plain mode, blocks of 64 KB",
                (
                    plain("one block in flight", 1, (SOCAT, NCAT)),
                    # ncat stops for ever when it can neither write to its program nor read.
                    plain("as fast as they go", 0, (SOCAT,)),
                ),
            ),
            Measure(
                "scale", "Scale: shouts of 32 B, five in flight on each connection", tuple(scale)
            ),
            Measure("client", "The client in a flood", (_client(),)),
        ]
    return found


def _starts() -> list[Trial]:
    target = Target(1.5, aim=1.3, at_most=True)
    return [
        Trial(
            "listens",
            starting.until_listening,
            (
                Row("cpu", "until it listens, CPU", "s", target),
                Row("wall", "until it listens, time", "s"),
            ),
            (REVERB, starting.BARE, TRIO),
            starting.BARE,
            serverless=True,
        ),
        Trial(
            "help",
            starting.help_page,
            (Row("cpu", "reverb-server --help, CPU", "s"),),
            (REVERB,),
            serverless=True,
        ),
        Trial(
            "paint",
            starting.first_paint,
            (
                Row("cpu", "reverb-tui, until its first paint, CPU", "s"),
                Row("wall", "reverb-tui, until its first paint, time", "s"),
            ),
            (starting.TUI,),
            serverless=True,
        ),
    ]


def _client() -> Trial:
    return Trial(
        "flood",
        starting.flooded,
        (
            Row("lines", "lines absorbed", "lines/s"),
            Row("key_p50", "delay of a key meanwhile, p50", "s"),
            Row("key_max", "delay of a key meanwhile, max", "s"),
            Row("calm", "delay of a key before", "s"),
        ),
        (starting.TUI,),
        serverless=True,
    )
