"""The running figures of a connection."""

import pickle

import pytest

from reverb_server.core.voice import LOUD
from reverb_tui.echoes.flight import Arrival
from reverb_tui.echoes.in_flight import Flights
from reverb_tui.echoes.stats import Stats
from tests.flying import Conversation


def test_before_the_first_shout_there_is_only_nothing_to_count() -> None:
    stats = Stats(Flights())
    assert stats.rows(0.0) == [("shouts", "0"), ("echoes", "0"), ("lines a second", "0")]
    assert stats.brief(0.0) == ""  # until it is known how the server echoes


def test_the_figures_of_a_conversation() -> None:
    world = Conversation(late=0.0625)
    world.shout("one")
    world.go(1.5)
    world.shout("two")
    world.go(0.1)
    assert world.stats.rows(world.now) == [
        ("shouts", "2"),
        ("echoes", "3 of 6"),
        ("lines a second", "2"),
        ("round trip", "62 ms"),
        ("lateness", "median 66 ms, p99 66 ms"),
    ]
    assert world.stats.brief(world.now) == "in the air 2 · waiting 0"


def test_what_is_said_of_a_server_that_is_no_reverb_is_of_lines() -> None:
    stats = Stats(Flights())
    stats.sent()
    stats.heard(7, 0.0)
    assert stats.rows(5.0, raw=True) == [
        ("sent", "1 line"),
        ("received", "7 lines"),
        ("lines a second", "0"),
    ]
    assert stats.brief(5.0, raw=True) == "received 7 · sent 1"


def test_of_a_plain_echo_and_of_what_is_unknown_nothing_is_in_the_air() -> None:
    flights = Flights()
    stats = Stats(flights)
    flights.shout(b"one", 0.0)
    stats.sent()
    assert stats.brief(0.0) == "received 0 · sent 1"
    flights.mode_changed("plain")
    assert stats.brief(0.0) == "received 0 · sent 1"
    flights.mode_changed("concurrent")
    assert stats.brief(0.0) == "in the air 1 · waiting 0"


def test_a_shout_waits_for_its_turn_and_is_in_the_air_from_then_on() -> None:
    world = Conversation("sequential")
    world.shout("one")
    world.shout("two")
    assert world.stats.brief(world.now) == "in the air 1 · waiting 1"
    world.go(2.5)
    assert world.stats.brief(world.now) == "in the air 1 · waiting 0"
    world.go(2)
    assert world.stats.brief(world.now) == "in the air 0 · waiting 0"


@pytest.mark.parametrize(
    ("count", "said"),
    [(999, "999"), (1_000, "1.0k"), (12_345, "12k"), (999_499, "999k"), (1_234_567, "1.2M")],
)
def test_many_are_said_in_four_characters(count: int, said: str) -> None:
    flights = Flights()
    flights.mode_changed("concurrent")
    flights.count_shouts(count)
    assert Stats(flights).brief(0.0) == f"in the air {said} · waiting 0"


def test_a_shout_that_waited_for_its_turn_tells_no_round_trip() -> None:
    flights = Flights()
    flights.mode_changed("sequential")
    flights.delay_changed(1.0, 0.0)
    stats = Stats(flights)
    for text in (b"one", b"two"):
        flights.shout(text, 0.0)
    came = [(0.25, b"ONE"), (1.25, b"one"), (2.25, b"one"), (2.25, b"TWO"), (3.25, b"two")]
    for instant, text in came:  # the last of one and the first of two leave together
        echo = flights.hear(b"\t " + text, instant)
        assert echo is not None
        stats.echo(echo)
        assert stats.round_trip == pytest.approx(0.25)


def test_without_a_known_delay_the_first_echo_of_the_last_shout_tells_the_round_trip() -> None:
    flights = Flights()
    flights.shout(b"one", 10.0)
    flights.shout(b"two", 11.0)
    stats, round_trips = Stats(flights), []
    for instant, text in ((11.5, b"ONE"), (11.75, b"TWO"), (13.0, b"two"), (14.0, b"one")):
        echo = flights.hear(b"\t " + text, instant)
        assert echo is not None
        stats.echo(echo)
        round_trips.append(stats.round_trip)
    assert round_trips == [None, 0.75, 0.75, 0.75]


def test_lines_a_second_are_those_of_the_last_second_and_only_in_a_flood() -> None:
    stats = Stats(Flights())
    for step in range(1000):
        stats.heard(100, step / 100)
    assert stats.rate(9.99) == 10_000
    assert stats.brief(9.99, raw=True) == "10k lines/s · received 100k"
    assert stats.brief(10.985, raw=True) == "received 100k · sent 0"
    assert stats.rate(11.0) == 0


def test_counting_a_flood_takes_no_memory() -> None:
    stats = Stats(Flights())
    for step in range(100_000):
        stats.heard(1, step / 100_000)
    assert len(pickle.dumps(stats)) < 10_000
    assert stats.rate(1.0) >= 99_000


def test_the_histogram_has_a_row_for_each_range() -> None:
    stats = Stats(Flights())
    for lateness, count in ((0.0005, 16), (0.003, 8), (0.004, 1)):
        for _ in range(count):
            stats.echo(Arrival(LOUD, 0.0, lateness, 1))
    assert stats.histogram(37) == [
        "  below 1 ms ████████████████████ 16",
        "1 ms to 2 ms                       0",
        "2 ms to 5 ms ███████████▎          9",
    ]
    stats.echo(Arrival(LOUD, 0.0, 60.0, 1))
    assert stats.histogram(40)[-1].startswith("   10 s and more █▎ ")


def test_without_lateness_there_is_no_histogram() -> None:
    assert Stats(Flights()).histogram(40) == []
