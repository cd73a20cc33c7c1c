from hypothesis import given
from hypothesis import strategies as st

from reverb_tui.terminal.frame_gate import ANSWER_WITHIN, WINDOW, FrameGate

TICK = 1 / 30


class Terminal:
    """Draws so many bytes a second, and answers after the way there and back."""

    def __init__(self, speed: float, way: float = 0.0) -> None:
        self.speed, self.way = speed, way
        self.free = 0.0  # when it has drawn everything
        self.answers: list[float] = []
        self.pace = FrameGate()
        self.ask(0.0)

    def ask(self, now: float) -> None:
        if self.pace.curious:
            self.pace.asked(now)
            self.answers.append(max(self.free, now) + self.way)

    def draw(self, size: int, now: float) -> None:
        self.pace.sent(size)
        self.free = max(self.free, now) + size / self.speed
        self.ask(now)

    def ready(self, now: float) -> bool:
        while self.answers and self.answers[0] <= now:
            self.pace.answered(self.answers.pop(0))
        return self.pace.ready(now)


def flood(terminal: Terminal, size: int, seconds: float) -> list[tuple[float, float]]:
    """Draw frames whenever they may be drawn; return when each was, and when all will be seen."""
    frames = []
    for tick in range(int(seconds / TICK)):
        now = 1.0 + tick * TICK  # the first question is answered by then
        if terminal.ready(now):
            terminal.draw(size, now)
            frames.append((now, terminal.free))
    return frames


def test_a_quick_terminal_gets_every_frame() -> None:
    frames = flood(Terminal(10_000_000), 5_000, 10.0)
    assert len(frames) == int(10.0 / TICK)


@given(size=st.integers(1, 500), way=st.floats(0, 0.5), gap=st.floats(0.2, 2))
def test_a_line_alone_never_waits_for_a_terminal_that_keeps_up_however_far_away(
    size: int, way: float, gap: float
) -> None:
    terminal = Terminal(1_000_000, way)
    now = 1.0
    for _ in range(50):
        assert terminal.ready(now)
        terminal.draw(size, now)
        now += gap


def test_one_slow_frame_holds_nothing_back_once_it_is_drawn() -> None:
    terminal = Terminal(20_000)
    assert terminal.ready(1.0)
    terminal.draw(10 * WINDOW, 1.0)
    assert not terminal.ready(1.0 + 9 * WINDOW / 20_000)
    assert terminal.ready(terminal.free)


@given(speed=st.floats(5_000, 40_000), size=st.integers(WINDOW + 1, 4_000), way=st.floats(0, 0.1))
def test_a_slow_terminal_has_at_most_one_frame_to_draw(speed: float, size: int, way: float) -> None:
    for now, free in flood(Terminal(speed, way), size, 20.0):
        assert free - now <= size / speed + 0.001


def test_a_terminal_that_answers_nothing_is_asked_once_and_never_held_back() -> None:
    pace = FrameGate()
    assert pace.curious
    pace.asked(0.0)
    assert not pace.curious
    for tick in range(100):
        pace.sent(10 * WINDOW)
        assert pace.ready(tick * TICK)
        assert not pace.curious
    assert not pace.waiting(100 * TICK)


def test_an_answer_that_was_lost_does_not_stop_it_for_ever() -> None:
    pace = FrameGate()
    pace.asked(0.0)
    pace.answered(0.001)
    pace.sent(2 * WINDOW)
    pace.asked(1.0)
    assert not pace.ready(1.0 + ANSWER_WITHIN / 2)
    assert pace.ready(1.0 + ANSWER_WITHIN + 0.1)
    assert pace.curious


def test_an_answer_to_no_question_is_none() -> None:
    pace = FrameGate()
    pace.answered(1.0)
    assert pace.curious
    assert pace.ready(1.0)
