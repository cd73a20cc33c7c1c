"""The line to type in."""

import re
from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Key, Paste
from textual.geometry import Size
from textual.reactive import Reactive, var
from textual.widgets import Input

from reverb_tui import commands
from reverb_tui.commands import Command, Entry, Problem, Shout
from reverb_tui.display import typed, visible_text
from reverb_tui.history import History
from reverb_tui.screens.confirm import Confirm
from reverb_tui.walk import Walk, suggestion

SENDS: Final = "Enter sends"
DROPS: Final = "Esc drops"
"""The answers to the question whether to send several lines."""

LARGEST: Final = 4096
"""Characters that a paste lets stand here: a key takes the longer the more there are."""

# There are no bytes to send for them.
_SURROGATES: Final = re.compile("[\ud800-\udfff]+")


class Prompt(Input):
    """An input line for shouts and commands. It parses no markup, and shows what is hidden.

    Several lines pasted at once stay one line here, with a sign for each line end; when they are
    sent, the signs are line ends again. So nothing is lost, and nothing is sent unseen. What was
    pasted is never a command: where it would look like one, it gets a second slash. A file, say,
    is too large to stand here: it is sent, after a question, or it is not.

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
        Binding("tab", "complete", "complete the command", show=False, id="prompt.complete"),
        Binding(
            "escape",
            "take_back",
            "go back to the draft, or take back a paste",
            show=False,
            id="prompt.take_back",
        ),
        Binding(
            "ctrl+d",
            "app.end_input",
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

    hint: var[str] = var("")
    """A sentence about what stands in the prompt, safe to show."""
    wrong: var[bool] = var(default=False)
    """Whether the hint says why a command can't be carried out."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    """As Textual has it, but one more character is no reason to lay out the screen anew."""

    history: History
    """What was typed before."""
    commands: Sequence[Entry]
    """The commands there are."""
    obstacle: Callable[[str], str]
    """Tells why a command's action can't be done now, and what to do."""

    _walk: Walk | None = None
    _before_paste = ""
    _draft = ""
    _file: Sequence[str] = ()  # the lines of a large paste while they are sent

    def __init__(
        self,
        *,
        history: History | None = None,
        commands: Sequence[Entry] = (),
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

    async def _on_key(self, event: Key) -> None:
        """Act on a key at once.

        Textual lets it go up to the app first, and what is typed meanwhile overtakes it.
        """
        bindings = self._bindings
        if self.app._keymap:
            bindings = bindings.copy()
            bindings.apply_keymap(self.app._keymap)
        for binding in bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()

    def watch_value(self, value: str) -> None:
        """Say what can be said about what stands here now, and suggest how it goes on."""
        text = typed(value)
        self.wrong = False
        self.hint = visible_text(self._about(text))
        # At once and not by a Suggester, which a fast key would overtake.
        self._suggestion = commands.complete(text, self.commands) or suggestion(
            self.history, value, text
        )

    def _about(self, text: str) -> str:
        match commands.parse(text, self.commands):
            case Shout(lines) if len(lines) > 1:
                return f"send {len(lines):,} lines? {SENDS}, {DROPS}"
            case _:
                return commands.hint(text, self.commands)

    # What is pasted

    def paste(self, text: str) -> None:
        """Insert text from anywhere, all of its lines, in the place of what is selected."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if len(self.value) + len(text) > LARGEST:
            self._offer(text)
            return
        start, end = sorted(self.selection)
        if "\n" in text and "\n" not in typed(self.value):
            self._before_paste = self.value
        if start == 0:
            text = commands.escaped(text)
        self.replace(visible_text(text), start, end)

    def _offer(self, text: str) -> None:
        """Ask whether to send a large paste; what stands here stays."""
        lines = _SURROGATES.sub(lambda found: visible_text(found[0]), text).removesuffix("\n")
        count = lines.count("\n") + 1

        async def answered(yes: bool | None) -> None:
            if yes:
                self._file = lines.split("\n")
                await self.app.run_action("app.shout", self)
                self._file = ()

        what = f"{count:,} lines" if count > 1 else "one line"
        question = f"send what was pasted, {what} of {len(lines):,} characters?"
        self.app.push_screen(Confirm(question, "send"), answered)

    def _on_paste(self, event: Paste) -> None:
        """Insert the whole paste (Textual's own Input takes only its first line)."""
        self.paste(event.text)
        event.stop()
        event.prevent_default()

    def action_paste(self) -> None:
        """Insert what was copied in this client."""
        self.paste(self.app.clipboard)

    # What is sent

    def take(self) -> list[str]:
        """Return what was typed as lines to shout, remember it, and be empty.

        While a large paste is sent, it is that, and what was typed stays.
        """
        if self._file:
            return list(self._file)
        text = typed(self.value)
        taken = commands.parse(text, self.commands)
        self.history.add(text)
        self.clear()
        return list(taken.lines) if isinstance(taken, Shout) else [text]

    def drop(self) -> None:
        """Be empty; what stood here is found with Up, like what was sent, while the client runs."""
        self.history.add(typed(self.value), lasting=False)
        self.clear()

    async def action_enter(self) -> None:
        """Shout, or carry out a command; what is wrong stays, with a hint."""
        shown = self.value
        text = typed(shown)
        if isinstance(commands.parse(text, self.commands), Shout):
            await self.app.run_action("app.shout", self)
            return
        self.clear()  # the command may look at what stands here, or put something here
        problem = await self.carry_out(text)
        if problem:
            self._show(shown)
            self.refuse(problem)
        elif self._draft:
            self._show(self._draft)
            self._draft = ""

    async def carry_out(self, text: str) -> str:
        """Carry out a command, and remember it; return why that can't be, or an empty string."""
        match commands.parse(text, self.commands):
            case Command(action, values):
                self.history.add(text)
                done = await self.app.run_action(("app", action, values), self)
                return "" if done else f"{text.split()[0]}: {self.obstacle(action)}"
            case Problem(hint):
                return hint
            case Shout():
                return f"{text} is no command"

    @property
    def asks(self) -> bool:
        """Whether the hint asks whether to send several lines."""
        return self.hint.endswith(f"{SENDS}, {DROPS}") and "\n" in typed(self.value)

    def begin(self, command: str) -> None:
        """Let the user type the rest of a command; what stands here comes back after it."""
        if not commands.is_command(typed(self.value)):
            self._draft = self.value
        self._show(command)

    def refuse(self, hint: str) -> None:
        """Say why something can't be; what stands here stays."""
        self.hint, self.wrong = visible_text(hint), True

    # What was typed before, and what could be

    def action_older(self) -> None:
        """Show an older entry that begins like what was typed."""
        if self._walk is None or self._walk.shown != self.value:
            self._walk = Walk(self.history, self.value, typed(self.value))
        if self._walk.older():
            self._show(self._walk.shown)

    def action_newer(self) -> None:
        """Show a newer entry, and in the end what was typed."""
        if self._walk is not None and self._walk.shown == self.value and self._walk.newer():
            self._show(self._walk.shown)

    def action_complete(self) -> None:
        """Complete a command as the suggestion says; without one the key moves the focus."""
        if not (commands.is_command(typed(self.value)) and self._accept()):
            raise SkipAction

    def action_end(self, select: bool = False) -> None:
        """Go to the end, and from there to the end of the suggestion."""
        if select or not self._accept():
            super().action_end(select)

    def _accept(self) -> bool:
        if not (self._suggestion and self.cursor_at_end):
            return False
        self._show(self._suggestion)
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Escape to others while there is nothing to take back."""
        return action != "take_back" or bool(self._recalled or self.hint)

    @property
    def _recalled(self) -> bool:
        return self._walk is not None and self._walk.shown == self.value != self._walk.draft

    def action_take_back(self) -> None:
        """Go back to the draft, take back a paste of several lines, or hide a hint."""
        if self._walk is not None and self._recalled:
            self._show(self._walk.draft)
        elif "\n" in typed(self.value):
            self._show(self._before_paste)
        elif self.wrong:
            self.hint, self.wrong = "", False
        else:
            raise SkipAction

    def _show(self, value: str) -> None:
        self.value = value
        self.cursor_position = len(value)
