"""An input line that takes all that is typed and pasted, in its order."""

from abc import abstractmethod

from textual.events import Key, Paste
from textual.widgets import Input


class LineInput(Input):
    """Acts on each key at once, and hands whatever is pasted to `paste`.

    Textual's own Input takes only the first line of a paste, and lets what is typed overtake keys.
    """

    @abstractmethod
    def paste(self, text: str) -> None:
        """Insert text from anywhere in the place of what is selected."""

    async def _on_key(self, event: Key) -> None:
        """Act on a key at once.

        Textual lets it go up to the app first, and what is typed meanwhile overtakes it.
        """
        bindings = self._bindings
        if self.app._keymap:
            bindings = bindings.copy()
            bindings.apply_keymap(self.app._keymap)
        for binding in bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()

    def _on_paste(self, event: Paste) -> None:
        self.paste(event.text)
        event.stop()
        event.prevent_default()

    def action_paste(self) -> None:
        """Insert what was copied in this client."""
        self.paste(self.app.clipboard)
