"""The entries of one connection in the log, in the order in which things happen.

Whole lines, sent and heard; text that has not ended, once it is a question or something follows it;
and what the client itself says between them.
"""

import time

import anyio

from reverb_tui.connection.client import Client
from reverb_tui.display import visible_text
from reverb_tui.entry import Kind
from reverb_tui.protocol.events import Heard
from reverb_tui.protocol.negotiation import ServerInfo
from reverb_tui.secrecy import asks_for_secret
from reverb_tui.session.observer import Observer
from reverb_tui.session.question import Question
from reverb_tui.session.transcript import Transcript


class Logbook:
    """Shows the observer what becomes entries of its log, and what the server has not ended.

    Args:
        observer: Shows it.
        raw: Whether the server is taken for no reverb.
    """

    def __init__(self, observer: Observer, *, raw: bool) -> None:
        self.transcript = Transcript(raw=raw)
        """The lines of this connection, or of the last one."""
        self._observer = observer
        self._client: Client | None = None
        self._confidant: Client | None = None  # the connection on which a secret was asked for
        self._question = Question()

    def begin(self, *, raw: bool) -> None:
        """Begin with another connection."""
        self.transcript = Transcript(raw=raw, before=self.transcript.shouts)

    def connected(self, client: Client) -> None:
        """Note that the connection is made."""
        self._client = client

    def end(self, now: float) -> None:
        """Log what is left, although its line has not ended, and expect nothing more."""
        if self._client is not None:
            self.hear(self._client.last())
        self._client = None
        self._question.forget()
        self._observer.show_unfinished(b"")
        self.transcript.flights.end(now)

    @property
    def unfinished(self) -> bytes:
        """Text that has come and does not end: a question, say; b"" if there is none."""
        standing = self._question.standing
        return self._client.unfinished if self._client is not None and standing else b""

    @property
    def question(self) -> bytes:
        """The newest text that has not ended, in the log or not, until anything is answered."""
        return self.unfinished or self._question.logged

    @property
    def takes_secrets(self) -> bool:
        """Whether it is on this connection that a secret was asked for."""
        return self._confidant is self._client

    def sent(self, texts: list[bytes], instant: float, *, secret: bool) -> None:
        """Log shouts; they answer the question, if there is one."""
        self._forget_question()
        self._keep_time()
        entries = [self.transcript.shout(text, instant, secret=secret) for text in texts]
        self._observer.show_entries([entry for parts in entries for entry in parts])

    def came(self, event: Heard) -> None:
        """Log lines that came after what is in the log."""
        self._forget_question()
        self.hear(event)

    def hear(self, event: Heard) -> None:
        """Log lines, or the beginning or the rest of one."""
        self._keep_time()
        measured = str(self.transcript.learned)
        entries = self.transcript.hear(event.lines, event.instant, event.goes_on)
        if entries:
            self._observer.show_entries(entries)
        if self._client is not None and str(self.transcript.learned) != measured:
            self._observer.show_info(self._client.info)
        shown = self._question.standing
        rest = self._client is not None and bool(self._client.unfinished)
        self._question.heard(anyio.current_time(), lines=bool(entries), rest=rest)
        if self.unfinished or shown:
            self._show_unfinished()

    def settle(self) -> None:
        """Log what is `unfinished`: the rest is another line."""
        if self._client is not None and self.unfinished:
            self._question.logged = self._client.unfinished
            self.hear(self._client.cut())

    def show_question(self) -> None:
        """Show what has not ended: nothing follows it, so it is a question."""
        self._question.standing = True
        self._show_unfinished()

    def say(self, sentence: str, kind: Kind = Kind.NOTICE) -> None:
        """Log a sentence of the client's own."""
        self._keep_time()
        instant = anyio.current_time() + self.transcript.wall
        self._observer.show_entries([(kind, visible_text(sentence), instant, 0)])

    def show_info(self, info: ServerInfo) -> None:
        """Show what is known about the server, and tune the echoes in the air to its delay."""
        if info.delay is not None:
            delay = info.delay if info.wished is None else info.wished
            self.transcript.flights.tune(delay, anyio.current_time())
        self._observer.show_info(info)

    def _keep_time(self) -> None:
        """Follow the wall clock, which may have been set, or have gone on while the machine slept.

        Not while echoes are in the air: how long after its shout each came must stay right.
        """
        if not self.transcript.flights.in_flight:
            self.transcript.wall = time.time() - anyio.current_time()

    def _show_unfinished(self) -> None:
        if asks_for_secret(self.question):
            self._confidant = self._client
        self._observer.show_unfinished(self.unfinished)

    def _forget_question(self) -> None:
        """Note that what is in the log already was answered, or is followed by more."""
        if self._question.logged:
            self._question.logged = b""
            self._show_unfinished()
