"""Which shout an echo belongs to, and how late it came."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core import control
from reverb_server.core.reverb import Reverb
from reverb_server.core.voice import INDENT, LOUD, NORMAL, QUIET, VOICES
from reverb_tui.echoes.in_flight import MOST, Flights

TEXTS = st.sampled_from(
    [b"Hello", b"hello", b"123", b"", "Straße".encode(), b"\xffA", "Σας".encode()]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("shout"), TEXTS),
        st.tuples(st.just("delay"), st.sampled_from([0.0, 0.25, 1.0, 3.0])),
        st.tuples(st.just("mode"), st.sampled_from(["concurrent", "sequential"])),
        st.tuples(st.just("wait"), st.sampled_from([0.125, 0.5, 2.0])),
    ),
    max_size=25,
)


def of_a_reverb(delay: float = 1.0, mode: str = "concurrent") -> Flights:
    flights = Flights()
    flights.mode_changed(mode)
    flights.delay_changed(delay, 0.0)
    return flights


def is_empty(flights: Flights) -> bool:
    return not (flights.to_come or flights.pending)


def heard(flights: Flights, line: bytes, now: float) -> tuple[int, int, float | None] | None:
    """Return the shout, the stage and the lateness of a line that came."""
    echo = flights.hear(line, now)
    return echo and (echo.shout, echo.stage, echo.lateness)


@given(steps=STEPS, distinct=st.booleans())
def test_every_echo_of_a_reverb_is_found(steps: list[tuple[str, object]], distinct: bool) -> None:
    reverb = Reverb(delay=1.0, mode="concurrent", max_line=65_536)
    flights = of_a_reverb()
    shouts: list[bytes] = []
    stages: dict[int, list[int]] = {}
    now = 0.0

    def hear(data: bytes, now: float) -> None:
        for line in data.split(b"\n")[:-1]:
            if line.startswith(b"\x10"):
                state = json.loads(line[1:])
                flights.delay_changed(state["delay"], now)
                flights.mode_changed(state["mode"], now)
                continue
            echo = flights.hear(line, now)
            assert echo is not None
            stages.setdefault(echo.shout, []).append(echo.stage)
            if distinct:
                text = shouts[echo.shout - 1]
                assert line == INDENT + VOICES[echo.stage](text)
                assert echo.lateness == pytest.approx(0.0)

    def listen_until(instant: float) -> None:
        while (due := reverb.next_due) is not None and due <= instant:
            hear(reverb.speak(due), due)

    for step, value in steps:
        now += value if step == "wait" and isinstance(value, float) else 0.0625
        listen_until(now)
        if step == "shout" and isinstance(value, bytes):
            text = value + b" %d" % len(shouts) if distinct else value
            shouts.append(text)
            flights.shout(text, now)
            reverb.hear(text + b"\n", now)
        elif step != "wait":
            reverb.hear(control.request(1, **{step: value}), now)  # type: ignore[arg-type]
    listen_until(sys.float_info.max)
    assert len(stages) == len(shouts)
    assert is_empty(flights)
    if distinct:
        assert all(each == [LOUD, NORMAL, QUIET] for each in stages.values())


def test_lateness_counts_from_the_due_instant_of_the_confirmed_delay() -> None:
    flights = of_a_reverb(delay=1.0)
    shout = flights.shout(b"Hello", 10.0)
    assert heard(flights, b"\t HELLO", 10.25) == (shout, LOUD, 0.25)
    flights.delay_changed(0.5, 11.5)
    assert heard(flights, b"\t Hello", 12.0) == (shout, NORMAL, 0.5)
    assert heard(flights, b"\t hello", 11.0) == (shout, QUIET, 0.0)


def test_among_identical_echoes_the_earliest_due_wins() -> None:
    flights = of_a_reverb(delay=1.0)
    first = flights.shout(b"123", 0.0)
    second = flights.shout(b"123", 0.5)
    echoes = [flights.hear(b"\t 123", now) for now in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)]
    assert [(echo.shout, echo.stage) for echo in echoes if echo] == [
        (shout, stage) for stage in (LOUD, NORMAL, QUIET) for shout in (first, second)
    ]


def test_an_unknown_delay_gives_stages_without_lateness() -> None:
    flights = Flights()
    shout = flights.shout(b"Hello", 0.0)
    assert heard(flights, b"\t HELLO", 0.1) == (shout, LOUD, None)
    assert heard(flights, b"\t Hello", 9.0) == (shout, NORMAL, None)
    assert heard(flights, b"\t hello", 9.0) == (shout, QUIET, None)
    assert is_empty(flights)


@pytest.mark.parametrize(
    ("text", "echoes"),
    [
        ("Straße", ["STRAßE", "Straße", "straße"]),
        ("ΟΔΟΣ", ["ΟΔΟΣ", "ΟΔΟΣ", "οδοσ"]),
        ("\u0130s\u0131", ["\u0130SI", "\u0130s\u0131", "is\u0131"]),
        ("\u01f0 \u0149", ["\u01f0 \u0149", "\u01f0 \u0149", "\u01f0 \u0149"]),
    ],
)
def test_a_server_that_maps_rune_by_rune_is_understood(text: str, echoes: list[str]) -> None:
    flights = Flights()
    shout = flights.shout(text.encode(), 0.0)
    found = [flights.hear(INDENT + echo.encode(), 1.0) for echo in echoes]
    assert [(echo.shout, echo.stage) for echo in found if echo] == [
        (shout, LOUD),
        (shout, NORMAL),
        (shout, QUIET),
    ]


def test_go_replaces_bytes_that_are_not_utf8() -> None:
    flights = Flights()
    flights.shout(b"a\xff\xfeb", 0.0)
    stages = [
        echo.stage
        for line in (
            b"\t A\xef\xbf\xbd\xef\xbf\xbdB",
            b"\t a\xff\xfeb",
            b"\t a\xef\xbf\xbd\xef\xbf\xbdb",
        )
        if (echo := flights.hear(line, 0.0))
    ]
    assert stages == [LOUD, NORMAL, QUIET]


@pytest.mark.parametrize("line", [b"HELLO", b"\tHELLO", b"\t HeLLo", b"\t other", b""])
def test_a_line_that_is_no_echo_matches_nothing(line: bytes) -> None:
    flights = of_a_reverb()
    flights.shout(b"Hello", 0.0)
    assert flights.hear(line, 1.0) is None
    assert flights.pending == 1


def test_a_blank_shout_has_its_three_echoes() -> None:
    flights = of_a_reverb()
    flights.shout(b"", 0.0)
    assert [echo.stage for _ in range(3) if (echo := flights.hear(b"\t ", 5.0))] == [0, 1, 2]
    assert is_empty(flights)


def test_a_plain_echo_has_one_stage_also_for_shouts_before_it_was_known() -> None:
    flights = Flights()
    early = flights.shout(b"early", 0.0)
    flights.mode_changed("plain")
    late = flights.shout(b"\t late", 1.0)
    assert heard(flights, b"early", 0.5) == (early, NORMAL, 0.5)
    assert heard(flights, b"\t late", 1.0) == (late, NORMAL, 0.0)
    assert is_empty(flights)


def test_a_shout_sent_since_the_mode_was_asked_for_is_in_that_mode() -> None:
    flights = of_a_reverb(delay=1.0)
    before, first, second = (
        flights.shout(text, 0.0 + n) for n, text in enumerate([b"a", b"b", b"c"])
    )
    flights.mode_changed("sequential", 0.5)
    echoes = [
        flights.hear(b"\t " + text, now)
        for text, now in [
            (b"A", 0),
            (b"a", 1),
            (b"a", 2),
            (b"B", 2),
            (b"b", 3),
            (b"b", 4),
            (b"C", 4.25),
        ]
    ]
    assert [echo.shout for echo in echoes if echo] == [before] * 3 + [first] * 3 + [second]
    assert [echo.lateness for echo in echoes if echo] == [0.0] * 6 + [0.25]


def test_above_the_limit_shouts_are_counted_and_below_it_matched_again() -> None:
    flights = of_a_reverb(delay=0.0)
    texts = [b"x%d" % n for n in range(MOST + 500)]
    for text in texts:
        flights.shout(text, 0.0)
    assert flights.pending == MOST + 500
    found = [
        flights.hear(INDENT + echo, 1.0)
        for echoes in ([text.upper() for text in texts], texts, texts)
        for echo in echoes
    ]
    assert len([echo for echo in found if echo]) == 3 * MOST
    assert is_empty(flights)
    shout = flights.shout(b"again", 2.0)
    assert heard(flights, b"\t AGAIN", 2.5) == (shout, LOUD, 0.5)


def test_a_flood_of_one_text_ends_with_nothing_pending() -> None:
    flights = of_a_reverb(delay=1.0)
    for _ in range(3 * MOST):
        flights.shout(b"y", 0.0)
    for echo, now in ((b"\t Y", 0.0), (b"\t y", 1.0), (b"\t y", 2.0)):
        for _ in range(3 * MOST):
            flights.hear(echo, now)
    assert is_empty(flights)


def test_a_refused_shout_is_waited_for_no_longer() -> None:
    flights = of_a_reverb()
    flights.shout(b"short", 0.0)
    flights.shout(b"x" * 70_000, 0.0)
    flights.refused()
    assert flights.pending == 1
    assert flights.hear(b"\t SHORT", 0.0)


def test_an_echo_that_was_cut_is_matched_by_what_was_kept() -> None:
    flights = of_a_reverb()
    shout = flights.shout(b"a" * 10_000, 0.0)
    assert heard(flights, (INDENT + b"A" * 10_000)[:8192], 0.0) == (shout, LOUD, 0.0)


@pytest.mark.parametrize("mode", ["concurrent", "sequential"])
def test_the_longest_one_is_refused_however_little_of_it_is_compared(mode: str) -> None:
    flights = Flights()
    flights.delay_changed(1.0, 0.0)
    for size in (10_000, 70_000, 20_000):
        flights.shout(b"%d " % size + b"x" * size, 0.0)
    flights.mode_changed(mode, 0.0)
    flights.refused()
    assert [flight.shout for flight in flights.picture() if flight.pending] == [1, 3]
