"""One half of a comparison: a session in one mode, its timeline, and its log."""

from collections.abc import Callable
from dataclasses import replace

from reverb_server.core.control import ReverbMode
from reverb_tui.connection.targets import AnyTarget, Embedded
from reverb_tui.entry import Entry
from reverb_tui.options import Options
from reverb_tui.protocol.negotiation import ServerInfo
from reverb_tui.session.session import Session
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.timeline import Timeline


class ConversationHalf:
    """Shows what one session does; ``changed`` is called when its state or its server's changes.

    Args:
        mode: The mode to ask for.
        target: The server; a built-in one is another one in each half.
        options: How to talk to it.
        timeline: Where its shouts are drawn.
        changed: Called with what is known about the server, None if that is nothing new.
    """

    def __init__(
        self,
        mode: ReverbMode,
        target: AnyTarget,
        options: Options,
        timeline: Timeline,
        changed: Callable[[ServerInfo | None], None],
    ) -> None:
        if isinstance(target, Embedded):
            target = Embedded(replace(target.settings, mode=mode))
        else:
            options = replace(options, mode=mode)
        self.mode = mode
        self.session = Session(target, options, self)
        self.timeline = timeline
        self.lines = EchoLog()
        self.others_rest: Callable[[], bool] = lambda: True
        """Whether the other half has no echo to come; both have one picture."""
        self._changed = changed

    @property
    def kind(self) -> str:
        """The kind of the server; an empty string while there is none."""
        client = self.session.client
        return client.info.kind if client is not None else ""

    @property
    def in_flight(self) -> bool:
        """Whether an echo is still to come."""
        return self.session.transcript.flights.in_flight

    # The session's observer

    async def ready(self) -> None:
        """Wait for nothing: there is no file."""

    def show_state(self) -> None:
        """Draw the shouts of the connection there is now."""
        flights = self.session.transcript.flights
        flights.others_rest = self.others_rest
        if self.timeline.flights is not flights:
            self.timeline.flights = flights
        self.timeline.wake()
        self._changed(None)

    def show_info(self, info: ServerInfo) -> None:
        """Pass on what is known about the server."""
        self.timeline.wake()
        self._changed(info)

    def show_entries(self, entries: list[Entry]) -> None:
        """Show lines."""
        self.lines.add(entries)
        self.timeline.wake()

    def show_unfinished(self, line: bytes) -> None:
        """Show nothing of it: a reverb ends its lines."""
