"""When an echo is due. Instants are computed, never slept, so that nothing drifts.

All arguments and results are seconds on one clock. ``delay`` is the connection's delay *now*,
``changed`` the instant of its last change: no echo becomes due before the change that pulled it
forward.
"""


def concurrent_due(heard: float, stage: int, delay: float, changed: float) -> float:
    """Tell when an echo of a shout is due; ``stage`` 0, 1, 2 is loud, normal, quiet."""
    return max(heard + stage * delay, changed) if stage else heard


def sequential_begin(heard: float, ended: float) -> float:
    """Tell when the loud echo is due, if the shouts heard before it all ended by ``ended``."""
    return max(heard, ended)


def sequential_due(previous: float, delay: float, changed: float) -> float:
    """Tell when an echo is due, if the one before it of the same shout was due at ``previous``."""
    return max(previous + delay, changed)
