"""How many connections this process can have, from its limit of open files."""

import contextlib
import sys
from typing import Final

RESERVE: Final = 64
"""Descriptors kept back: listeners, the event loop, logs, and clients that are being refused."""

REFUSED_AT_ONCE: Final = 32
"""Refused clients that are given time to read why; further ones are just closed."""

WITHOUT_LIMIT: Final = 4096
"""Connections where the system tells no limit of open files (Windows)."""


def max_connections() -> int:
    """Return how many connections the limit of open files allows, less the reserve; at least 1."""
    if sys.platform == "win32":
        return WITHOUT_LIMIT
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return WITHOUT_LIMIT
    return max(1, soft - RESERVE)


def raise_file_limit() -> None:
    """Raise the limit of open files to the most this process may have, as Go does at start."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # macOS says "unlimited" and refuses it
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
