"""What a pipe writes to a terminal: at once, safe to show, and the same however it was split."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_tui.plain_screen import PlainScreen

PIECES = [
    b"\t ",
    b"\t",
    b" ",
    b"\r",
    b"\n",
    b"login: ",
    "é世".encode(),
    b"\xff",
    b"\x1b[2J",
    b"x" * 9000,
]


def test_what_has_not_ended_is_shown_at_once() -> None:
    screen = PlainScreen(indent=True)
    assert screen.show(b"Welcome.\r\nlogin: ") == b"Welcome.\nlogin: "
    assert screen.show(b"\r\nPass") == b"\nPass"
    assert screen.show(b"word: ") == b"word: "
    assert screen.end() == b"\n"


def test_a_line_of_any_length_comes_whole() -> None:
    screen = PlainScreen(indent=False)
    assert b"".join(screen.show(b"x" * 65_536) for _ in range(100)) == b"x" * 6_553_600
    assert screen.show(b"\n") == b"\n"
    assert screen.end() == b""


@pytest.mark.parametrize(("indent", "shown"), [(True, "    HELLO\n"), (False, "␉ HELLO\n")])
def test_an_echo_is_indented_unless_the_server_is_no_reverb(indent: bool, shown: str) -> None:
    screen = PlainScreen(indent=indent)
    assert b"".join(map(screen.show, [b"\t", b" HEL", b"LO\n"])).decode() == shown


@given(st.lists(st.sampled_from(PIECES), max_size=10).map(b"".join), st.data(), st.booleans())
def test_any_split_gives_the_same_and_nothing_that_a_terminal_obeys(
    data: bytes, draw: st.DataObject, indent: bool
) -> None:
    once = PlainScreen(indent=indent)
    whole = once.show(data) + once.end()
    splits = draw.draw(st.sets(st.integers(0, len(data)), max_size=8)) | {0, len(data)}
    screen = PlainScreen(indent=indent)
    parts = [screen.show(data[begin:end]) for begin, end in pairwise(sorted(splits))]
    assert b"".join(parts) + screen.end() == whole
    assert all(each.isprintable() or each == "\n" for each in whole.decode())
