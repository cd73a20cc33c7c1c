"""What there is to know about a connection, in rows of a label and a value."""

from reverb_tui.screens.sheet import Section
from reverb_tui.session import Session

Rows = list[tuple[str, str]]


def details(session: Session, now: float, width: int, log: str = "") -> list[Section]:
    """Give the sections of the details screen.

    ``now`` is in seconds, ``width`` in cells; ``log`` is where the log is written all along.
    """
    client, transcript = session.client, session.transcript
    connection: Rows = [("server", str(session.target)), ("state", session.state)]
    if session.reason:
        connection.append(("why", session.reason))
    if client is not None:
        facts = client.facts
        connection += [
            ("kind", facts.kind),
            ("protocol", "control lines, version 1" if facts.kind == "reverb" else "lines"),
            ("encryption", client.tls or "none"),
            *client.certificate,
            ("mode", facts.mode or "unknown"),
            ("delay", "unknown" if facts.delay is None else f"{facts.delay:g} s"),
            ("longest delay", "unknown" if facts.delay_max is None else f"{facts.delay_max:g} s"),
        ]
        if facts.reason:
            connection.append(("no control", facts.reason))
    if log:
        connection.append(("log file", log))
    figures = transcript.figures
    lateness = "\n".join(figures.histogram(width)) or "nothing known yet"
    return [
        ("Connection", connection),
        ("Figures", [("", figures.line(now))]),
        ("Lateness", [("", lateness)]),
    ]
