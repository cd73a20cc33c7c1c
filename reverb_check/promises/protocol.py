"""The promise of a reverb with control lines: the examples of docs/protocol.md come out."""

from functools import cache
from importlib.resources import files
from itertools import groupby

from reverb_check.learned import Learned
from reverb_check.promises.promise import REVERBS, Finding, Promise, Wishes, broken, kept, shown
from reverb_check.script import Scenario, Script, Step, half_close
from reverb_check.transcript import Ending, Evidence, Line, Transcript
from reverb_check.wire import Conversation, Said, blocks, by_line, parse
from reverb_server.core import control

SETTING_UP = 2**31
"""The id of the request that brings a connection into the state of an example."""

BEGIN = 0.5
"""Seconds after which an example begins: the state is in force by then."""


@cache
def examples() -> tuple[Conversation, ...]:
    """Return the examples that a client can bring about on any reverb with control lines."""
    page = files("reverb_check").joinpath("examples.txt").read_text(encoding="utf-8")
    parsed = [parse(block) for block in blocks(page)]
    return tuple(e for e in parsed if e.mode != "plain" and e.limit is None and not e.deaf)


def _scenario(learned: Learned, _wishes: Wishes) -> Scenario:
    return tuple(_script(example, learned) for example in examples())


def _script(example: Conversation, learned: Learned) -> Script:
    state = control.request(SETTING_UP, delay=example.delay, mode=example.mode)
    steps = [Step(0.0, state)]
    for said in example.sent:
        at = BEGIN + said.instant
        steps.append(half_close(at) if said.data is None else Step(at, said.data))
    lines = 1 + sum(said.data is not None for said in by_line(example.expected))
    ends = any(said.data is None for said in example.expected)
    last = max(said.instant for said in example.expected) - max(s.instant for s in example.sent)
    within = max(0.0, last) + learned.patience
    return Script(steps, lines=None if ends else lines, within=within, settle=0.1)


def _judge(learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    for number, (example, transcript) in enumerate(
        zip(examples(), evidence.transcripts, strict=True), 1
    ):
        problem = difference(example, transcript, learned)
        if problem:
            return broken(f"example {number}: {problem}", history=_history(example, transcript))
    return kept(f"{len(examples())} examples of docs/protocol.md")


def difference(example: Conversation, transcript: Transcript, learned: Learned) -> str:
    """Return where a conversation went otherwise than an example; "" if it went like it."""
    first, *came = transcript.lines or (Line(0.0, b""),)
    answer = control.parse_object(first.data)
    if answer is None or answer.get("reply") != SETTING_UP or "error" in answer:
        return f"its state was not granted: {shown(first.data)}"
    begin = transcript.sent[1].instant if len(transcript.sent) > 1 else BEGIN
    expected = [said for said in by_line(example.expected) if said.data is not None]
    if len(came) > len(expected):
        return f"{shown(came[len(expected)].data)} came as well"
    # Lines of one instant may come in any order: what was sent at that instant, on a real network,
    # was heard a little before or after.
    for _, same in groupby(expected, key=lambda said: said.instant):
        together = list(same)
        lines, came = came[: len(together)], came[len(together) :]
        problem = _otherwise(together, lines, begin, learned)
        if problem:
            return problem
    ends = any(said.data is None for said in example.expected)
    if ends and transcript.ending is not Ending.CLOSED:
        return f"the connection is {transcript.ending} at its end"
    return ""


def _otherwise(together: list[Said], lines: list[Line], begin: float, learned: Learned) -> str:
    left = list(lines)
    for said in together:
        wanted = (said.data or b"").removesuffix(b"\n")
        line = next((line for line in left if _same(line.data, wanted)), None)
        if line is None:
            came = f", but {shown(left[0].data)}" if left else ""
            return f"{shown(wanted)} did not come{came}"
        left.remove(line)
        late = line.instant - begin - said.instant
        if not -0.02 <= late <= max(0.25, learned.slack):
            return f"{shown(wanted)} came {late:+.2f} s from when it is due"
    return ""


FREE = ("error", "pending", "limits")
"""Keys of an answer that may differ: a sentence, the very instant, and the server's options."""


def _same(came: bytes, wanted: bytes) -> bool:
    """Compare two lines; in answers, keys beyond the page's are free as well."""
    answer = control.parse_object(wanted)
    if answer is None:
        return came == wanted
    given = control.parse_object(came)
    return given is not None and all(
        given.get(key) == value for key, value in answer.items() if key not in FREE
    )


def _history(example: Conversation, transcript: Transcript) -> tuple[str, ...]:
    sent = [f"sent  {shown(s.data) if s.data else 'the end'}" for s in example.sent]
    return (*sent, *(f"came  {shown(line.data, 100)}" for line in transcript.lines[1:6]))


ALL = (
    Promise(
        id="protocol",
        sentence="control lines are answered as docs/protocol.md says",
        otherwise="control lines are answered otherwise",
        source="docs/protocol.md",
        sends="the examples of the page, each on a connection of its own",
        kept_if="the same lines come, in order, at their instants",
        advice="Compare with the example on the page.",
        scenario=_scenario,
        judge=_judge,
        kinds=REVERBS,
        needs=("three-echoes", "clients", "half-close"),
        timed=True,
        left_out=lambda learned, _wishes: "" if learned.control else "no control lines",
    ),
)
