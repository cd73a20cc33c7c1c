"""Promises about lines: their ends, their lengths, their bytes, and many of them at once."""

from reverb_check.learned import Learned
from reverb_check.promises.echoes import BOOK, heard, numbered, patient
from reverb_check.promises.promise import Finding, Promise, Wishes, broken, count, kept, shown
from reverb_check.script import THIRD, Scenario, Script, Step, half_close, shouts
from reverb_check.transcript import Ending, Evidence, Transcript

PROTOCOL = "docs/protocol.md"

FAST = 1000
SLOWLY = b"Byte by Byte\n"


def _fast(learned: Learned, _wishes: Wishes) -> Scenario:
    texts = [numbered(n, "a thousand") for n in range(FAST)]
    slowly = [Step(n * 0.002, SLOWLY[n : n + 1]) for n in range(len(SLOWLY))]
    return (
        Script(
            [shouts(*texts)],
            lines=learned.each * learned.affords(FAST),
            within=patient(learned, learned.affords(FAST)),
        ),
        Script(slowly, lines=3, within=patient(learned, 1)),
    )


def _fast_lines(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    at_once, slowly = evidence.transcripts
    expected = learned.each * learned.affords(FAST)
    came = len(at_once.lines)
    if came < expected:
        return broken(f"{came:,} of {expected:,} lines came of {FAST:,} shouts in one write")
    if len(slowly.lines) != learned.each:
        return broken(
            f"{count(len(slowly.lines), 'line')} came of one sent byte by byte",
            history=tuple(f"came  {shown(line.data)}" for line in slowly.lines[:5]),
        )
    return kept(f"{FAST:,} in one write, and one byte by byte")


def _crlf_script(learned: Learned, _wishes: Wishes) -> Scenario:
    within = patient(learned, 1)
    return (Script([Step(0.0, b"Hello?\r\n")], lines=3, within=within),)


def _crlf(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    texts = [line.data.lstrip(b" \t") for line in transcript.lines]
    if any(b"\r" in text for text in texts):
        return broken("the CR came back", history=_came(transcript))
    return _counted(transcript, 3, "the line without its CR")


def _blank_script(learned: Learned, _wishes: Wishes) -> Scenario:
    return (Script([Step(0.0, b"\n")], lines=3, within=patient(learned, 1)),)


def _blank(_learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    return _counted(transcript, 3, "three blank echoes")


def _last_script(learned: Learned, _wishes: Wishes) -> Scenario:
    return (Script([Step(0.0, THIRD), half_close()], within=patient(learned, 1)),)


def _last(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    came = heard(transcript, learned, THIRD)
    if came < 3:
        return broken(f"{came} of 3 echoes came", history=_came(transcript))
    return kept("a shout, without its LF")


UTF8 = "Ärger, ÉCOLE, Привет, 日本".encode()
"""Letters whose case is the same by single characters and by words."""


def _utf8_script(learned: Learned, _wishes: Wishes) -> Scenario:
    return (Script([shouts(UTF8)], lines=3, within=patient(learned, 1)),)


def _utf8(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    if heard(transcript, learned, UTF8) < 3:
        return broken(
            f"{heard(transcript, learned, UTF8)} of 3 echoes came right",
            history=tuple(
                f"came  {line.text.decode(errors='backslashreplace')}" for line in transcript.lines
            ),
        )
    return kept(UTF8.decode())


NOT_UTF8 = b"Caf\xe9 \xff\xfe Ok"
REPLACED = "\N{REPLACEMENT CHARACTER}".encode()


def _not_utf8_script(learned: Learned, _wishes: Wishes) -> Scenario:
    return (Script([shouts(NOT_UTF8)], lines=3, within=patient(learned, 1)),)


def _not_utf8(learned: Learned, wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    texts = [line.text for line in transcript.lines]
    if len(texts) != 3 or texts[1] != NOT_UTF8:
        return broken("the normal echo is not what was sent", history=_came(transcript))
    if texts == list(learned.echoes(NOT_UTF8)):
        return kept("each byte as it was")
    if any(REPLACED in text for text in texts) and not wishes.exact:
        return kept("U+FFFD in the loud and the quiet echo")
    return broken("bytes that are no UTF-8 came back changed", history=_came(transcript))


LENGTHS = (65_535, 65_536, 1_000_000)


def _long(learned: Learned, _wishes: Wishes) -> Scenario:
    within = patient(learned, 1)
    return tuple(
        Script([Step(0.0, b"Long" * (length // 4) + b"g" * (length % 4) + b"\n")], 3, within)
        for length in LENGTHS
    )


def _long_line(_learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    answers: list[str] = []
    for length, transcript in zip(LENGTHS, evidence.transcripts, strict=True):
        if not transcript.data and transcript.ending is Ending.OPEN:
            return broken(f"no answer to a line of {length:,} bytes within {transcript.over:.1f} s")
        whole = [line for line in transcript.lines if len(line.text) == length]
        if len(whole) == 3:
            answers.append("echoed")
        elif transcript.lines and not whole:
            answers.append("refused")
        else:
            answers.append("closed" if transcript.ending is not Ending.OPEN else "cut")
    told = (f"{length:,}: {answer}" for length, answer in zip(LENGTHS, answers, strict=True))
    return kept("; ".join(told))


def _counted(transcript: Transcript, lines: int, told: str) -> Finding:
    if len(transcript.lines) != lines:
        return broken(
            f"{len(transcript.lines)} of {count(lines, 'echo')} came", history=_came(transcript)
        )
    return kept(told)


def _came(transcript: Transcript) -> tuple[str, ...]:
    return tuple(f"came  {shown(line.data)}" for line in transcript.lines[:5])


ALL = (
    Promise(
        id="fast-lines",
        sentence="lines are found in any split of the bytes",
        otherwise="lines are lost when they come in other pieces",
        source=BOOK,
        sends=f"{FAST:,} lines in one write; one line byte by byte",
        kept_if="each line has its echoes",
        advice="Read by lines (bufio.Scanner), not by packets.",
        scenario=_fast,
        judge=_fast_lines,
        needs=("three-echoes", "clients"),
        alone=True,
    ),
    Promise(
        id="crlf",
        sentence="one CR before the LF is no part of the line",
        otherwise="a CR before the LF is taken for text",
        source=f"{BOOK}, bufio.ScanLines",
        sends="a line that ends with CR LF",
        kept_if="three echoes come, without a CR",
        advice="Drop one CR at the end of a line.",
        scenario=_crlf_script,
        judge=_crlf,
        needs=("three-echoes",),
    ),
    Promise(
        id="blank",
        sentence="a blank line is a shout",
        otherwise="a blank line is not taken for a shout",
        source=f"{BOOK}, bufio.ScanLines",
        sends="LF alone",
        kept_if="three lines come",
        advice="Take an empty line for a shout, not for the end.",
        scenario=_blank_script,
        judge=_blank,
        needs=("three-echoes",),
    ),
    Promise(
        id="last-line",
        sentence="a last line without LF is a shout",
        otherwise="a last line without LF is lost",
        source=f"{BOOK}, bufio.ScanLines",
        sends="a text without LF, then the end of input",
        kept_if="its three echoes come",
        advice="At the end of input, take what is left for a line.",
        scenario=_last_script,
        judge=_last,
        needs=("three-echoes", "half-close"),
    ),
    Promise(
        id="utf-8",
        sentence="letters beyond ASCII have upper and lower case",
        otherwise="letters beyond ASCII keep their case, or break",
        source=f"{BOOK}, strings.ToUpper",
        sends="a line with Latin, Cyrillic and Japanese letters",
        kept_if="its three echoes come",
        advice="Decode UTF-8 before the case is changed, and encode it afterwards.",
        scenario=_utf8_script,
        judge=_utf8,
        needs=("three-echoes",),
    ),
    Promise(
        id="not-utf-8",
        sentence="bytes that are no UTF-8 do no harm",
        otherwise="bytes that are no UTF-8 do harm",
        source=PROTOCOL,
        sends="a line with bytes that are no UTF-8",
        kept_if="three echoes come, the normal one to the byte; with --exact, all three",
        advice="Decode with a rule for such bytes (surrogateescape), or leave the case alone.",
        scenario=_not_utf8_script,
        judge=_not_utf8,
        needs=("three-echoes",),
    ),
    Promise(
        id="long-line",
        sentence="a long line gets an answer",
        otherwise="a long line gets no answer",
        source=f"{BOOK}, bufio.MaxScanTokenSize",
        sends="lines of " + ", ".join(f"{length:,}" for length in LENGTHS) + " bytes",
        kept_if="echoes come, or an error, or the connection is closed: nothing hangs",
        advice="Check for the scanner's error; tell the client, or close the connection.",
        scenario=_long,
        judge=_long_line,
        needs=("three-echoes", "clients"),
        alone=True,
    ),
)
