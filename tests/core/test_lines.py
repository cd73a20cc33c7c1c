import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core.lines import TOO_LONG, LineReader, Piece

BYTES = st.lists(st.sampled_from([b"a", b"bc", b"\r", b"\n", b"\x00", b"xxxx"]), max_size=40).map(
    b"".join
)


def flat(pieces: list[Piece]) -> list[Piece]:
    """Cut blocks into lines."""
    result: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            assert piece.endswith(b"\n")
            result += piece.split(b"\n")[:-1]
        else:
            result.append(piece)
    return result


def lines_of(data: bytes, max_line: int = 65_536) -> list[Piece]:
    lines = LineReader(max_line)
    return flat(lines.feed(data) + lines.end())


def naive(data: bytes, max_line: int) -> list[Piece]:
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    texts = [line.removesuffix(b"\r") for line in lines]
    return [text if len(text) <= max_line else TOO_LONG for text in texts]


@given(BYTES, st.integers(1, 6), st.data())
def test_any_split_gives_the_same_lines(data: bytes, max_line: int, draw: st.DataObject) -> None:
    lines, pieces, rest = LineReader(max_line), list[Piece](), data
    while rest:
        cut = draw.draw(st.integers(1, len(rest)))
        pieces += lines.feed(rest[:cut])
        rest = rest[cut:]
    assert flat(pieces + lines.end()) == naive(data, max_line)
    assert len(lines.partial) == 0


@pytest.mark.parametrize(
    "text",
    [b"\x0b", b"\x0c", b"\x85", "\x85".encode(), "\u2028".encode(), "\u2029".encode(), b"\x1c\x1e"],
)
def test_only_line_feed_ends_a_line(text: bytes) -> None:
    assert lines_of(b"a" + text + b"b\n") == [b"a" + text + b"b"]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"a\r\n", [b"a"]),
        (b"a\r\r\n", [b"a\r"]),
        (b"a\r\r\r\n", [b"a\r\r"]),
        (b"a\rb\n", [b"a\rb"]),
        (b"\r\n", [b""]),
        (b"\r\r\n", [b"\r"]),
        (b"\r\n\r\n", [b"", b""]),
        (b"\r", [b""]),
        (b"a\r", [b"a"]),
        (b"a\r\r", [b"a\r"]),
        (b"\n\r", [b"", b""]),
        (b"a\n\rb\n", [b"a", b"\rb"]),
    ],
)
def test_one_carriage_return_before_the_line_feed_is_dropped(
    data: bytes, lines: list[bytes]
) -> None:
    assert lines_of(data) == lines


@pytest.mark.parametrize(
    ("data", "lines"),
    [(b"", []), (b"\n", [b""]), (b"\n\n", [b"", b""]), (b"a", [b"a"]), (b"a\nb", [b"a", b"b"])],
)
def test_a_last_line_without_line_feed_counts_and_nothing_else_does(
    data: bytes, lines: list[bytes]
) -> None:
    assert lines_of(data) == lines


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"", b"\r"])
def test_the_limit_counts_neither_line_feed_nor_one_carriage_return(ending: bytes) -> None:
    assert lines_of(b"x" * 65_536 + ending) == [b"x" * 65_536]
    assert lines_of(b"x" * 65_537 + ending) == [TOO_LONG]


def test_a_second_carriage_return_counts() -> None:
    assert lines_of(b"x" * 65_535 + b"\r\r\n") == [b"x" * 65_535 + b"\r"]
    assert lines_of(b"x" * 65_536 + b"\r\r\n") == [TOO_LONG]


def test_a_line_is_refused_as_soon_as_it_is_known_to_be_too_long() -> None:
    lines = LineReader(3)
    assert lines.feed(b"abc\r") == []
    assert lines.feed(b"d") == [TOO_LONG]
    assert lines.feed(b"efgh") == []
    assert lines.feed(b"ijk\nok\n") == [b"ok\n"]


def test_of_a_refused_line_nothing_counts_at_the_end_of_input() -> None:
    lines = LineReader(3)
    assert lines.feed(b"abcde") == [TOO_LONG]
    assert lines.end() == []


def test_short_lines_of_one_read_stay_one_block() -> None:
    assert LineReader(65_536).feed(b"a\n" * 30_000) == [b"a\n" * 30_000]


def test_lines_around_a_refused_one_stay_in_order() -> None:
    assert lines_of(b"a\nb\n" + b"x" * 5 + b"\nc\n" + b"y" * 9, max_line=4) == [
        b"a",
        b"b",
        TOO_LONG,
        b"c",
        TOO_LONG,
    ]


def test_a_hundred_megabytes_without_line_feed_cost_no_memory() -> None:
    lines, read = LineReader(65_536), b"x" * 65_536
    tracemalloc.start()
    try:
        refused = [piece for _ in range(1_600) for piece in lines.feed(read)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused == [TOO_LONG]
    assert len(lines.partial) == 0
    assert peak < 400_000


def test_held_is_what_the_unfinished_line_takes() -> None:
    lines = LineReader(65_536)
    lines.feed(b"abc\ndefgh")
    assert len(lines.partial) == 5
    lines.feed(b"\n")
    assert len(lines.partial) == 0
