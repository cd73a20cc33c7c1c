"""The slider of the delay: a logarithmic track from 0 to the maximum, for keys and mouse."""

from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import MouseDown, MouseEvent, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from reverb_tui.widgets.slider import scale

DELAY: Final = "delay  "
"""Prefix of the reason why there is no track."""

WIDE: Final = 50
"""Cells from which there is room for what lies at the ends."""

NARROW: Final = 32
"""Cells below which a mark must do for words."""

TINY: Final = 26
"""Cells below which the track is all there is room for."""


def seconds(value: float) -> str:
    """Format a delay: hundredths of a second, or thousandths where it has some."""
    if 0 < value < 0.001:
        return f"{value:.1g} s"
    text = f"{value:.3f}"
    return f"{text.removesuffix('0')} s"


class DelaySlider(Widget, can_focus=True):
    """Shows a delay in seconds, and lets the user move it between 0 and ``maximum``.

    ``value`` is where the thumb is; ``confirmed`` is what the server said last, None if nothing
    yet. While they differ the value is marked as asked for. While ``disabled``, ``reason`` replaces
    the track: a sentence, or the first form of it in ``shorter`` that there is room for. Setting
    ``value`` posts nothing; only the user's moves post ``Changed``. A click does not take the focus
    from where the user types.
    """

    FOCUS_ON_CLICK = False
    ALLOW_SELECT = False
    BINDING_GROUP_TITLE = "On the delay slider, which the mouse drags"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "make the delay shorter", show=False),
        Binding("right", "step(1)", "make the delay longer", show=False),
        Binding("home", "move_to_end(0)", "no delay at all", show=False),
        Binding("end", "move_to_end(1)", "the longest delay", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"delay-slider--track", "delay-slider--thumb"}
    DEFAULT_CSS = """
    DelaySlider {
        height: 1;
        min-width: 20;
        pointer: pointer;
        .delay-slider--track { color: $foreground 60%; }
        .delay-slider--thumb { color: $text-primary; text-style: bold; }
    }
    """

    value: reactive[float] = reactive(0.0)
    maximum: reactive[float] = reactive(60.0)
    confirmed: reactive[float | None] = reactive[float | None](None)
    reason: reactive[str] = reactive("")
    shorter: reactive[tuple[str, ...]] = reactive[tuple[str, ...]](())

    @dataclass
    class Changed(Message):
        """The user moved the slider."""

        value: float

    _unheard: float | None = None
    """Where the user moved it last, until that comes back as a wish."""
    _unusual = 0.0
    """The last value that was not nice: stepping away and back comes to it again."""
    _dragging = False

    def show(self, confirmed: float, wished: float | None, maximum: float) -> None:
        """Show what the server says, and what it was asked for, if it has not answered that yet.

        The thumb follows, but for a move of the user's that nobody has taken up yet.
        """
        self.maximum = maximum
        self.confirmed = confirmed
        if self._unheard in (None, wished):
            self._unheard = None
            self.value = confirmed if wished is None else wished

    def step(self, steps: int) -> None:
        """Move by so many nice values, as the user's keys and wheel do; nothing while disabled."""
        self._move(scale.stepped(self.value, steps, self.maximum, self._unusual))

    action_step = step

    def action_move_to_end(self, end: int) -> None:
        """Move to the left end (0) or the right one (1)."""
        self._move(self.maximum * end)

    def _validate_value(self, value: float) -> float:
        return min(max(0.0, value), self.maximum)

    def _watch_value(self, value: float) -> None:
        if value not in scale.nice_values(self.maximum):
            self._unusual = value

    def _watch_maximum(self, maximum: float) -> None:
        self.value = min(self.value, maximum)

    def watch_disabled(self, disabled: bool) -> None:
        """Release the mouse: a disabled slider does not hear that the button is up."""
        super().watch_disabled(disabled)
        self._unheard = None
        if disabled and self._dragging:
            self._dragging = False
            self.release_mouse()

    def render(self) -> RenderResult:
        """Draw the track with its thumb and the value, or the reason."""
        head, tail = self._ends
        if self.disabled and self.reason:
            room, forms = self.size.width - len(DELAY), (self.reason, *self.shorter)
            words = next((form for form in forms if cell_len(form) <= room), forms[-1])
            return Content.assemble(DELAY, (words, "italic"))
        cells = self._cells
        thumb = scale.cell(self.value, self.maximum, cells)
        track = self.get_visual_style("delay-slider--track", partial=True)
        thumb_look = self.get_visual_style("delay-slider--thumb", partial=True)
        if self.has_focus:  # in the style sheet it would be lost on the way to a visual style
            thumb_look += Style(reverse=True)
        return Content.assemble(
            (head, track),
            ("━" * thumb, track),
            ("●", thumb_look),
            ("━" * (cells - 1 - thumb), track),
            (tail, track),
            self._label,
        )

    @property
    def _ends(self) -> tuple[str, str]:
        if self.size.width < TINY:
            return "├", "┤ "
        if self.size.width < WIDE:
            return "delay ├", "┤ "
        return "delay 0 ├", f"┤ {self.maximum:g} s   "

    @property
    def _label(self) -> str:
        label = seconds(self.value)
        if self.value == self.confirmed:
            return label
        return label + (" ?" if self.size.width < NARROW else " (asking)")

    @property
    def _cells(self) -> int:
        """Cells of the track. They don't depend on the value: a drag must not move the track."""
        longest = max(len(seconds(self.maximum)), len("0.001 s"))
        longest += len(" ?" if self.size.width < NARROW else " (asking)")
        return max(2, self.size.width - sum(map(len, self._ends)) - longest)

    def _move(self, value: float) -> None:
        if self.disabled or value == self.value:
            return
        self.value = value
        self._unheard = self.value
        self.post_message(self.Changed(self.value))

    def _move_to(self, event: MouseEvent) -> None:
        cell = event.x - self.gutter.left - len(self._ends[0])
        if cell != scale.cell(self.value, self.maximum, self._cells):
            self._move(scale.value_at(cell, self.maximum, self._cells))

    @property
    def held(self) -> bool:
        """Whether the mouse holds the thumb."""
        return self._dragging

    def on_mouse_down(self, event: MouseDown) -> None:
        """Move the thumb to the mouse, and capture it until the button is released."""
        self._dragging = True
        self.capture_mouse()
        self._move_to(event)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Move the thumb along with the mouse."""
        if self._dragging:
            self._move_to(event)

    def on_mouse_up(self, event: MouseUp) -> None:
        """End the drag."""
        self._dragging = False
        self.release_mouse()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Make the delay longer."""
        self.step(1)
        event.stop()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Make the delay shorter."""
        self.step(-1)
        event.stop()
