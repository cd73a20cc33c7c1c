"""When an echo is due. Instants are computed, never slept, so that nothing drifts.

All arguments and results are seconds on one clock. ``delay`` is the connection's delay *now*,
``changed`` the instant of its last change: no echo becomes due before the change that pulled it
forward.
"""


def concurrent_due(heard: float, stage: int, delay: float, changed: float) -> float:
    """Return the due instant of an echo; ``stage`` 0, 1, 2 is loud, normal, quiet."""
    return max(heard + stage * delay, changed) if stage else heard


def sequential_begin(heard: float, ended: float) -> float:
    """Return the loud echo's due instant, if all earlier shouts have ended by ``ended``."""
    return max(heard, ended)


def sequential_due(previous: float, delay: float, changed: float) -> float:
    """Return an echo's due instant, if the shout's previous one was due at ``previous``."""
    return max(previous + delay, changed)
