"""What is said of the end of a connection: nothing but what is so."""

import errno
import os

import pytest

from reverb_server.net.stream import Gone
from reverb_tui.connection.events import End, Ended
from reverb_tui.connection.tls import in_words


@pytest.mark.parametrize(
    ("ended", "missing", "expected", "sentence"),
    [
        (Ended(End.AS_ASKED), 0, 6, "all echoes have come, the connection is closed"),
        (Ended(End.AS_ASKED), 4, 6, "the server closed with 4 of 6 echoes missing"),
        (Ended(End.AS_ASKED), 0, 0, "the connection is closed"),
        (Ended(End.AS_ASKED), None, 0, "the connection is closed"),
        (Ended(End.CLOSED), 0, 6, "the server closed the connection"),
        (Ended(End.CLOSED), None, 0, "the server closed the connection"),
        (Ended(End.CLOSED), 3000, 6000, "the server closed with 3,000 of 6,000 echoes missing"),
        (Ended(End.RESET, "a reset"), 0, 6, "the connection broke: a reset"),
        (
            Ended(End.RESET, "a reset"),
            1,
            3,
            "the connection broke with 1 of 3 echoes missing: a reset",
        ),
    ],
)
def test_the_end_is_said_as_it_was(
    ended: Ended, missing: int | None, expected: int, sentence: str
) -> None:
    assert ended.sentence(missing, expected) == sentence


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ETIMEDOUT, "the server does not answer any more; check the network and the server"),
        (errno.EHOSTUNREACH, "the server can't be reached any more; check the network"),
        (errno.ENETDOWN, "the server can't be reached any more; check the network"),
    ],
)
def test_what_keepalive_finds_is_said_in_plain_words(number: int, words: str) -> None:
    gone = Gone("as the system says it")
    gone.__cause__ = OSError(number, os.strerror(number))
    assert in_words(gone) == words
