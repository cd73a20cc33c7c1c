"""The commands: one table for the prompt, the command palette and the help."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Final

from reverb_server.core import control
from reverb_tui.connection.targets import Embedded
from reverb_tui.entry import Timestamps
from reverb_tui.options import server_address

BUILT_IN: Final = "built-in"
"""Word of ``/connect`` for the built-in server; a host of that name needs a port."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command: ``word``, what may follow it, and what it does, in one line.

    ``action`` is the name of the app's action. ``read`` turns the argument, without blanks around
    it and never empty, into the action's parameter; it raises ValueError with a sentence for a
    value that can't be. ``choices`` are arguments that are words, and all there are if
    ``choices_only``. Without ``optional`` an argument has to be given, unless the command takes
    none.
    """

    word: str
    help: str
    action: str
    argument: str = ""
    read: Callable[[str], object] | None = None
    choices: tuple[str, ...] = ()
    choices_only: bool = True
    optional: bool = False

    @property
    def usage(self) -> str:
        """The command as the help shows it: ``/delay SECONDS``."""
        argument = f"[{self.argument}]" if self.optional else self.argument
        return f"/{self.word} {argument}".rstrip()


def table(themes: Sequence[str]) -> tuple[Command, ...]:
    """Return all commands, in the order of the help; ``themes`` are the names of themes."""
    return (
        Command(
            "delay",
            f"set the delay between echoes, 0 to {control.DELAY_MAX:g} seconds",
            "set_delay",
            "SECONDS",
            _delay,
        ),
        _choice(
            "mode",
            "MODE",
            "concurrent echoes all shouts at once, sequential one by one",
            ("concurrent", "sequential"),
        ),
        Command(
            "connect",
            "connect to a server, or again to the last one; TLS only with tls://",
            "connect",
            "HOST:PORT",
            _server,
            choices=(BUILT_IN,),
            choices_only=False,
            optional=True,
        ),
        Command("disconnect", "leave the server, or stop trying to reach it", "disconnect"),
        Command("end", "end the input; pending echoes still come", "close_input"),
        Command("search", "search the log", "search", "TEXT", str, optional=True),
        Command("save", "save the log; as JSON lines if FILE ends in .jsonl", "save", "FILE", str),
        Command("picture", "save the screen as it is, as SVG", "save_picture", "FILE", str),
        Command(
            "cast",
            "record the screen as asciicast; without FILE, end the recording",
            "record",
            "FILE",
            str,
            optional=True,
        ),
        Command("clear", "clear the log", "clear_log"),
        _choice(
            "timestamps",
            "KIND",
            "show no times, the clock, or since the shout",
            tuple(Timestamps),
        ),
        Command("timeline", "show or hide the timeline", "toggle_timeline"),
        Command("big", "show the timeline alone, for a projector, or the log again", "toggle_big"),
        Command("pause", "pause the picture, where ← and → step from echo to echo", "toggle_pause"),
        Command("demo", "show the book's two dialogues; any key stops them", "start_demo"),
        Command("compare", "shout in both modes at once, and see the difference", "compare"),
        Command("details", "show connection details", "details"),
        _choice(
            "theme", "NAME", "choose the colours; terminal has the terminal's own", tuple(themes)
        ),
        Command("help", "show all keys and commands", "help"),
        Command("quit", "quit", "quit"),
    )


def _choice(word: str, argument: str, sentence: str, choices: tuple[str, ...]) -> Command:
    return Command(
        word, sentence, f"set_{word}", argument, partial(_one_of, choices, word), choices
    )


def _one_of(choices: tuple[str, ...], word: str, argument: str) -> str:
    if (wanted := argument.lower()) in choices:
        return wanted
    close = get_close_matches(wanted, choices, 1) if len(choices) > 4 else ()
    listed = " or ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))
    advice = f"did you mean {close[0]}?" if close else f"choose {listed}"
    raise ValueError(f"{word} {wanted!r} is unknown: {advice}")


def _delay(argument: str) -> float:
    """Parse seconds, given as ``0.25`` or ``0.25s``."""
    try:
        seconds = float(argument.lower().removesuffix("s").strip())
    except ValueError:
        raise ValueError(f"delay {argument!r} is no number: give seconds, 0.25 say") from None
    if not control.is_delay(seconds):
        raise ValueError(
            f"delay {argument} is out of range: give seconds from 0 to {control.DELAY_MAX:g}"
        )
    return seconds


def _server(argument: str) -> object:
    """Parse an address as on the command line, or the word for the built-in server."""
    return Embedded() if argument.lower() == BUILT_IN else server_address(argument)
