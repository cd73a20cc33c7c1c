"""The axis: how much time is seen, and where an instant stands."""

from hypothesis import given
from hypothesis import strategies as st

from reverb_tui.widgets.timeline.axis import SHORTEST, axis, span


@given(st.floats(0, 240), st.lists(st.floats(0, 240), max_size=5))
def test_what_is_needed_always_fits_and_a_steady_need_keeps_the_scale(
    need: float, more: list[float]
) -> None:
    shown = None
    for each in (*more, need):
        shown = span(each, shown)
        assert each <= shown * 1.001
        assert shown <= max(each, SHORTEST) * 3.001
        assert span(each, shown) == shown
        place = axis(1e6, shown, 91)
        assert place.column(1e6) == place.now
        assert 0 <= place.column(1e6 - 0.99 * shown) < place.column(1e6 + 0.97 * shown) < 91
