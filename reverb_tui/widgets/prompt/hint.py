"""A row under the prompt for what there is to say for a while, in the place of the keys."""

from textual.content import Content
from textual.events import Click
from textual.style import Style
from textual.timer import Timer
from textual.widgets import Static

from reverb_tui.display import visible_text
from reverb_tui.widgets.key_bar import KeyBar
from reverb_tui.widgets.prompt.prompt import DROPS, SENDS, Prompt


class Hint(Static):
    """Shows the hint of a prompt, or a note; while there is one, the row of keys makes room for it.

    The answers to the prompt's question can be clicked on.
    """

    DEFAULT_CSS = """
    Hint {
        display: none;
        height: auto;
        max-height: 3;
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
        self.note = ""
        """A few words that are shown for a while."""
        self._forgetting: Timer | None = None

    def on_mount(self) -> None:
        """Follow the prompt."""
        self.watch(self._prompt, "hint", self._follow)
        self.watch(self._prompt, "wrong", self._follow)

    def say(self, note: str, seconds: float) -> None:
        """Show a few words for some seconds, in place of the hint."""
        self.forget()
        self._forgetting = self.set_timer(seconds, self.forget)
        self.note = note
        self._follow()

    def forget(self) -> None:
        """Take the note away."""
        if self._forgetting is not None:
            self._forgetting.stop()
        self.note = ""
        self._follow()

    def _follow(self) -> None:
        prompt = self._prompt
        hint = visible_text(self.note) or prompt.hint
        asks = prompt.asks and not self.note
        self.update(_answerable(hint) if asks else Content(hint))
        self.set_class(prompt.wrong and not self.note, "wrong")
        self.display = bool(hint)
        for bar in self.screen.query(KeyBar):
            bar.display = not hint

    async def on_click(self, event: Click) -> None:
        """Take an answer by mouse."""
        if action := event.style.meta.get("answer"):
            await self._prompt.run_action(action)


def _answerable(question: str) -> Content:
    """Make the answers clickable."""
    content = Content(question)
    for words, action in ((SENDS, "enter"), (DROPS, "take_back")):
        start = question.rindex(words)
        style = Style(underline=True) + Style.from_meta({"answer": action})
        content = content.stylize(style, start, start + len(words))
    return content
