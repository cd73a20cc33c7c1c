import gc
from collections.abc import Collection

from reverb_tui.display import LONGEST_LINE, exact
from reverb_tui.entry import Entry, Kind
from reverb_tui.protocol.lines import LineSplitter
from reverb_tui.session.transcript import Transcript

Shown = tuple[int, str]


def hear(transcript: Transcript, *lines: bytes, goes_on: Collection[int] = ()) -> list[Shown]:
    return [(kind, text) for kind, text, _, _ in transcript.hear(lines, 1.0, goes_on)]


def shout(transcript: Transcript, text: bytes, now: float = 0.0) -> Entry:
    (entry,) = transcript.shout(text, now)
    return entry


def test_echoes_of_a_shout_are_told_apart() -> None:
    transcript = Transcript()
    assert shout(transcript, b"Hello?")[:2] == (Kind.SHOUT, "Hello?")
    assert hear(transcript, b"\t HELLO?", b"\t Hello?", b"\t hello?") == [
        (Kind.LOUD, "HELLO?"),
        (Kind.NORMAL, "Hello?"),
        (Kind.QUIET, "hello?"),
    ]


def test_what_looks_like_an_echo_of_nothing_is_still_indented() -> None:
    assert hear(Transcript(), b"\t Who's there?") == [(Kind.NORMAL, "Who's there?")]


def test_what_is_no_echo_is_shown_as_it_comes() -> None:
    assert hear(Transcript(), b"220 ready", b"\tx") == [
        (Kind.PLAIN, "220 ready"),
        (Kind.PLAIN, "␉x"),
    ]


def test_raw_indents_and_matches_nothing() -> None:
    transcript = Transcript(raw=True)
    transcript.shout(b"hello", 0.0)
    assert hear(transcript, b"\t HELLO", b"hello") == [
        (Kind.PLAIN, "␉ HELLO"),
        (Kind.PLAIN, "hello"),
    ]


def test_raw_marks_what_has_not_ended_as_what_came_too() -> None:
    transcript = Transcript(raw=True)
    assert hear(transcript, b"\t HEL", goes_on=[0]) == [(Kind.PLAIN, "␉ HEL⟨…⟩")]
    assert hear(transcript, b"LO") == [(Kind.PLAIN, "LO")]


def test_controls_are_shown_in_shouts_and_in_echoes() -> None:
    transcript = Transcript()
    assert shout(transcript, b"\x1b[/]\xff")[:2] == (Kind.SHOUT, "␛[/]⟨FF⟩")
    assert hear(transcript, b"\t \x1b[/]\xff")[0][1] == "␛[/]⟨FF⟩"


def test_an_echo_that_comes_in_parts_is_still_the_echo_of_its_shout() -> None:
    transcript = Transcript()
    transcript.shout(b"Hello?", 0.0)
    assert hear(transcript, b"\t HEL", goes_on=[0]) == [(Kind.NORMAL, "HEL⟨…⟩")]
    assert hear(transcript, b"L", goes_on=[0]) == [(Kind.NORMAL, "L⟨…⟩")]
    assert hear(transcript, b"O?", b"\t Hello?") == [(Kind.LOUD, "O?"), (Kind.NORMAL, "Hello?")]
    assert transcript.flights.echoes == 2


def test_a_long_echo_is_known_from_its_first_part_on() -> None:
    transcript = Transcript()
    text = b"x" * (3 * LONGEST_LINE)
    shouted = transcript.shout(text, 0.0)
    assert b"".join(exact(part) for _, part, _, _ in shouted) == text
    parts, goes_on = LineSplitter().feed(b"\t " + text.upper() + b"\n")
    heard = transcript.hear(parts, 1.0, goes_on)
    assert {(kind, shout) for kind, _, _, shout in heard} == {(Kind.LOUD, 1)}
    assert b"".join(exact(part) for _, part, _, _ in heard) == text.upper()
    assert transcript.flights.echoes == 1


def test_an_echo_whose_end_does_not_come_is_none() -> None:
    transcript = Transcript()
    transcript.shout(b"Hello?", 0.0)
    assert hear(transcript, b"\t HELLO?", goes_on=[0]) == [(Kind.NORMAL, "HELLO?⟨…⟩")]
    assert transcript.flights.echoes == 0


def test_parts_are_no_lines_that_are_counted() -> None:
    transcript = Transcript()
    transcript.hear([b"a", b"b", b"c"], 1.0, [0, 1])
    assert transcript.stats.rate(1.0) == 1


def test_entries_have_their_instant_of_wall_clock_and_the_number_of_their_shout() -> None:
    transcript = Transcript(wall=1000.0, before=5)
    assert shout(transcript, b"Hello?", 0.5)[2:] == (1000.5, 6)
    heard = transcript.hear([b"\t HELLO?", b"220 ready"], 1.0)
    assert [entry[2:] for entry in heard] == [(1001.0, 6), (1001.0, 0)]
    assert transcript.shouts == 6


def test_a_log_full_of_lines_gives_the_garbage_collector_nothing_to_look_through() -> None:
    transcript = Transcript()
    transcript.shout(b"Hello?", 0.0)
    lines = b"\t HELLO?", b"\t Hello?", b"\t hello?", b"\t What?", b"what"
    entries = transcript.hear(lines, 1.0)
    gc.collect()
    assert not any(gc.is_tracked(entry) for entry in entries)
