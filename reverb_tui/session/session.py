"""The conversation with the server that is wanted: one connection after the other.

One loop keeps the connection up. A connection that breaks is made again after growing waits, until
it holds or the user wants something else; each wish of the user's cancels what the loop is doing.
One whose server drains gets its echoes to the last, while new shouts wait for the next connection.
An `Observer` is told what comes and how the connection stands; nothing here knows a screen.
"""

from collections.abc import AsyncIterator
from math import inf
from typing import Final

import anyio

from reverb_server.address_syntax import Address
from reverb_tui.connection.backoff import Backoff
from reverb_tui.connection.client import Client, open_client
from reverb_tui.connection.connect import CannotConnect
from reverb_tui.connection.leaving import CODE
from reverb_tui.connection.targets import AnyTarget, Embedded, Target, target_of
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from reverb_tui.protocol.events import Changed, Ended, Event, Heard
from reverb_tui.protocol.negotiation import ServerError
from reverb_tui.session.announcements import Announcements
from reverb_tui.session.handover import Handover, Step
from reverb_tui.session.held import TOO_LARGE, HeldShouts
from reverb_tui.session.logbook import Logbook
from reverb_tui.session.observer import TALKING, Observer, State
from reverb_tui.session.question import UNFINISHED
from reverb_tui.session.stranger import Acquaintance
from reverb_tui.session.transcript import Transcript

STALL_LIMIT: Final = 60.0
"""Seconds for which a server may read nothing: nobody types more than it holds."""

BREATH: Final = 0.001
"""Seconds after every event, so that a flood leaves room for keys and for drawing."""

DRAINS: Final = (
    "the server is draining: pending echoes still come, new shouts wait for the next connection"
)
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
        self.target = target
        self.client: Client | None = None
        self._options = options
        self._first = target
        self._meet(target)
        self._log = Logbook(observer, raw=options.raw)
        self.state = State.CLOSED
        self.reason = ""
        """Why there is no connection, one sentence; empty while there is one."""
        self.again_at: float | None = None
        """When it will be tried again, in seconds of the event loop's clock."""
        self.began = 0.0
        """When it was tried last, on the same clock."""
        self._reconnects = reconnects
        self._persistent = reconnects  # whether this connection is made again if it breaks
        self._wanted = True  # whether there is to be a connection at all
        self._next: AnyTarget | None = None  # the server to go to, where it is another one
        self._scope: anyio.CancelScope | None = None  # around what is cancelled by another wish
        self._delay = options.delay
        self._mode: str | None = options.mode
        self._observer = observer
        self._announcements = Announcements()
        self._hurry = anyio.Event()
        self._handover = Handover()

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
            if self._next is not None:
                self.target, self._next = self._next, None
                self._delay = self._mode = None
                self._meet(self.target)
            with anyio.CancelScope() as scope:
                self._scope = scope
                if self._wanted:
                    await self._keep_up()
                self._drop_held()
                self._hurry = anyio.Event()
                await self._hurry.wait()
                self._wanted = True
            if scope.cancelled_caught:
                self._leave()

    def connect(self, where: Address | Embedded | None = None) -> None:
        """Connect to another server, for its own delay and mode; or again to the same one.

        Over TLS only if the address says so. Without a port it is the one in use.
        """
        if where is not None:
            self._next = target_of(where, self.target, self._first)
            if self._next != self.target:
                self._drop_held()
        self._persistent, self._wanted = self._reconnects, True
        self._turn()

    def retry(self) -> None:
        """Connect if there is no connection; now, if it was going to be made later."""
        self._persistent = self._reconnects
        self._announcements.forget()
        self._hurry.set()

    def disconnect(self) -> None:
        """Close the connection, or give up connecting; do not reconnect automatically."""
        self._wanted = False
        self._turn()
        self._drop_held()

    def stop_waiting(self) -> None:
        """Do not connect again, if it is waiting to."""
        self._persistent = False
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
            if self.state == State.CLOSED or not self._persistent:
                return
            wait = backoff.wait_after(held, drained=self._handover.draining)
            if wait:
                await self._wait(wait)
            if not self._persistent:
                return

    def _leave(self) -> None:
        """Handle the end of what the user wants no more; log what is lost with it."""
        talking = self.state in TALKING
        if self._lost or (talking and not self._wanted):
            self.say(f"disconnected{self._lost}")
        if self._wanted:
            return
        if talking:
            self._be(State.CLOSED, "disconnected")
        else:
            self._be(State.NOT_CONNECTED, "stopped trying")

    def _meet(self, target: AnyTarget) -> None:
        """Know nothing yet about a server."""
        self._plain = isinstance(target, Target) and target.tls is None
        self._acquaintance = Acquaintance(asks=self._options.sends_control_lines, plain=self._plain)

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
            self._sends_something()
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
            self._delay = self._delay if delay is None else delay
            self._mode = mode or self._mode
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
            self._sends_something()
            self._persistent = False  # nothing could be sent over another connection
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
        self._log.begin(self.began, raw=self.raw)
        self._be(State.CONNECTING, "connecting …")
        try:
            async with open_client(
                self.target,
                control=self._acquaintance.asked,
                raw=self.raw,
                crlf=self._options.crlf,
                delay=self._delay,
                mode=self._mode,
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
                async for event in self._events(client):
                    self._take(event)
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
        if again and self._persistent:
            return None
        self._tell_end(ended, silent=not client.heard_anything)
        return anyio.current_time() - began

    async def _events(self, client: Client) -> AsyncIterator[Event]:
        """Iterate over what happens, and do what is due if nothing does.

        Ends early if a server that drains does not end the connection.
        """
        handover, flights = self._handover, self.transcript.flights
        events = client.events()
        waits = 0  # in which nothing came; after a busy time one alone may not have looked at all
        while True:
            event = None
            step_at = handover.deadline(flights.missing, client.info.delay)
            deadline = min(self._acquaintance.decide_at, step_at)
            if client.unfinished and waits < 2:
                deadline = min(deadline, anyio.current_time() + UNFINISHED / 2)
            with anyio.CancelScope(deadline=deadline):
                try:
                    event = await anext(events)
                except StopAsyncIteration:
                    return
            if event is not None:
                waits = 0
                yield event
                continue
            now = anyio.current_time()
            if now >= self._acquaintance.decide_at:
                self.settle()
                self._decide()
                continue
            match handover.due(now, flights.missing, client.info.delay):
                case Step.RELEASE:
                    self._release()
                case Step.HALF_CLOSE:
                    client.half_close()
                case Step.LEAVE:
                    return
                case None:
                    waits += 1
                    if waits == 2:
                        self._log.show_question()

    # While the server drains

    @property
    def _obeys(self) -> bool:
        """Whether another connection is made if the server of this one drains."""
        reverb = self.client is not None and self.client.info.kind == "reverb"
        return reverb and self._talks and self._persistent

    def _begin_leaving(self) -> None:
        """Send nothing more on this connection, and hold what is shouted for the next one."""
        if self._handover.begin(anyio.current_time()):
            self._log.say(DRAINS)
        self._be(State.DRAINING, "the server is draining")

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
        lines = self.held.release()
        if lines:
            what = "one shout was" if len(lines) == 1 else f"{len(lines):,} shouts were"
            self.say(f"{what} held and not sent", Kind.PROBLEM)

    @property
    def _lost(self) -> str:
        """Which echoes are lost if the user ends the connection now; "" if none are."""
        flights = self.transcript.flights
        if self.state not in TALKING or not flights.missing:
            return ""
        return f", {flights.missing:,} of {flights.expected:,} echoes had not come"

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
            plain=self._plain,
        )
        if report.sentence:
            self.say(report.sentence, report.kind)
        self._be(report.state, report.reason)

    def _decide(self) -> None:
        """Take it for a stranger, if it still can be one, and say so."""
        sentence = self._acquaintance.decide()
        if sentence and self.client is not None:
            self._announcements.forget()
            self.client.take_for_stranger()
            self.transcript.raw = True
            self._log.say(sentence)
            self._observer.show_state()
            self._log.show_info(self.client.info)

    def _sends_something(self) -> None:
        """Note that the user sends something: the server's end proves nothing from then on."""
        if self._acquaintance.decide_at < inf:  # it has spoken, or hung up at the hello
            self._decide()
        else:
            self._acquaintance.answered()

    def _take(self, event: Event) -> None:
        now = anyio.current_time()
        text = self.client.unfinished if self.client is not None else b""
        self._acquaintance.take(event, text, now)
        if isinstance(event, Heard) and self._acquaintance.decide_at <= now:
            self._decide()
        if self._announcements.announces(event) and not self.held.holds:
            self._tell_connected()
        match event:
            case Heard():
                self._log.came(event)
                self._handover.came(anyio.current_time())
            case Changed(info, asked):
                if info.kind != "asking":
                    self._handover.answered(anyio.current_time())
                changed_mode = self.transcript.learn(info, asked)
                self._log.show_info(info)
                if changed_mode:
                    self._log.say(changed_mode)
            case ServerError(code=code) if code == CODE and self._handover.draining:
                pass  # it was said already
            case ServerError(code=code) if code == CODE and self._obeys:
                self._begin_leaving()
            case ServerError(code=code):
                if code == "line-too-long":
                    self.transcript.flights.refused()
                if sentence := self._announcements.server_error(event):
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
