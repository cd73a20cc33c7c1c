"""The core against the oracle, whatever is heard and whenever it is asked to speak."""

from itertools import pairwise
from typing import Any, TypeGuard

from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core.reverb import Reverb
from tests.core.conversations import (
    FOREVER,
    SETTINGS,
    conversations,
    do,
    joined,
    new,
    speak_all,
    spoken,
)
from tests.core.oracle import Call, Content, Hear, Left, Oracle, Speak, read


def is_echo(content: Content) -> TypeGuard[bytes]:
    return isinstance(content, bytes)


def contents(left: list[Left]) -> list[Content]:
    return [line.content for line in left]


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


def test_a_reverb_checks_no_clock_and_says_nothing_unasked() -> None:
    reverb = new()
    assert (reverb.delay, reverb.mode) == (1.0, "concurrent")
    assert (reverb.next_due, reverb.pending, reverb.held, reverb.done) == (None, 0, 0, False)
    assert reverb.speak(FOREVER) == b""
    reverb.end(FOREVER)
    assert reverb.done
