"""The order in which a server's promises are tried, and what becomes of a disturbed trial."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import anyio

from reverb_check.findings import LEFT_OUT, Asked, Report, Result, Tell
from reverb_check.learned import (
    HELLO,
    SHOUT,
    Kind,
    Learned,
    answers_hello,
    learn_from,
)
from reverb_check.promises import PROMISES
from reverb_check.promises.promise import Finding, Promise, Verdict, Wishes, uncertain
from reverb_check.promises.timing import manner_of, two_shouts
from reverb_check.script import Script, Step, shouts
from reverb_check.server import ServerUnderTest
from reverb_check.transcript import Evidence

FIRST_WORD: Final = 10.0
"""Seconds for a server to say anything at all."""

LONGEST_DELAY: Final = 65.0
"""Seconds between two echoes after which the second is not waited for any more."""

NO_ECHO: Final = 2.0
"""Seconds likewise, where the first line was no echo."""

TRIES: Final = 3
"""Trials of a promise whose measurement may have been disturbed."""

LONG: Final = 8.0
"""Seconds of a scenario that is tried again only once."""


class Check:
    """Tries the promises of one server.

    Args:
        server: The server.
        asked: Which promises are asked.
        wishes: What is expected of them.
        tell: Called with what is being tried.
    """

    def __init__(self, server: ServerUnderTest, asked: Asked, wishes: Wishes, tell: Tell) -> None:
        self._server = server
        self._asked = asked
        self._wishes = wishes
        self._tell = tell
        self._learned = Learned()
        self._found: dict[str, Result] = {}

    async def run(self) -> Report:
        """Try all that is asked. Raises CannotCheck if there is no server."""
        evidence = await self._learn()
        if self._learned.kind is Kind.UNKNOWN:
            promise = PROMISES["three-echoes"]
            reverb = replace(self._learned, kind=Kind.REVERB)
            finding = promise.judge(reverb, self._wishes, evidence)
            self._found[promise.id] = Result(promise, finding, evidence)
        promises = [each for each in PROMISES.values() if not self._reason(each)]
        await self._side_by_side([each for each in promises if not each.alone])
        for promise in promises:
            if promise.alone:
                await self._alone(promise)
        results = [self._found.get(each.id) or self._not_asked(each) for each in PROMISES.values()]
        return Report(
            str(self._server.target),
            results,
            server=self._learned.name,
            delay=self._learned.delay,
            restarts=self._server.restarts,
        )

    # Learning

    async def _learn(self) -> Evidence:
        """Find out what can be measured by; return what came of the first shouts."""
        self._tell("listening to the first echoes")
        script = Script([shouts(SHOUT)], lines=1, settle=0.3, within=FIRST_WORD)
        evidence = await self._server.first((script,))
        self._learned = learn_from(evidence.transcripts[0])
        if self._learned.kind is Kind.UNKNOWN and evidence.transcripts[0].lines:
            loud = evidence.transcripts[0].lines[0].text == SHOUT.upper()
            quiet = LONGEST_DELAY if loud else NO_ECHO
            script = replace(script, lines=3, settle=0, quiet=quiet, within=3 * LONGEST_DELAY)
            evidence = await self._server.perform((script,))
            self._learned = learn_from(evidence.transcripts[0])
        if self._learned.kind is Kind.REVERB:
            self._tell("listening to two shouts")
            two = await self._server.perform(two_shouts(self._learned, self._wishes))
            manner = manner_of(self._learned, two)
            hello = Script([Step(0.0, HELLO)], lines=1, within=self._learned.patience)
            answer = await self._server.perform((hello,))
            control = answers_hello(answer.transcripts[0])
            self._learned = replace(self._learned, manner=manner, control=control)
        return evidence

    # Which promises

    def _reason(self, promise: Promise) -> str:
        """Return why a promise is not asked; "" if it is."""
        asked = self._asked
        if promise.id in asked.without:
            return LEFT_OUT
        if self._learned.kind is Kind.UNKNOWN:
            return "there is no echo to go by"
        if promise.id in asked.more or promise.id in (asked.only or ()):
            return ""
        if asked.only is not None:
            return LEFT_OUT
        if promise.id == "overlap" and "one-at-a-time" in asked.more:
            return "one-at-a-time is asked for instead"
        if self._learned.kind not in promise.kinds:
            return "a plain echo" if self._learned.kind is Kind.ECHO else "no plain echo"
        return promise.left_out(self._learned, self._wishes)

    def _lacks(self, promise: Promise) -> str:
        """Return the promise that has to be kept before, and is not; "" if there is none."""
        for need in promise.needs:
            result = self._found.get(need)
            if result and result.finding.verdict is not Verdict.KEPT:
                return need
        return ""

    def _not_asked(self, promise: Promise) -> Result:
        reason = self._reason(promise)
        if not reason:
            reason = f"can't be tried without {self._lacks(promise)}"
        return Result(promise, Finding(Verdict.NOT_ASKED, reason))

    # Trying

    async def _side_by_side(self, promises: Sequence[Promise]) -> None:
        """Try those that don't disturb each other; in a second round those that need the first."""
        asked = {promise.id for promise in promises}
        first = [p for p in promises if not asked.intersection(p.needs)]
        second = [p for p in promises if p not in first]
        for together in (first, second):
            now = [promise for promise in together if not self._lacks(promise)]
            if now:
                self._tell(f"trying {', '.join(promise.id for promise in now)}")
            async with anyio.create_task_group() as group:
                for promise in now:
                    group.start_soon(self._try, promise)
            for promise in now:
                verdict = self._found[promise.id].finding.verdict
                expected = verdict is Verdict.BROKEN and promise.expected(self._learned)
                if verdict is not Verdict.KEPT and not expected:
                    await self._alone(promise)

    async def _alone(self, promise: Promise) -> None:
        """Try a promise while nothing else is tried; again, where it was disturbed."""
        if self._lacks(promise):
            return
        disturbed = 0.0
        undisturbed: Result | None = None
        for _ in range(TRIES):
            self._tell(f"trying {promise.id}")
            result = await self._try(promise)
            late = result.evidence.disturbance
            if result.finding.verdict is Verdict.KEPT:
                return
            if late > self._learned.slack:
                disturbed = max(disturbed, late)
            elif promise.timed:
                undisturbed = result
            else:
                return
            if max((t.over for t in result.evidence.transcripts), default=0.0) > LONG:
                break
        if undisturbed:
            self._found[promise.id] = undisturbed
        elif disturbed and result.finding.verdict is Verdict.BROKEN:
            told = f"{result.finding.told}; but this machine was {disturbed:.2f} s late itself"
            self._found[promise.id] = replace(result, finding=uncertain(told))

    async def _try(self, promise: Promise) -> Result:
        learned = self._learned
        if learned.kind not in promise.kinds:  # asked for by name: what it should be is asked
            learned = replace(learned, kind=next(iter(promise.kinds)))
        evidence = await self._server.perform(promise.scenario(learned, self._wishes))
        if (
            evidence.transcripts
            and evidence.transcripts[0].problem
            and not any(transcript.came for transcript in evidence.transcripts)
        ):
            told = f"no connection: {evidence.transcripts[0].problem}"
            finding = Finding(Verdict.BROKEN, told)
        else:
            finding = promise.judge(learned, self._wishes, evidence)
        result = Result(promise, finding, evidence)
        self._found[promise.id] = result
        return result
