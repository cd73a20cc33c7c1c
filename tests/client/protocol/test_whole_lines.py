"""Bytes are passed on line by line, but a line that is too long."""

import pytest

from reverb_tui.protocol.whole_lines import LONGEST_HELD, WholeLines


def test_the_beginning_of_a_line_waits_for_its_end() -> None:
    lines = WholeLines()
    assert lines.feed(b"one\ntw", whole=True) == b"one\n"
    assert lines.feed(b"o", whole=True) == b""
    assert lines.feed(b"\nthr", whole=True) == b"two\n"
    assert not lines.within
    assert lines.rest() == b"thr"
    assert lines.rest() == b""


def test_bytes_that_are_no_lines_are_passed_on_as_they_come() -> None:
    lines = WholeLines()
    assert lines.feed(b"lo", whole=False) == b"lo"
    assert lines.within
    assert lines.feed(b"gin: ", whole=True) == b"gin: "
    assert lines.feed(b"\nbo", whole=True) == b"\n"
    assert not lines.within
    assert lines.feed(b"", whole=False) == b"bo"
    assert lines.feed(b"b", whole=False) == b"b"


def test_no_more_than_one_line_of_usual_length_is_kept() -> None:
    lines = WholeLines()
    assert lines.feed(b"x" * LONGEST_HELD, whole=True) == b""
    assert lines.feed(b"x", whole=True) == b"x" * (LONGEST_HELD + 1)
    assert lines.within
    assert lines.feed(b"x", whole=True) == b"x"


@pytest.mark.parametrize(
    ("data", "rest", "within"),
    [
        (b"end\nnext\n", b"next\n", False),
        (b"end\n", b"", False),
        (b"goes on", b"", True),
    ],
)
def test_a_line_that_was_begun_is_divided_from_the_next(
    data: bytes, rest: bytes, within: bool
) -> None:
    lines = WholeLines()
    lines.feed(b"begun, ", whole=False)
    assert lines.end_line(data) == rest
    assert lines.within is within
