"""What the core answers: requests, and lines that are too long."""

import pytest

from reverb_server.core import control
from tests.core.conversations import MODES, new, request, speak_all
from tests.core.oracle import echo, read, voices


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_takes_its_place_among_the_loud_echoes(mode: control.ReverbMode) -> None:
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
def test_a_line_of_the_default_limit_is_echoed_and_one_byte_more_is_not(
    mode: control.ReverbMode,
) -> None:
    reverb = new(delay=0.0, mode=mode)
    reverb.hear(b"a" * 65_536 + b"\r\n" + b"b" * 65_537 + b"\r\n", 0.0)
    said = sorted(read(speak_all(reverb, 0.0)), key=repr)
    assert said == sorted(
        [*voices(b"a" * 65_536), {"reverb": 1, "code": "line-too-long"}], key=repr
    )


def test_an_answer_is_never_answered() -> None:
    reverb = new(delay=0.0)
    answer = control.state(1, delay=0.0, mode="concurrent", pending=0)
    reverb.hear(answer + control.refusal(1, "bad-mode", "x") + control.error("idle", "x"), 0.0)
    assert all(isinstance(line, bytes) for line in read(speak_all(reverb, 0.0)))
    assert reverb.echoes == 9
