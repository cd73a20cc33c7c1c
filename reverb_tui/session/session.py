"""One server, and one connection to it after the other.

Whoever shows it (an `Observer`) is told what comes and how it stands; nothing here knows a screen.
A connection that breaks is made again by itself, after waits that grow, until it holds, the user
ends it, or is told to stop.
"""

import time
from math import inf
from typing import Final

import anyio

from reverb_tui.connection.client import CLOSED_FIRST, Client, open_client
from reverb_tui.connection.connect import CannotConnect
from reverb_tui.connection.events import Changed, Ended, Event, Heard
from reverb_tui.connection.peer import Refused
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.display import visible_text
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from reverb_tui.session.observer import Observer, State
from reverb_tui.session.transcript import Transcript

FIRST_WAIT: Final = 1.0
"""Seconds before a connection is made again for the first time; then twice as long each time."""

LONGEST_WAIT: Final = 30.0
"""Seconds to which the waits grow: nobody wants to be found again later than that."""

STEADY: Final = 10.0
"""Seconds after which a connection has held: the next wait is a short one again."""

NO_WORD: Final = f"{CLOSED_FIRST} before it said anything; if it speaks TLS, use --tls"

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
    def open(self) -> bool:
        """Whether shouts can be sent."""
        return self.client is not None and self.client.open

    async def run(self) -> None:
        """Connect, and connect again, until the input was ended or it is told to stop."""
        self._complaint, wait = "", FIRST_WAIT
        while True:
            held = await self._converse()
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
            self._be("closed", "disconnected")

    def shout(self, lines: list[str]) -> None:
        """Send lines; only while `open`."""
        if self.client is not None:
            texts = [line.encode("utf-8", "surrogateescape") for line in lines]
            instant = self.client.shout(*texts)
            self._observer.show_entries([self.transcript.shout(text, instant) for text in texts])

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
            self.persistent = False  # nothing could be sent over another connection
            self.client.half_close()
            self._be("input ended", "the input has ended")

    def say(self, sentence: str, kind: Kind = Kind.NOTICE) -> None:
        """Put a sentence of the client's own into the log."""
        self._observer.show_entries([(kind, visible_text(sentence), time.time(), 0)])

    def complain(self, sentence: str) -> None:
        """Put a problem into the log."""
        self.say(sentence, Kind.PROBLEM)

    async def _converse(self) -> float:
        """Connect, and take what comes until the connection ends; return how long it held."""
        self.began = anyio.current_time()
        wall = time.time() - self.began
        before = self.transcript.shouts
        self.transcript = Transcript(raw=self._options.raw, wall=wall, before=before)
        self._be("connecting", "connecting …")
        try:
            async with open_client(
                self.target,
                control=self._options.sends_control_lines,
                raw=self._options.raw,
                crlf=self._options.crlf,
                delay=self._delay,
                mode=self._mode,
            ) as client:
                self.client = client
                began = anyio.current_time()
                self._be("connected")
                if not self._hung_up:
                    self._tell_connected()
                self._observer.show_facts(client.facts)
                async for event in client.events():
                    await self._take(event)
        except CannotConnect as refusal:
            if str(refusal) != self._complaint:  # once is enough, however often it is tried
                self.complain(str(refusal))
            self._complaint, self._hung_up = str(refusal), False
            self._be("not connected", str(refusal))
            return 0.0
        finally:
            self._keep_unfinished()
            self.client = None
            self.transcript.flights.end()
        self._tell_end(client)
        return anyio.current_time() - began

    def _tell_connected(self) -> None:
        self._complaint, self._hung_up = "", False
        self.say(f"connected: {self.target}")

    def _tell_end(self, client: Client) -> None:
        reason = client.reason
        self._hung_up = not client.heard_anything
        if reason is None:
            self.say("all echoes have come, the connection is closed")
            self._be("closed", "the connection is closed")
            return
        # Servers that are no reverb close when they have done what they were asked for.
        ended = reason == CLOSED_FIRST and self._options.raw
        if reason == CLOSED_FIRST and self._hung_up and getattr(self.target, "tls", True) is None:
            reason = NO_WORD
        if reason != self._complaint:
            self.complain(reason)
        self._complaint = reason
        self._be("closed" if ended else "broken", reason)

    async def _take(self, event: Event) -> None:
        if self._hung_up and not isinstance(event, Ended):
            self._tell_connected()
        match event:
            case Heard():
                self._silent_since = inf
                hear = self.transcript.hear(event.lines, event.instant, event.left_out)
                for entries in hear:
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

    def _keep_unfinished(self) -> None:
        """Put a line that will not end any more into the log, if it could be read already."""
        self._observer.show_unfinished(b"")
        if self.client is not None and anyio.current_time() - self._silent_since > UNFINISHED:
            event = self.client.last()
            for entries in self.transcript.hear(event.lines, event.instant, event.left_out):
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
