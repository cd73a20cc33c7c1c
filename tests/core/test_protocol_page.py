"""The examples of docs/protocol.md, read from the page and run with a virtual clock."""

import re
from pathlib import Path

import pytest

from reverb_check.wire import Conversation, Said, blocks, by_line, parse
from reverb_server.core import control
from reverb_server.core.echo import Echo
from reverb_server.core.lines import TOO_LONG, LineReader
from reverb_server.core.plain import Plain
from reverb_server.core.reverb import Reverb
from reverb_server.settings import Settings
from tests.core.oracle import End, Hear, Oracle, Speak

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
BLOCKS = blocks(PAGE)


def speaker(example: Conversation) -> Echo:
    if not control.is_mode(example.mode):
        return Plain()
    settings = Settings(max_line=example.limit or 65_536)
    return Reverb(
        delay=example.delay,
        mode=example.mode,
        max_line=settings.max_line,
        limits=settings.limits(max_connections=960),
    )


def said_by(speaker: Echo, sent: tuple[Said, ...]) -> list[Said]:
    """Speak at each instant at which something is due; reads of one instant come together."""
    said: list[Said] = []
    was_done = False

    def speak_until(instant: float) -> None:
        nonlocal was_done
        while (due := speaker.next_due) is not None and due < instant:
            said.append(Said(due, speaker.speak(due)))
        if speaker.done and not was_done:
            was_done = True
            said.append(Said(said[-1].instant if said else 0.0, None))

    for each in sent:
        now, data = each.instant, each.data
        speak_until(now)
        if data is None:
            speaker.end(now)
            if speaker.done:
                was_done = True
                said.append(Said(now, None))
        else:
            speaker.hear(data, now)
    speak_until(float("inf"))
    return said


def said_without_control(example: Conversation, monkeypatch: pytest.MonkeyPatch) -> list[Said]:
    monkeypatch.setattr(control, "parse_request", lambda _line: None)
    assert control.is_mode(example.mode)
    oracle = Oracle(delay=example.delay, mode=example.mode, max_line=65_536)
    for said in example.sent:
        now, data = said.instant, said.data
        oracle.call(End(now) if data is None else Hear(now, data))
    while oracle.next_due is not None:
        oracle.call(Speak(oracle.next_due))
    return [Said(line.due, line.content) for line in oracle.left if isinstance(line.content, bytes)]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_example_comes_out_as_the_page_says(
    block: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = parse(block)
    if example.deaf:
        said = said_without_control(example, monkeypatch)
    else:
        said = said_by(speaker(example), example.sent)
    if example.mode == "plain":
        assert tuple(said) == example.expected
    else:
        assert by_line(tuple(said)) == by_line(example.expected)


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
        for step in parse(block).expected
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
