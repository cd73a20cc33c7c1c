"""The core against the oracle, whatever is heard and whenever it is asked to speak."""

import time
import tracemalloc
from itertools import groupby, pairwise
from typing import Any, TypeGuard

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server import control
from reverb_server.reverb import Reverb
from tests.core.oracle import Call, Content, End, Hear, Left, Oracle, Speak, echo, read, voices

MODES: list[control.Mode] = ["concurrent", "sequential"]
FOREVER = 1e6
MAX_SPEECH = 256 * 1024

# Quarters of a second: every sum of them is exact, so that equal instants really are equal.
DELAYS = st.integers(0, 8).map(lambda quarters: quarters / 4)
LINES = st.one_of(
    st.sampled_from(
        [b"", b"a", b"B", b"Hey", "Straße".encode(), b"\xff\xc3", b"x\ry", b"12345678"]
    ),
    st.sampled_from([b"123456789", b"1234567890", b"x" * 30]),
    st.builds(lambda delay: control.request(1, delay=delay)[:-1], DELAYS),
    st.builds(lambda mode: control.request(2, mode=mode)[:-1], st.sampled_from(MODES)),
    st.builds(
        lambda delay, mode: control.request(3, delay=delay, mode=mode)[:-1],
        DELAYS,
        st.sampled_from(MODES),
    ),
    st.sampled_from([control.request(4)[:-1], control.request(5, delay=61)[:-1], b"\x10{}"]),
)
ENDINGS = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\r\r\n", b""])
READS = st.lists(st.builds(lambda line, ending: line + ending, LINES, ENDINGS), max_size=6).map(
    b"".join
)
# The limit is long enough for every request, or so short that many lines are refused.
LIMITS = st.sampled_from([8, 64, 65_536])


@st.composite
def conversations(draw: st.DrawFn, end: bool = False) -> list[Call]:
    """Draw calls in order of time, many of them at one instant."""
    calls: list[Call] = []
    now = 0.0
    for _ in range(draw(st.integers(1, 12))):
        now += draw(st.sampled_from([0, 0, 1, 1, 2, 3, 4, 8, 17])) / 4
        hears = draw(st.booleans())
        calls.append(Hear(now, draw(READS)) if hears else Speak(now))
    if end or draw(st.booleans()):
        now += draw(st.integers(0, 4)) / 4
        calls.append(End(now))
        later = draw(st.lists(st.integers(0, 8), max_size=5))
        for quarters in later:
            now += quarters / 4
            calls.append(Speak(now))
    return calls


SETTINGS = st.fixed_dictionaries(
    {"delay": DELAYS, "mode": st.sampled_from(MODES), "max_line": LIMITS}
)


def new(*, delay: float = 1.0, mode: control.Mode = "concurrent", max_line: int = 65_536) -> Reverb:
    return Reverb(delay=delay, mode=mode, max_line=max_line)


def do(reverb: Reverb, call: Call) -> bytes:
    match call:
        case Hear(now, data):
            reverb.hear(data, now)
        case End(now):
            reverb.end(now)
        case Speak(now):
            return speak_all(reverb, now)
    return b""


def speak_all(reverb: Reverb, now: float) -> bytes:
    return b"".join(iter(lambda: reverb.speak(now), b""))


def spoken(reverb: Reverb, calls: list[Call]) -> list[bytes]:
    """Return what each call to speak handed out."""
    outputs = [(call, do(reverb, call)) for call in calls]
    return [output for call, output in outputs if isinstance(call, Speak)]


def is_echo(content: Content) -> TypeGuard[bytes]:
    return isinstance(content, bytes)


def contents(left: list[Left]) -> list[Content]:
    return [line.content for line in left]


def joined(calls: list[Call]) -> list[Call]:
    """Put neighbouring reads of one instant together."""
    result: list[Call] = []
    for (kind, now), group in groupby(calls, key=lambda call: (type(call), call.instant)):
        same = list(group)
        if kind is Hear:
            result.append(Hear(now, b"".join(call.data for call in same if isinstance(call, Hear))))
        else:
            result += same
    return result


@given(conversations(), SETTINGS)
def test_every_line_leaves_in_its_order_and_not_before_it_is_due(
    calls: list[Call], settings: dict[str, Any]
) -> None:
    reverb, oracle = Reverb(**settings), Oracle(**settings)
    for call in [*calls, Speak(FOREVER)]:
        before = len(oracle.left)
        oracle.call(call)
        assert read(do(reverb, call)) == contents(oracle.left[before:])
        assert reverb.delay == oracle.delay
        assert reverb.mode == oracle.mode
        assert reverb.done == oracle.done
        assert reverb.shouts == len(oracle.shouts)
        assert_next_due(reverb, oracle, call.instant)
        if isinstance(call, Speak):
            assert reverb.pending == oracle.pending
            assert_counters(reverb, oracle)
    assert reverb.next_due is None
    assert reverb.held == len(oracle.partial)
    assert reverb.pending == 0


def assert_next_due(reverb: Reverb, oracle: Oracle, now: float) -> None:
    if oracle.next_due is None or oracle.next_due > now:
        assert reverb.next_due == oracle.next_due
    else:
        assert reverb.next_due is not None
        assert reverb.next_due <= now


def assert_counters(reverb: Reverb, oracle: Oracle) -> None:
    everything = [line.instant - line.due for line in oracle.left]
    echoes = [line.instant - line.due for line in oracle.left if line.is_echo]
    assert reverb.echoes == len(echoes)
    assert max(echoes, default=0) <= reverb.worst_lateness <= max(everything, default=0)


@given(conversations(), SETTINGS, st.data())
def test_a_split_of_the_input_at_the_same_instants_changes_nothing(
    calls: list[Call], settings: dict[str, Any], data: st.DataObject
) -> None:
    whole = [*joined(calls), Speak(FOREVER)]
    parts: list[Call] = []
    for call in whole:
        if isinstance(call, Hear):
            cuts = sorted(data.draw(st.sets(st.integers(0, len(call.data)), max_size=6)))
            bounds = pairwise([0, *cuts, len(call.data)])
            parts += [Hear(call.instant, call.data[begin:end]) for begin, end in bounds]
        else:
            parts.append(call)
    assert spoken(Reverb(**settings), parts) == spoken(Reverb(**settings), whole)


@given(conversations(end=True), SETTINGS)
def test_nothing_is_lost_repeated_or_out_of_voice(
    calls: list[Call], settings: dict[str, Any]
) -> None:
    heard = Oracle(**settings)
    reverb = Reverb(**settings)
    said: list[Content] = []
    for call in [*calls, Speak(FOREVER)]:
        heard.call(call)
        said += read(do(reverb, call))
    lines = [line for item in heard.items for line in item.lines]
    assert sorted(filter(is_echo, said)) == sorted(filter(is_echo, lines))
    assert len(said) == len(lines)
    assert reverb.done
    assert reverb.held == 0


@given(conversations(), SETTINGS)
def test_who_speaks_whenever_something_is_due_is_never_late(
    calls: list[Call], settings: dict[str, Any]
) -> None:
    """`next_due` is right after every step: a clock that follows it misses nothing."""
    reverb, oracle = Reverb(**settings), Oracle(**settings)
    for call in [*calls, Speak(FOREVER)]:
        while reverb.next_due is not None and reverb.next_due < call.instant:
            due = reverb.next_due
            before = len(oracle.left)
            oracle.call(Speak(due))
            assert read(speak_all(reverb, due)) == contents(oracle.left[before:]) != []
        do(reverb, call)
        oracle.call(call)
    assert reverb.worst_lateness == 0


HELLO = [
    Hear(0.0, b"Hello?\n"),
    Hear(3.0, b"Is there anybody there?\n"),
    Hear(3.5, b"Yooo-hooo!\n"),
]
ANYBODY = [Hear(0.0, b"Is there anybody there?\n"), Hear(1.0, b"Yooo-hooo!\n")]


def performance(reverb: Reverb, reads: list[Hear]) -> list[tuple[float, bytes]]:
    """Let a clock that is never late run the conversation; return who said what and when."""
    said: list[tuple[float, bytes]] = []

    def speak_until(instant: float) -> None:
        while reverb.next_due is not None and reverb.next_due <= instant:
            due = reverb.next_due
            said.extend((due, line + b"\n") for line in reverb.speak(due).split(b"\n")[:-1])

    for now, data in reads:
        speak_until(now)
        reverb.hear(data, now)
        speak_until(now)
    reverb.end(reads[-1].instant)
    speak_until(FOREVER)
    assert reverb.done
    return said


def test_the_sequential_transcript_in_order_and_in_time() -> None:
    assert performance(new(delay=1.0, mode="sequential"), HELLO) == [
        (0.0, b"\t HELLO?\n"),
        (1.0, b"\t Hello?\n"),
        (2.0, b"\t hello?\n"),
        (3.0, b"\t IS THERE ANYBODY THERE?\n"),
        (4.0, b"\t Is there anybody there?\n"),
        (5.0, b"\t is there anybody there?\n"),
        (5.0, b"\t YOOO-HOOO!\n"),
        (6.0, b"\t Yooo-hooo!\n"),
        (7.0, b"\t yooo-hooo!\n"),
    ]


def test_the_concurrent_transcript_in_order_and_in_time() -> None:
    assert performance(new(delay=1.0, mode="concurrent"), ANYBODY) == [
        (0.0, b"\t IS THERE ANYBODY THERE?\n"),
        (1.0, b"\t Is there anybody there?\n"),
        (1.0, b"\t YOOO-HOOO!\n"),
        (2.0, b"\t is there anybody there?\n"),
        (2.0, b"\t Yooo-hooo!\n"),
        (3.0, b"\t yooo-hooo!\n"),
    ]


def request(**change: float | str) -> bytes:
    return control.request(1, **change)  # type: ignore[arg-type]


def performed(mode: control.Mode, *reads: Hear) -> list[tuple[float, bytes]]:
    said = performance(new(delay=1.0, mode=mode), list(reads))
    return [(due, line) for due, line in said if not line.startswith(control.MARK)]


def test_a_longer_delay_moves_pending_echoes_later() -> None:
    assert performed("concurrent", Hear(0.0, b"a\n"), Hear(0.5, request(delay=3))) == [
        (0.0, b"\t A\n"),
        (3.0, b"\t a\n"),
        (6.0, b"\t a\n"),
    ]


def test_a_shorter_delay_lets_leave_at_once_what_would_have_left_already() -> None:
    assert performed("concurrent", Hear(0.0, b"a\n"), Hear(0.75, request(delay=0.5))) == [
        (0.0, b"\t A\n"),
        (0.75, b"\t a\n"),
        (1.0, b"\t a\n"),
    ]


def test_a_shorter_delay_does_not_let_a_sequential_backlog_burst_out() -> None:
    said = performed("sequential", Hear(0.0, b"a\nb\n"), Hear(0.75, request(delay=0.5)))
    assert [due for due, _ in said] == [0.0, 0.75, 1.25, 1.25, 1.75, 2.25]


def test_echoes_pulled_to_one_instant_leave_in_the_order_they_would_have_had() -> None:
    reads = [Hear(0.0, b"A\n"), Hear(0.25, b"B\n"), Hear(0.75, request(delay=0.25))]
    assert performed("concurrent", *reads) == [
        (0.0, b"\t A\n"),
        (0.25, b"\t B\n"),
        (0.75, b"\t A\n"),  # was due at 0.25
        (0.75, b"\t a\n"),  # at 0.5, of the shout heard first
        (0.75, b"\t B\n"),  # at 0.5
        (0.75, b"\t b\n"),
    ]


def test_an_echo_that_was_due_has_left_before_the_delay_changes() -> None:
    reverb = new(delay=1.0, mode="concurrent")
    reverb.hear(b"a\n", 0.0)
    reverb.hear(request(delay=60), 1.0)
    assert read(reverb.speak(1.0))[:2] == [echo("A"), echo("a")]
    assert reverb.worst_lateness == 1.0
    assert reverb.next_due == 120.0


def test_what_was_due_leaves_before_what_is_heard_then_however_the_delay_grew() -> None:
    """The quiet echo is due at 3, although two delays of today after 0 would be 4."""
    reverb = new(mode="sequential")
    reverb.hear(b"a\n", 0.0)
    reverb.hear(request(delay=2), 1.0)
    speak_all(reverb, 1.0)
    assert reverb.next_due == 3.0
    reverb.hear(request(), 3.0)
    quiet, answer = read(reverb.speak(3.0))
    assert quiet == echo("a")
    assert isinstance(answer, dict)
    assert answer["pending"] == 0


def test_of_several_changes_in_one_instant_the_last_counts_and_each_is_answered() -> None:
    reverb = new(delay=1.0, mode="concurrent")
    reverb.hear(b"a\n", 0.0)
    assert reverb.speak(0.0) == b"\t A\n"
    reverb.hear(request(delay=0), 0.5)
    reverb.hear(request(delay=4), 0.5)
    answers = [line for line in read(reverb.speak(0.5)) if isinstance(line, dict)]
    assert [(answer["delay"], answer["pending"]) for answer in answers] == [(0, 1), (4, 1)]
    assert reverb.next_due == 4.0


def test_a_sequential_shout_waits_for_the_concurrent_ones_before_it() -> None:
    reads = [Hear(0.0, b"a\n" + request(mode="sequential") + b"b\n")]
    said = performed("concurrent", *reads)
    assert [due for due, _ in said] == [0.0, 1.0, 2.0, 2.0, 3.0, 4.0]


def test_a_concurrent_shout_does_not_wait_for_the_sequential_ones_before_it() -> None:
    reads = [Hear(0.0, b"a\nb\n"), Hear(0.5, request(mode="concurrent") + b"c\n")]
    assert [(due, line) for due, line in performed("sequential", *reads) if line[2:3] in b"Cc"] == [
        (0.5, b"\t C\n"),
        (1.5, b"\t c\n"),
        (2.5, b"\t c\n"),
    ]


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_takes_its_place_among_the_loud_echoes(mode: control.Mode) -> None:
    reverb = new(delay=1.0, mode="concurrent")
    reverb.hear(b"a\n" + request(mode=mode) + b"b\n", 0.0)
    first, answer, *_ = read(reverb.speak(0.0))
    assert first == echo("A")
    assert answer == {
        "reverb": 1,
        "reply": 1,
        "delay": 1.0,
        "delay_max": 60.0,
        "mode": mode,
        "pending": 1,
    }


def test_a_request_is_no_shout_and_is_not_echoed() -> None:
    reverb = new(delay=0.0)
    reverb.hear(control.request(7), 0.0)
    reverb.end(0.0)
    assert len(read(speak_all(reverb, 0.0))) == 1
    assert (reverb.shouts, reverb.echoes, reverb.done) == (0, 0, True)


def test_a_request_without_line_feed_is_answered_at_the_end_of_input() -> None:
    reverb = new()
    reverb.hear(control.request(7)[:-1], 0.0)
    assert reverb.next_due is None
    reverb.end(1.0)
    assert [line["reply"] for line in read(reverb.speak(1.0)) if isinstance(line, dict)] == [7]


@pytest.mark.parametrize("change", [{"delay": 61}, {"delay": -1}, {"mode": "plain"}])
def test_a_refused_change_changes_nothing(change: dict[str, float | str]) -> None:
    reverb = new(delay=1.0, mode="concurrent")
    reverb.hear(b"a\n" + request(**change), 0.0)
    reverb.speak(0.0)
    assert (reverb.delay, reverb.mode, reverb.next_due) == (1.0, "concurrent", 1.0)


def test_what_is_refused_with_one_key_is_not_half_granted_with_the_other() -> None:
    reverb = new(delay=1.0, mode="concurrent")
    reverb.hear(request(delay=0.5, mode="plain") + request(delay=61, mode="sequential"), 0.0)
    assert (reverb.delay, reverb.mode) == (1.0, "concurrent")


def test_a_line_too_long_gets_one_error_where_it_is_known_to_be_too_long() -> None:
    reverb = new(delay=0.0, max_line=3)
    reverb.hear(b"abc\nabcd", 0.0)
    said = read(speak_all(reverb, 0.0))
    assert said == [echo("ABC"), {"reverb": 1, "code": "line-too-long"}, echo("abc"), echo("abc")]
    reverb.hear(b"efgh" * 10, 1.0)
    assert reverb.next_due is None
    reverb.hear(b"\nok\n", 2.0)
    assert read(speak_all(reverb, 2.0)) == voices(b"ok")
    assert (reverb.shouts, reverb.echoes) == (2, 6)


@pytest.mark.parametrize("mode", MODES)
def test_a_line_of_the_default_limit_is_echoed_and_one_byte_more_is_not(mode: control.Mode) -> None:
    reverb = new(delay=0.0, mode=mode)
    reverb.hear(b"a" * 65_536 + b"\r\n" + b"b" * 65_537 + b"\r\n", 0.0)
    said = sorted(read(speak_all(reverb, 0.0)), key=repr)
    assert said == sorted(
        [*voices(b"a" * 65_536), {"reverb": 1, "code": "line-too-long"}], key=repr
    )


def test_a_line_without_end_costs_no_memory() -> None:
    reverb = new()
    read_of_zeros = bytes(65_536)
    for now in range(1_600):
        reverb.hear(read_of_zeros, now / 16)
        reverb.speak(now / 16)
        assert reverb.held <= 65_537


@pytest.mark.parametrize("mode", MODES)
def test_one_speech_is_256_kib_at_most_and_stays_due_for_the_rest(mode: control.Mode) -> None:
    reverb = new(delay=1.0, mode=mode)
    lines = [b"%d" % number * 1_000 for number in range(3_000)]
    reverb.hear(b"".join(line + b"\n" for line in lines[:1_500]), 0.0)
    reverb.hear(b"".join(line + b"\n" for line in lines[1_500:]), 0.5)
    reverb.end(0.5)
    speeches = []
    now = 1e5
    while speech := reverb.speak(now):
        assert len(speech) <= MAX_SPEECH
        speeches.append(speech)
        assert reverb.done or (reverb.next_due is not None and reverb.next_due <= now)
    assert reverb.done
    assert min(map(len, speeches[:-1])) > MAX_SPEECH / 4
    said = b"".join(speeches)
    assert len(said) == sum(3 * (len(line) + 3) for line in lines)
    if mode == "sequential":
        assert said == b"".join((b"\t " + line + b"\n") * 3 for line in lines)
    else:
        assert sorted(said.split(b"\n")[:-1]) == sorted([b"\t " + line for line in lines] * 3)


def test_what_is_heard_between_two_parts_of_a_speech_comes_after_what_was_due() -> None:
    reverb = new(delay=0.0)
    reverb.hear(b"x" * 1_000 + b"\n", 0.0)
    reverb.hear((b"y" * 1_000 + b"\n") * 500, 1.0)
    said = reverb.speak(2.0)
    reverb.hear(b"later\n", 3.0)
    said += speak_all(reverb, 3.0)
    assert read(said)[-3:] == voices(b"later")
    assert len(read(said)) == 3 * 502


@pytest.mark.parametrize("mode", MODES)
def test_a_flood_of_blank_lines_is_echoed_three_times(mode: control.Mode) -> None:
    reverb = new(delay=0.0, mode=mode)
    reverb.hear(b"\n" * 60_000, 0.0)
    assert reverb.pending == 60_000
    assert reverb.held < 1_048_576
    assert speak_all(reverb, 0.0) == b"\t \n" * 180_000
    assert (reverb.pending, reverb.held, reverb.echoes) == (0, 0, 180_000)


@pytest.mark.parametrize("mode", MODES)
def test_a_million_lines_concurrently_or_a_tenth_one_by_one_take_no_time(
    mode: control.Mode,
) -> None:
    reverb = new(delay=0.0, mode=mode)
    reads = 200 if mode == "concurrent" else 20
    read_of_lines = b"Yooo-hooo!\n" * 5_000
    begun, said = time.process_time(), 0
    for now in range(reads):
        reverb.hear(read_of_lines, now)
        said += len(speak_all(reverb, now))
    assert said == 3 * reads * 5_000 * len(b"\t Yooo-hooo!\n")
    assert reverb.shouts == reads * 5_000
    # Several times what it takes, on a busy machine as well.
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("mode", MODES)
def test_held_covers_the_memory_of_shouts_heard_one_by_one(mode: control.Mode) -> None:
    reverb = new(delay=60.0, mode=mode)
    tracemalloc.start()
    try:
        for number in range(5_000):
            reverb.hear(b"%04d\n" % number, number / 1_024)
            reverb.speak(number / 1_024)
        really_held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reverb.held >= 5_000 * len(b"\t 0000\n")
    assert really_held < 2 * reverb.held
    reverb.end(5.0)
    speak_all(reverb, FOREVER)
    assert (reverb.done, reverb.held) == (True, 0)


def test_two_reverbs_joined_to_each_other_stay_within_the_bound() -> None:
    """Whoever honours the bound can't be driven over it, not even by another reverb."""
    bound, read_size = 1_048_576, 65_536
    sides = (new(delay=0.0), new(delay=0.0))
    wires = [control.request(1) + b"hello\n", b""]  # to each side, not read yet
    for step in range(2_000):
        now = step / 8
        for number, side in enumerate(sides):
            if side.held < bound and wires[number]:
                side.hear(wires[number][:read_size], now)
                wires[number] = wires[number][read_size:]
            if len(wires[1 - number]) < read_size:
                wires[1 - number] += side.speak(now)
            assert side.held < bound + 4 * read_size * 3


def test_an_answer_is_never_answered() -> None:
    reverb = new(delay=0.0)
    answer = control.state(1, delay=0.0, mode="concurrent", pending=0)
    reverb.hear(answer + control.refusal(1, "bad-mode", "x") + control.error("idle", "x"), 0.0)
    assert all(isinstance(line, bytes) for line in read(speak_all(reverb, 0.0)))
    assert reverb.echoes == 9


def test_a_reverb_checks_no_clock_and_says_nothing_unasked() -> None:
    reverb = new()
    assert (reverb.delay, reverb.mode) == (1.0, "concurrent")
    assert (reverb.next_due, reverb.pending, reverb.held, reverb.done) == (None, 0, 0, False)
    assert reverb.speak(FOREVER) == b""
    reverb.end(FOREVER)
    assert reverb.done
