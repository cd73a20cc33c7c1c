"""The way to a terminal, with the terminal's pace known."""

import time
from queue import Empty
from threading import Condition
from typing import Any, Final

from textual.events import CursorPosition
from textual.message import Message

from reverb_tui.terminal.lasting import LastingDriver
from reverb_tui.terminal.pace import Pace

QUESTION: Final = "\x1b[6n"
"""Where the cursor is: every terminal since the VT100 can tell.

Textual's parser knows the answer, so it does not become keys. tmux answers for itself, at once:
it has a way of its own to skip frames for a slow terminal outside.
"""

LAST_WAIT: Final = 0.5
"""Seconds to stay for answers at the end, so that no shell takes them for input."""

FRAME: Final = 100
"""Characters from which on a write is part of a frame; modes that are set and ended are shorter."""

CLIPBOARD: Final = "\x1b]52;"


class AskingDriver(LastingDriver):
    """Asks the terminal after each frame, and tells by the answers whether it is behind."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self._pace = Pace()
        self._changed = Condition()  # answers come in a thread
        self._asking = False

    @property
    def behind(self) -> bool:
        """Whether what can wait should not be drawn now."""
        with self._changed:
            return not self._pace.ready(time.monotonic())

    def start_application_mode(self) -> None:
        """Begin; the first question, before any frame, tells how long the way alone takes."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._pace = Pace()
        self._asking = True
        self._ask()

    def write(self, data: str) -> None:
        """Write a frame, or some controls."""
        with self._changed:
            self._pace.sent(len(data))
        super().write(data)

    def flush(self) -> None:
        """End a frame."""
        super().flush()
        self._ask()

    def process_message(self, message: Message) -> None:
        """Take an answer, in the thread that reads the input."""
        if isinstance(message, CursorPosition):
            with self._changed:
                self._pace.answered(time.monotonic())
                self._changed.notify_all()
        else:
            super().process_message(message)

    def stop_application_mode(self) -> None:
        """End, without the frames that are not drawn yet, but with the last answer."""
        self._asking = False
        self._drop_frames()
        with self._changed:
            self._changed.wait_for(self._all_answered, LAST_WAIT)
        super().stop_application_mode()

    def _ask(self) -> None:
        if self._asking and self._pace.curious:
            with self._changed:
                self._pace.asked(time.monotonic())
            self.write(QUESTION)

    def _all_answered(self) -> bool:
        return not self._pace.waiting(time.monotonic())

    def _drop_frames(self) -> None:
        if self._writer_thread is None:
            return
        queue = self._writer_thread._queue
        waiting = []
        try:
            while True:
                waiting.append(queue.get_nowait())
        except Empty:
            pass
        for text in waiting:
            if text is None or len(text) < FRAME or text.startswith(CLIPBOARD):
                queue.put(text)
