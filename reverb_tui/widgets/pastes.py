"""An input that takes the whole of what is pasted."""

from abc import abstractmethod

from textual.events import Paste
from textual.widgets import Input


class Pastes(Input):
    """Hands whatever is pasted to `paste`; Textual's own Input takes only its first line."""

    @abstractmethod
    def paste(self, text: str) -> None:
        """Insert text from anywhere in the place of what is selected."""

    def _on_paste(self, event: Paste) -> None:
        self.paste(event.text)
        event.stop()
        event.prevent_default()

    def action_paste(self) -> None:
        """Insert what was copied in this client."""
        self.paste(self.app.clipboard)
