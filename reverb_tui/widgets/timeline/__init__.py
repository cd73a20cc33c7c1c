"""The timeline: an axis of time, a lane for each shout, or all of them as a density picture."""

from reverb_tui.widgets.timeline.timeline import LEAST_ROWS, Timeline

__all__ = ["LEAST_ROWS", "Timeline"]
