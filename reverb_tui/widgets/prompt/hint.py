"""A row under the prompt for a hint or a note, in place of the key bar."""

from typing import Final, NamedTuple

from textual.content import Content
from textual.events import Click
from textual.style import Style
from textual.timer import Timer
from textual.widgets import Static

from reverb_tui.display import visible_text
from reverb_tui.widgets.key_bar import KeyBar
from reverb_tui.widgets.prompt.prompt import Advice, Prompt, Tone

_ANSWERS: Final = [
    (words, Style(underline=True) + Style.from_meta({"answer": action}))
    for words, action in (("Enter: send", "enter"), ("Esc: cancel", "take_back"))
]
"""The answers to the prompt's question, and what a click on them does."""


class Note(NamedTuple):
    """A few words to show for some seconds."""

    text: str
    seconds: float


class Hint(Static):
    """Shows the hint of a prompt, or a note; the key bar makes room for it.

    The answers to the prompt's question can be clicked on.
    """

    DEFAULT_CSS = """
    Hint {
        display: none;
        height: auto;
        max-height: 4;
        color: $text-muted;
        &.wrong {
            color: $text-error;
            text-style: bold;
        }
    }
    """

    def __init__(self, prompt: Prompt) -> None:
        super().__init__(markup=False)
        self._prompt = prompt
        self.note: Note | None = None
        """The note that is shown."""
        self._forgetting: Timer | None = None

    def on_mount(self) -> None:
        """Follow the prompt."""
        self.watch(self._prompt, "advice", self._follow)

    def say(self, note: Note) -> None:
        """Show a note in place of the hint."""
        self.forget()
        self._forgetting = self.set_timer(note.seconds, self.forget)
        self.note = note
        self._follow()

    def forget(self) -> None:
        """Take the note away."""
        if self._forgetting is not None:
            self._forgetting.stop()
        self.note = None
        self._follow()

    def _follow(self) -> None:
        text, tone = Advice(visible_text(self.note.text)) if self.note else self._prompt.advice
        content = Content(text)
        if tone is Tone.ASKS:
            enter, escape = _ANSWERS
            content = Content.assemble(content, " ", enter, ", ", escape)
        self.update(content)
        self.set_class(tone is Tone.REFUSES, "wrong")
        self.display = bool(text)
        for bar in self.screen.query(KeyBar):
            bar.display = not text

    async def on_click(self, event: Click) -> None:
        """Take an answer by mouse."""
        if action := event.style.meta.get("answer"):
            await self._prompt.run_action(action)
