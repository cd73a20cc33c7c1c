"""Hypothesis for the core: nothing here may depend on how busy the machine is."""

from hypothesis import settings

settings.register_profile("reverb", deadline=None)
settings.load_profile("reverb")
