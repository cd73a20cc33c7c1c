"""A pause of the picture: an instant at which it stands, and steps from echo to echo.

All instants are seconds on one clock.
"""

from collections.abc import Sequence
from typing import Final, Protocol

BANNER: Final = "paused, time goes on: ← → step from echo to echo, {key} goes on"
"""The sentence that says so; ``key`` is the one that ends it."""


class Pausable(Protocol):
    """A picture that can be paused."""

    @property
    def shown(self) -> float:
        """The instant that it shows."""

    @property
    def arrivals(self) -> list[float]:
        """The instants at which echoes came."""

    def wake(self) -> None:
        """Draw with the next frame."""


class Pause:
    """Holds the instant at which all pictures that have it stand; None while they follow time."""

    def __init__(self) -> None:
        self.at: float | None = None

    def toggle(self, pictures: Sequence[Pausable]) -> None:
        """Begin at the latest instant that is shown, or end."""
        self.at = max(picture.shown for picture in pictures) if self.at is None else None
        for picture in pictures:
            picture.wake()

    def step(self, steps: int, pictures: Sequence[Pausable]) -> None:
        """Go to the echo that came before (-1) or after (1) in any of the pictures."""
        if self.at is None:
            return
        arrivals = [instant for picture in pictures for instant in picture.arrivals]
        if steps < 0:
            self.at = max([instant for instant in arrivals if instant < self.at], default=self.at)
        else:
            self.at = min([instant for instant in arrivals if instant > self.at], default=self.at)
        for picture in pictures:
            picture.wake()
