"""The line to type in."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key, Paste
from textual.widgets import Input

from reverb_tui.display import typed, visible_text


class Prompt(Input):
    """An input line for shouts. It parses no markup, and what is pasted into it is made visible.

    Several lines pasted at once stay one line here, with a sign for each line end; when they are
    sent, the signs are line ends again. So nothing is lost, and nothing is sent unseen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.shout", "Shout", show=False),
        Binding("ctrl+d", "app.end_input", "Close", key_display="^D"),
    ]

    async def _on_key(self, event: Key) -> None:
        """Act on a key at once.

        Textual lets it go up to the app first, and what is typed meanwhile overtakes it.
        """
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()

    def paste(self, text: str) -> None:
        """Insert text from anywhere, all of its lines, in the place of what is selected."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        start, end = self.selection
        self.replace(visible_text(text), min(start, end), max(start, end))

    def _on_paste(self, event: Paste) -> None:
        """Insert the whole paste (Textual's own Input takes only its first line)."""
        self.paste(event.text)
        event.stop()
        event.prevent_default()

    def action_paste(self) -> None:
        """Insert what was copied in this client."""
        self.paste(self.app.clipboard)

    def take(self) -> list[str]:
        """Return what was typed as lines to shout, and be empty."""
        lines = typed(self.value).split("\n")
        self.clear()
        return lines
