"""Which of the shouts a server refused for its length."""

import pytest

from reverb_tui.echoes.matching import Matcher


def sent(matcher: Matcher, *sizes: int) -> list[int]:
    """Shout lines of so many bytes; return their numbers."""
    return [matcher.shout(b"%d " % number + b"x" * size, 0.0) for number, size in enumerate(sizes)]


@pytest.mark.parametrize("mode", ["concurrent", "sequential"])
def test_the_longest_one_is_refused_however_little_of_it_is_compared(mode: str) -> None:
    matcher = Matcher()
    matcher.delay_changed(1.0, 0.0)
    shorter, longest, long = sent(matcher, 10_000, 70_000, 20_000)
    matcher.mode_changed(mode, 0.0)
    matcher.refused()
    assert longest not in matcher
    assert shorter in matcher
    assert long in matcher
