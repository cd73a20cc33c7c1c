"""A walk through the history with Up and Down."""

from reverb_tui.display import reversible
from reverb_tui.files.history import History


class HistoryCursor:
    """Begins at a draft, and goes only where entries begin with it; the draft is its near end.

    ``draft`` is what was typed, ``shown`` what the prompt shows now; both are made visible.
    """

    def __init__(self, history: History, draft: str, prefix: str) -> None:
        self.draft = self.shown = draft
        self._history = history
        self._prefix = prefix
        self._age = 0

    def older(self) -> bool:
        """Go to an older entry that looks different; tell whether there was one."""
        return self._go(1)

    def newer(self) -> bool:
        """Go to a newer entry, or back to the draft; tell whether there was anything newer."""
        if not self._age:
            return False
        if not self._go(-1):
            self._age, self.shown = 0, self.draft
        return True

    def _go(self, step: int) -> bool:
        age = self._age
        while age := self._history.find(self._prefix, age, step):
            shown = reversible(self._history[age])
            if shown != self.shown:
                self._age, self.shown = age, shown
                return True
        return False


def suggestion(history: History, value: str, prefix: str) -> str:
    """Return the newest entry that begins with what is typed; an empty string if there is none.

    ``value`` is what is typed as it is shown, ``prefix`` as it is meant; so is what comes back.
    """
    age = history.find(prefix, 0, 1) if value else 0
    shown = reversible(history[age]) if age else ""
    return shown if shown.startswith(value) and shown != value else ""
