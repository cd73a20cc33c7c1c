"""Promises about the end: of the input, of the connection, and of TLS."""

from reverb_check.learned import Kind, Learned
from reverb_check.promises.echoes import patient
from reverb_check.promises.promise import BOTH, Finding, Promise, Wishes, broken, kept
from reverb_check.script import FIRST, SECOND, Scenario, Script, half_close, shouts
from reverb_check.transcript import Ending, Evidence, Transcript

EXERCISE = "exercise 8.4"

CLOSE_WITHIN = 2.0
"""Seconds from the last echo to the end of the connection."""


def _two_ends(learned: Learned, _wishes: Wishes) -> Scenario:
    within = patient(learned, 2)
    return (
        Script([shouts(FIRST, SECOND), half_close()], within=within),
        Script([shouts(FIRST, SECOND), half_close(learned.delay / 2)], within=within),
    )


def _half_close(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    expected = 2 * learned.each
    for transcript in evidence.transcripts:
        if transcript.ending is Ending.REFUSED:
            continue  # it serves one client at a time: that is another promise
        came = len(transcript.lines)
        if came < expected:
            end = transcript.half_closed or 0.0
            after = sum(line.instant >= end for line in transcript.lines)
            return broken(
                f"{came} of {expected} echoes came, {after} of them after the end of input",
                history=_history(transcript),
            )
    return kept(f"all {2 * expected} echoes came after the end of input")


def _history(transcript: Transcript) -> tuple[str, ...]:
    end = transcript.half_closed or 0.0
    events = [(piece.instant, f"sent  {piece.data!r}"[:70]) for piece in transcript.sent]
    events.append((end, "sent  the end of input"))
    events += [(line.instant, f"came  {line.data!r}"[:70]) for line in transcript.lines[:6]]
    if transcript.ending is not Ending.OPEN:
        events.append((transcript.over, f"came  the end of the connection ({transcript.ending})"))
    return tuple(f"{instant:6.2f} s  {text}" for instant, text in sorted(events))


def _one_end(learned: Learned, _wishes: Wishes) -> Scenario:
    return (Script([shouts(FIRST), half_close()], within=patient(learned, 1) + CLOSE_WITHIN),)


def _closes(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    last = transcript.last or transcript.half_closed or 0.0
    if transcript.ending is Ending.RESET:
        return broken("the connection was reset (RST), not closed (FIN)")
    if transcript.ending is Ending.OPEN:
        return broken(f"still connected {transcript.over - last:.1f} s after the last echo")
    after = transcript.over - last
    if after > CLOSE_WITHIN + learned.slack:
        return broken(f"closed only {after:.1f} s after the last echo")
    since = "the last echo" if transcript.came else "the end of input"
    return kept(f"closed {after * 1000:.0f} ms after {since}")


def _close_notify(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    expected = learned.each if learned.kind is not Kind.UNKNOWN else 1
    if len(transcript.lines) < expected:
        return broken(
            f"{len(transcript.lines)} of {expected} echoes came after our close_notify",
            history=_history(transcript),
        )
    if transcript.ending is Ending.CLOSED:
        return kept("echoes came after our close_notify, and the server's followed")
    if transcript.ending is Ending.CUT:
        return broken("the server closed without close_notify")
    return broken(f"the connection was {transcript.ending} at the end, without close_notify")


ALL = (
    Promise(
        id="half-close",
        sentence="all echoes come after the client has ended its input",
        otherwise="echoes are lost when the client ends its input",
        source=EXERCISE,
        sends="two lines and the end of input, at once and while they are in the air",
        kept_if="all echoes of both come",
        advice="Close only when the last echo has been sent: count them (sync.WaitGroup, a task "
        "group).",
        scenario=_two_ends,
        judge=_half_close,
        kinds=BOTH,
    ),
    Promise(
        id="closes",
        sentence="the server closes after the last echo",
        otherwise="the server does not close after the last echo",
        source=EXERCISE,
        sends="a line and the end of input",
        kept_if=f"the connection ends in order (FIN) within {CLOSE_WITHIN:g} s of the last echo",
        advice="Close the connection once the input has ended and all has been sent, and read all "
        "input before.",
        scenario=_one_end,
        judge=_closes,
        kinds=BOTH,
    ),
    Promise(
        id="close-notify",
        sentence="TLS ends with close_notify, in each direction on its own",
        otherwise="TLS does not end with close_notify",
        source="RFC 8446, section 6.1",
        sends="a line and close_notify",
        kept_if="all echoes come, then the server's close_notify",
        advice="Send what is pending after the client's close_notify, then your own.",
        scenario=_one_end,
        judge=_close_notify,
        kinds=BOTH,
        left_out=lambda _learned, wishes: "" if wishes.tls else "no TLS",
    ),
)
