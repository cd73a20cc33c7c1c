"""Conversations as docs/protocol.md writes them."""

from pathlib import Path

import pytest

from reverb_check.promises.protocol import examples
from reverb_check.wire import Said, blocks, by_line, parse

HERE = Path(__file__).parents[2]


def test_the_examples_are_those_of_the_page() -> None:
    page = (HERE / "docs" / "protocol.md").read_text(encoding="utf-8")
    own = (HERE / "reverb_check" / "examples.txt").read_text(encoding="utf-8")
    assert blocks(own) == blocks(page)
    assert len(examples()) >= 8


def test_a_conversation_is_read() -> None:
    text = 'delay 1, mode sequential, limit 8\n> "a\\x0b\\n" @ 0\n> end @ 1.5\n< "b\\nc\\n" @ 2\n'
    conversation = parse(text)
    assert (conversation.mode, conversation.delay, conversation.limit) == ("sequential", 1.0, 8)
    assert conversation.sent == (Said(0, b"a\x0b\n"), Said(1.5, None))
    assert by_line(conversation.expected) == (Said(2, b"b\n"), Said(2, b"c\n"))


@pytest.mark.parametrize("text", ["mode loud\n", 'delay 1, mode plain\n* "x" @ 0\n'])
def test_what_is_no_conversation_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text.splitlines()[-1][:4].replace("*", r"\*")):
        parse(text)
