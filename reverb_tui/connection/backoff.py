"""Waits before a connection is made again."""

from typing import Final

FIRST_WAIT: Final = 1.0
"""Seconds before a connection is made again for the first time; then twice as long each time."""

LONGEST_WAIT: Final = 30.0
"""Seconds to which the waits grow: nobody wants to be found again later than that."""

STEADY: Final = 10.0
"""Seconds after which a connection has held: the next wait is a short one again."""


class Backoff:
    """The waits of one wish to be connected."""

    def __init__(self) -> None:
        self._next = FIRST_WAIT
        self._waited = False

    def wait_after(self, held: float, *, drained: bool = False) -> float:
        """Return the seconds to wait after a connection that held for ``held`` seconds.

        After one whose server ``drained`` there is no wait, unless the one before it was as short:
        another server is expected, and a crowd of draining ones is not to be asked in a circle.
        """
        steady = held > STEADY
        if drained and (steady or not self._waited):
            self._waited, self._next = True, FIRST_WAIT
            return 0.0
        wait = FIRST_WAIT if steady else self._next
        self._waited, self._next = True, min(2 * wait, LONGEST_WAIT)
        return wait
