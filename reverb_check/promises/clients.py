"""Promises about several clients: none waits for another, and none harms another."""

from reverb_check.learned import Kind, Learned
from reverb_check.promises.echoes import BOOK, heard, numbered, patient
from reverb_check.promises.promise import BOTH, Finding, Promise, Wishes, broken, count, kept
from reverb_check.script import FIRST, SECOND, THIRD, Act, Scenario, Script, Step, shouts
from reverb_check.transcript import Ending, Evidence


def _two(learned: Learned, _wishes: Wishes) -> Scenario:
    later = learned.delay / 2
    within = patient(learned, 1)
    return (
        # It stays, whatever comes: the second must not wait for its end either.
        Script([shouts(FIRST)], within=later + within),
        Script([shouts(SECOND, at=later)], opens=later, lines=learned.each, within=within),
    )


def _clients(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    first, second = evidence.transcripts
    if evidence.refused:
        return broken(f"a second client was refused: {evidence.refused}")
    if not second.lines:
        return broken(f"the second heard nothing within {second.over:.1f} s")
    last = next((line.instant for line in first.lines if line.text == FIRST.lower()), None)
    after = second.heard_after
    waited = after > learned.delay + learned.slack
    if learned.kind is Kind.REVERB and waited and last and second.lines[0].instant >= last:
        return broken(f"the second heard after {after:.1f} s, when the first had ended")
    return kept(f"the second heard after {after * 1000:.0f} ms")


MANY = 200


def _crowd(learned: Learned, _wishes: Wishes) -> Scenario:
    within = patient(learned, 1) + 5.0
    return tuple(
        Script([shouts(numbered(n, "two hundred"))], lines=learned.each, within=within)
        for n in range(MANY)
    )


def _many(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    served = sum(
        heard(transcript, learned, numbered(n, "two hundred")) >= learned.each
        for n, transcript in enumerate(evidence.transcripts)
    )
    if served < MANY:
        reason = f": {evidence.refused}" if evidence.refused else ""
        return broken(f"{served} of {MANY} clients got their echoes{reason}")
    slowest = max(transcript.heard_after for transcript in evidence.transcripts)
    return kept(f"{count(MANY, 'client')}, the last heard after {slowest * 1000:.0f} ms")


def _with_a_reset(learned: Learned, _wishes: Wishes) -> Scenario:
    within = patient(learned, 1)
    gone = max(0.05, learned.delay / 4)
    return (
        Script([shouts(FIRST)], lines=learned.each, within=within),
        Script([shouts(SECOND), Step(gone, Act.RESET)], within=within),
        Script([shouts(THIRD, at=2 * gone)], opens=2 * gone, lines=learned.each, within=within),
    )


def _reset(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    first, _, later = evidence.transcripts
    for transcript, text, who in ((first, FIRST, "before"), (later, THIRD, "after")):
        if transcript.ending is Ending.REFUSED:
            return broken(f"a client {who} the reset was refused: {transcript.problem}")
        came = heard(transcript, learned, text)
        if came < learned.each:
            return broken(f"a client from {who} the reset got {came} of {learned.each} echoes")
    return kept("the others got their echoes")


FLOOD = b"A client that Reads nothing. " * 1_100 + b"\n"
"""A line of about 32,000 bytes."""
LINES = 100
"""Lines whose echoes, 10 MB, are more than the kernels on the way hold."""


def _with_a_deaf_one(learned: Learned, _wishes: Wishes) -> Scenario:
    within = patient(learned, 1)
    flood = [Step(n * 0.002, FLOOD) for n in range(LINES)]
    return (
        Script(flood, within=within, reads=False),
        Script([shouts(FIRST, at=0.3)], opens=0.25, lines=learned.each, within=within),
        Script([shouts(SECOND)], lines=learned.each, within=within),
    )


def _slow_reader(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    _, later, beside = evidence.transcripts
    for transcript, text in ((later, FIRST), (beside, SECOND)):
        if transcript.ending is Ending.REFUSED:
            return broken(f"another client was refused: {transcript.problem}")
        came = heard(transcript, learned, text)
        if came < learned.each:
            return broken(f"another client got {came} of {learned.each} echoes")
    slowest = max(later.heard_after, beside.heard_after)
    return kept(f"another client heard after {slowest * 1000:.0f} ms")


ALL = (
    Promise(
        id="clients",
        sentence="two clients do not wait for each other",
        otherwise="one client waits for another",
        source=BOOK,
        sends="a line of one client, and a line of another while the first is in the air",
        kept_if="the second client hears its first echo before the first one has its last",
        advice="Handle each connection on its own: go handleConn(conn).",
        scenario=_two,
        judge=_clients,
        kinds=BOTH,
        timed=True,
    ),
    Promise(
        id="many-clients",
        sentence=f"{MANY} clients are served at a time",
        otherwise="200 clients at a time are too many",
        source=BOOK,
        sends=f"a line of each of {MANY} clients",
        kept_if="each gets all its echoes",
        advice="Look at the backlog, at the limit of open files, and at what is shared.",
        scenario=_crowd,
        judge=_many,
        kinds=BOTH,
        needs=("clients",),
        alone=True,
    ),
    Promise(
        id="reset",
        sentence="a client that resets its connection harms no other",
        otherwise="a client that resets its connection harms others",
        source=BOOK,
        sends="a line of each of three clients; one resets its connection meanwhile",
        kept_if="the others get all their echoes",
        advice="Catch the errors of a connection where it is handled.",
        scenario=_with_a_reset,
        judge=_reset,
        kinds=BOTH,
        needs=("clients",),
        alone=True,
    ),
    Promise(
        id="slow-reader",
        sentence="a client that reads nothing harms no other",
        otherwise="a client that reads nothing harms others",
        source=BOOK,
        sends=f"{LINES} long lines of a client that reads nothing, and a line of two others",
        kept_if="the others get all their echoes",
        advice="Wait for a client that is slow in a goroutine or task of its own.",
        scenario=_with_a_deaf_one,
        judge=_slow_reader,
        kinds=BOTH,
        needs=("clients",),
        alone=True,
    ),
)
