"""What is said of the end of a connection: nothing but what is so."""

import pytest

from reverb_tui.protocol.events import Ended, Ending


@pytest.mark.parametrize(
    ("ended", "missing", "expected", "sentence"),
    [
        (Ended(Ending.AS_ASKED), 0, 6, "all echoes have come, the connection is closed"),
        (Ended(Ending.AS_ASKED), 4, 6, "the server closed with 4 of 6 echoes missing"),
        (Ended(Ending.AS_ASKED), 0, 0, "the connection is closed"),
        (Ended(Ending.AS_ASKED), None, 0, "the connection is closed"),
        (Ended(Ending.CLOSED), 0, 6, "the server closed its side of the connection"),
        (Ended(Ending.CLOSED), None, 0, "the server closed its side of the connection"),
        (
            Ended(Ending.CLOSED, unsent=True),
            0,
            6,
            "the server closed its side of the connection before everything was sent",
        ),
        (
            Ended(Ending.CLOSED),
            3000,
            6000,
            "the server closed with 3,000 of 6,000 echoes missing",
        ),
        (Ended(Ending.RESET, "a reset"), 0, 6, "the connection broke: a reset"),
        (
            Ended(Ending.RESET, "a reset"),
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
