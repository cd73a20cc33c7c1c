"""The state of the connection, as the slider and the status line show it."""

from typing import Any, Final

from textual.screen import Screen
from textual.timer import Timer

from reverb_tui.protocol.negotiation import ServerInfo
from reverb_tui.session.availability import absence, immovable
from reverb_tui.session.observer import State
from reverb_tui.session.session import Session
from reverb_tui.widgets.slider import DelaySlider
from reverb_tui.widgets.status import StatusLine

SILENT_AFTER: Final = 5.0
"""Seconds after which it is said what a server's silence may mean; nothing else comes of it."""


class ConnectionView:
    """Shows which server it is, its mode and delay, and why there is nothing to move.

    Args:
        screen: The screen with both widgets.
        session: The conversation with the server.
        slider: Shows the delay, or why it can't be moved.
        status: Shows the rest.
    """

    def __init__(
        self, screen: Screen[Any], session: Session, slider: DelaySlider, status: StatusLine
    ) -> None:
        self._screen = screen
        self._session = session
        self._slider = slider
        self._status = status
        self._silent = False  # whether the server was asked some time ago what it is
        self._silence: Timer | None = None  # runs until then

    def begin(self) -> None:
        """Show that it is connecting, before the session says so."""
        self._status.show(State.CONNECTING, self._session.target, None)
        self._slider.disabled = True

    def show_info(self, info: ServerInfo, *, movable: bool) -> None:
        """Show what is known about the server, and whether its delay can be moved."""
        if self._session.state == State.CONNECTED:
            self._slider.disabled = not movable
            self._show_why_immovable()
        if info.delay is not None:
            self._slider.show(info.delay, info.wished, info.delay_max or info.delay)
        self._show_status()

    def show_state(self) -> None:
        """Show how the connection is, and why there is nothing to move without one."""
        self._silent = False
        if self._silence is not None:
            self._silence.stop()
        if self._session.state == State.CONNECTED:
            self._silence = self._screen.set_timer(SILENT_AFTER, self._note_silence)
        else:
            self._slider.disabled = True
            self._show_why_immovable()
        self._show_status()

    def _show_status(self) -> None:
        session = self._session
        info = session.client.info if session.client else None
        instant = session.again_at if session.state == State.WAITING else session.began
        measured = str(session.transcript.learned) if info else ""
        self._status.show(
            session.state,
            session.target,
            info,
            instant,
            measured,
            held=len(session.held),
            absence=absence(session),
        )
        self._screen.refresh_bindings()

    def _note_silence(self) -> None:
        self._silent = True
        self._show_why_immovable()

    def _show_why_immovable(self) -> None:
        why = immovable(self._session, for_long=self._silent)
        self._slider.reason, self._slider.shorter = why
