"""Following the end of the log, and the mark that says how much is new while it does not."""


class Following:
    """Whether the log follows its end; otherwise the lines that are new since it stopped.

    A ``total`` is how many lines there were in all, those included that are not kept any more.
    """

    def __init__(self) -> None:
        self._seen: int | None = None  # lines there were when it stopped
        self._drawn = 0  # new lines that the mark says

    @property
    def on(self) -> bool:
        """Whether the newest line stays in view."""
        return self._seen is None

    def turn(self, on: bool, total: int) -> bool:
        """Follow, or stop; return whether that is news."""
        if on == self.on:
            return False
        self._seen = None if on else total
        return True

    def behind(self, total: int) -> int:
        """Return how many lines are new since it stopped."""
        return 0 if self._seen is None else total - self._seen

    def mark(self, total: int) -> str:
        """Return the text over the end of the last row while there are new lines below it."""
        count = self.behind(total)
        return f" {count:,} new line{'s' * (count != 1)} · ^End " if count else ""

    def outdated(self, total: int) -> bool:
        """Return whether the mark must be drawn again, and note that it is."""
        before, self._drawn = self._drawn, self.behind(total)
        return before != self._drawn
