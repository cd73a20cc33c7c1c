"""The moment that a key has for itself."""

from reverb_tui.terminal.attention import MOMENT, Attention


def test_a_key_has_a_moment_for_itself() -> None:
    attention = Attention()
    assert not attention.wanted(100.0)
    attention.pressed(100.0)
    assert attention.wanted(100.0)
    assert attention.wanted(100.0 + 0.9 * MOMENT)
    assert not attention.wanted(100.0 + MOMENT)


def test_keys_that_repeat_leave_half_of_the_time_to_everything_else() -> None:
    attention = Attention()
    wanted = 0
    for millisecond in range(10_000):
        now = millisecond / 1000
        if millisecond % 33 == 0:
            attention.pressed(now)
        wanted += attention.wanted(now)
    assert 3_000 < wanted < 5_500
