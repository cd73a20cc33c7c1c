"""What can be typed with a slash: one table for the prompt, the command palette and the help.

A line that begins with a slash is a command, with two it is a shout with one. Several lines are
never a command: they were pasted, and are shouted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from reverb_server.core import control
from reverb_tui.commands import arguments
from reverb_tui.commands.arguments import Values


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: ``word``, what may follow it, and what it does, in one line.

    ``action`` is the name of the app's action. ``read`` turns the argument, never empty, into
    the action's parameters; it raises ValueError with a sentence for a value that can't be.
    ``choices`` are the arguments there are, if they can be counted. Without ``optional`` an
    argument has to be given, unless the command takes none.
    """

    word: str
    help: str
    action: str
    argument: str = ""
    read: Callable[[str], Values] | None = None
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def usage(self) -> str:
        """The command as the help shows it: ``/delay SECONDS``."""
        argument = f"[{self.argument}]" if self.optional else self.argument
        return f"/{self.word} {argument}".rstrip()


@dataclass(frozen=True, slots=True)
class Shout:
    """Lines to shout, one or several."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A command to carry out: an action of the app, and its parameters."""

    action: str
    values: Values


@dataclass(frozen=True, slots=True)
class Problem:
    """A command that can't be carried out; ``hint`` is one sentence that says what to do."""

    hint: str


def table(themes: Sequence[str] = ()) -> tuple[Entry, ...]:
    """Return all commands, in the order of the help; ``themes`` are the names of themes."""
    return (
        Entry(
            "delay",
            f"set the delay between echoes, 0 to {control.DELAY_MAX:g} seconds",
            "set_delay",
            "SECONDS",
            arguments.delay,
        ),
        _choice(
            "mode",
            "MODE",
            "concurrent echoes all shouts at once, sequential one by one",
            ("concurrent", "sequential"),
        ),
        Entry(
            "connect",
            "connect to a server, or again to the last one",
            "connect",
            "HOST:PORT",
            arguments.address,
            optional=True,
        ),
        Entry("disconnect", "leave the server, or stop trying to reach it", "disconnect"),
        Entry("end", "end the input; pending echoes still come", "close_input"),
        Entry("search", "search the log", "search", "TEXT", arguments.text, optional=True),
        Entry(
            "save",
            "save the log; as JSON lines if FILE ends in .jsonl",
            "save",
            "FILE",
            arguments.text,
        ),
        Entry("clear", "empty the log", "clear_log"),
        _choice(
            "timestamps",
            "KIND",
            "show no times, the clock, or since the shout",
            ("none", "clock", "since"),
        ),
        Entry("timeline", "show or hide the timeline", "toggle_timeline"),
        Entry("details", "show all that is known of the connection", "details"),
        _choice(
            "theme", "NAME", "choose the colours; terminal has the terminal's own", tuple(themes)
        ),
        Entry("help", "show all keys and commands", "help"),
        Entry("quit", "quit", "quit"),
    )


def parse(text: str, entries: Sequence[Entry]) -> Shout | Command | Problem:
    """Say what a text from the prompt is; the line end behind its last line may be left out."""
    if not is_command(text):
        lines = text.removesuffix("\n").split("\n")
        return Shout((lines[0][1:] if text.startswith("//") else lines[0], *lines[1:]))
    word, _, argument = text[1:].partition(" ")
    argument = argument.strip()
    entry = _find(word, entries)
    if entry is None:
        return Problem(_unknown(word, text, entries))
    if argument and entry.read is None:
        return Problem(f"/{entry.word} takes nothing: leave {argument!r} out")
    if not argument and entry.read is not None and not entry.optional:
        return Problem(f"{entry.usage}: {entry.help}")
    try:
        return Command(entry.action, entry.read(argument) if entry.read and argument else ())
    except ValueError as error:
        return Problem(str(error))


def is_command(text: str) -> bool:
    """Tell whether what is typed is meant to be a command, right or wrong."""
    return text.startswith("/") and not text.startswith("//") and "\n" not in text


def escaped(text: str) -> str:
    """Return what has to be typed to shout a line."""
    return f"/{text}" if text.startswith("/") else text


def complete(text: str, entries: Sequence[Entry]) -> str:
    """Return what a command that is being typed could become; an empty string for nothing new."""
    if not is_command(text):
        return ""
    word, space, argument = text[1:].partition(" ")
    if not space:
        found = next((each for each in entries if word and each.word.startswith(word)), None)
        whole = f"/{found.word}{' ' if found.argument else ''}" if found else ""
    else:
        entry = _find(word, entries)
        choices = entry.choices if entry else ()
        found_choice = next((each for each in choices if each.startswith(argument)), "")
        whole = f"/{word} {found_choice}" if found_choice else ""
    return whole if whole != text else ""


def hint(text: str, entries: Sequence[Entry]) -> str:
    """Return what can be said while a command is being typed; an empty string for nothing."""
    if not is_command(text):
        return ""
    word, space, argument = text[1:].partition(" ")
    entry = _find(word, entries)
    if entry is not None:
        choices = ", ".join(each for each in entry.choices if each.startswith(argument))
        return f"{entry.usage}: {entry.help}{f' ({choices})' if choices else ''}"
    if space:
        return ""
    return " ".join(f"/{each.word}" for each in entries if each.word.startswith(word))


def _find(word: str, entries: Sequence[Entry]) -> Entry | None:
    return next((each for each in entries if each.word == word.lower()), None)


def _unknown(word: str, text: str, entries: Sequence[Entry]) -> str:
    shout = f"{escaped(text)} shouts it" if len(text) <= 30 else "one more slash shouts it"
    if not word:
        return f"a command follows the slash, /help shows all of them; {shout}"
    close = get_close_matches(word.lower(), [each.word for each in entries], 1)
    advice = f"did you mean /{close[0]}?" if close else "/help shows all commands;"
    return f"there is no command /{word[:30]}: {advice} {shout}"


def _choice(word: str, argument: str, sentence: str, choices: tuple[str, ...]) -> Entry:
    def read(argument: str) -> Values:
        if argument not in choices:
            close = get_close_matches(argument, choices, 1) if len(choices) > 4 else ()
            shown = f"did you mean {close[0]}?" if close else f"choose {_listed(choices)}"
            raise ValueError(f"{word} {argument!r} is unknown: {shown}")
        return (argument,)

    return Entry(word, sentence, f"set_{word}", argument, read, choices)


def _listed(choices: tuple[str, ...]) -> str:
    return (
        " or ".join((", ".join(choices[:-1]), choices[-1]))
        if len(choices) > 1
        else "".join(choices)
    )
