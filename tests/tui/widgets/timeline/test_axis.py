"""The axis: how much time is seen, where an instant is, and when the scale changes."""

from hypothesis import given
from hypothesis import strategies as st

from reverb_tui.widgets.timeline.axis import EASE, LOOSE, SHORTEST, SPARE, STEADY, Axis, Stopwatch

ZERO = 1e6
WIDTH = 91

NEEDS = st.lists(st.floats(0, 240), min_size=1, max_size=6)


@given(NEEDS)
def test_what_is_needed_always_fits_and_a_steady_need_keeps_the_scale(needs: list[float]) -> None:
    stopwatch, now = Stopwatch(), ZERO
    for need in needs:
        now += STEADY
        stopwatch.axis(ZERO, need, now, WIDTH, held=False)
        now += EASE
        axis = stopwatch.axis(ZERO, need, now, WIDTH, held=False)
        span = axis.cell * (WIDTH - 1)
        assert 0 == axis.column(ZERO) <= axis.column(ZERO + need) < WIDTH
        assert span <= 1.7 * SPARE * LOOSE * max(need, SHORTEST)
        assert stopwatch.axis(ZERO, need, now + 60, WIDTH, held=False) == axis
        assert not stopwatch.is_moving(now)


@given(NEEDS, st.floats(0, 60))
def test_the_scale_never_changes_under_the_hand(needs: list[float], wait: float) -> None:
    stopwatch = Stopwatch()
    first = stopwatch.axis(ZERO, needs[0], ZERO, WIDTH, held=True)
    for need in needs:
        assert stopwatch.axis(ZERO, need, ZERO + wait, WIDTH, held=True) == first


def test_the_scale_changes_by_whole_steps_eased_and_at_most_once_a_second() -> None:
    stopwatch = Stopwatch()

    def cell(need: float, now: float) -> float:
        return stopwatch.axis(ZERO, need, ZERO + now, WIDTH, held=False).cell * (WIDTH - 1)

    assert cell(2, 0) == 2.5
    assert cell(20, 0.5) == 2.5 or stopwatch.is_moving(ZERO + 0.5)
    on_its_way = [cell(20, 0.5 + EASE * part / 10) for part in range(11)]
    assert on_its_way == sorted(on_its_way)
    assert on_its_way[0] == 2.5 < on_its_way[5] < on_its_way[10] == 25
    assert cell(60, 0.5 + 0.99 * STEADY) == 25
    assert cell(60, 0.5 + 1.01 * STEADY) == 25  # it only begins to
    assert cell(60, 0.5 + 1.01 * STEADY + EASE) == 100


def test_another_picture_has_its_own_scale_at_once_unless_the_one_in_use_will_do() -> None:
    stopwatch = Stopwatch()
    first = stopwatch.axis(ZERO, 2, ZERO, WIDTH, held=False)
    assert stopwatch.axis(ZERO + 5, 1, ZERO + 5, WIDTH, held=False).cell == first.cell
    assert stopwatch.axis(ZERO + 9, 20, ZERO + 9, WIDTH, held=False).cell == 10 * first.cell


@given(st.floats(0.001, 10), st.floats(0, 500), st.integers(1, 300))
def test_scrolling_moves_everything_by_whole_cells(cell: float, by: float, width: int) -> None:
    axis = Axis(width, ZERO, cell)
    moved = axis.scroll_to(ZERO + by)
    assert moved.column(ZERO + by) == 0
    for instant in (ZERO, ZERO + 1, ZERO + by / 3, ZERO + 2 * by):
        assert axis.column(instant) - moved.column(instant) == moved.scrolled
    columns = [column for column, _ in moved.ticks()]
    assert columns == sorted(set(columns))
    assert all(0 <= column <= width for column in columns)


def test_ticks_count_from_the_first_shout() -> None:
    axis = Axis(60, ZERO, 0.1)
    assert axis.ticks() == [(10 * second, f"{second} s") for second in range(7)]
    scrolled = axis.scroll_to(ZERO + 30).ticks()
    assert scrolled == [(10 * second, f"{30 + second} s") for second in range(7)]
