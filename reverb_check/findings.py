"""The promises that are asked, and what was found about them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from reverb_check.learned import Name
from reverb_check.promises.promise import Finding, Promise, Verdict
from reverb_check.transcript import Evidence

LEFT_OUT: Final = "left out"
"""Why a promise is not asked that the user left out; reports for people leave it out, too."""

Tell = Callable[[str], None]
"""Called with what is being tried."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which promises are asked.

    Args:
        only: These and no others; None: all that are usual.
        without: Not these.
        more: These as well.
    """

    only: Collection[str] | None = None
    without: Collection[str] = ()
    more: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The finding about one promise, and the evidence of the last trial."""

    promise: Promise
    finding: Finding
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about a server, or about a client.

    Args:
        address: Where the server is; of a client, its command.
        results: One for each promise.
        server: What to call the server; None for a client.
        delay: Seconds between two echoes, as measured.
        restarts: How often the program had ended, and was started again.
    """

    address: str
    results: Sequence[Result]
    server: Name | None = None
    delay: float = 0.0
    restarts: int = 0

    def having(self, verdict: Verdict) -> list[Result]:
        """Return the results with a verdict."""
        return [result for result in self.results if result.finding.verdict is verdict]
