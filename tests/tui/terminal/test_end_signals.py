"""The signals that end the client are heard whenever they come."""

import signal
from collections.abc import Iterator

import pytest

from reverb_tui.terminal.end_signals import SIGNALS, EndSignals


@pytest.fixture
def ending() -> Iterator[EndSignals]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield EndSignals()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_told_before_and_while_somebody_listens_and_not_after(
    ending: EndSignals, number: int
) -> None:
    told: list[int] = []
    signal.raise_signal(number)
    assert ending.asked_by == number
    ending.listen(told.append)
    assert told == [number]
    signal.raise_signal(number)
    assert told == [number] * 2
    ending.leave()
    signal.raise_signal(number)
    assert told == [number] * 2
