"""The shouts in the air, with the instants of their echoes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core.control import ReverbMode
from reverb_server.core.voice import LOUD, NORMAL, QUIET
from reverb_tui.echoes.flight import Flight
from reverb_tui.echoes.in_flight import MAX_TEXT, MOST, Flights
from reverb_tui.echoes.recent import MOST_ENDED
from tests.flying import Conversation

STEPS = st.lists(st.tuples(st.sampled_from([0.0, 0.125, 0.75, 2.5]), st.booleans()), max_size=12)


def flights(world: Conversation) -> list[Flight]:
    return world.flights.picture()


def dues(world: Conversation) -> list[list[tuple[int, float]]]:
    return [[(stage, at - 1000) for stage, at in each.due] for each in flights(world)]


def arrivals(world: Conversation) -> list[list[tuple[int, float]]]:
    return [[(echo.stage, echo.instant - 1000) for echo in each.came] for each in flights(world)]


@given(STEPS, st.sampled_from(["concurrent", "sequential"]))
def test_every_echo_comes_where_it_was_forecast(
    steps: list[tuple[float, bool]], mode: ReverbMode
) -> None:
    world = Conversation(mode)
    for wait, shouts in steps:
        world.go(wait)
        if shouts:
            world.shout(f"shout {len(flights(world))}")
    expected = [[*came, *due] for came, due in zip(arrivals(world), dues(world), strict=True)]
    world.go(100.0)
    assert arrivals(world) == expected
    assert not world.flights.in_flight


def test_concurrent_shouts_wait_for_none() -> None:
    world = Conversation()
    world.shout("one")
    world.go(0.5)
    world.shout("two")
    assert dues(world) == [[(NORMAL, 1.0), (QUIET, 2.0)], [(NORMAL, 1.5), (QUIET, 2.5)]]
    assert not any(each.waits(world.now) for each in flights(world))


def test_a_sequential_shout_waits_for_the_end_of_the_one_before() -> None:
    world = Conversation("sequential")
    for text in ("one", "two", "three"):
        world.shout(text)
    assert [each.waits(world.now) for each in flights(world)] == [False, True, True]
    assert dues(world)[1:] == [
        [(LOUD, 2.0), (NORMAL, 3.0), (QUIET, 4.0)],
        [(LOUD, 4.0), (NORMAL, 5.0), (QUIET, 6.0)],
    ]
    world.go(2.5)
    assert [each.waits(world.now) for each in flights(world)] == [False, False, True]
    assert flights(world)[1].begins == 1002.0


def test_the_hand_moves_what_is_due_before_the_server_says_yes() -> None:
    world = Conversation(delay=1.0)
    world.shout("Hello?")
    world.go(0.75)
    world.flights.tune(3.0, world.now)
    assert dues(world) == [[(NORMAL, 3.0), (QUIET, 6.0)]]
    world.flights.tune(0.25, world.now)
    assert dues(world) == [[(NORMAL, 0.75), (QUIET, 0.75)]]
    world.flights.delay_changed(0.5, world.now)  # the server says something else
    assert dues(world) == [[(NORMAL, 0.75), (QUIET, 0.75)]]
    world.flights.tune(0.5, world.now)
    assert dues(world) == [[(NORMAL, 0.75), (QUIET, 1.0)]]
    world.flights.delay_changed(2.0, world.now)  # by another way than this hand
    assert dues(world) == [[(NORMAL, 2.0), (QUIET, 4.0)]]


def test_nothing_is_forecast_while_the_delay_is_unknown() -> None:
    world = Conversation(delay=None)
    world.shout("Hello?")
    world.flights.tune(2.0, world.now)
    assert dues(world) == [[]]
    assert arrivals(world) == [[(LOUD, 0.0)]]
    assert world.flights.delay is None


def test_a_plain_echo_is_one_mark() -> None:
    world = Conversation()
    world.flights.mode_changed("plain")
    world.flights.shout(b"Hello?", 1000.0)
    assert dues(world) == [[(NORMAL, 0.0)]]


def test_lateness_tells_the_place_that_was_missed() -> None:
    world = Conversation(late=0.25)
    world.shout("Hello?")
    world.go(1.5)
    echoes = flights(world)[0].came
    assert [echo.instant - 1000 for echo in echoes] == [0.25, 1.25]
    assert [echo.due - 1000 for echo in echoes] == [0.0, 1.0]


def test_what_the_server_refuses_or_never_answers_ends() -> None:
    world = Conversation(late=50.0)
    world.shout("short")
    world.shout("a much longer one")
    world.flights.refused()
    assert [each.pending for each in flights(world)] == [True, False]
    world.flights.end(world.now)
    assert [each.pending for each in flights(world)] == [False, False]
    assert not world.flights.in_flight
    assert [len(each) for each in dues(world)] == [3, 0]  # the picture stays
    assert world.flights.lost == 3


def test_a_picture_begins_with_the_first_shout_after_rest_and_stays_till_the_next() -> None:
    world = Conversation()
    world.shout("one")
    world.go(1.9)
    world.shout("two")
    assert world.flights.began == 1000.0
    world.go(60.0)
    assert [each.text for each in flights(world)] == ["one", "two"]
    world.shout("three")
    assert [each.text for each in flights(world)] == ["three"]
    assert world.flights.began == 1061.9


def test_memory_is_bounded() -> None:
    world = Conversation(delay=1.0)
    for number in range(3 * MOST):
        world.shout(f"{number} " + "x" * 1000)
    assert len(flights(world)) == MOST
    assert world.flights.counted == world.flights.pending - MOST > 0
    assert max(len(each.text) for each in flights(world)) == MAX_TEXT
    for _ in range(3):
        world.go(5.0)
        for number in range(MOST):
            world.shout(f"{number}")
    world.go(5.0)
    assert len(flights(world)) == MOST_ENDED
    assert world.flights.pending == 0


def test_of_shouts_without_a_rest_the_latest_are_remembered_and_the_others_counted() -> None:
    world = Conversation(delay=0.5)
    for number in range(MOST_ENDED + 200):
        world.shout(f"{number}")
        world.go(0.1)
    numbers = [each.shout for each in flights(world)]
    left = world.flights.moment().left
    assert numbers == list(range(left + 1, MOST_ENDED + 201))
    assert len(numbers) == MOST_ENDED + world.flights.pending
    world.go(5.0)
    world.shout("after a rest")
    assert world.flights.moment().left == 0


@pytest.mark.parametrize("mode", ["concurrent", "sequential"])
def test_the_picture_has_what_is_pending(mode: ReverbMode) -> None:
    world = Conversation(mode, delay=0.5)
    for number in range(20):
        world.shout(f"{number}")
        world.go(0.3)
    assert sum(each.pending for each in flights(world)) == world.flights.pending > 0


def test_a_sequential_shout_waits_for_a_concurrent_one_before_it() -> None:
    world = Conversation(late=50.0)
    world.shout("a")
    world.flights.mode_changed("sequential", world.now + 0.5)
    world.go(1.0)
    world.shout("b")
    assert dues(world) == [
        [(LOUD, 0.0), (NORMAL, 1.0), (QUIET, 2.0)],
        [(LOUD, 2.0), (NORMAL, 3.0), (QUIET, 4.0)],
    ]
    world.flights.tune(0.75, world.now - 0.5)
    assert dues(world)[1] == [(LOUD, 1.5), (NORMAL, 2.25), (QUIET, 3.0)]


def test_estimates_draw_what_is_due_and_give_way_to_what_the_server_tells() -> None:
    flights = Flights()
    for number, text in enumerate([b"one", b"two"]):
        flights.shout(text, number / 4)
    assert not any(each.due for each in flights.picture())
    flights.measure(1.0, None)
    assert [each.due for each in flights.picture()] == [[(0, 0.0), (1, 1.0), (2, 2.0)], ()]
    flights.measure(1.0, "sequential")
    _, two = flights.picture()
    assert two.due == [(LOUD, 2.0), (NORMAL, 3.0), (QUIET, 4.0)]
    assert two.waits(1.0)
    flights.measure(1.0, "concurrent")
    assert [each.due for each in flights.picture()][1] == [(0, 0.25), (1, 1.25), (2, 2.25)]
    assert not two.waits(1.0)
    assert (flights.delay, flights.sequential) == (1.0, False)
    echo = flights.hear(b"\t ONE", 0.5)
    assert echo is not None
    assert echo.lateness is None
    assert flights.picture()[0].due == [(NORMAL, 1.5), (QUIET, 2.5)]
    flights.mode_changed("sequential", 0.0)
    flights.delay_changed(0.5, 0.0)
    assert (flights.delay, flights.sequential) == (0.5, True)


def test_a_shout_that_is_learned_late_to_have_waited_has_waited() -> None:
    flights = Flights()
    flights.shout(b"one", 0.0)
    flights.shout(b"two", 0.5)
    for line, now in (b"ONE", 0.0), (b"one", 1.0), (b"one", 2.0):
        flights.hear(b"\t " + line, now)
    flights.measure(1.0, None)
    flights.hear(b"\t TWO", 2.0)

    def turns() -> list[float]:
        return [flight.begins for flight in flights.picture()]

    assert turns() == [0.0, 0.5]
    flights.measure(1.0, "sequential")
    assert turns() == [0.0, 2.0]
    flights.measure(1.0, "concurrent")
    assert turns() == [0.0, 0.5]
    flights.shout(b"three", 2.5)
    for line, now in (b"two", 3.0), (b"two", 4.0):
        flights.hear(b"\t " + line, now)
    before = flights.picture()
    assert [flight.pending for flight in before] == [False, False, True]
    flights.measure(1.0, "sequential")
    assert turns() == [0.0, 2.0, 4.0]
    assert [flight.begins for flight in before[:2]] == [0.0, 0.5]  # what is over is replaced


@pytest.mark.parametrize("mode", ["concurrent", "sequential", None])
def test_a_wrong_estimate_changes_no_match(mode: ReverbMode | None) -> None:
    texts = [b"123", b"Hello", b"123", b"hello"]
    lines = [b"\t " + form for text in texts for form in (text.upper(), text, text.lower())]
    guessing, other = Flights(), Flights()
    guessing.measure(0.01, mode)
    found = []
    for flights in guessing, other:
        for number, text in enumerate(texts):
            flights.shout(text, number / 4)
        found.append([flights.hear(line, 1.0 + n) for n, line in enumerate(lines)])
    assert found[0] == found[1]
    assert None not in found[0]
