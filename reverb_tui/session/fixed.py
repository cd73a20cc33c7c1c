"""Reasons for a disabled slider."""

from typing import Final

from reverb_tui.display import visible_text
from reverb_tui.session.session import Session

ASKING: Final = "asking the server …"
UNANSWERED: Final = "the server has not answered yet; it may know no control lines"

_BRIEFLY: Final = {
    "asking": "no answer yet",
    "no control lines": "no control lines here",
    "plain": "none, a plain echo",
    "off": "control is off",
    "no reverb": "no reverb",
}
"""Why it can't be moved, by the kind of the server."""


def fixed(session: Session, *, for_long: bool) -> tuple[str, str]:
    """Return why the delay can't be moved: a sentence, and a few words where that is too long.

    ``for_long`` is whether the server was asked some time ago what it is.
    """
    client = session.client
    if session.state != "connected" or client is None:
        reason = visible_text(session.reason)
        short = session.state in ("connecting", "input ended")
        return reason, reason if short else "no connection"
    facts = client.facts
    asking = UNANSWERED if for_long else ASKING
    return facts.reason or asking, _BRIEFLY.get(facts.kind, "")
