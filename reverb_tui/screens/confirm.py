"""A question with two answers."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Click
from textual.screen import ModalScreen
from textual.widgets import Static

from reverb_tui.display import visible_text


class Confirm(ModalScreen[bool]):
    """Asks a question, and gives True for yes, False for no; ``yes`` says what yes will do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "dismiss(True)", "Yes"),
        Binding("n,escape", "dismiss(False)", "No"),
    ]
    DEFAULT_CSS = """
    Confirm {
        align: center middle;
        Vertical {
            width: auto;
            max-width: 90%;
            height: auto;
            padding: 1 2;
            border: round $border;
            background: $surface;
        }
        Static { width: auto; max-width: 100%; }
        #yes { margin-top: 1; }
        #yes, #no { color: $text-muted; pointer: pointer; }
    }
    """

    def __init__(self, question: str, yes: str = "yes") -> None:
        super().__init__()
        self._question = visible_text(question)
        self._yes = visible_text(yes)

    def compose(self) -> ComposeResult:
        """Lay out the question over its answers."""
        with Vertical():
            yield Static(self._question, markup=False)
            yield Static(f"Enter  {self._yes}", id="yes", markup=False)
            yield Static("Esc    no", id="no", markup=False)

    def on_click(self, event: Click) -> None:
        """Take an answer by mouse."""
        answered = event.widget is not None and event.widget.id in ("yes", "no")
        if event.widget is not None and answered and self.is_current:  # not closed already
            self.dismiss(event.widget.id == "yes")
