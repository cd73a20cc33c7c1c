import gc

from reverb_tui.entry import Kind
from reverb_tui.session.transcript import SLICE, Transcript

Shown = tuple[int, str]


def hear(
    transcript: Transcript, *lines: bytes, left_out: dict[int, int] | None = None
) -> list[Shown]:
    parts = transcript.hear(lines, 1.0, left_out or {})
    return [(kind, text) for part in parts for kind, text, _, _ in part]


def test_echoes_of_a_shout_are_told_apart() -> None:
    transcript = Transcript()
    assert transcript.shout(b"Hello?", 0.0)[:2] == (Kind.SHOUT, "Hello?")
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


def test_controls_are_shown_in_shouts_and_in_echoes() -> None:
    transcript = Transcript()
    assert transcript.shout(b"\x1b[/]\xff", 0.0)[:2] == (Kind.SHOUT, "␛[/]\\xff")
    assert hear(transcript, b"\t \x1b[/]\xff")[0][1] == "␛[/]\\xff"


def test_a_cut_line_says_how_much_was_left_out_wherever_it_stands() -> None:
    lines = [b"%d" % number for number in range(SLICE + 2)]
    shown = hear(Transcript(), *lines, left_out={0: 5, SLICE + 1: 1234})
    assert len(shown) == SLICE + 2
    assert shown[0] == (Kind.PLAIN, "0… (5 more bytes)")
    assert shown[1] == (Kind.PLAIN, "1")
    assert shown[-1] == (Kind.PLAIN, f"{SLICE + 1}… (1,234 more bytes)")


def test_what_one_read_brings_is_given_by_the_slice() -> None:
    parts = list(Transcript().hear([b"x"] * (2 * SLICE + 1), 0.0, {}))
    assert [len(part) for part in parts] == [SLICE, SLICE, 1]


def test_entries_have_their_instant_of_wall_clock_and_the_number_of_their_shout() -> None:
    transcript = Transcript(wall=1000.0, before=5)
    assert transcript.shout(b"Hello?", 0.5)[2:] == (1000.5, 6)
    (heard,) = transcript.hear([b"\t HELLO?", b"220 ready"], 1.0, {})
    assert [entry[2:] for entry in heard] == [(1001.0, 6), (1001.0, 0)]
    assert transcript.shouts == 6


def test_a_log_full_of_lines_gives_the_garbage_collector_nothing_to_look_through() -> None:
    transcript = Transcript()
    transcript.shout(b"Hello?", 0.0)
    lines = b"\t HELLO?", b"\t Hello?", b"\t hello?", b"\t What?", b"what"
    entries = [entry for part in transcript.hear(lines, 1.0, {}) for entry in part]
    gc.collect()
    assert not any(gc.is_tracked(entry) for entry in entries)
