"""Text that has not ended, in one row."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import get_character_cell_size

from reverb_tui.widgets.log.unfinished import newest


def cells(text: str) -> int:
    return sum(map(get_character_cell_size, text))


@given(st.text(st.sampled_from("aé世😀\u0301 "), max_size=20), st.integers(1, 12))
def test_the_newest_part_is_shown_and_fits(text: str, width: int) -> None:
    row = newest(text, width)
    assert cells(row) <= width
    if cells(text) <= width:
        assert row == text
    else:
        assert row[0] == "…"
        assert text.endswith(row[1:])
        assert cells(row) >= width - 1  # a wide character may have no room
        assert not row[1:] or get_character_cell_size(row[1])
