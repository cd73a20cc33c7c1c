"""The way to a terminal that is not to be trusted: this client's driver for Textual.

A terminal may take nothing, be in non-blocking mode, be gone, belong to the shell for a while, or
be given back without a word. So nothing here waits for it without a limit, all is done on the
event loop, and a signal's handler only notes that it came.
"""

import os
import select
import shutil
import signal
import time
from asyncio import TimerHandle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from functools import partial
from types import FrameType
from typing import Any, Final

from textual.app import App
from textual.driver import Driver
from textual.events import CursorPosition, MouseEvent, Resize
from textual.geometry import Size
from textual.message import Message

from reverb_tui.terminal import CaughtUp, Viewer
from reverb_tui.terminal.cell_positions import placed
from reverb_tui.terminal.device import Device, LineSettings, is_foreground, is_gone
from reverb_tui.terminal.frame_gate import FrameGate
from reverb_tui.terminal.input_decoder import Decoder
from reverb_tui.terminal.input_events import within
from reverb_tui.terminal.modes import LEAVE, entering
from reverb_tui.terminal.output import Output
from reverb_tui.terminal.textual_internals import draw_whole

STANDARD_INPUT: Final = 0
STANDARD_OUTPUT: Final = 1

TERMINAL_READ_SIZE: Final = 4096

LEAVE_WITHIN: Final = 0.75
"""Seconds at the end for a terminal to take what it is sent, and to answer what it was asked.

An answer that came later would be input for the shell.
"""

JOB_CONTROL: Final = (signal.SIGTSTP, signal.SIGCONT)

FOREGROUND_INTERVAL: Final = 0.1
"""Seconds between two looks whether the shell has given the terminal back."""

QUESTION: Final = "\x1b[6n"
"""Where the cursor is: every terminal since the VT100 can tell.

tmux answers for itself, at once: it has a way of its own to skip frames for a slow terminal.
"""


class TerminalDriver(Driver):
    """Reads keys, sends frames, and has the terminal's modes while the client may use it."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size or _terminal_size())
        self._decoder = Decoder()
        self._settings = LineSettings(STANDARD_INPUT)
        self._devices: list[Device] = []  # open from taking the terminal to giving it back
        self._output: Output | None = None
        self._mine = False  # whether the terminal may be used now
        self._entered = False  # whether the terminal has the modes of a full screen
        self._unit: list[str] = []  # of a frame, until it is complete
        self._told: int | None = None  # the last signal of job control, until the end
        self._look: TimerHandle | None = None  # runs while the terminal is somebody else's
        self._tick: TimerHandle | None = None  # runs while what was read may go on
        self._questions = 0  # that have no answer yet
        self._frame_gate = FrameGate()
        self._viewer: Viewer | None = None

    # What the app is told

    @property
    def can_suspend(self) -> bool:
        """Whether the client can be stopped and continued."""
        return True

    @property
    def behind(self) -> bool:
        """Whether what can wait should not be drawn now."""
        stuck = self._output is not None and self._output.waiting > 0
        return stuck or not self._frame_gate.ready(time.monotonic())

    def write(self, data: str) -> None:
        """Add to what `flush` sends; without one, it is sent in a moment."""
        if not self._unit:
            self._loop.call_soon(self._send)
        self._unit.append(placed(data))

    def flush(self) -> None:
        """End a frame: it is sent whole, or not at all."""
        if self._frame_gate.curious:
            self._unit.append(QUESTION)
        self._send()

    def _send(self) -> None:
        data = "".join(self._unit)
        self._unit.clear()
        if not (data and self._mine and self._output):
            return
        piece = data.encode("utf-8", "replace")
        if self._output.put(piece):
            if self._viewer is not None:
                self._viewer.sent(piece)
            self._frame_gate.sent(len(data))
            if QUESTION in data:
                self._questions += 1
                self._frame_gate.asked(time.monotonic())

    def watch(self, viewer: Viewer | None) -> None:
        """Show a viewer all that the terminal is sent from now on, first the whole screen."""
        self._viewer = viewer
        if viewer is not None:
            viewer.resized(*_terminal_size())
            draw_whole(self._app)

    def send_message(self, message: Message) -> None:
        """Send a message to the app, whatever is running at the moment."""
        Context().run(self._app.post_message, message)

    def process_message(self, message: Message) -> None:
        """Take what was read: an answer, or what the app is to be told."""
        if isinstance(message, CursorPosition):
            self._questions = max(0, self._questions - 1)
            behind = self.behind
            self._frame_gate.answered(time.monotonic())
            if behind and not self.behind:
                self.send_message(CaughtUp())
            return
        if isinstance(message, MouseEvent):
            inside = within(message, self._app.size)
            if inside is None:
                return
            message = inside
        super().process_message(message)

    # From the beginning to the end

    def start_application_mode(self) -> None:
        """Take the terminal, and listen to the signals that are about it."""
        # The loop's own handler makes all signals wake it.
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
        for number in JOB_CONTROL:
            signal.signal(number, self._be_told)
        self._take()

    def disable_input(self) -> None:
        """Read no more."""
        for device in self._devices[:1]:
            self._loop.remove_reader(device.descriptor)

    def stop_application_mode(self) -> None:
        """Return the terminal to the shell."""
        for number in JOB_CONTROL:
            signal.signal(number, signal.SIG_DFL)
        self._told = None  # one that came just now would stop the process, or take the terminal
        self._loop.remove_signal_handler(signal.SIGWINCH)
        self._leave()

    # Job control

    def _be_told(self, number: int, _frame: FrameType | None) -> None:
        """Note whether to stop or to go on; whatever takes time or a lock is done on the loop.

        Until then nothing is read or written: the terminal may be the shell's already.
        """
        self._told = number
        self._mine = False
        if self._output is not None:
            self._output.held = True
        self._loop.call_soon_threadsafe(self._obey)

    def stop_job(self) -> None:
        """Return the terminal, and stop all that the shell knows as this job (a script, sudo).

        Given back first: a shell speaks as soon as its own child has stopped.
        """
        self._mine = False
        self._leave()
        os.kill(0, signal.SIGTSTP)

    def _obey(self) -> None:
        """Stop, unless told to go on meanwhile; or go on, maybe without having been stopped."""
        if self._told == signal.SIGTSTP:
            self._leave()
            if self._told == signal.SIGTSTP:
                signal.raise_signal(signal.SIGSTOP)
        elif self._told == signal.SIGCONT:
            self._take()

    def _take(self) -> None:
        """Take the terminal, or make sure of it, whatever its modes are; wait while it is not ours.

        After a stop that no program can catch the modes are the shell's, or still this client's.
        """
        if self._look is not None:
            self._look.cancel()
            self._look = None
        if not is_foreground(STANDARD_INPUT):
            self._rest()
            self._look = self._loop.call_later(FOREGROUND_INTERVAL, self._take)
            return
        if not self._devices:
            self._devices = [
                Device(STANDARD_INPUT, os.O_RDONLY),
                Device(STANDARD_OUTPUT, os.O_WRONLY),
            ]
            self._output = Output(self._devices[1].descriptor, self._loop, self._redraw)
        self._rest()
        self._settings.make_raw()
        self._frame_gate = FrameGate()
        self._questions = 0
        self._mine = True
        self.write(entering(again=self._entered))
        self._entered = True
        self.flush()
        self._loop.add_reader(self._devices[0].descriptor, self._read)
        self._resized()
        self._redraw()

    def _rest(self) -> None:
        """Neither read nor write."""
        self._mine = False
        self._unit.clear()
        self.disable_input()
        if self._output is not None:
            self._output.discard()

    def _leave(self) -> None:
        """Return the terminal as it was; from the background, without the line settings."""
        if self._look is not None:
            self._look.cancel()
            self._look = None
        if not self._entered or self._output is None:
            return
        self.disable_input()
        until = time.monotonic() + LEAVE_WITHIN
        with undisturbed():
            foreground = is_foreground(STANDARD_INPUT)
            left_out = self._output.finish(LEAVE.encode(), LEAVE_WITHIN, may_flush=foreground)
            if foreground:
                if left_out is not None:
                    self._questions -= left_out.count(QUESTION.encode())
                    self._await_answers(until)
                self._settings.give_back()
        self._rest()
        for device in self._devices:
            device.close()
        self._devices = []
        self._output = None
        self._entered = False

    def _await_answers(self, until: float) -> None:
        """Read on until the questions are answered: to the shell an answer would be input."""
        descriptor = self._devices[0].descriptor
        while self._questions > 0 and self._frame_gate.waiting(time.monotonic()):
            left = until - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                return
            try:
                data = os.read(descriptor, TERMINAL_READ_SIZE)
            except OSError:
                return
            if not data:
                return
            for message in self._decoder.feed(data):
                self.process_message(message)

    # Reading

    def _read(self) -> None:
        if not self._mine:
            return
        try:
            data = os.read(self._devices[0].descriptor, TERMINAL_READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._process(self._decoder.feed(data))
        elif is_gone(STANDARD_INPUT):
            self.disable_input()
            signal.raise_signal(signal.SIGHUP)  # a terminal that is not the session's sends none
        else:  # it is the shell's now, or has the shell's line settings
            self._take()

    def _process(self, messages: Iterable[Message]) -> None:
        """Process what was read; what may go on is asked for again when nothing comes."""
        for message in messages:
            self.process_message(message)
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        if self._decoder.wait is not None:
            self._tick = self._loop.call_later(self._decoder.wait, self._idle)

    def _idle(self) -> None:
        """Process what has begun and did not go on."""
        self._process(self._decoder.idle())

    # Size, and drawing

    def _resized(self) -> None:
        size = Size(*_terminal_size())
        if self._viewer is not None:
            self._viewer.resized(*size)
        self.send_message(Resize(size, size))

    def _redraw(self) -> None:
        """Draw everything, once the app comes to it."""
        Context().run(self._app.call_later, partial(self._app.refresh, layout=True))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore SIGTTOU, which stops a process that writes from the background."""
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTTOU, before)


def _terminal_size() -> tuple[int, int]:
    """Return columns and rows: the terminal's own, whatever the environment says it once had."""
    columns = rows = 0
    with suppress(OSError):
        columns, rows = os.get_terminal_size(STANDARD_OUTPUT)
    usual = shutil.get_terminal_size() if not (columns and rows) else (columns, rows)
    return columns or usual[0], rows or usual[1]
