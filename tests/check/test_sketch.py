"""Drawings of what was expected and what came."""

from hypothesis import given
from hypothesis import strategies as st

from reverb_check.promises.promise import Lane
from reverb_check.report.sketch import sketch

INSTANTS = st.lists(st.floats(0, 1000), max_size=3).map(lambda each: tuple(sorted(each)))
LANES = st.lists(st.builds(Lane, st.text("abc ", max_size=20), INSTANTS, st.floats(0, 1000)))


def test_a_shout_that_waits_begins_later_on_the_same_scale() -> None:
    lanes = [Lane("Yooo-hooo!  expected", (0, 1, 2)), Lane("came", (2, 3, 4))]
    assert sketch(lanes, 63) == [
        "Yooo-hooo!  expected  █━━━━━━━━━■━━━━━━━━━▪",
        "                came  ░░ waits ░░░░░░░░░░░█━━━━━━━━━■━━━━━━━━━▪",
    ]


def test_a_shout_without_echoes_is_told_in_a_word() -> None:
    assert sketch([Lane("came", ())], 40) == ["came  nothing"]


@given(LANES, st.integers(40, 200))
def test_rows_are_never_wider_than_they_may_be(lanes: list[Lane], width: int) -> None:
    rows = sketch(lanes, width)
    assert len(rows) == len(lanes)
    assert all(len(row) <= width for row in rows)
