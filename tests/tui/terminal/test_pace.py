from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reverb_tui.terminal.pace import LARGE, LONGEST, LOST, QUICK, SHARE, TYPED, TYPING, Pace

TICK = 1 / 30


class Terminal:
    """Draws so many bytes a second, and answers after the way there and back."""

    def __init__(self, speed: float, way: float = 0.0) -> None:
        self.speed, self.way = speed, way
        self.free = 0.0  # when it has drawn everything
        self.busy = 0.0
        self.answers: list[float] = []

    def take(self, size: int, now: float) -> None:
        self.busy += size / self.speed
        self.free = max(self.free, now) + size / self.speed
        self.answers.append(self.free + self.way)


def flood(terminal: Terminal, size: int, seconds: float) -> Iterator[tuple[Pace, float, float]]:
    """Draw frames as soon as they may be drawn; give the instant of each."""
    pace = Pace()
    now = 0.0
    pace.asked(now)
    terminal.take(0, now)
    while now < seconds:
        while terminal.answers and terminal.answers[0] <= now:
            pace.answered(terminal.answers.pop(0))
        if pace.ready(now):
            yield pace, now, terminal.free
            if pace.curious:
                pace.asked(now)
                terminal.take(size, now)
        now += TICK


def test_a_quick_terminal_gets_every_frame() -> None:
    frames = list(flood(Terminal(10_000_000), 2_000, 10.0))
    assert len(frames) >= 10.0 / TICK


def test_a_quick_terminal_far_away_gets_every_frame() -> None:
    terminal = Terminal(10_000_000, way=0.3)
    frames = [now for _, now, _ in flood(terminal, 2_000, 10.0)]
    assert len([now for now in frames if now > 0.5]) >= 9.4 / TICK


@given(
    speed=st.floats(1_250, 40_000),  # slower than that, an answer counts as lost
    size=st.integers(1_500, 5_000),
    way=st.floats(0, 0.2),
)
def test_a_slow_terminal_has_nothing_to_do_most_of_the_time(
    speed: float, size: int, way: float
) -> None:
    terminal = Terminal(speed, way)
    took = size / speed
    frames = [(now, free) for _, now, free in flood(terminal, size, 60.0) if now > 20.0]
    # Where drawing a frame takes longer than any frame may have to wait, the wait is the bound.
    share = max(SHARE, took / (took + LONGEST))
    assert len(frames) * took <= 40.0 * share + 3 * took
    assert all(free <= now for now, free in frames)  # one at a time
    # And what there is to see is seen before long.
    instants = [now for now, _ in frames]
    assert all(
        after - before <= took + way + min(LONGEST, took / SHARE) + 2 * TICK
        for before, after in pairwise(instants)
    )


def test_after_a_pause_some_frames_of_a_slow_terminal_do_not_wait() -> None:
    pace = Pace()
    pace.asked(0.0)
    pace.answered(0.001)
    now = 60.0
    while pace.ready(now):
        pace.asked(now)
        pace.answered(now + 0.05)
        now += 0.06
    assert 60.12 < now < 60.3
    assert pace.ready(now + LONGEST)


def test_frames_of_a_slow_terminal_wait_for_the_end_of_typing_but_not_for_ever() -> None:
    pace = Pace()
    pace.asked(0.0)
    pace.answered(0.001)
    pace.asked(60.0)
    pace.answered(60.11)  # a large one
    assert pace.ready(60.3)
    now = 60.3
    while now < 60.11 + TYPED - TYPING:
        pace.pressed(now)
        assert not pace.ready(now + 0.9 * TYPING)
        now += 0.1
    pace.pressed(60.11 + TYPED - 0.1)
    assert pace.ready(60.11 + TYPED + 0.001)


def test_who_stops_typing_sees_the_frame_soon() -> None:
    pace = Pace()
    pace.asked(0.0)
    pace.answered(0.001)
    pace.asked(60.0)
    pace.answered(60.11)
    pace.pressed(60.3)
    assert not pace.ready(60.3 + 0.9 * TYPING)
    assert pace.ready(60.3 + TYPING)


def test_a_frame_that_took_a_little_too_long_is_no_reason_to_wait_while_there_is_typing() -> None:
    pace = Pace()
    pace.asked(0.0)
    pace.answered(0.001)
    pace.asked(60.0)
    pace.answered(60.0 + 0.9 * LARGE)
    pace.pressed(60.1)
    assert pace.ready(60.1)


def test_typing_takes_no_frame_from_a_quick_terminal() -> None:
    pace = Pace()
    pace.asked(0.0)
    pace.answered(0.001)
    pace.pressed(1.0)
    assert pace.ready(1.0)


def test_what_takes_less_than_a_moment_is_not_slow() -> None:
    pace = Pace()
    pace.asked(0.0)
    pace.answered(0.001)
    for frame in range(100):
        now = 1.0 + frame * TICK
        assert pace.ready(now)
        pace.asked(now)
        pace.answered(now + 0.9 * QUICK)


def test_a_terminal_that_answers_nothing_is_asked_once_and_never_held_back() -> None:
    pace = Pace()
    assert pace.curious
    pace.asked(0.0)
    assert not pace.curious
    assert pace.ready(0.1)
    assert pace.waiting(0.1)
    assert pace.ready(LOST + 1)
    assert not pace.curious
    assert not pace.waiting(LOST + 1)


def test_an_answer_that_was_lost_does_not_stop_it_for_ever() -> None:
    pace = Pace()
    pace.asked(0.0)
    pace.answered(0.001)
    pace.asked(1.0)
    assert not pace.ready(2.0)
    assert pace.ready(1.0 + LOST + 0.1)
    assert pace.curious


def test_an_answer_to_no_question_is_none() -> None:
    pace = Pace()
    pace.answered(1.0)
    assert pace.curious
    assert pace.ready(1.0)
