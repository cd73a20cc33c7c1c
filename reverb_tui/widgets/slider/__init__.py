"""The slider of the delay, and the scale that it goes by."""

from reverb_tui.widgets.slider.slider import DelaySlider

__all__ = ["DelaySlider"]
