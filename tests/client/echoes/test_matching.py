"""Which shout an echo belongs to, and how late it came."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core import control
from reverb_server.core.reverb import Reverb
from reverb_server.core.voice import INDENT, LOUD, NORMAL, QUIET, VOICES
from reverb_tui.echoes.matching import MOST, Match, Matcher

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


def reverb_matcher(delay: float | None = 1.0, mode: str = "concurrent") -> Matcher:
    matcher = Matcher()
    matcher.mode_changed(mode)
    if delay is not None:
        matcher.delay_changed(delay, 0.0)
    return matcher


def is_empty(matcher: Matcher) -> bool:
    return not (matcher._shouts or matcher._lanes or matcher._sequence or matcher._counted)


@given(steps=STEPS, distinct=st.booleans())
def test_every_echo_of_a_reverb_is_found(steps: list[tuple[str, object]], distinct: bool) -> None:
    reverb = Reverb(delay=1.0, mode="concurrent", max_line=65_536)
    matcher = reverb_matcher()
    shouts: list[bytes] = []
    stages: dict[int, list[int]] = {}
    now = 0.0

    def hear(data: bytes, now: float) -> None:
        for line in data.split(b"\n")[:-1]:
            if line.startswith(b"\x10"):
                state = json.loads(line[1:])
                matcher.delay_changed(state["delay"], now)
                matcher.mode_changed(state["mode"], now)
                continue
            match = matcher.hear(line, now)
            assert match is not None
            stages.setdefault(match.shout, []).append(match.stage)
            if distinct:
                text = shouts[match.shout - 1]
                assert line == INDENT + VOICES[match.stage](text)
                assert match.lateness == pytest.approx(0.0)

    def listen_until(instant: float) -> None:
        while (due := reverb.next_due) is not None and due <= instant:
            hear(reverb.speak(due), due)

    for step, value in steps:
        now += value if step == "wait" and isinstance(value, float) else 0.0625
        listen_until(now)
        if step == "shout" and isinstance(value, bytes):
            text = value + b" %d" % len(shouts) if distinct else value
            shouts.append(text)
            matcher.shout(text, now)
            reverb.hear(text + b"\n", now)
        elif step != "wait":
            reverb.hear(control.request(1, **{step: value}), now)  # type: ignore[arg-type]
    listen_until(sys.float_info.max)
    assert len(stages) == len(shouts)
    assert is_empty(matcher)
    if distinct:
        assert all(heard == [LOUD, NORMAL, QUIET] for heard in stages.values())


def test_lateness_counts_from_the_due_instant_of_the_confirmed_delay() -> None:
    matcher = reverb_matcher(delay=1.0)
    shout = matcher.shout(b"Hello", 10.0)
    assert matcher.hear(b"\t HELLO", 10.25) == Match(shout, LOUD, 0.25)
    matcher.delay_changed(0.5, 11.5)
    assert matcher.hear(b"\t Hello", 12.0) == Match(shout, NORMAL, 0.5)
    assert matcher.hear(b"\t hello", 11.0) == Match(shout, QUIET, 0.0)


def test_among_identical_echoes_the_earliest_due_wins() -> None:
    matcher = reverb_matcher(delay=1.0)
    first = matcher.shout(b"123", 0.0)
    second = matcher.shout(b"123", 0.5)
    heard = [matcher.hear(b"\t 123", now) for now in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)]
    assert [(match.shout, match.stage) for match in heard if match] == [
        (shout, stage) for stage in (LOUD, NORMAL, QUIET) for shout in (first, second)
    ]


def test_an_unknown_delay_gives_stages_without_lateness() -> None:
    matcher = Matcher()
    shout = matcher.shout(b"Hello", 0.0)
    assert matcher.hear(b"\t HELLO", 0.1) == Match(shout, LOUD, None)
    assert matcher.hear(b"\t Hello", 9.0) == Match(shout, NORMAL, None)
    assert matcher.hear(b"\t hello", 9.0) == Match(shout, QUIET, None)
    assert is_empty(matcher)


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
    matcher = Matcher()
    shout = matcher.shout(text.encode(), 0.0)
    found = [matcher.hear(INDENT + echo.encode(), 1.0) for echo in echoes]
    assert [(match.shout, match.stage) for match in found if match] == [
        (shout, LOUD),
        (shout, NORMAL),
        (shout, QUIET),
    ]


def test_go_replaces_bytes_that_are_not_utf8() -> None:
    matcher = Matcher()
    matcher.shout(b"a\xff\xfeb", 0.0)
    stages = [
        match.stage
        for line in (
            b"\t A\xef\xbf\xbd\xef\xbf\xbdB",
            b"\t a\xff\xfeb",
            b"\t a\xef\xbf\xbd\xef\xbf\xbdb",
        )
        if (match := matcher.hear(line, 0.0))
    ]
    assert stages == [LOUD, NORMAL, QUIET]


@pytest.mark.parametrize("line", [b"HELLO", b"\tHELLO", b"\t HeLLo", b"\t other", b""])
def test_a_line_that_is_no_echo_matches_nothing(line: bytes) -> None:
    matcher = reverb_matcher()
    matcher.shout(b"Hello", 0.0)
    assert matcher.hear(line, 1.0) is None
    assert matcher.pending == 1


def test_a_blank_shout_has_its_three_echoes() -> None:
    matcher = reverb_matcher()
    matcher.shout(b"", 0.0)
    assert [match.stage for _ in range(3) if (match := matcher.hear(b"\t ", 5.0))] == [0, 1, 2]
    assert is_empty(matcher)


def test_a_plain_echo_has_one_stage_also_for_shouts_before_it_was_known() -> None:
    matcher = Matcher()
    early = matcher.shout(b"early", 0.0)
    matcher.mode_changed("plain")
    late = matcher.shout(b"\t late", 1.0)
    assert matcher.hear(b"early", 0.5) == Match(early, NORMAL, 0.5)
    assert matcher.hear(b"\t late", 1.0) == Match(late, NORMAL, 0.0)
    assert is_empty(matcher)


def test_a_shout_sent_since_the_mode_was_asked_for_is_in_that_mode() -> None:
    matcher = reverb_matcher(delay=1.0)
    before, first, second = (
        matcher.shout(text, 0.0 + n) for n, text in enumerate([b"a", b"b", b"c"])
    )
    matcher.mode_changed("sequential", 0.5)
    heard = [
        matcher.hear(b"\t " + text, now)
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
    assert [match.shout for match in heard if match] == [before] * 3 + [first] * 3 + [second]
    assert [match.lateness for match in heard if match] == [0.0] * 6 + [0.25]


def test_above_the_limit_shouts_are_counted_and_below_it_matched_again() -> None:
    matcher = reverb_matcher(delay=0.0)
    texts = [b"x%d" % n for n in range(MOST + 500)]
    for text in texts:
        matcher.shout(text, 0.0)
    assert matcher.pending == MOST + 500
    matches = [
        matcher.hear(INDENT + echo, 1.0)
        for echoes in ([text.upper() for text in texts], texts, texts)
        for echo in echoes
    ]
    assert len([match for match in matches if match]) == 3 * MOST
    assert is_empty(matcher)
    shout = matcher.shout(b"again", 2.0)
    assert matcher.hear(b"\t AGAIN", 2.5) == Match(shout, LOUD, 0.5)


def test_a_flood_of_one_text_ends_with_nothing_pending() -> None:
    matcher = reverb_matcher(delay=1.0)
    for _ in range(3 * MOST):
        matcher.shout(b"y", 0.0)
    for echo, now in ((b"\t Y", 0.0), (b"\t y", 1.0), (b"\t y", 2.0)):
        for _ in range(3 * MOST):
            matcher.hear(echo, now)
    assert is_empty(matcher)


def test_a_refused_shout_is_waited_for_no_longer() -> None:
    matcher = reverb_matcher()
    matcher.shout(b"short", 0.0)
    matcher.shout(b"x" * 70_000, 0.0)
    matcher.refused()
    assert matcher.pending == 1
    assert matcher.hear(b"\t SHORT", 0.0)


def test_an_echo_that_was_cut_is_matched_by_what_was_kept() -> None:
    matcher = reverb_matcher()
    shout = matcher.shout(b"a" * 10_000, 0.0)
    assert matcher.hear((INDENT + b"A" * 10_000)[:8192], 0.0) == Match(shout, LOUD, 0.0)


def test_a_forecast_lets_a_sequential_shout_wait_for_a_concurrent_one_before_it() -> None:
    matcher = reverb_matcher(delay=1.0)
    first = matcher.shout(b"a", 0.0)
    matcher.mode_changed("sequential", 0.5)
    second = matcher.shout(b"b", 1.0)
    assert dict(matcher.forecast()) == {
        first: [(LOUD, 0.0), (NORMAL, 1.0), (QUIET, 2.0)],
        second: [(LOUD, 2.0), (NORMAL, 3.0), (QUIET, 4.0)],
    }
    assert dict(matcher.forecast(0.75, 0.5))[second] == [(LOUD, 1.5), (NORMAL, 2.25), (QUIET, 3.0)]
