"""Wrapping the log's lines, without a screen."""

import re
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from reverb_tui.display import visible
from reverb_tui.entry import PREFIXES, Entry, Kind
from reverb_tui.widgets.log.wrapped_lines import WrappedLines
from tests.tui.logs import line
from tests.tui.work import steps

texts = st.text(st.sampled_from("aé?…世😀\u0301 "), max_size=40)
entries = st.lists(
    st.tuples(st.sampled_from(Kind), texts, st.just(0.0), st.integers(0, 3)), max_size=20
)


@given(entries, st.integers(8, 40))
def test_wrapping_shows_every_character_once_and_never_overflows(
    lines: list[Entry], width: int
) -> None:
    wrapped = WrappedLines()
    wrapped.rewrap(width)
    wrapped.extend(lines)
    shown = [""] * len(lines)
    for number, row in enumerate(map(wrapped.row, range(wrapped.height))):
        assert cell_len(PREFIXES[row.kind] + row.text) <= width
        assert row.begin == len(shown[row.line])
        places = range(row.begin, row.begin + len(row.text))
        found = {wrapped.begin(row.line) + wrapped.row_of(row.line, place) for place in places}
        assert found <= {number}
        shown[row.line] += row.text
    assert shown == [text for _, text, _, _ in lines]


@given(entries, st.integers(8, 40), st.integers(8, 40))
def test_rewrapping_is_the_same_as_wrapping_at_once(
    lines: list[Entry], before: int, width: int
) -> None:
    wrapped, fresh = WrappedLines(), WrappedLines()
    wrapped.rewrap(before)
    wrapped.extend(lines)
    wrapped.rewrap(width)
    fresh.rewrap(width)
    for each in lines:
        fresh.extend([each])
    assert [*map(wrapped.row, range(wrapped.height))] == [*map(fresh.row, range(fresh.height))]


@given(st.lists(entries, max_size=8), st.integers(1, 10), st.integers(200, 4000))
def test_the_newest_lines_within_the_bounds_are_kept(
    batches: list[list[Entry]], most_lines: int, most_bytes: int
) -> None:
    wrapped = WrappedLines(most_lines, most_bytes)
    wrapped.rewrap(12)
    everything: list[Entry] = []
    for batch in batches:
        before = wrapped.height
        dropped = wrapped.extend(batch)
        everything += batch
        assert 0 <= dropped <= before
        assert wrapped.total == len(everything)
        assert wrapped.entries(0, wrapped.total) == everything[wrapped.first :]
        assert len(wrapped) <= most_lines
    begins = [wrapped.begin(number) for number in range(wrapped.first, wrapped.total)]
    assert all(left < right for left, right in pairwise([*begins, wrapped.height]))
    assert all(wrapped.line_at(row) == wrapped.row(row).line for row in range(wrapped.height))


def test_long_lines_are_bounded_by_their_memory() -> None:
    wrapped = WrappedLines(most_lines=1000, most_bytes=100_000)
    wrapped.extend([line(Kind.PLAIN, str(number) * 10_000) for number in range(10)] * 3)
    assert 8 <= len(wrapped) <= 10
    wrapped.extend([line(Kind.PLAIN, "世" * 45_000)])
    assert len(wrapped) == 1


def test_the_memory_that_is_counted_is_the_memory_that_lines_take() -> None:
    tracemalloc.start()
    try:
        wrapped = WrappedLines(most_lines=5000)
        for begin in range(0, 20_000, 100):
            wrapped.extend(
                [
                    line(
                        Kind.LOUD, f"Is there anybody there? {number}", number + 0.5, number + 1000
                    )
                    for number in range(begin, begin + 100)
                ]
            )
        here = [tracemalloc.Filter(True, file) for file in ("*/reverb_tui/*", "*/tests/tui/*")]
        traces = tracemalloc.take_snapshot().filter_traces(here).traces  # not other threads'
    finally:
        tracemalloc.stop()
    taken = sum(trace.size for trace in traces)
    assert 0.8 < wrapped.bytes / taken < 1.2


@pytest.mark.parametrize("kind", Kind)
def test_lines_break_between_words(kind: Kind) -> None:
    text = "cannot connect to 127.0.0.1:9: nothing is listening there"
    assert rows(text, 24, kind) == [
        "cannot connect to ",
        "127.0.0.1:9: nothing is ",
        "listening there",
    ]
    assert rows("世界 hello 世界", 7, kind) == ["世界 ", "hello ", "世界"]


def test_blanks_are_all_there_and_those_at_a_break_end_a_row() -> None:
    assert rows("    if x:  return", 11) == ["    if x:  ", "return"]
    assert rows("one   two three", 10) == ["one   two ", "three"]
    assert rows("one" + " " * 12 + "two", 10) == ["one" + " " * 7, " " * 5 + "two"]
    assert rows(" " * 12, 10) == [" " * 10, "  "]


def test_a_word_longer_than_a_row_is_broken_where_rows_are_full() -> None:
    assert rows("see 12345678901 now", 10) == ["see 123456", "78901 now"]
    assert rows("    12345678901", 10) == ["    123456", "78901"]
    assert rows("see 1234567890 now", 10) == ["see ", "1234567890", " now"]
    assert rows("世" * 6, 9) == ["世" * 4, "世" * 2]


def test_ascii_fills_rows_to_the_last_cell() -> None:
    wrapped = WrappedLines()
    wrapped.rewrap(10)
    wrapped.extend(
        [line(Kind.SHOUT, "x" * 20), line(Kind.LOUD, "x" * 12), line(Kind.SHOUT, "é" * 10)]
    )
    assert [wrapped.row(row).text for row in range(wrapped.height)] == [
        *("x" * 10, "x" * 10),
        *("x" * 6, "x" * 6),
        "é" * 10,
    ]


@given(st.binary(max_size=60) | st.text(st.characters(codec="utf-8"), max_size=30).map(str.encode))
def test_whatever_comes_from_the_network_never_shifts_a_cell(data: bytes) -> None:
    wrapped = WrappedLines()
    wrapped.rewrap(11)
    wrapped.extend([line(Kind.LOUD, visible(data))])
    rows = [wrapped.row(row) for row in range(wrapped.height)]
    assert "".join(row.text for row in rows) == visible(data)
    assert all(cell_len(PREFIXES[row.kind] + row.text) <= 11 for row in rows)


def rows(text: str, room: int, kind: Kind = Kind.PLAIN) -> list[str]:
    """Return the rows of a line in so many cells."""
    wrapped = WrappedLines()
    wrapped.rewrap(room + len(PREFIXES[kind]))
    wrapped.extend([line(kind, text)])
    return [wrapped.row(row).text for row in range(wrapped.height)]


@given(st.text("ab  é漢\u0301"), st.integers(2, 12))
def test_rows_are_as_long_as_whole_words_allow(text: str, room: int) -> None:
    broken = rows(text, room)
    assert "".join(broken) == text
    assert all(broken) or broken == [""]
    end = 0
    for row, after in pairwise(broken):
        assert cell_len(after[0])  # a mark stays with its character
        end += len(row)
        full = cell_len(row + after[0]) > room
        word, blank = re.findall("^([^ ]*)( ?)", text[end:])[0]
        if row.rstrip("\u0301").endswith(" "):
            assert full or cell_len(row + word + blank) > room >= cell_len(word)
        else:
            begun = re.findall("[^ ]*$", text[:end])[0]
            assert full
            assert cell_len(begun + word) >= room


@given(st.lists(st.text("ab", min_size=1, max_size=10)).map(" ".join))
def test_no_word_that_has_room_is_broken(text: str) -> None:
    words = [word for row in rows(text, 10) for word in row.split()]
    assert words == text.split()


@pytest.mark.parametrize("words", ["it is so ", "世界 it is so "], ids=["narrow", "wide"])
def test_lines_are_wrapped_again_by_the_row_and_not_by_the_character(words: str) -> None:
    wrapped = WrappedLines()
    wrapped.extend([line(Kind.PLAIN, f"{number} " + words * 100) for number in range(50)])
    work = steps(lambda: wrapped.rewrap(100))
    assert wrapped.height >= 500
    assert work < 10 * wrapped.height


@pytest.mark.parametrize("between", ["", "… a? "], ids=["alone", "among others"])
def test_no_wide_character_is_looked_up_when_lines_are_wrapped_again(between: str) -> None:
    wrapped, letters = WrappedLines(), "".join(map(chr, range(0x4E00, 0x9FFF)))
    lines = [letters[begin : begin + 200] for begin in range(0, 20_000, 200)]
    wrapped.extend([line(Kind.PLAIN, between + text) for text in lines])
    work = steps(lambda: wrapped.rewrap(100))
    assert wrapped.height >= 400
    assert work < 15 * wrapped.height


def test_every_character_takes_the_cells_that_it_has() -> None:
    codes = [*range(0x20, 0x7F), *range(0x80, 0x10000), *range(0x1F000, 0x1FB00)]
    letters = [*map(chr, codes)]
    wrapped = WrappedLines(most_lines=len(letters))
    wrapped.rewrap(20)
    wrapped.extend([line(Kind.PLAIN, letter * 21) for letter in letters])
    begins = [*map(wrapped.begin, range(len(letters))), wrapped.height]
    for letter, (begin, end) in zip(letters, pairwise(begins), strict=True):
        assert end - begin == 1 + get_character_cell_size(letter), hex(ord(letter))
