"""Every verdict, by transcripts of servers that have no socket: right ones and wrong ones."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_check.learned import Kind, Learned, Manner
from reverb_check.promises import PROMISES
from reverb_check.promises.promise import Promise, Verdict, Wishes, count
from reverb_check.transcript import Ending, Evidence, Piece, Transcript
from tests.check.ideal import Subject, plain, play, reverb, subject

CONCURRENT, SEQUENTIAL, PLAIN = (
    subject(reverb("concurrent")),
    subject(reverb("sequential")),
    subject(plain()),
)
UNASKED = {"idle", "protocol", "close-notify", "one-at-a-time"}
"""Those that a server without timer, control lines and TLS, of the usual mode, can't keep."""


def verdicts(
    asked: Subject, change: Callable[[Evidence], Evidence] = lambda e: e
) -> dict[str, str]:
    """Judge all promises by a server's transcripts, which may be changed before."""
    return {
        promise.id: promise.judge(
            asked.learned,
            asked.wishes,
            change(play(promise.scenario(asked.learned, asked.wishes), asked.make)),
        ).verdict
        for promise in PROMISES.values()
        if asked.learned.kind in promise.kinds and promise.id not in UNASKED
    }


def broken(asked: Subject, change: Callable[[Evidence], Evidence] = lambda e: e) -> set[str]:
    found = verdicts(asked, change)
    assert set(found.values()) <= {Verdict.KEPT, Verdict.BROKEN}, found
    return {name for name, verdict in found.items() if verdict is Verdict.BROKEN}


def test_the_first_shouts_tell_kind_delay_and_manner() -> None:
    assert CONCURRENT.learned == Learned(Kind.REVERB, 1.0, 0.0, Manner.CONCURRENT)
    assert SEQUENTIAL.learned == Learned(Kind.REVERB, 1.0, 0.0, Manner.SEQUENTIAL)
    assert PLAIN.learned == Learned(Kind.ECHO)
    assert [each.learned.name for each in (CONCURRENT, SEQUENTIAL, PLAIN)] == [
        "reverb2",
        "reverb1",
        "echo",
    ]


@pytest.mark.parametrize("delay", [0.02, 0.1, 1.0, 20.0])
def test_right_servers_keep_all(delay: float) -> None:
    assert broken(subject(reverb("concurrent", delay))) == set()
    assert broken(subject(reverb("sequential", delay))) == {"overlap"}


def test_a_plain_echo_keeps_what_it_is_asked() -> None:
    assert verdicts(PLAIN).keys() >= {"plain", "clients", "half-close", "closes"}
    assert broken(PLAIN) == set()


def test_one_at_a_time_is_the_opposite_of_overlap() -> None:
    promise = PROMISES["one-at-a-time"]
    for asked, verdict in ((CONCURRENT, Verdict.BROKEN), (SEQUENTIAL, Verdict.KEPT)):
        evidence = play(promise.scenario(asked.learned, asked.wishes), asked.make)
        assert promise.judge(asked.learned, asked.wishes, evidence).verdict is verdict


def changed(
    of_pieces: Callable[[Transcript], list[Piece]],
) -> Callable[[Evidence], Evidence]:
    """Return a change of everything that came."""

    def change(evidence: Evidence) -> Evidence:
        return replace(
            evidence,
            transcripts=tuple(
                replace(each, came=tuple(of_pieces(each))) for each in evidence.transcripts
            ),
        )

    return change


def each_piece(change: Callable[[bytes], bytes]) -> Callable[[Evidence], Evidence]:
    return changed(lambda t: [Piece(piece.instant, change(piece.data)) for piece in t.came])


def lost_after_the_end(transcript: Transcript) -> list[Piece]:
    end = transcript.half_closed
    return [piece for piece in transcript.came if end is None or piece.instant <= end]


def shared_variable(transcript: Transcript) -> list[Piece]:
    """Put the last line of a block in the place of all others, as a shared variable does."""
    pieces = []
    for piece in transcript.came:
        lines = piece.data.splitlines(keepends=True)
        pieces.append(Piece(piece.instant, lines[-1] * len(lines) if lines else b""))
    return pieces


def torn(transcript: Transcript) -> list[Piece]:
    """Mix two lines of a block, as two writers without a lock do."""
    return [
        Piece(piece.instant, piece.data.replace(b"\n\t ", b"\t \n", 1)) for piece in transcript.came
    ]


def earlier(transcript: Transcript) -> list[Piece]:
    """Send the quiet echoes half a second early."""
    return sorted(
        (
            Piece(piece.instant - 0.5 * piece.data.islower(), piece.data)
            for piece in transcript.came
        ),
        key=lambda piece: piece.instant,
    )


def later_and_later(transcript: Transcript) -> list[Piece]:
    return [Piece(piece.instant * 1.5, piece.data) for piece in transcript.came]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (changed(lost_after_the_end), {"half-close", "last-line"}),
        (changed(shared_variable), {"own-line"}),
        (changed(torn), {"whole-lines"}),
        (changed(earlier), {"on-time"}),
        (each_piece(lambda data: data.replace(b"\n", b"\r\n")), {"bytes", "crlf"}),
        (each_piece(lambda data: data.replace(b"\t \n", b"")), {"blank"}),
        (each_piece(lambda data: data if data.isascii() else b""), {"utf-8", "not-utf-8"}),
    ],
    ids=["lost", "shared", "torn", "early", "crlf", "blank", "ascii"],
)
def test_each_fault_breaks_its_own_promises(
    change: Callable[[Evidence], Evidence], expected: set[str]
) -> None:
    assert broken(CONCURRENT, change) == expected


def ended(ending: Ending) -> Callable[[Evidence], Evidence]:
    def change(evidence: Evidence) -> Evidence:
        return replace(
            evidence, transcripts=tuple(replace(t, ending=ending) for t in evidence.transcripts)
        )

    return change


@pytest.mark.parametrize("ending", [Ending.RESET, Ending.OPEN])
def test_an_end_that_is_none_breaks_closes(ending: Ending) -> None:
    assert "closes" in broken(CONCURRENT, ended(ending))


def test_the_end_of_tls_needs_close_notify() -> None:
    promise = PROMISES["close-notify"]
    wishes = Wishes(tls=True)
    evidence = play(promise.scenario(CONCURRENT.learned, wishes), CONCURRENT.make)
    judged = [
        promise.judge(CONCURRENT.learned, wishes, ended(ending)(evidence)).verdict
        for ending in (Ending.CLOSED, Ending.CUT, Ending.RESET)
    ]
    assert judged == [Verdict.KEPT, Verdict.BROKEN, Verdict.BROKEN]


def idle(*ends: float | None) -> str:
    """Judge the idle promise by when three clients were disconnected; None: never."""
    learned, wishes = CONCURRENT.learned, Wishes(idle=10)
    said = (None, 5.0, 0.0)
    transcripts = tuple(
        Transcript(
            sent=() if shout is None else (Piece(shout, b"Hello?\n"),),
            ending=Ending.OPEN if end is None else Ending.CLOSED,
            over=20.0 if end is None else end,
        )
        for end, shout in zip(ends, said, strict=True)
    )
    return PROMISES["idle"].judge(learned, wishes, Evidence(transcripts)).verdict


def test_idle_clients_are_disconnected_after_their_last_shout() -> None:
    assert idle(10, 15, 10) == Verdict.KEPT
    assert idle(None, None, None) == Verdict.BROKEN
    assert idle(3, 8, 3) == Verdict.BROKEN  # too early
    assert idle(10, 10, 10) == Verdict.BROKEN  # never started again
    assert idle(10, 17, 12) == Verdict.BROKEN  # echoes start it again
    assert idle(10, None, 10) == Verdict.BROKEN


def test_a_client_that_waits_for_another_is_seen() -> None:
    promise = PROMISES["clients"]
    asked = CONCURRENT
    evidence = play(promise.scenario(asked.learned, asked.wishes), asked.make)
    first, second = evidence.transcripts
    waited = replace(
        second, came=tuple(Piece(piece.instant + 2, piece.data) for piece in second.came)
    )
    deaf = replace(second, came=())
    refused = replace(deaf, ending=Ending.REFUSED, problem="nothing is listening there")
    for other in (waited, deaf, refused):
        found = promise.judge(asked.learned, asked.wishes, Evidence((first, other)))
        assert found.verdict is Verdict.BROKEN


def test_too_short_a_delay_tells_no_manner() -> None:
    asked = subject(reverb("concurrent", 0.0))
    assert verdicts(asked)["overlap"] == Verdict.UNCERTAIN


PIECES = st.lists(
    st.builds(
        Piece, st.floats(0, 100), st.sampled_from([b"", b"\n", b"\t HELLO?\n", b"x", b"\xff\n\n"])
    ),
    max_size=4,
).map(tuple)
TRANSCRIPTS = st.builds(
    Transcript,
    sent=PIECES,
    came=PIECES,
    ending=st.sampled_from(Ending),
    over=st.floats(0, 100),
    half_closed=st.none() | st.floats(0, 100),
    problem=st.just(""),
)
LEARNED = st.builds(
    Learned,
    kind=st.sampled_from([Kind.REVERB, Kind.ECHO]),
    delay=st.sampled_from([0.0, 0.1, 1.0]),
    latency=st.sampled_from([0.0, 0.5]),
    manner=st.sampled_from(Manner),
)


@cache
def any_evidence(name: str) -> st.SearchStrategy[Evidence]:
    """Return whatever could come of a promise's connections."""
    number = len(PROMISES[name].scenario(Learned(), Wishes()))
    if number > 20:  # all the same: drawing each would take long
        return TRANSCRIPTS.map(lambda each: Evidence((each,) * number))
    return st.tuples(*[TRANSCRIPTS] * number).map(Evidence)


@pytest.mark.parametrize("promise", PROMISES.values(), ids=list(PROMISES))
@given(st.data(), LEARNED)
def test_whatever_came_gets_a_verdict(
    promise: Promise, data: st.DataObject, learned: Learned
) -> None:
    finding = promise.judge(learned, Wishes(), data.draw(any_evidence(promise.id)))
    assert finding.verdict in (Verdict.KEPT, Verdict.BROKEN, Verdict.UNCERTAIN)
    assert finding.told or finding.verdict is Verdict.KEPT


def test_numbers_have_their_nouns_in_the_plural() -> None:
    assert [count(1, "echo"), count(3, "echo"), count(2_000, "line")] == [
        "1 echo",
        "3 echoes",
        "2,000 lines",
    ]
