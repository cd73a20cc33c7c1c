"""One connection of the pipe: what comes goes to standard output, and its end is judged."""

import os
from collections.abc import AsyncIterator, Callable
from functools import partial
from math import inf
from typing import Final

import anyio

from reverb_server.net.daemon_thread import DaemonThread, in_daemon_thread
from reverb_tui import stdio
from reverb_tui.connection.client import Client
from reverb_tui.connection.leaving import ANSWERED_WITHIN, CODE, Leaving
from reverb_tui.echoes.tally import Tally
from reverb_tui.plain_screen import PlainScreen
from reverb_tui.protocol.events import Changed, Ended, Ending, Event, Heard
from reverb_tui.protocol.negotiation import SENDS_AWAY, ServerError

NOWHERE: Final = "standard output is closed: give it a file or a pipe, or /dev/null"

NOTHING: Final = "nothing came back: that is no echo, or one that speaks TLS (--tls)"

CHANGE_UNANSWERED: Final = (
    "the server did not answer what it was asked: leave out --delay and --mode if it is no reverb"
)

DRAINS: Final = "the server is draining: further input goes to the next connection"


class PipeConnection:
    """Both directions of one connection; if the server is no reverb, no echoes are counted.

    Args:
        client: The connection.
        problems: Sentences on what went wrong, to add to.
        raw: Whether the server is no reverb.
        half_close: Whether the client tells the server of the end of the input.
        follows: Whether its server follows another one that drains.
        changed: Called when it takes input, takes none any more, or takes it otherwise.
    """

    def __init__(
        self,
        client: Client,
        problems: list[str],
        *,
        raw: bool,
        half_close: bool,
        follows: bool,
        changed: Callable[[], None],
    ) -> None:
        self.over = False
        """Whether there is nowhere to write to any more."""
        self.leaving: Leaving | None = None
        """How it comes to its end, once the server drains."""
        self.took = not follows
        """Whether it ever took input."""
        self.client = client
        self._problems = problems
        self._tally = None if raw else Tally()
        self._half_close = half_close
        self._changed = changed
        self._take_at = anyio.current_time() + ANSWERED_WITHIN if follows else inf
        self._line_ended = True
        self._ended = False

    @property
    def takes(self) -> bool:
        """Whether it takes input."""
        return self.took and self.leaving is None and not self._ended

    @property
    def wants_lines(self) -> bool:
        """Whether the server was asked, and is, or may be, a reverb: it hears only whole lines."""
        return self.client.info.kind in ("asking", "reverb")

    def send(self, data: bytes) -> None:
        """Send ``data`` as soon as possible."""
        self.client.send(data)
        if self._tally is not None:
            self._tally.send(data)

    def end_input(self) -> None:
        """Half-close, unless the server is to end the conversation and can."""
        if self._half_close or self._problems:
            self._end_input()

    def _end_input(self) -> None:
        self.client.half_close()
        if self._tally is not None:
            self._tally.end_input()

    async def show(self, stdout: int | None, writing: DaemonThread) -> None:
        """Show what comes until it ends."""
        screen = None
        if stdout is not None and os.isatty(stdout):
            screen = PlainScreen(indent=self._tally is not None)
        try:
            async for event in self._events():
                if self._tally is not None:
                    self._tally.hear(event)
                match event:
                    case ServerError(code=code) if code == CODE and self._obeys:
                        await self._begin_leaving()
                    case ServerError(code, sentence) if code in SENDS_AWAY:
                        self._problems.append(sentence)
                    case ServerError(code=code, sentence=sentence):
                        if code != CODE or self.leaving is None:
                            await complain(sentence)
                    case Changed(info):
                        if info.kind != "asking" and self._take_at < inf:
                            self._take_at = anyio.current_time()  # once nothing else is at hand
                        self._changed()
                    case Heard(data=data) if data:
                        if stdout is None:
                            self._problems.append(NOWHERE)
                            self.over = True
                            return
                        shown = screen.show(data) if screen else data
                        await writing.run(partial(stdio.write, stdout, shown))
                        self._line_ended = data.endswith(b"\n")
                        if self.leaving is not None:
                            self.leaving.came(anyio.current_time())
                    case Ended():
                        self._judge_end(event)
            if stdout is not None and (screen or (self.leaving and not self._line_ended)):
                # A line of the next connection must not be taken for the rest of this one's.
                shown = screen.end() if screen else b"\n"
                await writing.run(partial(stdio.write, stdout, shown))
        except BrokenPipeError:
            self.over = True  # nobody reads the output any more
        except OSError as error:
            self._problems.append(f"cannot write standard output: {error.strerror}")
            self.over = True
        finally:
            self._ended = True

    @property
    def _obeys(self) -> bool:
        reverb = self.client.info.kind == "reverb"
        return reverb and self.leaving is None and self.client.open

    async def _begin_leaving(self) -> None:
        """Send nothing more: the server may hear no more of it."""
        self.leaving, self._take_at = Leaving(anyio.current_time()), inf
        if self._tally is not None:
            self._tally.end_input()  # a line that was begun is a shout, wherever it ends
        self._changed()
        if self.took:  # otherwise it was said of the server before
            await complain(DRAINS)

    @property
    def _leave_at(self) -> float:
        if self.leaving is None or self._tally is None:
            return inf
        return self.leaving.deadline(self._tally.missing, self.client.info.delay)

    async def _events(self) -> AsyncIterator[Event]:
        """Iterate over what happens; end a connection that its server, draining, does not end."""
        events = self.client.events()
        while True:
            event = None
            with anyio.CancelScope(deadline=min(self._take_at, self._leave_at)):
                try:
                    event = await anext(events)
                except StopAsyncIteration:
                    return
            if event is not None:
                yield event
            elif anyio.current_time() >= self._take_at:
                self._take_at, self.took = inf, True
                self._changed()
            elif self.leaving is not None and anyio.current_time() >= self._leave_at:
                if self.leaving.half_closed:
                    yield self.client.how_it_ended
                    return
                self.leaving.half_close(anyio.current_time())
                self._end_input()

    def _judge_end(self, ended: Ended) -> None:
        client, tally, silent = self.client, self._tally, not self.client.heard_anything
        missing, expected = (tally.missing, tally.expected) if tally else (None, 0)
        # Servers that are no reverb may end the conversation themselves, as SMTP does after QUIT.
        may_close = tally is None or not self._half_close or self.leaving is not None
        may_close = may_close and not ended.unsent
        well = ended.how is Ending.AS_ASKED or (ended.how is Ending.CLOSED and may_close)
        if missing or (not well and not self._problems):
            self._problems.append(ended.sentence(missing, expected))
        elif self._problems:
            return
        elif client.info.kind == "asking" and client.sent_anything and not silent:
            self._problems.append(CHANGE_UNANSWERED)
        elif silent and client.sent_anything and tally is not None:
            self._problems.append(NOTHING)


async def complain(sentence: str) -> None:
    """Print an error on standard error."""
    await in_daemon_thread(lambda: stdio.complain(sentence))
