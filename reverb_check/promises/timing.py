"""Promises about instants: when echoes come, and whether shouts wait for each other."""

from statistics import median

from reverb_check.learned import Learned, Manner
from reverb_check.promises.echoes import BOOK, numbered, patient
from reverb_check.promises.promise import (
    BOTH,
    Finding,
    Lane,
    Promise,
    Wishes,
    broken,
    kept,
    uncertain,
)
from reverb_check.script import FIRST, SECOND, Scenario, Script, shouts
from reverb_check.transcript import Evidence, Transcript

TELLING = 0.01
"""Seconds of delay under which nobody can tell whether two shouts overlap."""


def instants(transcript: Transcript, learned: Learned, text: bytes) -> tuple[float, ...]:
    """Return the instants of the echoes of a text, up to the first that is missing."""
    came: list[float] = []
    for echo in learned.echoes(text):
        instant = next((line.instant for line in transcript.lines if line.text == echo), None)
        if instant is None:
            break
        came.append(instant)
    return tuple(came)


def two_shouts(learned: Learned, _wishes: Wishes) -> Scenario:
    """Send the second shout while the first one is in the air."""
    steps = [shouts(FIRST), shouts(SECOND, at=learned.delay / 2)]
    sequential = 4.5 * learned.delay  # the manner is not known yet
    return (Script(steps, lines=6, within=sequential + learned.patience),)


def manner_of(learned: Learned, evidence: Evidence) -> Manner:
    """Return how a server goes about two shouts; order tells it, however slow the machine is."""
    (transcript,) = evidence.transcripts
    first, second = (instants(transcript, learned, text) for text in (FIRST, SECOND))
    if learned.delay < TELLING or len(first) < 3 or not second or len(transcript.sent) < 2:
        return Manner.UNKNOWN
    if transcript.sent[1].instant >= first[2] - learned.delay / 4:
        return Manner.UNKNOWN  # it was sent too late to overlap
    return Manner.CONCURRENT if second[0] < first[2] else Manner.SEQUENTIAL


def _lanes(
    learned: Learned, transcript: Transcript, expected: tuple[float, ...]
) -> tuple[Lane, ...]:
    sent = transcript.sent[1].instant if len(transcript.sent) > 1 else 0.0
    came = instants(transcript, learned, SECOND)
    name = SECOND.decode()
    return Lane(f"{name}  expected", expected, sent), Lane("came", came, sent)


def _overlap(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    manner = manner_of(learned, evidence)
    if manner is Manner.UNKNOWN:
        return _not_to_tell(learned, transcript)
    came = instants(transcript, learned, SECOND)
    sent = transcript.sent[1].instant
    if manner is Manner.CONCURRENT:
        return kept(f"the second heard after {came[0] - sent:.3f} s")
    expected = tuple(sent + stage * learned.delay for stage in range(3))
    return broken(
        f"{SECOND.decode().upper()} came after {came[0] - sent:.1f} s",
        lanes=_lanes(learned, transcript, expected),
    )


def _one_at_a_time(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    manner = manner_of(learned, evidence)
    if manner is Manner.UNKNOWN:
        return _not_to_tell(learned, transcript)
    first = instants(transcript, learned, FIRST)
    came = instants(transcript, learned, SECOND)
    if manner is Manner.SEQUENTIAL:
        return kept(f"the second began {came[0] - first[2]:.3f} s after the first had ended")
    expected = tuple(first[2] + stage * learned.delay for stage in range(3))
    return broken(
        f"{SECOND.decode().upper()} came {first[2] - came[0]:.1f} s before the first had ended",
        lanes=_lanes(learned, transcript, expected),
    )


def _not_to_tell(learned: Learned, transcript: Transcript) -> Finding:
    if learned.delay < TELLING:
        return uncertain(f"a delay of {learned.delay:.3f} s is too short to tell")
    if not instants(transcript, learned, SECOND):
        return broken(f"{SECOND.decode()} has no echo after {transcript.over:.1f} s")
    return uncertain("the second shout was sent too late: the machine is busy")


TWENTY = 20


def _gap(learned: Learned) -> float:
    return min(0.1, max(0.01, learned.delay / 4))


def _twenty_apart(learned: Learned, _wishes: Wishes) -> Scenario:
    gap = _gap(learned)
    steps = [shouts(numbered(n, "a score"), at=n * gap) for n in range(TWENTY)]
    return (Script(steps, lines=3 * TWENTY, within=patient(learned, TWENTY)),)


def _due(learned: Learned, transcript: Transcript) -> list[tuple[float, ...]]:
    """Return when the echoes of each shout are due, by the delay that was measured."""
    due: list[tuple[float, ...]] = []
    ended = 0.0
    for number, piece in enumerate(transcript.sent):
        begin = piece.instant
        if learned.manner is Manner.SEQUENTIAL:
            # From when the shout before really ended: else what was measured a little wrong would
            # be wrong by twenty times as much at last.
            begin = max(begin, ended)
            came = instants(transcript, learned, numbered(number, "a score"))
            ended = came[-1] if len(came) == learned.each else begin + 2 * learned.delay
        due.append(tuple(begin + stage * learned.delay for stage in range(3)))
    return due


def _on_time(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    late: list[float] = []
    for n, due in enumerate(_due(learned, transcript)):
        came = instants(transcript, learned, numbered(n, "a score"))
        lateness = [instant - expected for instant, expected in zip(came, due, strict=False)]
        if lateness and min(lateness[1:], default=0.0) < -early(learned):
            return broken(
                f"an echo of shout {n + 1} came {-min(lateness):.3f} s too early",
                lanes=(Lane("expected", due, due[0]), Lane("came", came, due[0])),
            )
        if lateness:
            late.append(lateness[-1])
    if len(late) < TWENTY:
        return uncertain(f"only {len(late)} of {TWENTY} shouts came back")
    drift = median(late[-5:]) - median(late[:5])
    elapsed = transcript.over
    if drift > 2 * learned.slack + 0.05 * elapsed:
        return broken(f"echoes became {drift:.2f} s later from shout 1 to shout {TWENTY}")
    return kept(f"{TWENTY} shouts, the worst {max(late) * 1000:.0f} ms late")


def early(learned: Learned) -> float:
    """Return the seconds that an echo may come before a due instant that was only measured."""
    return max(0.02, 0.15 * learned.delay, 2 * learned.latency)


def _three_silent(learned: Learned, wishes: Wishes) -> Scenario:
    idle = wishes.idle
    end = idle + max(3.0, idle / 2) + 2 * learned.delay + learned.patience
    return (
        Script(within=end),
        Script([shouts(FIRST, at=idle / 2)], within=end),
        Script([shouts(FIRST, at=0.0)], within=end),
    )


def _idle(learned: Learned, wishes: Wishes, evidence: Evidence) -> Finding:
    silent, shouting, once = evidence.transcripts
    idle, slack = wishes.idle, max(learned.slack, 0.1 * wishes.idle)
    ends = [t.over if t.ending is not t.ending.OPEN else None for t in (silent, shouting, once)]
    if ends[0] is None:
        return broken(f"a silent client was still connected after {silent.over:.1f} s")
    if abs(ends[0] - idle) > slack:
        return broken(f"a silent client was disconnected after {ends[0]:.1f} s, not {idle:g} s")
    said = shouting.sent[0].instant if shouting.sent else idle / 2
    if ends[1] is not None and ends[1] < said + idle - slack:
        return broken(f"a client that had shouted {ends[1] - said:.1f} s before was disconnected")
    if ends[1] is None:
        return broken(f"a client that shouted once was still connected after {shouting.over:.1f} s")
    # The echoes of the last shout end two delays after it: they must not count.
    if ends[2] is None or ends[2] - ends[0] > max(0.05, learned.delay):
        after = f"after {ends[2]:.1f} s" if ends[2] is not None else "never"
        return broken(
            f"a client was disconnected {after}, not {idle:g} s after its shout: echoes counted"
        )
    return kept(f"disconnected after {ends[0]:.1f} s of silence, and not before")


ALL = (
    Promise(
        id="on-time",
        sentence="no echo comes early, and none later and later",
        otherwise="echoes come early, or later and later",
        source=BOOK,
        sends=f"{TWENTY} lines, some time apart",
        kept_if="each echo comes when the measured delay says, and the last as the first",
        advice="Compute when an echo is due from when its shout was heard, and wait until then.",
        scenario=_twenty_apart,
        judge=_on_time,
        needs=("three-echoes",),
        timed=True,
    ),
    Promise(
        id="overlap",
        sentence="two shouts of one client overlap",
        otherwise="two shouts of one client do not overlap",
        source=BOOK,
        sends="two lines, the second while the first is in the air",
        kept_if="the second is heard before the first has ended",
        advice="This is the book's reverb1. To let shouts overlap, start each echo on its own: "
        "go echo(…)",
        scenario=two_shouts,
        judge=_overlap,
        needs=("three-echoes",),
        timed=True,
        expected=lambda learned: learned.manner is Manner.SEQUENTIAL,
    ),
    Promise(
        id="one-at-a-time",
        sentence="a shout waits until the one before it has ended",
        otherwise="a shout does not wait for the one before it",
        source=f"{BOOK}, reverb1",
        sends="two lines, the second while the first is in the air",
        kept_if="the second is heard only after the first has ended",
        advice="Call echo(…) without go.",
        scenario=two_shouts,
        judge=_one_at_a_time,
        needs=("three-echoes",),
        timed=True,
        left_out=lambda _learned, _wishes: "not asked for: --promise one-at-a-time",
    ),
    Promise(
        id="idle",
        sentence="a client that shouts nothing is disconnected",
        otherwise="silent clients are not disconnected as they should be",
        source="exercise 8.8",
        sends="nothing; a line after half of the time; a line at once",
        kept_if="each is disconnected --idle seconds after its last shout, echoes not counted",
        advice="Start the timer again at each shout, and at nothing else.",
        scenario=_three_silent,
        judge=_idle,
        kinds=BOTH,
        needs=("clients",),
        timed=True,
        left_out=lambda _learned, _wishes: "not asked for: --promise idle (exercise 8.8)",
    ),
)
