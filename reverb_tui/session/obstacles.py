"""Obstacles to an action: why it can't be done now, and what to do."""

from typing import Final

from reverb_tui.session.session import Session

TO_A_REVERB: Final = "/connect HOST:PORT goes to a reverb-server"

_ABSENT: Final = {
    "connecting": "there is no connection yet, it is being made: try again in a moment",
    "waiting": "there is no connection, it is tried again soon: {connect} tries now",
    "input ended": "the input has ended, only echoes come now: {connect} begins anew",
}
"""Why nothing can be sent, by the state of the connection."""


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
        case "step_delay" | "toggle_mode" | "set_delay" | "set_mode":
            return _absent(session, connect) or _deaf(session)
        case "toggle_timeline" if session.raw:
            return "there are no echoes to see: this server is taken for no reverb"
        case "newest" if following:
            return "the newest line is in sight already"
        case "reconnect" if session.state in ("connecting", "connected"):
            return "there is a connection already: /connect makes another one"
        case "disconnect" if session.state in ("closed", "broken", "not connected"):
            return "there is no connection"
        case "stay_away" if session.state not in ("connecting", "waiting"):
            return "it is not trying to connect"
        case _:
            return ""


def _absent(session: Session, connect: str) -> str:
    if session.open:
        return ""
    if session.raw and session.state == "input ended":
        return f"the input has ended, only what the server says comes now: {connect} begins anew"
    reason = _ABSENT.get(session.state, "there is no connection: {connect} makes one")
    return reason.format(connect=connect)


def _deaf(session: Session) -> str:
    """Why the server takes no requests."""
    facts = session.client.facts if session.client is not None else None
    if facts is None or facts.kind == "asking":
        return "the server has not shown yet what it is: try again in a moment"
    if facts.delay is not None:
        return ""
    if facts.kind == "off":
        return "control lines are switched off: start without --control off"
    return f"{facts.reason or 'the server refuses'}: {TO_A_REVERB}"
