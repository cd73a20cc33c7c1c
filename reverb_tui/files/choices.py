"""The user's choices: from the configuration, which takes precedence, or an earlier run."""

from collections.abc import Collection

from reverb_tui import themes
from reverb_tui.entry import Timestamps
from reverb_tui.files.config import Config
from reverb_tui.files.remembered import Memory


class Choices:
    """The choices of the user; None where nothing was chosen.

    Args:
        config: What the user wrote.
        memory: What is remembered between runs; None remembers nothing.
    """

    def __init__(self, config: Config, memory: Memory | None) -> None:
        self._memory = memory
        before = memory.before if memory is not None else {}
        shown = before.get("timeline")
        self.theme = config.theme or _known(before.get("theme"), themes.NAMES)
        self.timestamps = config.timestamps or _known(before.get("timestamps"), tuple(Timestamps))
        self.timeline = config.timeline
        if config.timeline is None and isinstance(shown, bool):
            self.timeline = shown

    def remember(self, **choices: str | bool) -> None:
        """Keep choices for the runs to come, by the names that they have here."""
        if self._memory is not None:
            self._memory.keep(choices)


def _known(value: object, names: Collection[str]) -> str | None:
    return value if isinstance(value, str) and value in names else None
