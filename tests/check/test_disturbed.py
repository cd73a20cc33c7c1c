"""Trials on a machine that is late itself are repeated, and never told as broken."""

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from reverb_check.check import Check
from reverb_check.findings import Asked, Report
from reverb_check.promises import PROMISES
from reverb_check.promises.promise import Verdict, Wishes
from reverb_check.promises.protocol import difference, examples
from reverb_check.script import Scenario
from reverb_check.server import ServerUnderTest
from reverb_check.transcript import Evidence, Piece
from tests.check.ideal import CONCURRENT_SECOND, Make, play, reverb


class Played:
    """A server without a socket, on which nothing comes of the first trials of a scenario.

    Args:
        make: The server.
        deaf: How many trials of a promise bring nothing.
        late: Seconds by which a trial of these was disturbed.
        disturbed: How many of them were.
    """

    target = "played"
    restarts = 0

    def __init__(self, make: Make, deaf: int, late: float, disturbed: int) -> None:
        self._make = make
        self._deaf = deaf
        self._late = late
        self._disturbed = disturbed
        self._trials = 0

    async def first(self, scenario: Scenario) -> Evidence:
        return play(scenario, self._make)

    async def perform(self, scenario: Scenario) -> Evidence:
        evidence = play(scenario, self._make)
        if len(scenario[0].steps) != 20:
            return evidence
        self._trials += 1
        if self._trials > self._deaf:
            return evidence
        early = tuple(
            Piece(piece.instant - 0.5 * piece.data.islower(), piece.data)
            for piece in evidence.transcripts[0].came
        )
        changed = replace(evidence.transcripts[0], came=early)
        late = self._late if self._trials <= self._disturbed else 0
        return replace(evidence, transcripts=(changed,), disturbance=late)


async def verdict(
    deaf: int, late: float, ids: Iterable[str] = ("on-time",), disturbed: int = 100
) -> str:
    server = cast("ServerUnderTest", Played(reverb(), deaf, late, disturbed))
    check = Check(server, Asked(only=tuple(ids)), Wishes(), lambda _what: None)
    report: Report = await check.run()
    (result,) = [each for each in report.results if each.promise.id == "on-time"]
    return result.finding.verdict


async def test_a_trial_that_is_kept_at_last_is_kept() -> None:
    assert await verdict(deaf=0, late=0) == Verdict.KEPT
    assert await verdict(deaf=2, late=0) == Verdict.KEPT
    assert await verdict(deaf=2, late=5) == Verdict.KEPT


async def test_one_that_never_is_counts_as_broken_only_if_nothing_disturbed_it_once() -> None:
    assert await verdict(deaf=100, late=0) == Verdict.BROKEN
    assert await verdict(deaf=100, late=5) == Verdict.UNCERTAIN
    assert await verdict(deaf=100, late=5, disturbed=3) == Verdict.BROKEN


def test_the_examples_of_the_protocol_come_out_of_the_core() -> None:
    promise = PROMISES["protocol"]
    evidence = play(promise.scenario(CONCURRENT_SECOND, Wishes()), reverb())
    assert promise.judge(CONCURRENT_SECOND, Wishes(), evidence).verdict is Verdict.KEPT


def test_a_difference_from_an_example_is_told() -> None:
    promise = PROMISES["protocol"]
    evidence = play(promise.scenario(CONCURRENT_SECOND, Wishes()), reverb())
    example, transcript = examples()[0], evidence.transcripts[0]
    assert difference(example, transcript, CONCURRENT_SECOND) == ""

    def told(*came: Piece) -> str:
        return difference(example, replace(transcript, came=came), CONCURRENT_SECOND)

    assert "was not granted" in told()
    assert "did not come" in told(*transcript.came[:-1])
    late = [Piece(piece.instant + 3, piece.data) for piece in transcript.came[1:]]
    assert "from when it is due" in told(transcript.came[0], *late)
    assert "came as well" in told(*transcript.came, Piece(9, b"\t more\n"))
