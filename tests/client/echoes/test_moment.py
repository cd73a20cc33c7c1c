"""The shouts as they were at an earlier instant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core.control import ReverbMode
from reverb_tui.echoes.flight import Flight
from tests.flying import Conversation

SHOUTS = (("one", 0.5), ("two", 0.7), ("three", 0.0))


def talked(mode: ReverbMode) -> Conversation:
    world = Conversation(mode)
    for text, pause in SHOUTS:
        world.shout(text)
        world.go(pause)
    return world


def seen(flights: list[Flight], now: float) -> list[object]:
    return [
        (flight.shout, list(flight.came), list(flight.due), flight.waits(now), flight.pending)
        for flight in flights
    ]


@pytest.mark.parametrize("mode", ["concurrent", "sequential"])
@given(instant=st.floats(1.2, 12.0))
def test_the_past_is_what_the_present_was(mode: ReverbMode, instant: float) -> None:
    """With the delay unchanged, and echoes that come when they are due."""
    then, later = talked(mode), talked(mode)
    then.go(1000.0 + instant - then.now)
    present = then.flights.moment()
    later.go(60.0)
    past = later.flights.moment().at(then.now)
    assert seen(past.flights, then.now) == seen(present.flights, then.now)
    assert (past.matched, past.in_flight) == (present.matched, present.in_flight)


def test_before_it_was_shouted_there_is_no_shout() -> None:
    world = talked("concurrent")
    assert [each.shout for each in world.flights.moment().at(1000.6).flights] == [1, 2]
    assert world.flights.moment().at(999.0).flights == []


def test_a_connection_that_was_lost_had_echoes_to_come_before() -> None:
    world = talked("concurrent")
    world.flights.end(world.now)
    assert world.flights.moment().at(world.now).lost == world.flights.lost > 0
    before = world.flights.moment().at(world.now - 0.1)
    assert before.lost == 0
    assert before.in_flight
