"""Parsing of typed text: shouts, or a command; and hints for a command while it is typed.

A line that begins with a slash is a command, with two it is a shout with one. Several lines are
never a command: they were pasted, and are shouted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from reverb_tui.commands.table import Command


@dataclass(frozen=True, slots=True)
class Shout:
    """Lines to shout, one or several."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A command to carry out: an action of the app, and its parameters."""

    action: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A command that can't be carried out; ``hint`` is one sentence that says what to do."""

    hint: str


def parse_command(text: str, commands: Sequence[Command]) -> Shout | Call | Problem:
    """Parse a text from the prompt; the line end behind its last line may be left out."""
    if not is_command(text):
        lines = text.removesuffix("\n").split("\n")
        return Shout((lines[0][1:] if text.startswith("//") else lines[0], *lines[1:]))
    word, _, argument = text[1:].partition(" ")
    argument = argument.strip()
    command = _find(word, commands)
    if command is None:
        return Problem(_unknown(word, text, commands))
    if argument and command.read is None:
        return Problem(f"/{command.word} takes nothing: leave {argument!r} out")
    if not argument and command.read is not None and not command.optional:
        return Problem(f"{command.usage}: {command.help}")
    try:
        values = (command.read(argument),) if command.read and argument else ()
        return Call(command.action, values)
    except ValueError as error:
        return Problem(str(error))


def is_command(text: str) -> bool:
    """Return whether the text is meant to be a command, right or wrong."""
    return text.startswith("/") and not text.startswith("//") and "\n" not in text


def escaped(text: str) -> str:
    """Return what has to be typed to shout a line."""
    return f"/{text}" if text.startswith("/") else text


def complete(text: str, commands: Sequence[Command]) -> str:
    """Return what a command that is being typed could become; an empty string for nothing new."""
    if not is_command(text):
        return ""
    word, space, argument = text[1:].partition(" ")
    if not space:
        found = next((each for each in commands if word and each.word.startswith(word)), None)
        whole = f"/{found.word}{' ' if found.argument else ''}" if found else ""
    else:
        command = _find(word, commands)
        choices = command.choices if command else ()
        found_choice = next((each for each in choices if each.startswith(argument)), "")
        whole = f"/{word} {found_choice}" if found_choice else ""
    return whole if whole != text else ""


def hint(text: str, commands: Sequence[Command]) -> str:
    """Return what can be said while a command is being typed; an empty string for nothing."""
    if not is_command(text):
        return ""
    word, space, argument = text[1:].partition(" ")
    command = _find(word, commands)
    if command is not None:
        choices = ", ".join(each for each in command.choices if each.startswith(argument))
        return f"{command.usage}: {command.help}{f' ({choices})' if choices else ''}"
    if space:
        return ""
    return " ".join(f"/{each.word}" for each in commands if each.word.startswith(word))


def _find(word: str, commands: Sequence[Command]) -> Command | None:
    return next((each for each in commands if each.word == word.lower()), None)


def _unknown(word: str, text: str, commands: Sequence[Command]) -> str:
    shout = f"{escaped(text)} shouts it" if len(text) <= 30 else "one more slash shouts it"
    if not word:
        return f"a command follows the slash, /help shows all of them; {shout}"
    close = get_close_matches(word.lower(), [each.word for each in commands], 1)
    advice = f"did you mean /{close[0]}?" if close else "/help shows all commands;"
    return f"there is no command /{word[:30]}: {advice} {shout}"
