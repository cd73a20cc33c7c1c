"""The line to type in."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive, var

from reverb_tui.commands import parsing
from reverb_tui.commands.parsing import Call, Problem, Shout
from reverb_tui.commands.table import Command
from reverb_tui.display import visible_text
from reverb_tui.files.history import History
from reverb_tui.widgets.prompt.history_cursor import HistoryCursor, suggestion
from reverb_tui.widgets.prompt.pasting import Pasting

SENDS: Final = "Enter sends"
DROPS: Final = "Esc drops"
"""The answers to the question whether to send several lines."""


class Prompt(Pasting):
    """An input line for shouts and commands; several lines that were pasted are shouts.

    Enter runs the app's action ``shout``, which takes the lines with ``take``, or leaves them; or
    the action of a command. A command that can't be stays, with the reason in ``hint``, where
    there is also the question whether to send several lines, and what a command takes.
    """

    BINDING_GROUP_TITLE = "While you type"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "enter",
            "shout the line, or carry out the command",
            show=False,
            id="prompt.enter",
        ),
        Binding(
            "up", "older", "an older line that begins like this one", show=False, id="prompt.older"
        ),
        Binding(
            "down", "newer", "a newer line, and back to the draft", show=False, id="prompt.newer"
        ),
        Binding(
            "tab", "complete", "complete the command or the line", show=False, id="prompt.complete"
        ),
        Binding(
            "escape",
            "take_back",
            "go back to the draft, or take back a paste",
            show=False,
            id="prompt.take_back",
        ),
        Binding(
            "ctrl+d",
            "end_input",
            "End input",
            key_display="^D",
            id="prompt.end_input",
            tooltip="delete to the right; on an empty line, end the input",
        ),
    ]
    DEFAULT_CSS = """
    Prompt {
        & > .input--suggestion { color: $text-muted; }
        &:ansi > .input--cursor {
            background: ansi_default;
            color: ansi_default;
            text-style: reverse;
        }
        &:nocolor > .input--selection { text-style: reverse; }
    }
    """

    class InputEnded(Message):
        """The user has ended the input."""

    hint: var[str] = var("")
    """A sentence about the prompt's text, safe to show."""
    wrong: var[bool] = var(default=False)
    """Whether the hint says why a command can't be carried out."""
    asks = False
    """Whether the hint asks whether to send several lines."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    """As Textual has it, but one more character is no reason to lay out the screen again."""

    dropped = False
    """Whether a line was dropped, and nothing was typed since."""

    history: History
    """The history of typed lines."""
    commands: Sequence[Command]
    """The commands there are."""
    obstacle: Callable[[str], str]
    """Tells why a command's action can't be done now, and what to do."""

    _asked = False  # whether what is typed next answers a question for a password or the like
    _walk: HistoryCursor | None = None
    _draft = ""

    def __init__(
        self,
        *,
        history: History | None = None,
        commands: Sequence[Command] = (),
        obstacle: Callable[[str], str] = lambda action: "it can't be done now",
        placeholder: str = "",
        select_on_focus: bool = False,
        id: str | None = None,  # noqa: A002 (Textual's name)
    ) -> None:
        super().__init__(placeholder=placeholder, select_on_focus=select_on_focus, id=id)
        self.history = History() if history is None else history
        self.commands = commands
        self.obstacle = obstacle
        self.cursor_blink = False  # nothing is sent to the terminal while nothing happens

    def watch_value(self, value: str) -> None:
        """Update the hint about the current text, and suggest a completion."""
        self.dropped = self.dropped and not value
        if not value:
            self.password = self._asked
        text = self.meant
        match self._parse(text):
            case Shout(lines) if len(lines) > 1:
                self._say(f"send {len(lines):,} lines? {SENDS}, {DROPS}", asks=True)
            case _:
                self._say("" if self.password else parsing.hint(text, self.commands))
        # At once and not by a Suggester, which a fast key would overtake.
        self._suggestion = (
            ""
            if self.password
            else parsing.complete(text, self.commands) or suggestion(self.history, value, text)
        )

    def hide(self, *, asked: bool) -> None:
        """Hide what is typed, as the answer to a question; once asked, until it is sent."""
        self._asked = asked
        if asked or not self.value:
            self.password = asked
        if self.password:
            self._suggestion = ""

    def _parse(self, text: str) -> Shout | Call | Problem:
        """Classify a text; a password that begins with a slash is no command."""
        if self.password:
            return Shout(tuple(text.removesuffix("\n").split("\n")))
        return parsing.parse(text, self.commands)

    # What is sent

    def take(self) -> list[str]:
        """Return what was typed as lines to shout, remember it, and be empty.

        While a large paste is sent, it is that, and what was typed stays.
        """
        if self._file:
            return list(self._file)
        text = self.meant
        taken = self._parse(text)
        self.keep()
        self.clear()
        return list(taken.lines) if isinstance(taken, Shout) else [text]

    def keep(self) -> None:
        """Remember the current text as if it had been sent, unless it is hidden."""
        if not self.password:
            self.history.add(self.meant)

    def drop(self) -> None:
        """Be empty; what stood here is found with Up, like what was sent, while the client runs."""
        if not self.password:
            self.history.add(self.meant, lasting=False)
        self.clear()
        self.dropped = True

    async def action_enter(self) -> None:
        """Shout, or carry out a command; what is wrong stays, with a hint."""
        shown = self.value
        text = self.meant
        if isinstance(self._parse(text), Shout):
            await self.app.run_action("shout", self.screen)
            return
        self.clear()  # the command may look at the text, or set another
        problem = await self.carry_out(text)
        if problem:
            self._show(shown)
            self.refuse(problem)
        elif self._draft:
            self._show(self._draft)
            self._draft = ""

    async def carry_out(self, text: str) -> str:
        """Carry out a command, and remember it; return why that can't be, or an empty string."""
        match parsing.parse(text, self.commands):
            case Call(action, values):
                self.history.add(text)
                done = await self.app.run_action(("", action, values), self.screen)
                return "" if done else f"{text.split()[0]}: {self.obstacle(action)}"
            case Problem(hint):
                return hint
            case Shout():
                return f"{text} is no command"

    def begin(self, command: str) -> None:
        """Put a command to be completed in the prompt; the current text comes back after it."""
        if not parsing.is_command(self.meant):
            self._draft = self.value
        self._show(command)

    def refuse(self, hint: str) -> None:
        """Show why something can't be done; the current text stays."""
        self._say(hint, wrong=True)

    def _say(self, hint: str, *, wrong: bool = False, asks: bool = False) -> None:
        self.asks = asks  # first, for who watches the hint
        self.hint = visible_text(hint)
        self.wrong = wrong

    # What was typed before, and what could be

    def action_older(self) -> None:
        """Show an older entry that begins like what was typed."""
        if self._walk is None or self._walk.shown != self.value:
            self._walk = HistoryCursor(self.history, self.value, self.meant)
        if self._walk.older():
            self._show(self._walk.shown)

    def action_newer(self) -> None:
        """Show a newer entry, and in the end what was typed."""
        if self._walk is not None and self._walk.shown == self.value and self._walk.newer():
            self._show(self._walk.shown)

    def action_complete(self) -> None:
        """Complete the text, if possible; on an empty line the key moves the focus."""
        if not self.value:
            raise SkipAction
        if self.password:
            return
        whole = parsing.complete(self.meant, self.commands) or self._suggestion
        if self.cursor_at_end and whole:
            self._show(whole)

    def action_end(self, select: bool = False) -> None:
        """Go to the end, and from there to the end of the suggestion."""
        if select or not self._accept():
            super().action_end(select)

    def _accept(self) -> bool:
        if not (self._suggestion and self.cursor_at_end):
            return False
        self._show(self._suggestion)
        return True

    def action_end_input(self) -> None:
        """Delete a character to the right; on an empty line, end the input."""
        if self.value:
            self.action_delete_right()
        else:
            self.post_message(self.InputEnded())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Escape to others while there is nothing to take back."""
        if action == "end_input":
            can_end = bool(self.value) or not self.obstacle("close_input")
            return can_end and self.screen.is_active
        return action != "take_back" or bool(self._recalled or self.hint)

    @property
    def _recalled(self) -> bool:
        return self._walk is not None and self._walk.shown == self.value != self._walk.draft

    def action_take_back(self) -> None:
        """Go back to the draft, take back a paste of several lines, or hide a hint."""
        if self._walk is not None and self._recalled:
            self._show(self._walk.draft)
        elif "\n" in self.meant:
            self._show(self._before_paste)
        elif self.wrong:
            self._say("")
        else:
            raise SkipAction

    def _show(self, value: str) -> None:
        self.value = value
        self.cursor_position = len(value)
