"""The terminal client of Reverb."""
