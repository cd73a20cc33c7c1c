"""What the log shows of a connection: each line with its kind, safe to show.

Shouts stand at the left edge. What comes is an echo where it belongs to a shout, or at least
looks like one; everything else is shown as it comes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from reverb_server.voice import INDENT, LOUD, NORMAL, QUIET
from reverb_tui.display import visible
from reverb_tui.matching import Matcher
from reverb_tui.peer import Facts
from reverb_tui.widgets.wrapped import Kind

Entry: TypeAlias = tuple[Kind, str]
"""A line of the log."""

KINDS: Final = {LOUD: Kind.LOUD, NORMAL: Kind.NORMAL, QUIET: Kind.QUIET}

SLICE: Final = 500
"""Lines that are taken without a pause, a few milliseconds' work."""


class Transcript:
    """Turns what is sent and what comes into lines of the log.

    ``raw`` is for servers that are no reverb: nothing is matched, nothing is indented.
    """

    def __init__(self, *, raw: bool = False) -> None:
        self.matcher = Matcher()
        self._raw = raw

    def shout(self, text: bytes, now: float) -> Entry:
        """Take a shout (without line ending) that is sent at ``now``, in seconds."""
        if not self._raw:
            self.matcher.shout(text, now)
        return Kind.SHOUT, visible(text)

    def learn(self, facts: Facts, asked: float) -> None:
        """Take what became known of the server; ``asked`` is the instant of the request."""
        if facts.kind == "plain":
            self.matcher.mode_changed("plain")
        if facts.mode is not None:
            self.matcher.mode_changed(facts.mode, asked)
        if facts.delay is not None:
            self.matcher.delay_changed(facts.delay, asked)

    def hear(
        self, lines: Sequence[bytes], now: float, left_out: Mapping[int, int]
    ) -> Iterator[list[Entry]]:
        """Take the lines of one read, and give them by the slice.

        A read can bring more than may be done without a pause. ``left_out`` has the bytes that
        were cut off a line, by its index.
        """
        for begin in range(0, len(lines), SLICE):
            part = lines[begin : begin + SLICE]
            entries = [self._entry(line, now) for line in part]
            for index, count in left_out.items():
                if begin <= index < begin + SLICE:
                    kind, text = entries[index - begin]
                    entries[index - begin] = kind, f"{text}… ({count:,} more bytes)"
            yield entries

    def _entry(self, line: bytes, now: float) -> Entry:
        if self._raw:
            return Kind.PLAIN, visible(line)
        match = self.matcher.hear(line, now)
        if match is not None:
            return KINDS[match.stage], visible(line.removeprefix(INDENT))
        if line.startswith(INDENT):
            return Kind.NORMAL, visible(line[len(INDENT) :])
        return Kind.PLAIN, visible(line)
