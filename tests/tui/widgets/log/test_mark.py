"""The mark over the last row of the log: new lines since it stopped following its end."""

from reverb_tui.widgets.log.following import Following


def test_while_it_follows_nothing_is_new() -> None:
    following = Following()
    assert following.on
    assert following.behind(1000) == 0
    assert following.mark(1000) == ""


def test_lines_are_new_since_it_stopped_not_since_it_was_told_again() -> None:
    following = Following()
    assert following.turn(False, 10)
    assert following.mark(10) == ""
    assert following.mark(11) == " 1 new line · ^End "
    assert not following.turn(False, 11)
    assert following.mark(1_011) == " 1,001 new lines · ^End "
    assert following.turn(True, 1_011)
    assert following.mark(2_000) == ""


def test_it_is_drawn_again_only_where_its_number_changed() -> None:
    following = Following()
    assert not following.outdated(10)
    following.turn(False, 10)
    assert not following.outdated(10)
    assert following.outdated(12)
    assert not following.outdated(12)
    following.turn(True, 12)
    assert following.outdated(12)
