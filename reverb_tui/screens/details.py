"""Current details of the server, the connection and the echoes."""

from collections.abc import Callable, Iterable
from typing import Final

from reverb_server.core import control
from reverb_tui.echoes.learned import Learned
from reverb_tui.protocol.negotiation import ServerInfo
from reverb_tui.screens.sheet import Section, Sheet
from reverb_tui.session.session import Session

OF_ONE: Final = "Figures of this connection"
"""Title of the figures where earlier shouts are not counted."""

EVERY: Final = 0.5
"""Seconds from one look at the figures to the next."""

Rows = list[tuple[str, str]]

_LIMITS: Final = {
    "max_line": ("longest line", "{:,} bytes"),
    "max_pending": ("held for a client", "{:,} bytes"),
    "max_connections": ("clients at a time", "{:,}"),
    "idle_timeout": ("idle timeout", "{:g} s"),
    "write_timeout": ("write timeout", "{:g} s"),
}
"""Names and formats of the server's limits."""


class Details(Sheet):
    """Shows what ``sections`` returns, and draws it again while it is open."""

    def __init__(self, sections: Callable[[int], Iterable[Section]]) -> None:
        super().__init__("Details", sections)

    def on_mount(self) -> None:
        """Follow the figures."""
        self.set_interval(EVERY, self.draw)


def sections(session: Session, now: float, width: int, log: str = "") -> list[Section]:
    """Return the sections of the details screen.

    ``now`` is in seconds, ``width`` in cells; ``log`` is where the log is written continuously.
    """
    client, transcript = session.client, session.transcript
    limits: Rows = []
    connection: Rows = [("server", str(session.target)), ("state", session.state)]
    if session.reason:
        connection.append(("why", session.reason))
    if client is not None:
        info = client.info
        spoken = f"control lines, version {control.VERSION}"
        connection += [
            ("kind", info.kind),
            ("protocol", spoken if info.kind == "reverb" else "lines"),
            ("encryption", client.tls or "none"),
            *client.certificate,
        ]
        if info.kind != "no reverb":
            connection += _pace(info, transcript.learned)
        limits = _limits(info)
        if info.reason:
            connection.append(("no control", info.reason))
    if log:
        connection.append(("log file", log))
    stats = transcript.stats
    lateness = "\n".join(stats.histogram(width)) or "nothing known yet"
    return [
        ("Connection", connection),
        *([("Limits of the server", limits)] if limits else []),
        (
            OF_ONE if transcript.flights.before else "Figures",
            stats.rows(now, raw=transcript.raw),
        ),
        *([] if transcript.raw else [("Lateness", [("", lateness)])]),
    ]


def _pace(info: ServerInfo, learned: Learned) -> Rows:
    """Return the mode and the delay: told, measured, or unknown."""
    mode = f"{learned.mode}, measured" if learned.mode else "unknown"
    delay = "unknown" if learned.delay is None else f"≈ {learned.delay:.2f} s, measured"
    return [
        ("mode", info.mode or mode),
        ("delay", delay if info.delay is None else f"{info.delay:g} s"),
    ]


def _limits(info: ServerInfo) -> Rows:
    """Return the known limits of the server; a timeout of 0 is none."""
    if info.delay_max is None:
        return []
    told = info.limits or {}
    return [
        ("longest delay", f"{info.delay_max:g} s"),
        *(
            (label, form.format(told[name]) if told[name] else "none")
            for name, (label, form) in _LIMITS.items()
            if name in told
        ),
    ]
