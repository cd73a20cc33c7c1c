"""An input line that takes all that is typed and pasted, in its order."""

from abc import abstractmethod
from typing import ClassVar, Final

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Key, Paste
from textual.widgets import Input
from textual.widgets.input import Selection

from reverb_tui.display import is_text, visible_text, whole_sign
from reverb_tui.widgets.keys import typed_by

SAME_KEYS: Final = {
    **dict.fromkeys(
        ("ctrl+j", "ctrl+m", "shift+enter", "ctrl+enter", "alt+enter", "ctrl+shift+enter"), "enter"
    ),
    **dict.fromkeys(("ctrl+h", "shift+backspace"), "backspace"),
    "shift+delete": "delete",
    "ctrl+i": "tab",
}
"""Keys that are others where nothing else is bound to them, as in a shell on any terminal."""


EDITING: Final = {
    *("backspace", "delete", "left", "right", "home", "end", "shift+left", "shift+right"),
    *("ctrl+left", "ctrl+right", "shift+home", "shift+end", "ctrl+a", "ctrl+e", "ctrl+b"),
    *("ctrl+k", "ctrl+u", "ctrl+w", "alt+b", "alt+f", "alt+d", "alt+backspace"),
}
"""Keys that change a line or move in it, and do nothing else anywhere."""


class LineInput(Input):
    """Acts on each key at once, and hands whatever is pasted to `paste`.

    Textual's own Input takes only the first line of a paste, and lets what is typed overtake keys.
    What nobody would see is shown by a sign, which the cursor steps over as one character.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+b", "cursor_left", "Move cursor left", show=False),
        Binding("ctrl+left,alt+b", "cursor_left_word", "Move cursor left a word", show=False),
        Binding("ctrl+right,alt+f", "cursor_right_word", "Move cursor right a word", show=False),
        Binding(
            "alt+backspace,ctrl+backspace",
            "delete_left_word",
            "Delete left to start of word",
            show=False,
        ),
        Binding("ctrl+w", "delete_to_blank", "Delete left to the last blank", show=False),
        Binding(
            "alt+d,ctrl+delete,alt+delete",
            "delete_right_word",
            "Delete right to start of word",
            show=False,
        ),
    ]

    @abstractmethod
    def paste(self, text: str) -> None:
        """Insert text from anywhere in the place of what is selected."""

    def type_in(self, character: str) -> None:
        """Insert a character in the place of what is selected, or a sign for it."""
        start, end = sorted(self.selection)
        before = self.value[:start]
        self.replace(visible_text(before + character)[len(before) :], start, end)

    async def _on_key(self, event: Key) -> None:
        """Act on a key at once.

        Textual lets it go up to the app first, and what is typed meanwhile overtakes it.
        """
        bindings = self._bindings
        if self.app._keymap:
            bindings = bindings.copy()
            bindings.apply_keymap(self.app._keymap)
        keys = bindings.key_to_bindings
        key = event.key if event.key in keys else SAME_KEYS.get(event.key, event.key)
        for binding in keys.get(key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
        if character := typed_by(event):
            self.type_in(character)
            event.stop()
        event.prevent_default()  # Textual inserts what Python calls printable, and nothing else

    def edits_by(self, event: Key) -> bool:
        """Return whether a key does nothing but edit the text, or move in it."""
        return bool(typed_by(event)) or event.key in EDITING

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether a key is typed here, and does nothing else."""
        return character is not None and is_text(character)

    def validate_selection(self, selection: Selection) -> Selection:
        """Keep the cursor out of signs."""
        start, end = super().validate_selection(selection)
        rightwards = end >= self.selection.end
        end_outside = whole_sign(self.value, end)[rightwards]
        if start == end:
            return Selection.cursor(end_outside)
        return Selection(whole_sign(self.value, start)[start > end], end_outside)

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a part of the text; a sign as a whole, or not at all."""
        start, end = sorted((start, end))
        super().replace(text, whole_sign(self.value, start)[0], whole_sign(self.value, end)[1])

    def _on_paste(self, event: Paste) -> None:
        self.paste(event.text)
        event.stop()
        event.prevent_default()

    def action_paste(self) -> None:
        """Insert what was copied in this client."""
        self.paste(self.app.clipboard)

    def action_cut(self) -> None:
        """Cut what is selected; with nothing selected, the clipboard stays as it is."""
        if not self.selected_text:
            raise SkipAction
        super().action_cut()

    def action_delete_to_blank(self) -> None:
        """Delete a word with all its punctuation, as Ctrl-W does in a shell."""
        if self.password or not self.selection.is_empty:
            self.action_delete_left_word()
            return
        end = self.cursor_position
        self.delete(self.value[:end].rstrip().rfind(" ") + 1, end)
