"""The demo: the book's two dialogues, typed as if by hand, with their timing.

All times are seconds.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import anyio
from textual.screen import Screen
from textual.worker import Worker

from reverb_server.core.control import ReverbMode
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.prompt.hint import Hint, Note

DELAY: Final = 1.0
"""The delay of both dialogues."""

KEY: Final = 0.04
"""Seconds from one key to the next."""

BEFORE: Final = 1.5
"""Seconds before a dialogue, to see which mode there is now."""

AFTER: Final = 2.0
"""Seconds after its last echo, to see the whole picture."""

NOTE: Final = "demo: the book's dialogues (any key stops it)"


class Line(NamedTuple):
    """A line that is shouted at an instant of its dialogue."""

    at: float
    text: str


class Dialogue(NamedTuple):
    """Lines in order, the mode that they are for, and when the last echo comes."""

    mode: ReverbMode
    lines: Sequence[Line]
    ends: float


REVERB1: Final = Dialogue(
    "sequential",
    (Line(0.0, "Hello?"), Line(3.0, "Is there anybody there?"), Line(3.5, "Yooo-hooo!")),
    7.0,
)
REVERB2: Final = Dialogue(
    "concurrent",
    (Line(0.0, "Is there anybody there?"), Line(1.0, "Yooo-hooo!")),
    3.0,
)
"""The two dialogues of section 8.3: of reverb1, and of reverb2."""


class Tuning(NamedTuple):
    """A delay and a mode; None where there is none, or it is to stay."""

    delay: float | None = None
    mode: str | None = None


class Demo:
    """Types dialogues into a prompt, and afterwards puts back what was there before.

    Args:
        screen: The screen of the prompt.
        prompt: Where the lines are typed.
        hint: Where it is said that it is a demo.
        dialogues: What is shouted.
        tuning: Returns the delay and the mode there are.
        tune: Asks for others.
    """

    def __init__(
        self,
        screen: Screen[None],
        prompt: Prompt,
        hint: Hint,
        dialogues: Sequence[Dialogue],
        tuning: Callable[[], Tuning],
        tune: Callable[[Tuning], None],
    ) -> None:
        self._screen = screen
        self._prompt = prompt
        self._hint = hint
        self._dialogues = dialogues
        self._tuning = tuning
        self._tune = tune
        self._worker: Worker[None] | None = None

    def start(self) -> None:
        """Begin, once the command for it is gone from the prompt."""
        self.stop()
        self._worker = self._screen.run_worker(self._play())

    def stop(self) -> bool:
        """Stop; return whether it was running."""
        running = self._worker is not None and not self._worker.is_finished
        if self._worker is not None and running:
            self._worker.cancel()
        return running

    async def _play(self) -> None:
        before, draft = self._tuning(), self._prompt.value
        length = sum(BEFORE + each.ends + AFTER for each in self._dialogues)
        self._hint.say(Note(NOTE, length))
        try:
            for dialogue in self._dialogues:
                self._tune(Tuning(DELAY, dialogue.mode))
                if not await self._shout(dialogue):
                    break
        finally:
            if self._screen.is_running:
                self._prompt.value = draft
                self._prompt.cursor_position = len(draft)
                self._hint.forget()
                self._tune(before)

    async def _shout(self, dialogue: Dialogue) -> bool:
        """Shout the lines of a dialogue and wait for its end; return whether they could be sent."""
        zero = anyio.current_time() + BEFORE
        for at, text in dialogue.lines:
            self._prompt.clear()
            for number, character in enumerate(text):
                await anyio.sleep_until(zero + at - KEY * (len(text) - number))
                self._prompt.type_in(character)
            await anyio.sleep_until(zero + at)
            # Not as if Enter were pressed: the history is the user's.
            if not self._prompt.shout([text]):
                return False
            self._prompt.clear()
        await anyio.sleep_until(zero + dialogue.ends + AFTER)
        return True
