"""How many echoes are missing, and where that can't be known."""

from itertools import permutations

import pytest

from reverb_tui.echoes.in_flight import MOST, Flights
from reverb_tui.protocol.negotiation import ServerInfo
from tests.client.servers import three

SHOUTS = [b"Hello?", b"Yooo-hooo!"]
ECHOES = [echo for shout in SHOUTS for echo in three(shout).splitlines()]


def sent(*texts: bytes, mode: str | None = None) -> Flights:
    flights = Flights()
    if mode is not None:
        flights.mode_changed(mode)
    for text in texts:
        flights.shout(text, 0.0)
    return flights


@pytest.mark.parametrize("mode", [None, "concurrent", "sequential"])
@pytest.mark.parametrize("came", range(1, 7))
def test_what_has_not_come_is_missing(came: int, mode: str | None) -> None:
    flights = sent(*SHOUTS, mode=mode)
    for echo in ECHOES[:came]:
        flights.hear(echo, 1.0)
    assert (flights.missing, flights.expected) == (6 - came, 6)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_echoes_come_does_not_matter(order: tuple[int, ...]) -> None:
    flights = sent(b"Hello?")
    for number, place in enumerate(order):
        flights.hear(ECHOES[place], 1.0)
        assert flights.missing == 2 - number


def test_an_echo_that_comes_twice_stands_for_no_other() -> None:
    flights = sent(b"Hello?")
    for _ in range(3):
        flights.hear(ECHOES[0], 1.0)
    assert (flights.missing, flights.expected) == (2, 3)


def test_blank_shouts_have_echoes_like_any_other() -> None:
    flights = sent(b"", b"")
    for _ in range(4):
        flights.hear(b"\t ", 1.0)
    assert (flights.missing, flights.expected) == (2, 6)


def test_before_the_first_echo_nothing_is_known_unless_the_server_is() -> None:
    assert sent(b"Hello?").missing is None
    assert sent(b"Hello?").expected is None
    flights = sent(b"Hello?")
    flights.learn(ServerInfo("no control lines"), 0.0)
    assert (flights.missing, flights.expected) == (3, 3)


def test_of_a_server_that_says_anything_else_nothing_is_known() -> None:
    flights = sent(b"hello", b"\t hello")
    for line in (b"hello", b"\t hello"):  # as a plain echo sends them
        flights.hear(line, 1.0)
    assert flights.missing is None


def test_of_a_plain_echo_it_is_known_only_that_nothing_is_missing() -> None:
    flights = sent(*SHOUTS, mode="plain")
    flights.hear(SHOUTS[0], 1.0)
    before = flights.missing
    assert before is None
    flights.hear(SHOUTS[1], 1.0)
    assert (flights.missing, flights.expected) == (0, 2)


@pytest.mark.parametrize("before", [0, MOST])
def test_a_refused_line_is_not_missing(before: int) -> None:
    flights = sent(*[b"x"] * before, b"y" * 70_000, mode="concurrent")
    for _ in range(before):
        for echo in three(b"x").splitlines():
            flights.hear(echo, 1.0)
    flights.refused()
    assert (flights.missing, flights.expected) == (0, 3 * before)


def test_a_request_that_was_typed_has_no_echoes() -> None:
    flights = sent(b'\x10{"reverb":1,"id":7}', b"Hello?", mode="concurrent")
    assert flights.missing == 3


def test_what_is_only_counted_is_missing_as_well() -> None:
    flights = sent(*[b"Hello?"] * (MOST + 5), mode="concurrent")
    for _ in range(MOST):
        for echo in ECHOES[:3]:
            flights.hear(echo, 1.0)
    assert (flights.missing, flights.expected) == (15, 3 * (MOST + 5))
