"""A line to type in that takes whatever is pasted, and shows what is hidden."""

import re
from collections.abc import Sequence
from typing import Final

from reverb_tui.commands.parsing import escaped
from reverb_tui.display import is_sign, reversible, typed, visible_text
from reverb_tui.screens.confirm import Confirm
from reverb_tui.widgets.line_input import LineInput

LARGEST: Final = 4096
"""Characters of a paste that the prompt takes: each makes every key slower."""

# There are no bytes to send for them.
_SURROGATES: Final = re.compile("[\ud800-\udfff]+")


class Pasting(LineInput):
    """An input line that parses no markup, and loses nothing of a paste.

    Several lines pasted at once stay one line here, with a sign for each line end; when they are
    sent, the signs are line ends again. So nothing is lost, and nothing is sent unseen. What was
    pasted is never a command: where it would look like one, it gets a second slash. A file, say,
    is too large for the prompt: it is sent, after a question, or it is not.
    """

    _before_paste = ""
    _file: Sequence[str] = ()  # the lines of a large paste while they are sent

    @property
    def meant(self) -> str:
        """The whole text, with what is hidden and shown by signs."""
        return typed(self.value)

    def type_in(self, character: str) -> None:
        """Insert a character, or a sign for it: a sign that is typed means itself."""
        super().type_in(reversible(character) if is_sign(character) else character)

    def paste(self, text: str) -> None:
        """Insert text from anywhere, all of its lines, in the place of what is selected."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if len(self.value) + len(text) > LARGEST:
            self._offer(text)
            return
        start, end = sorted(self.selection)
        if "\n" in text and "\n" not in self.meant:
            self._before_paste = self.value
        if start == 0:
            text = escaped(text)
        self.replace(reversible(text), start, end)

    def _offer(self, text: str) -> None:
        """Ask whether to send a large paste; the current text stays."""
        lines = _SURROGATES.sub(lambda found: visible_text(found[0]), text).removesuffix("\n")
        count = lines.count("\n") + 1

        async def answered(yes: bool | None) -> None:
            if yes:
                self._file = lines.split("\n")
                await self.app.run_action("shout", self.screen)
                self._file = ()

        what = f"{count:,} lines" if count > 1 else "one line"
        question = f"send what was pasted, {what} of {len(lines):,} characters?"
        self.app.push_screen(Confirm(question, "send"), answered)
