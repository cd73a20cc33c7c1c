"""The server under test: one that runs already, or one that is started for it."""

import socket
from dataclasses import replace
from typing import Final

import anyio

from reverb_check.probes import perform
from reverb_check.program import CannotStart, Program
from reverb_check.script import Scenario
from reverb_check.transcript import Ending, Evidence
from reverb_tui.connection.targets import AnyTarget

START_WITHIN: Final = 60.0
"""Seconds for a program to listen: ``go run`` compiles first."""

ENDS_WITHIN: Final = 0.1
"""Seconds after a scenario in which a program that serves one client may end."""

RETRY_AFTER: Final = 0.05
"""Seconds between the first two tries to connect to a program that was started just now."""

RETRY_AT_MOST: Final = 1.0
"""Seconds between later tries, so that a program that crashes at each start is seldom started."""


class CannotCheck(CannotStart):
    """No server can be reached; one sentence says why."""


class ServerUnderTest:
    """Plays scenarios on a server, and starts it again where it has ended.

    Args:
        target: Where it listens.
        seconds: Seconds that a scenario may take.
        program: The program to start, if it does not run already.
    """

    def __init__(self, target: AnyTarget, seconds: float, program: Program | None = None) -> None:
        self.target = target
        self._starts = 0
        self._listened = False
        self._seconds = seconds
        self._program = program

    @property
    def restarts(self) -> int:
        """How often the program had ended, and was started again."""
        return max(0, self._starts - 1)

    async def first(self, scenario: Scenario) -> Evidence:
        """Play the first scenario. Raises CannotCheck if there is nobody to play it with."""
        evidence = await self.perform(scenario)
        problem = evidence.transcripts[0].problem
        if evidence.transcripts[0].ending is not Ending.REFUSED:
            return evidence
        if self._program is None:
            raise CannotCheck(f"cannot connect to {self.target}: {problem}")
        said = f", it said: {self._program.last_words}" if self._program.last_words else ""
        if self._program.ended:
            raise CannotCheck(
                f"{self._program} ended with status {self._program.status} before it listened on "
                f"{self.target}{said}"
            )
        raise CannotCheck(
            f"{self._program} did not listen on {self.target} within "
            f"{min(START_WITHIN, self._seconds):g} s; check the command and --port{said}"
        )

    async def perform(self, scenario: Scenario) -> Evidence:
        """Play a scenario; a program is (re)started before, if it does not run."""
        if self._program is None:
            return await perform(scenario, self.target, self._seconds)
        deadline = anyio.current_time() + min(START_WITHIN, self._seconds)
        pause = RETRY_AFTER
        while True:
            if self._program.ended:
                self._program.start()
                self._starts += 1
            evidence = await perform(scenario, self.target, self._seconds)
            if evidence.transcripts[0].ending is not Ending.REFUSED:
                self._listened = True
                break
            # It is not listening yet, or on its way to its end: nobody has heard anything.
            await anyio.sleep(pause)
            pause = min(2 * pause, RETRY_AT_MOST) if self._program.ended else RETRY_AFTER
            never_listened = self._program.ended and not self._listened
            if never_listened or anyio.current_time() > deadline:
                break
        await anyio.sleep(ENDS_WITHIN)
        return replace(evidence, server_ended=self._program.ended)


def free_port() -> int:
    """Return a TCP port of this machine that nothing uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
    return port


def in_use(port: int) -> bool:
    """Return whether something listens on a TCP port of this machine already."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as sock:
                if sock.connect_ex((host, port)) == 0:
                    return True
        except OSError:
            continue
    return False
