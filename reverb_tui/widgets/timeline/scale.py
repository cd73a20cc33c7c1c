"""One scale for all timelines that are seen together, so that their times line up."""

from typing import Final, NamedTuple

from reverb_tui.widgets.timeline.axis import Axis, Stopwatch

NOTHING: Final = -1.0


class Extent(NamedTuple):
    """Extent of what one timeline has to show. Instants in seconds.

    Args:
        zero: The first shout after rest.
        begin: What has left at the left end since is before this instant.
        end: The latest instant to be seen.
        in_flight: Whether an echo is still to come.
    """

    zero: float
    begin: float
    end: float
    in_flight: bool


class Scale:
    """Chooses the axis for all timelines that have it.

    A timeline without shouts has no say in it.
    """

    def __init__(self) -> None:
        self._stopwatch = Stopwatch()
        self._extents: dict[object, Extent] = {}

    def axis(
        self,
        owner: object,
        extent: Extent | None,
        idle: float,
        now: float,
        width: int,
        *,
        held: bool,
    ) -> Axis:
        """Return the axis at ``now`` for what all have to show.

        ``extent`` is what ``owner`` has to show, None if there is nothing; ``idle`` is the span
        where nobody has anything. While ``held`` the scale stays.
        """
        if extent is None:
            self._extents.pop(owner, None)
        else:
            self._extents[owner] = extent
        if not self._extents:
            return self._stopwatch.axis(NOTHING, idle, now, width, held=held)
        extents = self._extents.values()
        zero = min(each.zero for each in extents)
        begin = min(each.begin for each in extents)
        need = max(each.end for each in extents) - begin
        return self._stopwatch.axis(zero, need, now, width, held=held).scroll_to(begin)

    @property
    def in_flight(self) -> bool:
        """Whether any timeline has an echo to come."""
        return any(each.in_flight for each in self._extents.values())

    def is_moving(self, now: float) -> bool:
        """Return whether a change of the scale is on its way, or has to wait for its time."""
        return self._stopwatch.is_moving(now)
