from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from reverb_tui.entry import PREFIXES, Kind
from reverb_tui.widgets.log.wrapped_lines import WrappedLines
from tests.tui.logs import line
from tests.tui.work import steps

MARGIN = len(PREFIXES[Kind.PROBLEM])


def rows(text: str, room: int) -> list[str]:
    """The rows of a sentence of the client's own, in so many cells."""
    wrapped = WrappedLines()
    wrapped.rewrap(room + MARGIN)
    wrapped.extend([line(Kind.PROBLEM, text)])
    return [wrapped.row(row).text for row in range(wrapped.height)]


@given(st.text("ab  é漢\u0301"), st.integers(3, 12))
def test_a_sentence_is_all_there_and_its_rows_fit(text: str, room: int) -> None:
    broken = rows(text, room)
    assert "".join(broken) == text
    assert all(broken) or broken == [""]
    for row in broken:
        # The last cell is left to a blank.
        assert cell_len(row.removesuffix(" ")) < room


@given(st.lists(st.text("ab", min_size=1, max_size=9)).map(" ".join))
def test_no_word_that_has_room_is_broken(text: str) -> None:
    words = [word for row in rows(text, 10) for word in row.split()]
    assert words == text.split()


def test_sentences_are_wrapped_anew_by_the_row_and_not_by_the_character() -> None:
    wrapped = WrappedLines()
    wrapped.extend([line(Kind.PROBLEM, f"{number} it is so " * 100) for number in range(50)])
    work = steps(lambda: wrapped.rewrap(100))
    assert wrapped.height > 500
    assert work < 10 * wrapped.height
