"""A pause of the picture: an instant at which it stands, and steps from echo to echo.

All instants are seconds on one clock.
"""

from typing import Final, Protocol

BANNER: Final = "paused, time goes on: ← → step from echo to echo, {key} goes on"
"""The sentence that says so; ``key`` is the one that ends it."""


class Picture(Protocol):
    """A picture that can be paused."""

    @property
    def shows_shouts(self) -> bool:
        """Whether a shout is to be seen."""

    @property
    def shown(self) -> float:
        """The instant that it shows."""

    @property
    def arrivals(self) -> list[float]:
        """The instants at which echoes came."""

    def wake(self) -> None:
        """Draw with the next frame."""


class Pause:
    """Holds the instant at which its pictures stand; None while they follow time."""

    def __init__(self) -> None:
        self.at: float | None = None
        self._pictures: list[Picture] = []

    def join(self, picture: Picture) -> None:
        """Pause a picture together with those that have joined before."""
        self._pictures.append(picture)

    def obstacle(self, action: str) -> str:
        """Return why the screen's action can't be done now, as one sentence; "" if it can."""
        if self.at is None and action == "step_echo":
            return "the picture is not paused"
        shows_shouts = any(picture.shows_shouts for picture in self._pictures)
        if self.at is None and action == "toggle_pause" and not shows_shouts:
            return "the timeline shows no shouts to pause"
        return ""

    def toggle(self) -> None:
        """Begin at the latest instant that is shown, or end."""
        self.at = max(picture.shown for picture in self._pictures) if self.at is None else None
        self._wake()

    def step(self, steps: int) -> None:
        """Go to the echo that came before (-1) or after (1) in any of the pictures."""
        if self.at is None:
            return
        arrivals = [instant for picture in self._pictures for instant in picture.arrivals]
        if steps < 0:
            self.at = max([instant for instant in arrivals if instant < self.at], default=self.at)
        else:
            self.at = min([instant for instant in arrivals if instant > self.at], default=self.at)
        self._wake()

    def _wake(self) -> None:
        for picture in self._pictures:
            picture.wake()
