"""The line to type in: shouts, commands, what was typed before, and pastes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar, Final, NamedTuple

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive, var

from reverb_tui.commands import parsing
from reverb_tui.commands.parsing import Call, Problem, Shout
from reverb_tui.commands.table import Command
from reverb_tui.display import is_sign, reversible, typed, visible_text
from reverb_tui.files.history import History
from reverb_tui.widgets.line_input import LineInput
from reverb_tui.widgets.prompt.history_cursor import HistoryCursor, suggestion

LARGEST_PASTE: Final = 4096
"""Characters of a paste that the prompt takes: each makes every key slower."""

HIDDEN: Final = "hidden, and sent as it is, a / too: the palette has the commands"
"""Placeholder while a question for a password or the like is answered."""

# There are no bytes to send for them.
_SURROGATES: Final = re.compile("[\ud800-\udfff]+")


class Tone(Enum):
    """How a hint is meant."""

    TELLS = auto()
    REFUSES = auto()
    ASKS = auto()


class Advice(NamedTuple):
    """A sentence about the prompt's text, safe to show."""

    text: str = ""
    tone: Tone = Tone.TELLS


class Prompt(LineInput):
    """An input line for shouts and commands.

    Enter posts the lines to shout, or runs an action of the screen for a command. What can't be
    done stays in the prompt.

    Several lines pasted at once stay one line here, with a sign for each line end; when they are
    sent, the signs are line ends again. So nothing is lost, and nothing is sent unseen. What was
    pasted is never a command: where it would look like one, it gets a second slash.

    The answer to a question for a password is hidden, and no command either: a password may begin
    with a slash. A command that was begun before the question, or elsewhere, stays one, and seen.

    Args:
        history: What was typed before.
        commands: What can be typed with a slash.
        obstacle: Returns why an action can't be done now, and what to do; "" if it can.
        placeholder: Shown while there is no text.
    """

    BINDING_GROUP_TITLE = "While you type"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key, action, does, show=False, id=f"prompt.{action}")
            for key, action, does in (
                ("enter", "enter", "shout the line, or carry out the command"),
                ("up", "older", "an older line that begins like this one"),
                ("down", "newer", "a newer line, and back to the draft"),
                ("tab", "complete", "complete the command or the line"),
                ("escape", "take_back", "go back to the draft, or take back a paste"),
            )
        ),
        Binding(
            "ctrl+d",
            "end_input",
            "Finish",
            key_display="^D",
            id="prompt.end_input",
            tooltip="delete to the right; on an empty line, finish (half-close)",
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

    advice: var[Advice] = var(Advice())
    """The hint to show under the prompt."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    """As Textual has it, but one more character is no reason to lay out the screen again."""

    dropped = False
    """Whether a line was dropped, and nothing was typed since."""

    @dataclass
    class Shouted(Message):
        """Lines to shout; ``secret`` if nobody may see them."""

        lines: list[str]
        secret: bool

    @dataclass
    class NotShouted(Message):
        """Nothing can be shouted now; ``reason`` says why, and what to do."""

        reason: str

    class LargePaste(Message):
        """Pasted lines, too large for the prompt; to be shouted if the ``question`` is affirmed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            text = _SURROGATES.sub(lambda found: visible_text(found[0]), text).removesuffix("\n")
            self.lines = text.split("\n")
            count = len(self.lines)
            what = f"{count:,} lines" if count > 1 else "one line"
            self.question = f"send what was pasted, {what} of {len(text):,} characters?"

    class InputEnded(Message):
        """The user has ended the input."""

    _in_sight = False  # whether the text is a command, although an answer is asked for
    _asked = False  # whether what is typed next answers a question for a password or the like
    _walk: HistoryCursor | None = None
    _draft = ""
    _before_paste = ""

    def __init__(
        self,
        *,
        history: History | None = None,
        commands: Sequence[Command] = (),
        obstacle: Callable[[str], str] = lambda action: "",
        placeholder: str = "",
    ) -> None:
        self._usual_placeholder = placeholder  # which is shown as soon as there is a prompt
        super().__init__(placeholder=placeholder)
        self.history = History() if history is None else history
        self.commands = commands
        self._obstacle = obstacle

    @property
    def meant(self) -> str:
        """The whole text, with the characters that its signs stand for."""
        return typed(self.value)

    @property
    def hint(self) -> str:
        """The text of the hint."""
        return self.advice.text

    def watch_value(self, value: str) -> None:
        """Update the hint about the current text, and suggest a completion."""
        self.dropped = self.dropped and not value
        if not value:
            self._in_sight, self.password = False, self._asked
        text = self.meant
        match self._parse(text):
            case Shout(lines) if len(lines) > 1:
                self._advise(f"Send {len(lines):,} lines?", Tone.ASKS)
            case _:
                self._advise("" if self.password else parsing.hint(text, self.commands))
        self.suggestion = (
            ""
            if self.password
            else parsing.complete(text, self.commands) or suggestion(self.history, value, text)
        )

    def watch_password(self, hidden: bool) -> None:
        """Explain it while nothing is typed."""
        self.placeholder = HIDDEN if hidden else self._usual_placeholder

    def hide(self, *, asked: bool) -> None:
        """Hide what is typed, as the answer to a question; once asked, until it is sent."""
        if asked and not (self._asked or self.password):
            self._in_sight = parsing.is_command(self.meant)
        self._asked = asked
        if not self._in_sight and (asked or not self.value):
            self.password = asked
        if self.password:
            self.suggestion = ""

    def _parse(self, text: str) -> Shout | Call | Problem:
        """Classify a text; a password that begins with a slash is no command."""
        if self.password:
            return Shout(tuple(text.removesuffix("\n").split("\n")))
        return parsing.parse_command(text, self.commands)

    # What is typed and pasted

    def type_in(self, character: str) -> None:
        """Insert a character, or a sign for it: a sign that is typed means itself."""
        super().type_in(reversible(character) if is_sign(character) else character)

    def paste(self, text: str) -> None:
        """Replace the selection with all lines of a text; one that is too large is posted."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if len(self.value) + len(text) > LARGEST_PASTE:
            self.post_message(self.LargePaste(text))
            return
        start, end = sorted(self.selection)
        if "\n" in text and "\n" not in self.meant:
            self._before_paste = self.value
        if start == 0 and not self.password:
            text = parsing.escaped(text)
        self.replace(reversible(text), start, end)

    # What is sent

    async def action_enter(self) -> None:
        """Shout, or carry out a command; what can't be done stays, with a hint."""
        shown, text = self.value, self.meant
        parsed = self._parse(text)
        if isinstance(parsed, Shout):
            if self.shout(parsed.lines):
                self.keep()
                self.clear()
            return
        self.clear()  # the command may look at the text, or set another
        problem = await self.carry_out(text)
        if problem:
            self._show_command(shown)
            self.refuse(problem)
        elif self._draft:
            self._show(self._draft)
            self._draft = ""

    def shout(self, lines: Sequence[str]) -> bool:
        """Post lines to shout, or why they can't be; return whether they can."""
        reason = self._obstacle("shout")
        if reason:
            self.post_message(self.NotShouted(reason))
        else:
            self.post_message(self.Shouted(list(lines), self.password))
        return not reason

    async def carry_out(self, text: str) -> str:
        """Carry out a command, and remember it; return why that can't be, or an empty string."""
        match parsing.parse_command(text, self.commands):
            case Call(action, values):
                self.history.add(text)
                done = await self.app.run_action(("", action, values), self.screen)
                return "" if done else f"{text.split()[0]}: {self._obstacle(action)}"
            case Problem(hint):
                return hint
            case Shout():
                return f"{text} is no command"

    def keep(self) -> None:
        """Remember the current text as if it had been sent, unless it is hidden."""
        if not self.password:
            self.history.add(self.meant)

    def drop(self) -> None:
        """Clear the prompt; Up finds what was in it, like what was sent, while the client runs."""
        if not self.password:
            self.history.add(self.meant, lasting=False)
        self.clear()
        self.dropped = True

    def begin(self, command: str) -> None:
        """Put a command to be completed in the prompt; the current text comes back after it."""
        if self.password:
            self._draft = ""  # a secret comes back into no prompt: it could be seen there
        elif not parsing.is_command(self.meant):
            self._draft = self.value
        self._show_command(command)

    def refuse(self, hint: str) -> None:
        """Show why something can't be done; the current text stays."""
        self._advise(hint, Tone.REFUSES)

    def _advise(self, hint: str, tone: Tone = Tone.TELLS) -> None:
        self.advice = Advice(visible_text(hint), tone)

    # What was typed before, and what could be

    def action_older(self) -> None:
        """Show an older entry that begins like what was typed; none where it could not be seen."""
        if self.password:
            return
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
        whole = parsing.complete(self.meant, self.commands) or self.suggestion
        if self.cursor_at_end and whole:
            self._show(whole)

    def action_end(self, select: bool = False) -> None:
        """Go to the end, and from there to the end of the suggestion."""
        if not select and self.suggestion and self.cursor_at_end:
            self._show(self.suggestion)
        else:
            super().action_end(select)

    def action_end_input(self) -> None:
        """Delete a character to the right; on an empty line, end the input."""
        if self.value:
            self.action_delete_right()
        else:
            self.post_message(self.InputEnded())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Escape to others while there is nothing to take back."""
        if action == "end_input":
            can_end = bool(self.value) or not self._obstacle("close_input")
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
        elif self.advice.tone is Tone.REFUSES:
            self._advise("")
        else:
            raise SkipAction

    def _show_command(self, value: str) -> None:
        self._in_sight, self.password = True, False
        self._show(value)

    def _show(self, value: str) -> None:
        self.value = value
        self.cursor_position = len(value)
