"""Shouts that wait for the next connection: in order, and not without end."""

from reverb_tui.session.held import EACH, MOST, HeldShouts


def test_lines_are_returned_in_order_and_once() -> None:
    held = HeldShouts()
    held.begin()
    assert held.hold(["one"])
    assert held.hold(["two", ""])
    held.input_ended = True
    assert len(held) == 3
    assert held.release() == ["one", "two", ""]
    assert (len(held), held.holds, held.input_ended) == (0, False, False)
    assert held.release() == []


def test_empty_lines_have_a_bound_as_well() -> None:
    held = HeldShouts()
    lines = [""] * (MOST // EACH)
    assert not held.hold([*lines, ""])
    assert held.hold(lines)
    assert held.full
    assert not held.hold([""])
    held.release()
    assert not held.full


def test_what_is_dropped_is_told() -> None:
    held = HeldShouts()
    assert held.drop() == ""
    held.hold(["one"])
    assert held.drop() == "one shout was held and not sent"
    held.hold(["one", "two"])
    assert held.drop() == "2 shouts were held and not sent"
    assert len(held) == 0
