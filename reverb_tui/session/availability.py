"""Availability: why an action, or the slider, can't be used now, and what to do."""

import re
from typing import Final

from reverb_tui.display import visible_text
from reverb_tui.session.held import FULL
from reverb_tui.session.observer import State
from reverb_tui.session.session import Session

IN_BROWSER: Final = "not in a browser: files and other servers belong to the machine that serves it"

BEYOND_A_BROWSER: Final = ("connect", "save", "save_picture", "record")
"""Actions that a visitor in a browser must not do: they reach files and other servers."""

TO_A_REVERB: Final = "/connect HOST:PORT goes to a reverb-server"

_ABSENT: Final = {
    State.CONNECTING: "still connecting: try again in a moment",
    State.CONNECTED: "this connection is being closed: try again in a moment",
    State.WAITING: "not connected. Retrying soon; {connect} retries now",
    State.INPUT_ENDED: (
        "you ended the input; remaining echoes will still arrive. {connect} reconnects"
    ),
}
"""Why nothing can be sent, by the state of the connection."""

_ENDED_WHILE_HELD: Final = (
    "you ended the input; held shouts are still sent over the next connection. "
    "{connect} reconnects now"
)

DRAINING: Final = "the server is draining: try again on the next connection"

ASKING: Final = "asking the server …"
UNANSWERED: Final = "the server has not answered yet; it may know no control lines"

_SHORTER: Final = {
    "asking": ("no answer yet; it may know no control lines", "no answer yet"),
    "no control lines": ("this server's delay can't be changed", "no control lines here"),
    "plain": ("none, a plain echo",),
    "off": ("control is off",),
    "no reverb": ("taken for no reverb", "no reverb"),
}
"""Why the slider can't be moved, in ever fewer words, by the kind of the server."""

_NO_NEWS: Final = re.compile("(?:cannot connect to|the connection broke).*?: ")
"""How sentences begin whose first words are no more than what the status line says."""

_ADVICE: Final = re.compile("[:;] .*")


def obstacle(action: str, session: Session, *, following: bool, connect: str = "/connect") -> str:
    """Return why an action of the client can't be done now, as one sentence; "" if it can.

    Args:
        action: The action's name.
        session: The conversation with the server.
        following: Whether the newest line of the log is in sight.
        connect: The key that connects again, as it is called; or the command.
    """
    match action:
        case "shout" | "close_input":
            return _absent(session, connect)
        case "step_delay" | "toggle_mode" | "set_delay" | "set_mode" | "start_demo":
            return _absent(session, connect) or _deaf(session)
        case "toggle_timeline" | "toggle_big" if session.raw:
            return "there are no echoes to see: this server is taken for no reverb"
        case "newest" if following:
            return "the newest line is in sight already"
        case "reconnect" if session.state in (State.CONNECTING, State.CONNECTED):
            return "already connected: /connect makes another connection"
        case "disconnect" if session.state in (State.CLOSED, State.BROKEN, State.NOT_CONNECTED):
            return "not connected"
        case "stay_away" if session.state not in (State.CONNECTING, State.WAITING):
            return "it is not trying to connect"
        case _:
            return ""


def _absent(session: Session, connect: str) -> str:
    if session.open:
        return ""
    if session.held.holds:
        return FULL if session.held.full else _ENDED_WHILE_HELD.format(connect=connect)
    if session.raw and session.state == State.INPUT_ENDED:
        return f"you ended the input; the server's output will still arrive. {connect} reconnects"
    reason = _ABSENT.get(session.state, "not connected: {connect} connects")
    return reason.format(connect=connect)


def _deaf(session: Session) -> str:
    """Why the server takes no requests."""
    if session.state == State.DRAINING:
        return DRAINING
    info = session.client.info if session.client is not None else None
    if info is None or info.kind == "asking":
        return "the server has not shown yet what it is: try again in a moment"
    if info.delay is not None:
        return ""
    if info.kind == "off":
        return "control lines are switched off: start without --control off"
    return f"{info.reason or 'the server refuses'}: {TO_A_REVERB}"


def absence(session: Session) -> str:
    """Return in two words why there is no connection."""
    return "server full" if session.full else "not connected"


def immovable(session: Session, *, for_long: bool) -> tuple[str, tuple[str, ...]]:
    """Return why the delay can't be moved: a sentence, and the same in ever fewer words.

    ``for_long`` is whether the server was asked some time ago what it is.
    """
    client = session.client
    if session.state != State.CONNECTED or client is None:
        reason = visible_text(session.reason)
        return reason, (absence(session),) if session.full else shorter(reason)
    info = client.info
    asking = UNANSWERED if for_long else ASKING
    return info.reason or asking, _SHORTER.get(info.kind, ())


def shorter(reason: str) -> tuple[str, str]:
    """Return a sentence on a lost connection without what is known, then without the advice."""
    why = _NO_NEWS.sub("", reason, count=1)
    return why, _ADVICE.sub("", why)
