"""The timeline: an axis of time, a lane for each shout, or all of them as a density picture."""

from reverb_tui.widgets.timeline.timeline import Timeline

__all__ = ["Timeline"]
