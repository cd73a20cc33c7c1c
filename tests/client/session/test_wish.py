"""What the user wants: which server, with which delay and mode, and whether again."""

import pytest

from reverb_server.address_syntax import Address
from reverb_tui.connection.targets import Target
from reverb_tui.session.wish import Wish

FIRST = Target("a.example", 7)


@pytest.fixture
def wish() -> Wish:
    return Wish(FIRST, 0.5, "sequential", reconnects=True)


def test_another_server_is_turned_to_once_and_has_its_own_delay_and_mode(wish: Wish) -> None:
    assert wish.connect(Address("b.example", None))
    assert wish.target == FIRST  # until the loop turns to it
    assert wish.turn()
    assert (wish.target, wish.delay, wish.mode) == (Target("b.example", 7), None, None)
    assert not wish.turn()


def test_the_same_server_again_keeps_what_was_asked_of_it(wish: Wish) -> None:
    wish.ask(2.0, None)
    assert not wish.connect(None)
    assert not wish.turn()
    assert (wish.target, wish.delay, wish.mode) == (FIRST, 2.0, "sequential")


def test_the_same_server_by_its_address_is_no_other_one(wish: Wish) -> None:
    assert not wish.connect(Address("a.example", 7))


@pytest.mark.parametrize("reconnects", [True, False])
def test_who_asks_for_a_connection_wants_it_again_where_that_is_wanted(reconnects: bool) -> None:
    wish = Wish(FIRST, None, None, reconnects=reconnects)
    wish.again = wish.connected = False
    wish.connect(None)
    assert (wish.again, wish.connected) == (reconnects, True)
