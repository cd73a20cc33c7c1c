"""The waits before a connection is made again."""

from reverb_tui.connection.backoff import LONGEST_WAIT, STEADY, Backoff


def test_the_waits_grow_to_half_a_minute_and_begin_again_after_a_connection_that_held() -> None:
    backoff = Backoff()
    assert [backoff.wait_after(0) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert LONGEST_WAIT == 30
    assert backoff.wait_after(STEADY) == 30
    assert backoff.wait_after(STEADY + 0.1) == 1
    assert backoff.wait_after(0) == 2


def test_after_a_server_that_drained_there_is_no_wait_but_between_several() -> None:
    backoff = Backoff()
    assert [backoff.wait_after(0, drained=True) for _ in range(5)] == [0, 1, 2, 4, 8]
    assert backoff.wait_after(STEADY + 0.1, drained=True) == 0
    assert backoff.wait_after(0, drained=True) == 1
    assert backoff.wait_after(0) == 2
