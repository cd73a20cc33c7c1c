"""Lines, and parts of bounded length, out of whatever reads bring."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reverb_tui.display import LONGEST_LINE
from reverb_tui.protocol.lines import LineSplitter

PARTS = [b"\n", b"\r", b"a", b"\x0b\x0c\xc2\x85", b"b" * 5000, "é".encode() * 4096, b"\x80" * 9000]


def joined(parts: list[bytes], goes_on: set[int]) -> bytes:
    return b"".join(part + b"\n" * (n not in goes_on) for n, part in enumerate(parts))


@given(st.lists(st.sampled_from(PARTS), max_size=12), st.data())
@example([b"b" * LONGEST_LINE, b"\r", b"\n"], None)
@example([b"b" * LONGEST_LINE, b"\r", b"\r", b"a", b"\n"], None)
def test_any_split_gives_the_same_lines_and_every_byte(
    parts: list[bytes], data: st.DataObject | None
) -> None:
    whole = b"".join(parts)
    once = LineSplitter()
    expected = joined(*once.feed(whole)) + once.end()
    lines = LineSplitter()
    heard = b""
    splits = (
        set(range(len(whole)))
        if data is None
        else data.draw(st.sets(st.integers(0, len(whole)), max_size=8))
    )
    for begin, end in pairwise(sorted(splits | {0, len(whole)})):
        found, goes_on = lines.feed(whole[begin:end])
        assert all(len(part) <= LONGEST_LINE for part in found)
        heard += joined(found, goes_on)
        assert len(lines.unfinished) <= LONGEST_LINE + 1
    heard += lines.end()
    assert heard == expected == whole.replace(b"\r\n", b"\n")


def test_a_line_that_never_ends_comes_in_parts_and_costs_no_memory() -> None:
    lines = LineSplitter()
    size = 0
    for _ in range(200):
        parts, goes_on = lines.feed(b"z" * 65_536)
        assert goes_on == set(range(len(parts)))
        size += sum(map(len, parts))
        assert len(lines.unfinished) <= LONGEST_LINE + 1
    parts, goes_on = lines.feed(b"\nnext\n")
    assert not goes_on
    assert (size + len(parts[0]), parts[1]) == (200 * 65_536, b"next")


@pytest.mark.parametrize("shift", range(4))
def test_a_character_is_never_in_two_parts(shift: int) -> None:
    text = b"x" * shift + "😀".encode() * LONGEST_LINE
    parts, _ = LineSplitter().feed(text + b"\n")
    assert len(parts) > 1
    assert all(part.decode() for part in parts)


def test_a_line_that_is_cut_goes_on_where_it_was_cut() -> None:
    lines = LineSplitter()
    lines.feed(b"Welcome.\nlogin: \r")
    assert lines.cut() == b"login: "
    assert lines.cut() == b""
    assert lines.unfinished == b""
    assert lines.feed(b"\nnext") == ([b""], set())
    assert lines.end() == b"next"
