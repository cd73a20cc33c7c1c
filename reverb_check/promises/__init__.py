"""All promises of a server, in the order of reports."""

from typing import Final

from reverb_check.promises import clients, echoes, ends, lines, plain, protocol, timing
from reverb_check.promises.client import CLIENT_PROMISES
from reverb_check.promises.promise import Promise

PROMISES: Final[dict[str, Promise]] = {
    promise.id: promise
    for module in (echoes, timing, plain, clients, lines, ends, protocol)
    for promise in module.ALL
}
"""Every promise of a server by its id."""

KNOWN: Final = PROMISES | CLIENT_PROMISES
"""Every promise by its id."""

__all__ = ["CLIENT_PROMISES", "KNOWN", "PROMISES"]
