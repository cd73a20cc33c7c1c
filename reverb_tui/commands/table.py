"""The commands: one table for the prompt, the command palette and the help."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from reverb_server.core import control
from reverb_tui.commands import arguments
from reverb_tui.commands.arguments import Values
from reverb_tui.entry import Timestamps


@dataclass(frozen=True, slots=True)
class Command:
    """A command: ``word``, what may follow it, and what it does, in one line.

    ``action`` is the name of the app's action. ``read`` turns the argument, never empty, into
    the action's parameters; it raises ValueError with a sentence for a value that can't be.
    ``choices`` are arguments that are words, and all there are if ``choices_only``. Without
    ``optional`` an argument has to be given, unless the command takes none.
    """

    word: str
    help: str
    action: str
    argument: str = ""
    read: Callable[[str], Values] | None = None
    choices: tuple[str, ...] = ()
    choices_only: bool = True
    optional: bool = False

    @property
    def usage(self) -> str:
        """The command as the help shows it: ``/delay SECONDS``."""
        argument = f"[{self.argument}]" if self.optional else self.argument
        return f"/{self.word} {argument}".rstrip()


def table(themes: Sequence[str] = ()) -> tuple[Command, ...]:
    """Return all commands, in the order of the help; ``themes`` are the names of themes."""
    return (
        Command(
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
        Command(
            "connect",
            "connect to a server, or again to the last one; TLS only with tls://",
            "connect",
            "HOST:PORT",
            arguments.server,
            choices=(arguments.BUILT_IN,),
            choices_only=False,
            optional=True,
        ),
        Command("disconnect", "leave the server, or stop trying to reach it", "disconnect"),
        Command("end", "end the input; pending echoes still come", "close_input"),
        Command("search", "search the log", "search", "TEXT", arguments.text, optional=True),
        Command(
            "save",
            "save the log; as JSON lines if FILE ends in .jsonl",
            "save",
            "FILE",
            arguments.text,
        ),
        Command("clear", "empty the log", "clear_log"),
        _choice(
            "timestamps",
            "KIND",
            "show no times, the clock, or since the shout",
            tuple(Timestamps),
        ),
        Command("timeline", "show or hide the timeline", "toggle_timeline"),
        Command("details", "show all that is known of the connection", "details"),
        _choice(
            "theme", "NAME", "choose the colours; terminal has the terminal's own", tuple(themes)
        ),
        Command("help", "show all keys and commands", "help"),
        Command("quit", "quit", "quit"),
    )


def _choice(word: str, argument: str, sentence: str, choices: tuple[str, ...]) -> Command:
    def read(argument: str) -> Values:
        argument = argument.lower()
        if argument not in choices:
            close = get_close_matches(argument, choices, 1) if len(choices) > 4 else ()
            shown = f"did you mean {close[0]}?" if close else f"choose {_listed(choices)}"
            raise ValueError(f"{word} {argument!r} is unknown: {shown}")
        return (argument,)

    return Command(word, sentence, f"set_{word}", argument, read, choices)


def _listed(choices: tuple[str, ...]) -> str:
    return (
        " or ".join((", ".join(choices[:-1]), choices[-1]))
        if len(choices) > 1
        else "".join(choices)
    )
