"""The examples of docs/protocol.md, read from the page and run with a virtual clock."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from reverb_server.core import control
from reverb_server.core.echo import Echo
from reverb_server.core.lines import TOO_LONG, LineReader
from reverb_server.core.plain import Plain
from reverb_server.core.reverb import Reverb
from reverb_server.settings import Settings
from tests.core.oracle import End, Hear, Oracle, Speak

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```wire\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
STATE = re.compile(
    r"(?:delay (?P<delay>[\d.]+), )?mode (?P<mode>concurrent|sequential|plain)"
    r"(?:, limit (?P<limit>\d+))?(?P<deaf>, without control)?"
)
LINE = re.compile(r'([<>]) (end|".*") @ ([\d.]+)')


class Step(NamedTuple):
    """A line of an example; ``data`` is None for the end."""

    instant: float
    data: bytes | None


class Example(NamedTuple):
    """A conversation: what the client sends and what it must get."""

    state: re.Match[str]
    sent: list[Step]
    expected: list[Step]


def example(block: str) -> Example:
    first, *lines = block.splitlines()
    state = STATE.fullmatch(first)
    assert state, first
    steps: dict[str, list[Step]] = {">": [], "<": []}
    for line in lines:
        match = LINE.fullmatch(line)
        assert match, line
        data = None if match[2] == "end" else ast.literal_eval("b" + match[2])
        steps[match[1]].append(Step(float(match[3]), data))
    return Example(state, steps[">"], steps["<"])


def speaker(state: re.Match[str]) -> Echo:
    mode = state["mode"]
    if not control.is_mode(mode):
        return Plain()
    settings = Settings(max_line=int(state["limit"] or 65_536))
    return Reverb(
        delay=float(state["delay"]),
        mode=mode,
        max_line=settings.max_line,
        limits=settings.limits(max_connections=960),
    )


def said_by(speaker: Echo, sent: list[Step]) -> list[Step]:
    """Speak at each instant at which something is due; reads of one instant come together."""
    said: list[Step] = []
    was_done = False

    def speak_until(instant: float) -> None:
        nonlocal was_done
        while (due := speaker.next_due) is not None and due < instant:
            said.append(Step(due, speaker.speak(due)))
        if speaker.done and not was_done:
            was_done = True
            said.append(Step(said[-1].instant if said else 0.0, None))

    for now, data in sent:
        speak_until(now)
        if data is None:
            speaker.end(now)
            if speaker.done:
                was_done = True
                said.append(Step(now, None))
        else:
            speaker.hear(data, now)
    speak_until(float("inf"))
    return said


def said_without_control(
    state: re.Match[str], sent: list[Step], monkeypatch: pytest.MonkeyPatch
) -> list[Step]:
    monkeypatch.setattr(control, "parse_request", lambda _line: None)
    mode = state["mode"]
    assert control.is_mode(mode)
    oracle = Oracle(delay=float(state["delay"]), mode=mode, max_line=65_536)
    for now, data in sent:
        oracle.call(End(now) if data is None else Hear(now, data))
    while oracle.next_due is not None:
        oracle.call(Speak(oracle.next_due))
    return [Step(line.due, line.content) for line in oracle.left if isinstance(line.content, bytes)]


def lines(steps: list[Step]) -> list[Step]:
    """Cut what was said into lines."""
    result: list[Step] = []
    for instant, data in steps:
        cut = [None] if data is None else [line + b"\n" for line in data.split(b"\n")[:-1]]
        result += [Step(instant, line) for line in cut]
    return result


@pytest.mark.parametrize("block", BLOCKS)
def test_the_example_comes_out_as_the_page_says(
    block: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, sent, expected = example(block)
    if state["deaf"]:
        said = said_without_control(state, sent, monkeypatch)
    else:
        said = said_by(speaker(state), sent)
    if state["mode"] == "plain":
        assert said == expected
    else:
        assert lines(said) == lines(expected)


def test_the_page_has_examples() -> None:
    assert len(BLOCKS) >= 10


def test_every_code_in_an_example_is_explained() -> None:
    codes = set(re.findall(r'"code\\":\\"([a-z-]+)', PAGE))
    assert codes >= {"line-too-long", "bad-delay", "bad-mode", "bad-limits", "bad-version"}
    assert all(f"`{code}`" in PAGE for code in codes)


def test_every_control_line_on_the_page_keeps_the_limit() -> None:
    controls = [
        step.data
        for block in BLOCKS
        for step in example(block).expected
        if step.data is not None and step.data.startswith(control.MARK)
    ]
    assert controls
    assert all(len(line) <= control.MAX_BYTES for line in controls)


def test_the_page_gives_the_limits_that_are_in_force() -> None:
    assert f"| {control.MAX_BYTES} bytes, with DLE and LF |" in PAGE
    assert f"| ±{control.MAX_ID} |" in PAGE
    assert f"| 0 to {control.DELAY_MAX:g} seconds |" in PAGE
    assert LineReader(65_536).feed(b"x" * 65_536) == []
    assert LineReader(65_536).feed(b"x" * 65_537) == [TOO_LONG]
    assert "| 65,536 bytes, without LF and one CR |" in PAGE
