"""The delay and the mode of a server that tells neither are learned from its echoes."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core import due
from reverb_server.core.control import ReverbMode
from reverb_server.core.voice import LOUD, NORMAL, QUIET
from reverb_tui.echoes.flight import Arrival
from reverb_tui.echoes.learned import MOST, Learned

STAGES = (LOUD, NORMAL, QUIET)
MODES: Sequence[ReverbMode] = ("concurrent", "sequential")
delays = st.floats(0.1, 60.0)
jitters = st.lists(st.floats(0.0, 0.2), min_size=1, max_size=30)


class World:
    """A server, whose echoes come late by parts of the delay, and what is learned of it."""

    def __init__(self, jitter: Sequence[float] = (0.0,), round_trip: float = 0.0) -> None:
        self.learned = Learned()
        self.shouts = 0
        self.now = 0.0
        self._latest = 0.0
        self._jitter = jitter
        self._round_trip = round_trip

    def play(self, mode: ReverbMode, delay: float, gaps: Sequence[float], text: str = "") -> None:
        """Shout after each of these gaps, in delays, and wait until all echoes have come."""
        sent: dict[int, float] = {}
        echoes: list[tuple[float, int, int]] = []
        ended = -1.0
        for gap in gaps:
            self.shouts += 1
            self.now += gap * delay
            sent[self.shouts] = self.now
            instants = [due.concurrent_due(self.now, stage, delay, 0.0) for stage in STAGES]
            if mode == "sequential":
                loud = due.sequential_begin(self.now, ended)
                normal = due.sequential_due(loud, delay, 0.0)
                instants = [loud, normal, due.sequential_due(normal, delay, 0.0)]
                ended = instants[-1]
            echoes += [(at, self.shouts, stage) for at, stage in zip(instants, STAGES, strict=True)]
        for number, (instant, shout, stage) in enumerate(sorted(echoes)):
            late = self._jitter[number % len(self._jitter)] * delay + self._round_trip
            arrival = max(self._latest, instant + late)  # one connection keeps the order
            for other in [each for each in sent if sent[each] <= arrival]:
                words = text or f"Shout {other}"
                self.learned.sent(other, words.encode(), sent.pop(other))
            self.learned.came(Arrival(stage, arrival, None, shout))
            self._latest = arrival
        self.now = self._latest + 10 * delay


@given(
    st.sampled_from(MODES),
    delays,
    jitters,
    st.floats(0.0, 1.0),
    st.integers(2, 6),
    st.floats(0.0, 1.0),
)
def test_two_shouts_that_overlap_show_delay_and_mode(
    mode: ReverbMode,
    delay: float,
    jitter: list[float],
    gap: float,
    shouts: int,
    round_trip: float,
) -> None:
    world = World(jitter, round_trip * delay / 5)
    world.play(mode, delay, [0.0, *[gap] * (shouts - 1)])
    assert world.learned.mode == mode
    assert world.learned.delay == pytest.approx(delay, rel=0.2)


@given(st.sampled_from(MODES), delays, jitters, st.lists(st.floats(0, 4), min_size=1, max_size=20))
def test_no_rhythm_of_shouts_shows_the_wrong_mode(
    mode: ReverbMode, delay: float, jitter: list[float], gaps: list[float]
) -> None:
    world = World(jitter)
    world.play(mode, delay, gaps)
    assert world.learned.mode in (None, mode)
    assert world.learned.delay == pytest.approx(delay, rel=0.2)


@given(st.lists(st.tuples(st.sampled_from(MODES), delays), max_size=5))
def test_a_server_that_changes_its_mind_is_followed(times: list[tuple[ReverbMode, float]]) -> None:
    world = World()
    for mode, delay in times:
        world.play(mode, delay, [0.0, 0.5, 0.5])
        assert world.learned.mode == mode
        assert world.learned.delay == pytest.approx(delay, rel=0.2)


@pytest.mark.parametrize("mode", MODES)
def test_shouts_that_do_not_overlap_leave_the_mode_unknown(mode: ReverbMode) -> None:
    world = World()
    assert (world.learned.delay, world.learned.mode, str(world.learned)) == (None, None, "")
    world.play(mode, 0.3, [0.0, 3.0, 3.0])
    assert world.learned.mode is None
    assert str(world.learned) == "≈ 0.30 s"


def test_a_shout_that_is_not_complete_shows_no_delay() -> None:
    learned = Learned()
    learned.sent(1, b"Hello?", 0.0)
    learned.came(Arrival(LOUD, 0.0, None, 1))
    learned.came(Arrival(NORMAL, 0.3, None, 1))
    assert learned.delay is None
    learned.came(Arrival(QUIET, 0.6, None, 1))
    assert learned.delay == pytest.approx(0.3)


def test_one_echo_that_was_held_up_does_not_matter() -> None:
    world = World([0.0, 0.0, 0.0, 2.0, 0.0, 0.0])
    world.play("concurrent", 0.5, [0.0, 3.0])
    world.play("concurrent", 0.5, [0.0])
    assert world.learned.delay == pytest.approx(0.5, rel=0.2)


@pytest.mark.parametrize("mode", MODES)
def test_the_words_are_those_of_the_modes(mode: ReverbMode) -> None:
    world = World()
    world.play(mode, 0.3, [0.0, 0.5])
    words = {"concurrent": "all at once", "sequential": "one at a time"}
    assert str(world.learned) == f"≈ 0.30 s, {words[mode]}"


def test_a_shout_late_in_another_is_no_sign_of_waiting() -> None:
    """Its loud echo comes after the other's last one because of the network alone."""
    world = World(round_trip=0.1)
    world.play("concurrent", 0.5, [0.0, 2.1])
    assert world.learned.mode is None


def test_echoes_that_come_at_once_have_no_delay() -> None:
    world = World()
    world.play("concurrent", 0.0, [0.0, 0.0])
    assert str(world.learned) == ""


def test_identical_shouts_show_nothing_and_others_do_again_after_them() -> None:
    world = World()
    world.play("sequential", 0.3, [0.0, 0.5, 0.5], text="123")
    assert (world.learned.delay, world.learned.mode) == (None, None)
    world.play("sequential", 0.3, [0.0], text="123")
    assert world.learned.delay == pytest.approx(0.3)


def test_more_shouts_than_are_followed_do_no_harm() -> None:
    world = World()
    world.play("sequential", 0.3, [0.001] * (MOST + 50))
    assert str(world.learned) == "≈ 0.30 s, one at a time"


def test_an_echo_of_an_unknown_shout_shows_nothing() -> None:
    learned = Learned()
    learned.came(Arrival(LOUD, 1.0, None, 5))
    assert str(learned) == ""
