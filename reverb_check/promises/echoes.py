"""Promises about the echoes of a shout: which, in what order, whole, and to the byte."""

from collections import Counter

from reverb_check.learned import SHOUT, Learned, spaced
from reverb_check.promises.promise import (
    Finding,
    Promise,
    Wishes,
    broken,
    count,
    kept,
    shown,
    uncertain,
)
from reverb_check.script import Scenario, Script, shouts
from reverb_check.transcript import Ending, Evidence, Transcript
from reverb_server.core.voice import INDENT

BOOK = "section 8.3"


def heard(transcript: Transcript, learned: Learned, *texts: bytes) -> int:
    """Count the lines that came and are an echo of one of the texts."""
    echoes = {echo for text in texts for echo in learned.echoes(text)}
    return sum(line.text in echoes for line in transcript.lines)


def patient(learned: Learned, shouts: int) -> float:
    """Return the seconds within which all echoes of so many shouts must have come."""
    return learned.takes(shouts) + learned.patience


def numbered(number: int, of: str) -> bytes:
    """Return a text that differs from all others, in each of its three voices."""
    return f"Shout {number:03d} of {of}".encode()


def _one_shout(learned: Learned, _wishes: Wishes) -> Scenario:
    settle = min(1.0, learned.delay + learned.slack)
    return (
        Script(
            [shouts(SHOUT)], lines=learned.each, settle=settle, within=patient(learned, 1) + settle
        ),
    )


def _three_echoes(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    texts = [line.text for line in transcript.lines]
    if texts == list(learned.echoes(SHOUT)):
        return kept(f"delay measured: {learned.delay:.2f} s")
    if not transcript.data and transcript.ending is not Ending.OPEN:
        return broken(f"the connection was {transcript.ending} before anything came")
    if not transcript.data:
        return broken(f"nothing came within {transcript.over:.1f} s")
    if not texts:
        return broken(f"{count(len(transcript.data), 'byte')} came, and no line end")
    return broken(
        f"{count(len(texts), 'line')} came",
        history=(
            f"sent  {shown(SHOUT)}",
            *(f"came  {shown(line.data)}" for line in transcript.lines[:5]),
        ),
    )


def _bytes(_learned: Learned, wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    for line in transcript.lines:
        if line.data.endswith(b"\r"):
            return broken("lines end with CR LF", history=(f"came  {shown(line.data)}",))
    other = spaced(transcript.lines)
    if other and wishes.exact:
        return broken(f"indented by {other}, not by {repr(INDENT)[1:]}")
    return kept(f"indented by {other}" if other else "TAB, SPACE, the text, LF")


def _four_apart(learned: Learned, _wishes: Wishes) -> Scenario:
    gap = min(0.25, max(0.02, learned.delay / 4))
    steps = [shouts(numbered(n, "four"), at=n * gap) for n in range(4)]
    return (Script(steps, lines=12, within=patient(learned, 4)),)


def _order(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    places: dict[bytes, int] = {}
    for place, line in enumerate(transcript.lines):
        places.setdefault(line.text, place)
    came = [
        [places[echo] for echo in learned.echoes(numbered(n, "four")) if echo in places]
        for n in range(4)
    ]
    history = tuple(f"came  {shown(line.data)}" for line in transcript.lines)
    for n, each in enumerate(came):
        if each != sorted(each):
            return broken(f"the echoes of shout {n + 1} came in another order", history=history)
    for voice in range(3):
        column = [each[voice] for each in came if len(each) == 3]
        if column != sorted(column):
            return broken("a later shout came before an earlier one", history=history)
    return kept("loud, normal, quiet; shouts as sent")


OWN = 20


def _twenty_at_once(learned: Learned, _wishes: Wishes) -> Scenario:
    number = learned.affords(OWN)
    texts = [numbered(n, "twenty") for n in range(number)]
    return (Script([shouts(*texts)], lines=3 * number, within=patient(learned, number)),)


def _own_line(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    number = learned.affords(OWN)
    own = [learned.echoes(numbered(n, "twenty")) for n in range(number)]
    found = Counter(line.text for line in transcript.lines)
    # Too many of one and too few of another: a line was put in the place of another one.
    too_many = [each for texts in own for each in texts if found[each] > 1]
    missing = [each for texts in own for each in texts if not found[each]]
    if too_many:
        return broken(
            f"{shown(too_many[0])} came {found[too_many[0]]} times",
            history=(
                f"sent  {shown(own[0][1])} … {shown(own[-1][1])}",
                *(f"came  {shown(each)}: {found[each]} times" for each in too_many[:3]),
                *(f"came  {shown(each)}: never" for each in missing[:3]),
            ),
        )
    if not any(found[each] for texts in own for each in texts):
        return broken("none of them came back")
    return kept(f"{count(number, 'shout')} at once, each with its own text")


MANY = 100


def _hundred_at_once(learned: Learned, _wishes: Wishes) -> Scenario:
    number = learned.affords(MANY)
    texts = [numbered(n, "a hundred, which is Long Enough to be torn") for n in range(number)]
    return (Script([shouts(*texts)], lines=3 * number, within=patient(learned, number)),)


def _whole_lines(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    number = learned.affords(MANY)
    texts = [numbered(n, "a hundred, which is Long Enough to be torn") for n in range(number)]
    whole = {echo for text in texts for echo in learned.echoes(text)}
    torn = [line.data for line in transcript.lines if line.text not in whole]
    if torn:
        return broken(
            f"{len(torn)} of {count(len(transcript.lines), 'line')} torn",
            history=tuple(f"came  {shown(each, 100)}" for each in torn[:3]),
        )
    if evidence.server_ended:
        return broken(f"the server ended while it sent {count(number, 'shout')} back")
    if not transcript.lines:
        return uncertain("no line came")
    return kept(f"{count(number, 'shout')} at once, no line torn")


ALL = (
    Promise(
        id="three-echoes",
        sentence="each line comes back loud, normal and quiet",
        otherwise="a line does not come back loud, normal and quiet",
        source=BOOK,
        sends="one line",
        kept_if="exactly three lines come: the text in upper case, as it was, in lower case",
        advice="Send strings.ToUpper(text), text and strings.ToLower(text), a delay apart.",
        scenario=_one_shout,
        judge=_three_echoes,
    ),
    Promise(
        id="bytes",
        sentence="an echo is TAB, SPACE, the text and LF",
        otherwise="an echo is not TAB, SPACE, the text and LF",
        source=BOOK,
        sends="one line",
        kept_if="each line ends with LF alone; another indentation is told, and broken by --exact",
        advice='Print each echo with "\\t " before it and "\\n" behind it.',
        scenario=_one_shout,
        judge=_bytes,
        needs=("three-echoes",),
    ),
    Promise(
        id="order",
        sentence="echoes come loud, normal, quiet; shouts as they were sent",
        otherwise="echoes or shouts change their order",
        source=BOOK,
        sends="four lines, some time apart",
        kept_if="no echo comes before one that was due earlier",
        advice="Send the echoes of a shout from one goroutine or task, one after the other.",
        scenario=_four_apart,
        judge=_order,
        needs=("three-echoes",),
        timed=True,
    ),
    Promise(
        id="own-line",
        sentence="each shout has its own text",
        otherwise="a shout comes back with another one's text",
        source=BOOK,
        sends=f"{OWN} lines in one write",
        kept_if="no text comes more often than it was sent",
        advice="Give each goroutine or task its own copy: pass the text as an argument.",
        scenario=_twenty_at_once,
        judge=_own_line,
        needs=("three-echoes",),
        alone=True,
    ),
    Promise(
        id="whole-lines",
        sentence="echoes are whole lines, whatever else is sent",
        otherwise="echoes are torn when others are sent",
        source=BOOK,
        sends=f"{MANY} lines in one write",
        kept_if="each line that comes is an echo, whole",
        advice="Send each echo by one write, and let one task at a time write: take a lock.",
        scenario=_hundred_at_once,
        judge=_whole_lines,
        needs=("three-echoes",),
        alone=True,
    ),
)
