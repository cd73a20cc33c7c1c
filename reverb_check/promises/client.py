"""Promises of a client: what it sends, what it shows, and how it ends.

The evidence has four transcripts. The first is the client's own side in the first run: what it was
given at its standard input, what it wrote to its standard output, and how it ended; the second is
the server's side of it. The other two are those of a second run, in which the server ends.
"""

from typing import Final

from reverb_check.learned import Learned
from reverb_check.promises.promise import Finding, Promise, Wishes, broken, count, kept, shown
from reverb_check.script import FIRST, SECOND, THIRD, Scenario
from reverb_check.transcript import Ending, Evidence, Transcript

AT_ONCE: Final = 2.0
"""Seconds in which a client has to show what has come, or to end."""

LINES: Final = (FIRST, SECOND, THIRD)
"""The shouts at the client's input; the last one is followed by the end of input at once."""

SOURCE: Final = "section 8.3, netcat2"


def _sends(_learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    own, server, *_ = evidence.transcripts
    heard = [line.data.removesuffix(b"\r") for line in server.lines]
    missing = [line for line in LINES if line not in heard]
    if missing:
        return broken(
            f"{len(LINES) - len(missing)} of {count(len(LINES), 'line')} reached the server",
            history=tuple(f"missing  {shown(line)}" for line in missing),
        )
    return kept(f"{count(len(LINES), 'line')} of {count(len(own.sent), 'line')} typed")


def _shows(_learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    own, server, *_ = evidence.transcripts
    end = own.half_closed or own.over
    slowest, came = 0.0, 0
    for piece in server.sent:
        if piece.instant >= end:
            continue  # the input had ended: another promise
        came += 1
        shown_at = _shown_at(own, piece.data)
        if shown_at is None or shown_at - piece.instant > AT_ONCE:
            return broken(
                f"{shown(piece.data)} was not shown within {AT_ONCE:g} s",
                history=(f"standard output: {shown(own.data)}",),
            )
        slowest = max(slowest, shown_at - piece.instant)
    if not came:
        return broken("the server had nothing to say to it: it heard no shout")
    return kept(f"each echo shown within {slowest * 1000:.0f} ms")


def _shown_at(own: Transcript, data: bytes) -> float | None:
    """Return when standard output had the bytes; None if it never had."""
    text, seen = data.strip(), b""
    for piece in own.came:
        seen += piece.data
        if text in seen:
            return piece.instant
    return None


def _stays(_learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    own, _, *_ = evidence.transcripts
    end = own.half_closed or 0.0
    wanted = (LINES[-1].upper(), LINES[-1], LINES[-1].lower())
    missing = [each for each in wanted if _shown_at(own, each) is None]
    if missing:
        ended = f"it ended {own.over - end:.2f} s after its input"
        if own.ending is Ending.OPEN:
            ended = "it did not end"
        return broken(f"{3 - len(missing)} of 3 echoes were shown; {ended}")
    return kept("all echoes of the last line were shown")


def _finishes(_learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    own, server, *_ = evidence.transcripts
    if own.ending is Ending.OPEN and server.ending is Ending.OPEN:
        return broken("it did not tell the server that its input had ended, and still ran")
    if own.ending is Ending.OPEN:
        return broken(f"it still ran {own.over - server.over:.1f} s after all had come")
    return kept(own.problem)


def _ends(_learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    *_, own, server = evidence.transcripts
    if server.half_closed is None:
        return broken("it never sent the line after which the server ends")
    if own.ending is Ending.OPEN:
        return broken(f"it still ran {own.over - server.half_closed:.1f} s after the server's end")
    return kept(f"{own.problem}, {max(0.0, own.over - server.half_closed) * 1000:.0f} ms later")


def _nothing(_learned: Learned, _wishes: Wishes) -> Scenario:
    return ()


CLIENT_PROMISES: Final = {
    promise.id: promise
    for promise in (
        Promise(
            id="sends",
            sentence="each line of the input reaches the server",
            otherwise="lines of the input do not reach the server",
            source=SOURCE,
            sends="three lines at its standard input, the last one right before the end",
            kept_if="the server hears all of them",
            advice="Copy standard input to the connection: mustCopy(conn, os.Stdin).",
            scenario=_nothing,
            judge=_sends,
        ),
        Promise(
            id="shows",
            sentence="each echo is shown as it comes, while the input is open",
            otherwise="echoes are not shown as they come",
            source=SOURCE,
            sends="two lines at its standard input, which stays open",
            kept_if=f"each echo is on standard output within {AT_ONCE:g} s",
            advice="Copy the connection to standard output on its own: go mustCopy(os.Stdout, "
            "conn); and do not buffer.",
            scenario=_nothing,
            judge=_shows,
        ),
        Promise(
            id="stays",
            sentence="it stays until the last echo when its input ends",
            otherwise="it loses the echoes that are pending when its input ends",
            source="exercise 8.3",
            sends="a line and the end of input",
            kept_if="all three echoes of that line are on standard output",
            advice="Close only the write half (CloseWrite) at the end of input, and wait for the "
            "other goroutine.",
            scenario=_nothing,
            judge=_stays,
        ),
        Promise(
            id="finishes",
            sentence="it ends once the server has closed after the last echo",
            otherwise="it does not end when all is over",
            source="section 8.4, netcat3",
            sends="the end of input, then the server's end",
            kept_if=f"it ends within {AT_ONCE:g} s",
            advice="End when both directions have ended.",
            scenario=_nothing,
            judge=_finishes,
        ),
        Promise(
            id="ends",
            sentence="it ends when the server ends, though its input is open",
            otherwise="it does not notice that the server has ended",
            source="docs/check.md",
            sends="a line, after which the server closes",
            kept_if=f"it ends within {AT_ONCE:g} s; the status is told",
            advice="Do not wait for standard input once the server has closed.",
            scenario=_nothing,
            judge=_ends,
        ),
    )
}
"""Every promise of a client by its id."""
