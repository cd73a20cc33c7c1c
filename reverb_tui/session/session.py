"""One server, and one connection to it after the other.

Whoever shows it (an `Observer`) is told what comes and how it stands; nothing here knows a screen.
A connection that breaks is made again by itself, after waits that grow, until it holds, the user
ends it, or is told to stop.
"""

import time
from collections.abc import AsyncIterator, Iterator
from math import inf
from typing import Final

import anyio

from reverb_tui.connection.client import Client, open_client
from reverb_tui.connection.connect import CannotConnect
from reverb_tui.connection.events import Changed, End, Ended, Event, Heard
from reverb_tui.connection.peer import Refused
from reverb_tui.connection.targets import AnyTarget, Target
from reverb_tui.display import visible_text
from reverb_tui.entry import Entry, Kind
from reverb_tui.options import Options
from reverb_tui.session.observer import Observer, State
from reverb_tui.session.stranger import MAYBE_TLS, Acquaintance
from reverb_tui.session.transcript import Transcript

FIRST_WAIT: Final = 1.0
"""Seconds before a connection is made again for the first time; then twice as long each time."""

LONGEST_WAIT: Final = 30.0
"""Seconds to which the waits grow: nobody wants to be found again later than that."""

STEADY: Final = 10.0
"""Seconds after which a connection has held: the next wait is a short one again."""

NO_WORD: Final = "the server closed the connection before it said anything"

PATIENCE: Final = 60.0
"""Seconds for which a server may read nothing: nobody types more than it holds."""

BREATH: Final = 0.001
"""Seconds after every slice of lines, so that a flood leaves room for keys and for drawing."""

UNFINISHED: Final = 0.1
"""Seconds after which a line that has not ended is taken for one: a question, say, and no flood."""


class Session:
    """The conversation with one server, given by ``options``, shown by ``observer``."""

    def __init__(
        self, target: AnyTarget, options: Options, observer: Observer, *, before: int = 0
    ) -> None:
        self.target = target
        self.client: Client | None = None
        self._plain = isinstance(target, Target) and target.tls is None
        self._acquaintance = Acquaintance(asks=options.sends_control_lines, plain=self._plain)
        self.transcript = Transcript(raw=options.raw, before=before)
        self.state: State = "closed"
        self.reason = ""
        """Why there is no connection, one sentence; empty while there is one."""
        self.again_at: float | None = None
        """When it will be tried again, in seconds of the event loop's clock."""
        self.began = 0.0
        """When it was tried last, on the same clock."""
        self.persistent = True
        """Whether a connection that broke is made again without being asked for."""
        self._options = options
        self._delay = options.delay
        self._mode: str | None = options.mode
        self._observer = observer
        self._complaint = ""
        self._hung_up = False  # the last connection ended before the server said anything
        self._hurry = anyio.Event()
        self._silent_since = inf  # when everything had been taken that came

    @property
    def raw(self) -> bool:
        """Whether the server is taken for no reverb, as asked for or as found out."""
        return self._options.raw or self._acquaintance.treated_raw

    @property
    def open(self) -> bool:
        """Whether shouts can be sent."""
        return self.client is not None and self.client.open

    async def run(self) -> None:
        """Connect, and connect again, until the input was ended or it is told to stop."""
        self._complaint, wait = "", FIRST_WAIT
        while True:
            held = await self._converse()
            if held is None:
                continue
            if self.state == "closed" or not self.persistent:
                return
            if held > STEADY:
                wait = FIRST_WAIT
            await self._wait(wait)
            if not self.persistent:
                return
            wait = min(2 * wait, LONGEST_WAIT)

    def hurry(self) -> None:
        """Try again now, if it is waiting to; who asks for it is told again why it can't be."""
        self._complaint, self._hung_up = "", False
        self._hurry.set()

    def stop(self) -> None:
        """Do not connect again."""
        self.persistent = False
        self.hurry()

    def leave(self) -> None:
        """Take that the user has ended the connection, or the try to make one."""
        self.client = None
        if self.state == "connecting":
            self._be("not connected", "stopped trying")
        else:
            matcher = self.transcript.matcher
            missing = f", {matcher.missing:,} of {matcher.expected:,} echoes had not come"
            self.say(f"disconnected{missing if matcher.missing else ''}")
            self._be("closed", "disconnected")

    def shout(self, lines: list[str], *, secret: bool = False) -> None:
        """Send lines; only while `open`. What is ``secret`` is not shown."""
        if self.client is not None:
            self._sends_something()
            texts = [line.encode("utf-8", "surrogateescape") for line in lines]
            instant = self.client.shout(*texts)
            self._observer.show_entries(
                [self.transcript.shout(text, instant, secret=secret) for text in texts]
            )

    def ask(
        self, *, delay: float | None = None, mode: str | None = None, limits: bool = False
    ) -> None:
        """Ask the server for a delay (seconds), a mode, or its limits.

        The next connection will ask for the same delay and mode.
        """
        if self.open and self.client is not None:
            self._delay = self._delay if delay is None else delay
            self._mode = mode or self._mode
            self.client.ask(delay=delay, mode=mode, limits=limits)
            self._observer.show_facts(self.client.facts)

    def end_input(self) -> None:
        """Say that nothing more will be sent; what is pending still comes."""
        if self.open and self.client is not None:
            self._sends_something()
            self.persistent = False  # nothing could be sent over another connection
            self.client.half_close()
            self._be("input ended", "the input has ended")

    def say(self, sentence: str, kind: Kind = Kind.NOTICE) -> None:
        """Put a sentence of the client's own into the log."""
        self._observer.show_entries([(kind, visible_text(sentence), time.time(), 0)])

    def complain(self, sentence: str) -> None:
        """Put a problem into the log."""
        self.say(sentence, Kind.PROBLEM)

    async def _converse(self) -> float | None:
        """Connect, and take what comes until the connection ends.

        Returns for how many seconds it held; None if it is to be made again at once.
        """
        self.began = anyio.current_time()
        wall = time.time() - self.began
        before = self.transcript.shouts
        self.transcript = Transcript(raw=self.raw, wall=wall, before=before)
        self._be("connecting", "connecting …")
        try:
            async with open_client(
                self.target,
                control=self._acquaintance.asked,
                raw=self.raw,
                crlf=self._options.crlf,
                delay=self._delay,
                mode=self._mode,
                patience=PATIENCE,
            ) as client:
                self.client = client
                began = anyio.current_time()
                again = self._acquaintance.treated_raw and not self._acquaintance.stranger
                self._acquaintance.connected(began)
                self._be("connected")
                if not self._hung_up and not again:
                    self._tell_connected()
                self._observer.show_facts(client.facts)
                async for event in self._events(client):
                    await self._take(event)
        except CannotConnect as refusal:
            if str(refusal) != self._complaint:  # once is enough, however often it is tried
                self.complain(str(refusal))
            self._complaint, self._hung_up = str(refusal), False
            self._acquaintance.not_reached()
            self._be("not connected", str(refusal))
            return 0.0
        finally:
            self._keep_unfinished()
            self.client = None
            self.transcript.flights.end()
        ended = client.how_it_ended
        if self._acquaintance.ended(ended.how, anyio.current_time()) and self.persistent:
            return None
        self._tell_end(ended, silent=not client.heard_anything)
        return anyio.current_time() - began

    async def _events(self, client: Client) -> AsyncIterator[Event]:
        """Iterate over what happens, and decide on the server when it is time to."""
        events = client.events()
        while True:
            event = None
            with anyio.CancelScope(deadline=self._acquaintance.decide_at):
                try:
                    event = await anext(events)
                except StopAsyncIteration:
                    return
            if event is not None:
                yield event
            else:
                self._decide()

    def _tell_connected(self) -> None:
        self._complaint, self._hung_up = "", False
        self.say(f"connected: {self.target}")

    def _tell_end(self, ended: Ended, *, silent: bool) -> None:
        """Say how the connection ended; ``silent`` is whether the server never said anything."""
        self._hung_up = silent
        matcher = self.transcript.matcher
        reason = ended.sentence(matcher.missing, matcher.expected or 0)
        # Servers that are no reverb close when they have done what they were asked for.
        in_order = ended.how is End.AS_ASKED or (ended.how is End.CLOSED and self.raw)
        if in_order and not matcher.missing:
            self.say(reason)
            self._be("closed", "the connection is closed")
            return
        if ended.how is End.CLOSED and silent:
            reason = f"{NO_WORD}{MAYBE_TLS if self._plain else ''}"
        if reason != self._complaint:
            self.complain(reason)
        self._complaint = reason
        self._be("broken", reason)

    def _decide(self) -> None:
        """Take it for a stranger, if it still can be one, and say so."""
        sentence = self._acquaintance.decide()
        if sentence and self.client is not None:
            self._complaint, self._hung_up = "", False
            self.client.take_for_stranger()
            self.transcript.raw = True
            self.say(sentence)
            self._observer.show_state()
            self._observer.show_facts(self.client.facts)

    def _sends_something(self) -> None:
        """Take that the user sends something: from then on it is no proof how the server ends."""
        if self._acquaintance.treated_raw:
            self._decide()
        else:
            self._acquaintance.answered()

    def _get_acquainted(self, event: Event) -> None:
        """Take what an event shows of what the server is."""
        match event:
            case Heard(lines):
                now = anyio.current_time()
                self._acquaintance.spoke(lines[0] if lines else event.unfinished, now)
                if self._acquaintance.decide_at <= now:
                    self._decide()
            case Changed(facts) if facts.kind != "asking":
                self._acquaintance.answered()
            case Refused():
                self._acquaintance.answered()

    async def _take(self, event: Event) -> None:
        self._get_acquainted(event)
        if self._hung_up and not isinstance(event, Ended):
            self._tell_connected()
        match event:
            case Heard():
                self._silent_since = inf
                for entries in self._transcribed(event):
                    self._observer.show_entries(entries)
                    await anyio.sleep(BREATH)
                    while self._observer.behind:  # noqa: ASYNC110
                        await anyio.sleep(BREATH)  # it does not tell of its end
                self._observer.show_unfinished(event.unfinished)
                self._silent_since = anyio.current_time()
            case Changed(facts, asked):
                self.transcript.learn(facts, asked)
                self._observer.show_facts(facts)
            case Refused(code, sentence):
                if code == "line-too-long":
                    self.transcript.matcher.refused()
                self.complain(f"the server says: {sentence}")
                await anyio.sleep(BREATH)
                while self._observer.behind:  # noqa: ASYNC110
                    await anyio.sleep(BREATH)

    def _transcribed(self, event: Heard) -> Iterator[list[Entry]]:
        return self.transcript.hear(event.lines, event.instant, event.left_out, torn=event.torn)

    def _keep_unfinished(self) -> None:
        """Put a line that will not end any more into the log, if it could be read already."""
        self._observer.show_unfinished(b"")
        if self.client is not None and anyio.current_time() - self._silent_since > UNFINISHED:
            event = self.client.last()
            for entries in self._transcribed(event):
                self._observer.show_entries(entries)

    async def _wait(self, seconds: float) -> None:
        how = self.state
        self._hurry = anyio.Event()
        self.again_at = anyio.current_time() + seconds
        self._be("waiting", self.reason)
        try:
            with anyio.move_on_after(seconds):
                await self._hurry.wait()
        finally:
            self.again_at = None
        self._be(how, self.reason)

    def _be(self, state: State, reason: str = "") -> None:
        self.state, self.reason = state, reason
        self._observer.show_state()
