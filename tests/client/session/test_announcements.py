"""What is said when connections begin and end: nothing twice, and nothing that is not so."""

import pytest

from reverb_tui.entry import Kind
from reverb_tui.protocol.events import Ended, Ending, Heard
from reverb_tui.protocol.negotiation import ServerError
from reverb_tui.session.announcements import NO_WORD, Announcements, Report
from reverb_tui.session.observer import State
from reverb_tui.session.stranger import MAYBE_TLS

FULL = ServerError("full", "no more than 1")
WORDS = "the server says: no more than 1"
CLOSED = Ended(Ending.CLOSED)


def end(
    announcements: Announcements,
    ended: Ended = CLOSED,
    *,
    missing: int | None = 0,
    silent: bool = False,
    draining: bool = False,
    raw: bool = False,
    plain: bool = True,
) -> Report:
    return announcements.ended(
        ended, missing=missing, expected=3, silent=silent, draining=draining, raw=raw, plain=plain
    )


def test_a_reason_is_said_once_until_another_one_or_a_connection() -> None:
    announcements = Announcements()
    said = [announcements.not_reached(reason) for reason in ("a", "a", "b", "a")]
    assert said == ["a", "", "b", "a"]
    announcements.forget()
    assert announcements.not_reached("a") == "a"


def test_a_server_that_is_full_says_so_once_however_often_it_is_tried() -> None:
    announcements = Announcements()
    assert announcements.server_error(FULL) == WORDS
    assert end(announcements) == Report(State.BROKEN, WORDS, "")
    for _ in range(3):
        assert announcements.withheld
        assert announcements.full
        assert not announcements.announces(FULL)
        assert announcements.server_error(FULL) == ""
        assert not announcements.announces(CLOSED)
        assert end(announcements, Ended(Ending.RESET, "a reset")).sentence == ""
    assert announcements.announces(Heard([b"hi"], 0.0))
    announcements.forget()
    assert not announcements.full


def test_a_server_that_sends_an_idle_client_away_says_why_each_time() -> None:
    announcements = Announcements()
    for _ in range(2):
        announcements.forget()  # the connection held
        assert announcements.server_error(ServerError("idle", "idle")) == "the server says: idle"
        assert end(announcements).sentence == ""
        assert not announcements.withheld


def test_echoes_that_are_missing_are_told_whatever_the_server_has_said() -> None:
    announcements = Announcements()
    announcements.server_error(ServerError("cut", "stopped"))
    report = end(announcements, missing=2)
    assert report.sentence == "the server closed with 2 of 3 echoes missing"


def test_other_errors_are_no_reason_for_an_end_and_said_each_time() -> None:
    announcements = Announcements()
    for _ in range(2):
        error = ServerError("line-too-long", "too long")
        assert announcements.server_error(error) == "the server says: too long"
    assert end(announcements).sentence == CLOSED.sentence(0, 3)


@pytest.mark.parametrize("plain", [True, False])
def test_a_server_that_hangs_up_on_everyone_is_told_once(plain: bool) -> None:
    announcements = Announcements()
    reason = NO_WORD + (MAYBE_TLS if plain else "")
    assert end(announcements, silent=True, plain=plain) == Report(State.BROKEN, reason, reason)
    assert announcements.withheld
    assert end(announcements, silent=True, plain=plain) == Report(State.BROKEN, reason, "")


@pytest.mark.parametrize(("ended", "raw"), [(Ended(Ending.AS_ASKED), False), (CLOSED, True)])
def test_an_end_in_order_is_no_problem(ended: Ended, raw: bool) -> None:
    report = end(Announcements(), ended, raw=raw)
    assert (report.state, report.kind) == (State.CLOSED, Kind.NOTICE)
    assert report.sentence == ended.sentence(0, 3)


def test_no_server_closes_in_order_before_everything_was_sent() -> None:
    ended = Ended(Ending.CLOSED, unsent=True)
    report = end(Announcements(), ended, raw=True)
    assert report == Report(State.BROKEN, ended.sentence(), ended.sentence())


def test_the_end_of_a_connection_whose_server_drains_is_told_only_where_something_is_lost() -> None:
    announcements = Announcements()
    assert end(announcements, draining=True).sentence == ""
    assert end(announcements, missing=1, draining=True).sentence.endswith("1 of 3 echoes missing")
    assert end(announcements, Ended(Ending.RESET, "a reset"), draining=True).sentence
