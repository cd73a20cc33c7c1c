"""The conversation with the server that is wanted: one connection after the other.

One loop keeps the connection up. A connection that breaks is made again after growing waits, until
it holds or the user wants something else; each wish of the user's cancels what the loop is doing.
One whose server drains gets its echoes to the last, while new shouts wait for the next connection.
An `Observer` is told what comes and how the connection stands; nothing here knows a screen.
"""

from typing import Final

import anyio

from reverb_server.address_syntax import Address
from reverb_tui.connection.backoff import Backoff
from reverb_tui.connection.client import Client, open_client
from reverb_tui.connection.connect import CannotConnect
from reverb_tui.connection.leaving import CODE
from reverb_tui.connection.targets import AnyTarget, Embedded, Target
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from reverb_tui.protocol.events import Changed, Ended, Event, Heard
from reverb_tui.protocol.negotiation import ServerError
from reverb_tui.session.announcements import Announcements
from reverb_tui.session.handover import DRAINS, Handover, Step
from reverb_tui.session.held import TOO_LARGE, HeldShouts
from reverb_tui.session.logbook import Logbook
from reverb_tui.session.observer import TALKING, Observer, State
from reverb_tui.session.occurrences import Due, Occurrence, occurrences
from reverb_tui.session.stranger import Acquaintance
from reverb_tui.session.transcript import Transcript
from reverb_tui.session.wish import Wish

STALL_LIMIT: Final = 60.0
"""Seconds for which a server may read nothing: nobody types more than it holds."""

BREATH: Final = 0.001
"""Seconds after every event, so that a flood leaves room for keys and for drawing."""

ASKED_ELSEWHERE: Final = "not sent: the question for it was asked on another connection"


class Session:
    """The conversation with one server at a time.

    Args:
        target: The first server.
        options: How to talk to it, and to those after it.
        observer: Shows what happens.
        reconnects: Whether a connection that broke is made again without being asked for.
    """

    def __init__(
        self, target: AnyTarget, options: Options, observer: Observer, *, reconnects: bool = True
    ) -> None:
        self.client: Client | None = None
        self._options = options
        self._wish = Wish(target, options.delay, options.mode, reconnects=reconnects)
        self._meet(target)
        self._log = Logbook(observer, raw=options.raw)
        self.state = State.CLOSED
        self.reason = ""
        """Why there is no connection, one sentence; empty while there is one."""
        self.again_at: float | None = None
        """When it will be tried again, in seconds of the event loop's clock."""
        self.began = 0.0
        """When it was tried last, on the same clock."""
        self._scope: anyio.CancelScope | None = None  # around what is cancelled by another wish
        self._observer = observer
        self._announcements = Announcements()
        self._hurry = anyio.Event()
        self._handover = Handover()

    @property
    def target(self) -> AnyTarget:
        """The server."""
        return self._wish.target

    @property
    def raw(self) -> bool:
        """Whether the server is taken for no reverb, as asked for or as found out."""
        return self._options.raw or self._acquaintance.treated_raw

    @property
    def held(self) -> HeldShouts:
        """Shouts that wait for the next connection."""
        return self._handover.held

    @property
    def open(self) -> bool:
        """Whether shouts are sent, or held for the next connection."""
        return self.held.takes if self.held.holds else self._talks

    @property
    def full(self) -> bool:
        """Whether there is no connection because the server was full when it was tried last."""
        return self._announcements.full

    @property
    def _talks(self) -> bool:
        """Whether this connection takes what is sent."""
        talks = self.client is not None and self.client.open and not self._turning
        return talks and not self._handover.draining

    @property
    def _turning(self) -> bool:
        """Whether the user wants something else, and the loop has not turned to it yet."""
        return self._scope is not None and self._scope.cancel_called

    @property
    def transcript(self) -> Transcript:
        """The lines of this connection, or of the last one."""
        return self._log.transcript

    @property
    def unfinished(self) -> bytes:
        """Text that has come and does not end: a question, say; b"" if there is none."""
        return self._log.unfinished

    @property
    def question(self) -> bytes:
        """The newest text that has not ended, in the log or not, until anything is answered."""
        return self._log.question

    def settle(self) -> None:
        """Put into the log what has come, also what is `unfinished`: the rest is another line."""
        if self.client is not None:
            for event in self.client.at_hand():
                self._take(event)
            self._log.settle()

    async def run(self) -> None:
        """Connect, and keep up the connection that is wanted, until cancelled."""
        while True:
            if self._wish.turn():
                self._meet(self.target)
            with anyio.CancelScope() as scope:
                self._scope = scope
                if self._wish.connected:
                    await self._keep_up()
                self._drop_held()
                self._hurry = anyio.Event()
                await self._hurry.wait()
                self._wish.connected = True
            if scope.cancelled_caught:
                self._leave()

    def connect(self, where: Address | Embedded | None = None) -> None:
        """Connect to another server, for its own delay and mode; or again to the same one.

        Over TLS only if the address says so. Without a port it is the one in use.
        """
        if self._wish.connect(where):
            self._drop_held()
        self._turn()

    def retry(self) -> None:
        """Connect if there is no connection; now, if it was going to be made later."""
        self._wish.retry()
        self._announcements.forget()
        self._hurry.set()

    def disconnect(self) -> None:
        """Close the connection, or give up connecting; do not reconnect automatically."""
        self._wish.connected = False
        self._turn()
        self._drop_held()

    def stop_waiting(self) -> None:
        """Do not connect again, if it is waiting to."""
        self._wish.again = False
        if self.state == State.WAITING:
            self._hurry.set()

    def _turn(self) -> None:
        """Cancel what the loop is doing, for what is wanted now."""
        if self._scope is not None:
            self._scope.cancel()

    async def _keep_up(self) -> None:
        """Connect, and connect again, until there is nothing more to wait for."""
        self._announcements.forget()  # the user asks for it
        backoff = Backoff()
        while True:
            held = await self._converse()
            if held is None:
                continue
            if self.state == State.CLOSED or not self._wish.again:
                return
            wait = backoff.wait_after(held, drained=self._handover.draining)
            if wait:
                await self._wait(wait)
            if not self._wish.again:
                return

    def _leave(self) -> None:
        """Handle the end of what the user wants no more; log what is lost with it."""
        talking, flights = self.state in TALKING, self.transcript.flights
        lost = ""
        if talking and flights.missing:
            lost = f", {flights.missing:,} of {flights.expected:,} echoes had not come"
        if lost or (talking and not self._wish.connected):
            self.say(f"disconnected{lost}")
        if self._wish.connected:
            return
        if talking:
            self._be(State.CLOSED, "disconnected")
        else:
            self._be(State.NOT_CONNECTED, "stopped trying")

    def _meet(self, target: AnyTarget) -> None:
        """Know nothing yet about a server."""
        plain = isinstance(target, Target) and target.tls is None
        self._acquaintance = Acquaintance(asks=self._options.sends_control_lines, plain=plain)

    def shout(self, lines: list[str], *, secret: bool = False) -> None:
        """Send lines, or hold them for the next connection; only while `open`.

        What is ``secret`` is not shown, and goes nowhere but to the connection on which it was
        asked for.
        """
        self.settle()
        if secret and (self.held.holds or not self._log.takes_secrets):
            self._log.say(ASKED_ELSEWHERE, Kind.PROBLEM)
        elif self.held.holds:
            self._hold(lines)
        else:
            self._send(lines, secret=secret)

    def _send(self, lines: list[str], *, secret: bool = False) -> None:
        if self.client is not None:
            self._take_for_stranger(self._acquaintance.sends())
            texts = [line.encode("utf-8", "surrogateescape") for line in lines]
            instant = self.client.shout(*texts)
            self._log.sent(texts, instant, secret=secret)

    def ask(
        self, *, delay: float | None = None, mode: str | None = None, limits: bool = False
    ) -> None:
        """Ask the server for a delay (seconds), a mode, or its limits.

        The next connection will ask for the same delay and mode.
        """
        if self._talks and self.client is not None:
            self._wish.ask(delay, mode)
            self.client.ask(delay=delay, mode=mode, limits=limits)
            self._log.show_info(self.client.info)

    def end_input(self) -> None:
        """Half-close the connection; what is pending still comes.

        If shouts are held, it is the next connection, after them.
        """
        takes = self.client is not None and self.client.open and not self._turning
        if self._handover.end_input(takes=takes):
            self._observer.show_state()
        elif self.client is not None and takes:
            self._take_for_stranger(self._acquaintance.sends())
            self._wish.again = False  # nothing could be sent over another connection
            self.client.half_close()
            self._be(State.INPUT_ENDED, "the input has ended")

    def say(self, sentence: str, kind: Kind = Kind.NOTICE) -> None:
        """Put a sentence of the client's own into the log, after what has come."""
        self.settle()
        self._log.say(sentence, kind)

    def complain(self, sentence: str) -> None:
        """Put a problem into the log."""
        self.say(sentence, Kind.PROBLEM)

    async def _converse(self) -> float | None:
        """Connect, and take what comes until the connection ends.

        Returns for how many seconds it held; None if it is to be made again at once.
        """
        self._handover.connecting()
        self.began = anyio.current_time()
        self._log.begin(raw=self.raw)
        self._be(State.CONNECTING, "connecting …")
        try:
            async with open_client(
                self.target,
                control=self._acquaintance.asked,
                raw=self.raw,
                crlf=self._options.crlf,
                delay=self._wish.delay,
                mode=self._wish.mode,
                patience=STALL_LIMIT,
            ) as client:
                self.client = client
                self._log.connected(client)
                began = anyio.current_time()
                again = self._acquaintance.treated_raw and not self._acquaintance.stranger
                self._acquaintance.connected(began)
                self._be(State.CONNECTED)
                self._handover.connected(began, asked=self._acquaintance.asked)
                if not (self.held.holds or self._announcements.withheld or again):
                    self._tell_connected()
                self._log.show_info(client.info)
                async for occurrence in occurrences(
                    client, self._acquaintance, self._handover, self.transcript.flights
                ):
                    self._take(occurrence)
                    await anyio.sleep(BREATH)
                    await self._observer.ready()
        except CannotConnect as refusal:
            if sentence := self._announcements.not_reached(str(refusal)):
                self.complain(sentence)
            self._acquaintance.not_reached()
            self._be(State.NOT_CONNECTED, str(refusal))
            return 0.0
        finally:
            self._keep_the_rest()
            self.client = None
        ended = client.how_it_ended
        again = not self.held.holds and self._acquaintance.ended(ended.how, anyio.current_time())
        self.transcript.raw = self.raw  # it may be no stranger, after all
        if again and self._wish.again:
            return None
        self._tell_end(ended, silent=not client.heard_anything)
        return anyio.current_time() - began

    # While the server drains

    @property
    def _obeys(self) -> bool:
        """Whether another connection is made if the server of this one drains."""
        reverb = self.client is not None and self.client.info.kind == "reverb"
        return reverb and self._talks and self._wish.again

    def _hold(self, lines: list[str]) -> None:
        if not self.held.hold(lines):
            self._log.say(f"not sent: {TOO_LARGE}", Kind.PROBLEM)
            return
        what = lines[0] if len(lines) == 1 else f"{len(lines):,} lines"
        self._log.say(f"held for the next connection: {what}")
        self._observer.show_state()

    def _release(self) -> None:
        """Send what was held: this connection takes it."""
        if not self._talks:
            return
        ended = self.held.input_ended
        lines = self.held.release()
        self._tell_connected()
        if lines:
            self._send(lines)
        if ended:
            self.end_input()
        else:
            self._observer.show_state()

    def _drop_held(self) -> None:
        """Hold nothing any more; log what was held."""
        if lost := self.held.drop():
            self.complain(lost)

    def _tell_connected(self) -> None:
        self._announcements.forget()
        self._log.say(f"connected: {self.target}")

    def _tell_end(self, ended: Ended, *, silent: bool) -> None:
        """Log how the connection ended; ``silent`` is whether the server never said anything."""
        flights = self.transcript.flights
        report = self._announcements.ended(
            ended,
            missing=flights.missing,
            expected=flights.expected,
            silent=silent,
            draining=self._handover.draining,
            raw=self.raw,
            plain=self._acquaintance.plain,
        )
        if report.sentence:
            self.say(report.sentence, report.kind)
        self._be(report.state, report.reason)

    def _take_for_stranger(self, sentence: str) -> None:
        """Take the server for a stranger from now on, if there is a sentence that says so."""
        if sentence and self.client is not None:
            self._announcements.forget()
            self.client.take_for_stranger()
            self.transcript.raw = True
            self._log.say(sentence)
            self._observer.show_state()
            self._log.show_info(self.client.info)

    def _take(self, occurrence: Occurrence) -> None:
        """Show what has come, and do what is due."""
        now = anyio.current_time()
        if isinstance(occurrence, Event):
            text = self.client.unfinished if self.client is not None else b""
            self._take_for_stranger(self._acquaintance.take(occurrence, text, now))
            if self._announcements.announces(occurrence) and not self.held.holds:
                self._tell_connected()
        match occurrence:
            case Due.DECIDE:
                self.settle()
                self._take_for_stranger(self._acquaintance.decide())
            case Due.QUESTION:
                self._log.show_question()
            case Step.RELEASE:
                self._release()
            case Step.HALF_CLOSE if self.client is not None:
                self.client.half_close()
            case Heard():
                self._log.came(occurrence)
                self._handover.came(now)
            case Changed(info, asked):
                if info.kind != "asking":
                    self._handover.answered(now)
                changed_mode = self.transcript.learn(info, asked)
                self._log.show_info(info)
                if changed_mode:
                    self._log.say(changed_mode)
            case ServerError(code=code) if code == CODE and self._handover.draining:
                pass  # it was said already
            case ServerError(code=code) if code == CODE and self._obeys:
                if self._handover.begin(now):
                    self._log.say(DRAINS)
                self._be(State.DRAINING, "the server is draining")
            case ServerError(code=code):
                if code == "line-too-long":
                    self.transcript.flights.refused()
                if sentence := self._announcements.server_error(occurrence):
                    self._log.say(sentence, Kind.PROBLEM)

    def _keep_the_rest(self) -> None:
        """Put all into the log that has come, although more will not."""
        if self.client is not None:
            for event in self.client.at_hand():
                self._take(event)
        self._log.end(anyio.current_time())

    async def _wait(self, seconds: float) -> None:
        how = self.state
        self._hurry = anyio.Event()
        self.again_at = anyio.current_time() + seconds
        self._be(State.WAITING, self.reason)
        try:
            with anyio.move_on_after(seconds):
                await self._hurry.wait()
        finally:
            self.again_at = None
        self._be(how, self.reason)

    def _be(self, state: State, reason: str = "") -> None:
        self.state, self.reason = state, reason
        self._observer.show_state()
