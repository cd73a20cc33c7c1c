"""When the client ends its own side of a connection whose server drains."""

from reverb_server.core.control import DELAY_MAX
from reverb_tui.connection.leaving import GRACE, LAST_WORDS, Leaving


def test_after_the_last_echo_the_server_has_a_moment_and_a_while_after_the_half_close() -> None:
    leaving = Leaving(10)
    assert leaving.deadline(0, 2.0) == 10 + GRACE
    leaving.half_close(20)
    assert leaving.deadline(0, 2.0) == 20 + LAST_WORDS


def test_while_echoes_are_missing_the_delay_may_pass_between_two() -> None:
    leaving = Leaving(10)
    assert leaving.deadline(3, 2.0) == 12 + GRACE
    leaving.came(12)
    assert leaving.deadline(2, 2.0) == 14 + GRACE
    assert leaving.deadline(None, None) == 12 + DELAY_MAX + GRACE
    leaving.half_close(15)
    assert leaving.deadline(2, 2.0) == 17 + LAST_WORDS
