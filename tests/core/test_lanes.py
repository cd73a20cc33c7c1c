"""When echoes leave, and in which order: in each mode, and when the delay or the mode changes."""

from tests.core.conversations import new, performance, performed, request, speak_all
from tests.core.oracle import Hear, echo, read

HELLO = [
    Hear(0.0, b"Hello?\n"),
    Hear(3.0, b"Is there anybody there?\n"),
    Hear(3.5, b"Yooo-hooo!\n"),
]
ANYBODY = [Hear(0.0, b"Is there anybody there?\n"), Hear(1.0, b"Yooo-hooo!\n")]


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
