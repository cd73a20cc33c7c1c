"""The timeline: a stopwatch with a lane for each shout, through which *now* walks.

It draws only what changed, at most once a frame, and sleeps while nothing is in the air. The
picture stays at the end, also after the connection is lost, until the next shout. Texts must be
safe to show already (``display.visible``); markup is never parsed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import ClassVar, Final

import anyio
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from reverb_tui.echoes.in_flight import Flights
from reverb_tui.echoes.moment import Moment
from reverb_tui.widgets.hues import NO_HUES, hues_for
from reverb_tui.widgets.keys import pair
from reverb_tui.widgets.timeline.axis import STEADY
from reverb_tui.widgets.timeline.density import Density
from reverb_tui.widgets.timeline.lanes import NO_HUE, Look, Runs
from reverb_tui.widgets.timeline.pause import Pause
from reverb_tui.widgets.timeline.scale import Extent, Scale
from reverb_tui.widgets.timeline.scene import (
    ABOVE,
    FEWEST,
    Frame,
    Lanes,
    Scene,
    lanes,
    picture,
    scene,
)

FRAME_INTERVAL: Final = 1 / 30
"""Seconds between two drawings."""

_SHARE: Final = 10
"""A frame is drawn for at most this part of the time, however many shouts there are."""

_LABEL: Final = 24
"""Cells for the texts of the shouts, but at most a quarter of all."""

_UNKNOWN: Final = 1.0
"""Seconds of delay that there is room for while it is unknown."""

# Only what has a colour of its own is a component: Textual works each of them out several times at
# every start of the app.
_LOOKS: Final[dict[Look, tuple[tuple[str, ...], Style]]] = {
    Look.GROUND: ((), Style()),
    Look.RULE: (("timeline--rule",), Style()),
    Look.LABEL: ((), Style()),
    Look.NOW: (("timeline--now",), Style(bold=True)),
    Look.LINE: ((), Style()),
    Look.WAITING: ((), Style(dim=True)),
    Look.LOUD: ((), Style(bold=True)),
    Look.NORMAL: ((), Style()),
    Look.QUIET: ((), Style()),
    Look.DUE: ((), Style()),
    Look.LATE: (("timeline--late",), Style()),
    Look.HINT: (("timeline--hint",), Style()),
    Look.CHIP: (("timeline--chip",), Style(bold=True)),
    Look.COUNTS: ((), Style()),
}
"""For each look: the component with its colour, if it has one, and its text style."""


LARGE: Final = (60, 20)
"""Cells and rows from which on it is shown without being asked for."""

LEAST_ROWS: Final = 16
"""Rows below which there is none, whoever asks for it: the log needs what is left."""


class Timeline(Widget, can_focus=True):
    """Draws ``flights``; call ``wake`` whenever they were told something.

    ``selected`` is the number of the highlighted shout, 0 for none. Setting it posts nothing;
    only the user's choice posts ``Selected``. A click does not take the focus from where the
    user types.

    Args:
        flights: The shouts in the air; set it again for a new connection.
        clock: Tells the instant, on the clock of the flights.
        scale: That of the timelines that are seen together; each has a part of the whole.
        pause: Whether they follow time; also that of all that are seen together.
        ruler: Whether it shows the seconds.
        legend: Whether it shows what the marks mean, where there is room.
    """

    ALLOW_SELECT = False
    FOCUS_ON_CLICK = False
    BINDING_GROUP_TITLE = "In the timeline, where a click selects a shout"
    BINDINGS: ClassVar[list[BindingType]] = [
        *pair(
            "Select shout",
            ("up", "↑", "step(-1)", "select the shout before"),
            ("down", "↓", "step(1)", "select the shout after"),
        ),
        Binding("escape", "select(0)", "clear the selection", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(name for names, _ in _LOOKS.values() for name in names),
        "timeline--selected",
    }
    DEFAULT_CSS = """
    Timeline {
        height: auto;
        background: $surface;
        color: $foreground;
        pointer: pointer;
        .timeline--rule { color: $foreground 60%; }
        .timeline--now { color: $text-accent; }
        .timeline--late { color: $text-error; }
        .timeline--hint { color: $text-muted; }
        .timeline--chip { background: $primary; color: $text; }
        .timeline--selected { background: $primary-muted; }
        &:focus .timeline--selected { background: $primary; color: $text; }
        &:ansi .timeline--chip { text-style: reverse; }
    }
    """

    flights: reactive[Flights] = reactive(lambda: Flights())
    selected: reactive[int] = reactive(0)

    @dataclass
    class Selected(Message):
        """The user selected the shout of this number; 0 for none."""

        shout: int

    def __init__(
        self,
        flights: Flights | None = None,
        *,
        clock: Callable[[], float] = anyio.current_time,
        scale: Scale | None = None,
        pause: Pause | None = None,
        ruler: bool = True,
        legend: bool = True,
    ) -> None:
        super().__init__()
        if flights is not None:
            self.set_reactive(Timeline.flights, flights)
        self.wanted: bool | None = None
        """Whether the user wants to see it; None: where the terminal is large."""
        self.terminal_is_behind: Callable[[], bool] = lambda: False
        """Whether frames should be skipped; set by the app, which knows its terminal."""
        self._clock = clock
        self.in_hand: Callable[[], bool] = lambda: False
        """Whether the slider is held, and the scale must not move."""
        self._now = 0.0  # stands still while nothing is in the air
        self._pictured = flights or Flights()  # the last ones that had a shout
        self._scale = scale or Scale()
        self._pause = pause or Pause()
        self._pause.join(self)
        self._moment = Moment([], 0.0)  # the shouts that are drawn, or were when it was paused
        self.banner = "paused"
        """Sentence to show while it is paused."""
        self.tall = False
        """Whether lanes are tall, while there is room."""
        self._ruler = ruler
        self._legend = legend
        self._scene = Scene([], [], [], crowded=False, wanted=ABOVE + FEWEST + 1)
        self._density = Density()
        self._hues = NO_HUES
        self._drawn: object = None  # what the rows were drawn for
        self._below: object = None  # what the lanes were drawn for
        self._lanes = Lanes([], [])
        self._rows: list[tuple[Runs, bool]] = []
        self._styles: dict[tuple[Look, int, bool], Style] = {}
        self._frames: Timer | None = None
        self._not_before = 0.0
        self._hidden = False

    def wake(self) -> None:
        """Draw with the next frame, and go on as long as something is in the air."""
        if self._frames is not None and not self._hidden:
            self._frames.resume()

    def on_mount(self) -> None:
        """Begin to draw."""
        self._now = self._clock()
        self._hues = hues_for(self.app.current_theme)
        self._frames = self.set_interval(FRAME_INTERVAL, self._frame)

    def on_hide(self) -> None:
        """Sleep while nothing is to be seen."""
        self._hidden = True
        if self._frames is not None:
            self._frames.pause()

    def fits(self, size: Size) -> bool:
        """Return whether there is room in a terminal of this size, and it is wanted there."""
        large = size.width >= LARGE[0] and size.height >= LARGE[1]
        return (large if self.wanted is None else self.wanted) and size.height >= LEAST_ROWS

    def on_show(self) -> None:
        """Draw again once it is seen."""
        self._hidden = False
        self.wake()

    on_resize = on_show  # Textual does not always send Show to a widget that has room again

    watch_flights = watch_selected = wake

    def notify_style_update(self) -> None:
        """Forget what was drawn in former colours."""
        super().notify_style_update()
        self._styles.clear()
        self._hues = hues_for(self.app.current_theme)
        self.wake()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the rows that all lanes need; the style sheet says how many there are at most."""
        return self._scene.wanted

    # Drawing

    def _frame(self) -> None:
        begin = perf_counter()
        if begin < self._not_before or self.terminal_is_behind():
            return
        self.draw()
        moving = self._scale.in_flight or self._scale.is_moving(self._clock())
        moving = moving and self._pause.at is None
        if self._frames is not None and not moving:
            self._frames.pause()
        self._not_before = begin + _SHARE * (perf_counter() - begin)

    def draw(self) -> None:
        """Draw what changed, without waiting for the next frame."""
        if self.flights.shouts:
            self._pictured = self.flights
        flights, (width, height) = self._pictured, self.size
        margin = min(_LABEL, width // 4)
        if width - margin < 2 or height <= ABOVE:
            return
        clock, paused = self._clock(), self._pause.at
        if paused is None or flights.began == self._moment.began:
            self._moment = flights.moment()
        moment = self._moment
        if paused is not None:
            moment, self._now = moment.at(paused), paused
        elif flights.shouts:
            self._now = clock if flights.in_flight else flights.latest
        crowded = self._scene.crowded and height == len(self._scene.rows)
        shown = picture(moment, self._now, height, crowded)
        extent = None
        if shown.flights:
            extent = Extent(moment.began, shown.begin, shown.end, moment.in_flight)
        idle = 2 * (_UNKNOWN if flights.delay is None else flights.delay)
        held = clock - flights.tuned < STEADY or self.in_hand() or paused is not None
        place = self._scale.axis(self, extent, idle, clock, width - margin, held=held)
        now = clock if self._scale.in_flight else None
        if paused is not None:
            now = paused
        # Among many, an echo more is not seen before *now* has moved on.
        news = flights.in_flight if shown.crowded else (flights.in_flight, flights.revision)
        column, tenth = None, None
        if now is not None:
            column, tenth = place.column(now), int(10 * (now - place.zero))
        mode, measured = self.flights.mode, self.flights.measured_mode
        look = height, self._hues, self.tall, self.selected
        drawn = (flights, news, place, column, tenth, mode, measured, paused, look)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        numbered = self._hues is NO_HUES
        frame = Frame(
            *(place, now, margin, height, mode or measured, self.selected, numbered),
            estimated=measured is not None,
            ruler=self._ruler,
            legend=self._legend,
            tall=self.tall,
            banner=self.banner if paused is not None else "",
        )
        wanted = self._scene.wanted
        # A tenth of a second is seen in lanes, which say how far beyond the edge an echo is.
        tenth = None if shown.crowded and not self.selected else tenth
        seen = len(shown.flights), shown.before, shown.crowded
        below = (flights, flights.revision, seen, place, column, tenth, paused, look)
        if below != self._below:
            self._below, self._lanes = below, lanes(shown, frame, self._density)
        self._scene = scene(moment, shown, frame, self._lanes)
        if self._scene.wanted != wanted:
            self.refresh(layout=True)
        chosen = [owner == self.selected > 0 for owner in self._scene.owners]
        rows = list(zip(self._scene.rows, chosen, strict=True))
        old, self._rows = self._rows, rows
        changed = [y for y in range(height) if rows[y : y + 1] != old[y : y + 1]]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Draw one row; Textual keeps it until it is refreshed."""
        row, chosen = self._rows[y] if y < len(self._rows) else ((), False)
        segments = [Segment(text, self._style(look, hue, chosen)) for text, look, hue in row]
        ground = self._style(Look.GROUND, NO_HUE, False)
        return Strip(segments).adjust_cell_length(self.size.width, ground)

    def _style(self, look: Look, hue: int, chosen: bool) -> Style:
        known = look, hue, chosen
        if known not in self._styles:
            names, style = _LOOKS[look]
            style = self.get_component_rich_style(*names) + style
            if hue != NO_HUE:
                style += self._hues[hue]
            if chosen:
                style += self.get_component_rich_style("timeline--selected", partial=True)
            self._styles[known] = style
        return self._styles[known]

    @property
    def shown(self) -> float:
        """The instant that the picture shows."""
        return self._now

    @property
    def shows_shouts(self) -> bool:
        """Whether a shout is to be seen."""
        return self.display and (self.flights.shouts > 0 or self._pictured.shouts > 0)

    @property
    def arrivals(self) -> list[float]:
        """The instants at which the echoes of the picture came."""
        return self._moment.arrivals

    # Selecting

    def action_step(self, steps: int) -> None:
        """Select the shout above or below; if none is selected, the newest or the oldest."""
        shouts = self._scene.shouts
        if self.selected in shouts:
            index = shouts.index(self.selected) + steps
            self._select(shouts[max(0, min(index, len(shouts) - 1))])
        elif shouts:
            self._select(shouts[0 if steps > 0 else -1])

    def action_select(self, shout: int) -> None:
        """Select a shout by its number; 0 selects none."""
        self._select(shout)

    def on_click(self, event: Click) -> None:
        """Select the shout that was clicked on, or none if it was selected already."""
        offset = event.get_content_offset(self)
        owners = self._scene.owners
        if offset is not None and offset.y < len(owners):
            shout = owners[offset.y]
            self._select(0 if shout == self.selected else shout)

    def _select(self, shout: int) -> None:
        if shout != self.selected:
            self.selected = shout
            self.post_message(self.Selected(shout))
