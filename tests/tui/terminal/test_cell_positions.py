"""Cells stay in their places on a terminal that draws some characters wider, or narrower."""

import re
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from reverb_tui.terminal.cell_positions import placed

DISPUTED = "\u093f\u0bbf\U0001f1e9\u4dc0\U0001fae8"
LOOKS = st.sampled_from(["\x1b[1m", "\x1b[2m"])
TEXTS = st.text(st.sampled_from(f"ab 漢é{DISPUTED}"), min_size=1, max_size=8)
MARK = "#"


def drawn(frame: str, width: int) -> dict[int, str]:
    """Draw a row on a terminal where each disputed character is so wide."""
    cells: dict[int, str] = {}
    column = 1
    for move, text in re.findall("\x1b\\[(?:1;)?([0-9]+)[GH]|\x1b\\[[0-9]*m|(.)", frame):
        if move:
            column = int(move)
        for character in text:
            size = width if character in DISPUTED else cell_len(character)
            cells |= dict.fromkeys(range(column, column + size), character)
            column += size
    return cells


@given(st.lists(st.tuples(LOOKS, TEXTS), min_size=1, max_size=5), st.integers(0, 2))
def test_what_follows_is_where_it_belongs(segments: list[tuple[str, str]], width: int) -> None:
    frame, column, marks = "\x1b[1;1H", 1, []
    for look, text in segments:
        frame += f"{look}{text}\x1b[0m{look}{MARK}\x1b[0m"
        column += cell_len(text) + 1
        marks.append(column - 1)
    cells = drawn(placed(frame), width)
    assert [place for place, character in sorted(cells.items()) if character == MARK] == marks


@pytest.mark.parametrize("width", [0, 1, 2])
def test_text_that_is_wider_runs_into_its_own_blanks(width: int) -> None:
    row = "\x1b[1;1H\x1b[1mदि कि\x1b[0m\x1b[1m     \x1b[0m\x1b[2m12:00\x1b[0m"
    cells = drawn(placed(row), width)
    assert "".join(cells[place] for place in range(9, 14)) == "12:00"
    assert "क" in cells.values()


def test_what_was_there_before_is_blanked() -> None:
    cells = dict.fromkeys(range(1, 5), "x") | drawn(placed("\x1b[1;1H\x1b[1m䷀䷀\x1b[0m"), 1)
    assert "x" not in cells.values()


def test_other_frames_are_left_alone() -> None:
    frame = "\x1b[2;1H\x1b[1m  Is there anybody there? 漢字 é שלום ─█▫ 🚀\x1b[0m\n\x1b[3;1Hx"
    assert placed(frame) == frame


def test_no_mark_that_takes_room_is_taken_for_settled() -> None:
    for code in range(0x110000):
        if category(chr(code)) == "Mc":
            frame = f"\x1b[1;1Ha{chr(code)}"
            assert placed(frame) != frame, hex(code)
