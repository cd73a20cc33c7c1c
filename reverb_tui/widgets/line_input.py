"""The client's text input: one line that takes all that is typed and pasted, in order."""

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
"""Keys that stand for others unless they are bound themselves, as in a shell on any terminal."""


class LineInput(Input):
    """Acts on each key at once, and takes all of a paste.

    Textual's own Input takes only the first line of a paste, and lets what is typed overtake keys.
    Invisible characters are shown as signs, which the cursor steps over as one character.
    """

    BINDING_GROUP_TITLE = ""  # the help shows these keys once, with the prompt's
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, action, does, show=False)
        for keys, action, does in (
            ("ctrl+b", "cursor_left", "Move cursor left"),
            ("ctrl+left,alt+b", "cursor_left_word", "Move cursor left a word"),
            ("ctrl+right,alt+f", "cursor_right_word", "Move cursor right a word"),
            ("alt+backspace,ctrl+backspace", "delete_left_word", "Delete left to start of word"),
            ("ctrl+w", "delete_to_blank", "Delete left to the last blank"),
            ("alt+d,ctrl+delete,alt+delete", "delete_right_word", "Delete right to start of word"),
        )
    ]

    def __init__(self, *, placeholder: str = "") -> None:
        super().__init__(placeholder=placeholder, select_on_focus=False)
        self.cursor_blink = False  # nothing is sent to the terminal while nothing happens

    @property
    def suggestion(self) -> str:
        """The whole line that is suggested in grey, or an empty string.

        Textual 8.2 sets its own only through a Suggester, in a worker that a fast key overtakes.
        """
        return self._suggestion

    @suggestion.setter
    def suggestion(self, line: str) -> None:
        self._suggestion = line

    def paste(self, text: str) -> None:
        """Replace the selection with a text from anywhere, as the log would show it."""
        self.replace(visible_text(text.rstrip("\r\n")), *self.selection)

    def type_in(self, character: str) -> None:
        """Replace the selection with a character, or with a sign for it."""
        start, end = sorted(self.selection)
        before = self.value[:start]
        self.replace(visible_text(before + character)[len(before) :], start, end)

    async def on_key(self, event: Key) -> None:
        """Act on a key at once.

        Textual lets it bubble to the app first, and what is typed meanwhile overtakes it.
        """
        if character := typed_by(event):
            self.type_in(character)
            event.stop()
        else:
            active = self.screen.active_bindings
            bound = active.get(event.key) or active.get(SAME_KEYS.get(event.key, ""))
            if bound is None:  # the focus may have moved on
                action = EDITING.get(event.key)
            else:
                action = bound.binding.action if bound.node is self else None
            if action and await self.app.run_action(action, self):
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

    def on_paste(self, event: Paste) -> None:
        """Insert all of a paste."""
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


EDITING: Final = {
    each.key: each.action
    for each in Binding.make_bindings([*Input.BINDINGS, *LineInput.BINDINGS])
    if each.action not in ("submit", "cut", "copy", "paste")
    and each.key not in ("ctrl+d", "ctrl+f")  # in Textual alone: they finish and search here
}
"""The actions of keys that change a line or move in it, and do nothing else anywhere."""
