"""From a server that drains to the next one: what is done when."""

from math import inf

import pytest

from reverb_tui.connection.leaving import ANSWERED_WITHIN, GRACE, LAST_WORDS
from reverb_tui.session.handover import Handover, Step

DELAY = 2.0


@pytest.fixture
def handover() -> Handover:
    """One whose server has said at 10 that it drains."""
    handover = Handover()
    handover.connecting()
    handover.connected(0, asked=True)
    assert handover.begin(10)
    return handover


def steps(handover: Handover, missing: int | None, until: float) -> list[tuple[float, Step]]:
    """Return what is done, and when, if nothing comes any more."""
    done: list[tuple[float, Step]] = []
    while (instant := handover.deadline(missing, DELAY)) <= until:
        assert handover.due(instant - 0.01, missing, DELAY) is None
        step = handover.due(instant, missing, DELAY)
        assert step is not None
        done.append((instant, step))
        if step is Step.LEAVE:
            break
    return done


def test_nothing_is_due_on_a_connection_whose_server_goes_on() -> None:
    handover = Handover()
    handover.connecting()
    handover.connected(0, asked=True)
    handover.answered(1)
    handover.came(2)
    assert handover.deadline(3, DELAY) == inf
    assert handover.due(1e9, 3, DELAY) is None
    assert not handover.draining
    assert not handover.held.holds


def test_a_connection_is_left_in_two_steps(handover: Handover) -> None:
    assert handover.draining
    half_closed = 10 + GRACE
    assert steps(handover, 0, 100) == [
        (half_closed, Step.HALF_CLOSE),
        (half_closed + LAST_WORDS, Step.LEAVE),
    ]


def test_echoes_that_still_come_put_it_off(handover: Handover) -> None:
    handover.came(11.5)
    assert handover.deadline(1, DELAY) == 11.5 + DELAY + GRACE
    assert handover.deadline(0, DELAY) == 11.5 + GRACE


@pytest.mark.parametrize("asked", [True, False])
def test_the_next_connection_gets_what_was_held_once(handover: Handover, asked: bool) -> None:
    handover.held.hold(["one"])
    handover.connecting()
    assert handover.deadline(0, DELAY) == inf
    handover.connected(20, asked=asked)
    instant = 20 + ANSWERED_WITHIN if asked else 20
    assert steps(handover, 0, 100) == [(instant, Step.RELEASE)]


def test_it_gets_it_as_soon_as_its_server_has_answered(handover: Handover) -> None:
    handover.connecting()
    handover.connected(20, asked=True)
    handover.answered(20.5)
    assert handover.due(20.5, 0, DELAY) is Step.RELEASE


def test_a_next_server_that_drains_as_well_gets_nothing_and_is_no_news(handover: Handover) -> None:
    handover.held.hold(["one"])
    handover.connecting()
    assert not handover.draining
    handover.connected(20, asked=True)
    assert not handover.begin(20.5)
    handover.answered(20.5)
    assert [step for _, step in steps(handover, 0, 100)] == [Step.HALF_CLOSE, Step.LEAVE]
    assert handover.held.release() == ["one"]


def test_the_end_of_input_follows_what_is_held(handover: Handover) -> None:
    handover.held.hold(["one"])
    assert handover.end_input(takes=True)
    assert handover.held.input_ended
    assert handover.draining


def test_the_end_of_input_waits_where_there_is_no_connection_to_end(handover: Handover) -> None:
    assert handover.end_input(takes=False)
    assert handover.held.input_ended


def test_with_nothing_held_it_ends_this_connection_and_the_handover(handover: Handover) -> None:
    assert not handover.end_input(takes=True)
    assert not handover.draining
    assert not handover.held.holds
    assert handover.deadline(0, DELAY) == inf


def test_without_a_handover_the_end_of_input_waits_for_nothing() -> None:
    handover = Handover()
    assert not handover.end_input(takes=False)
    assert not handover.held.input_ended
