"""A row under the prompt for what it has to say, in the place of the footer."""

from textual.content import Content
from textual.events import Click
from textual.style import Style
from textual.widgets import Footer, Static

from reverb_tui.widgets.prompt.prompt import DROPS, SENDS, Prompt


class Hint(Static):
    """Shows the hint of a prompt; while there is one, the footer makes room for it.

    The answers to its question can be clicked on.
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

    def on_mount(self) -> None:
        """Follow the prompt."""
        self.watch(self._prompt, "hint", self._follow)
        self.watch(self._prompt, "wrong", self._follow)

    def _follow(self) -> None:
        hint = self._prompt.hint
        self.update(_answerable(hint) if self._prompt.asks else Content(hint))
        self.set_class(self._prompt.wrong, "wrong")
        self.display = bool(hint)
        for footer in self.screen.query(Footer):
            footer.display = not hint

    async def on_click(self, event: Click) -> None:
        """Take an answer by mouse."""
        if action := event.style.meta.get("answer"):
            await self._prompt.run_action(action)


def _answerable(question: str) -> Content:
    """Let the answers be clicked on."""
    content = Content(question)
    for words, action in ((SENDS, "enter"), (DROPS, "take_back")):
        start = question.rindex(words)
        style = Style(underline=True) + Style.from_meta({"answer": action})
        content = content.stylize(style, start, start + len(words))
    return content
