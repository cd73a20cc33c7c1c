"""How a command of Reverb reads its call, and with which status it ends.

0 done, 1 failed (the machine or the network refused), 2 wrong usage. An error is one sentence on
stderr that begins with the name of the command.
"""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import IO, Final, NoReturn

from cyclopts import App, CycloptsError, Token, convert
from cyclopts.exceptions import UnusedCliTokensError

from reverb_server.errors import ReverbError

FAILED: Final = 1
WRONG_USAGE: Final = 2
DESCRIPTORS: Final = 13
"""Files that must be open at once beside the standard streams: a loop's, sockets, one read."""
LAST_WORDS: Final = 1.0
"""Seconds that the end of a command waits for its sentence to be written."""
VARIABLES: Final = "REVERB_"
"""Prefix of an option's environment variable."""


class Failed(ReverbError):
    """A command can't do what it was asked to; the text is one sentence for the user."""


def run_command(app: App) -> NoReturn:
    """Read this process's arguments, run the command, and end the process with its status."""
    name = app.name[0]
    _occupy_closed_streams()
    for variable in [each for each, text in os.environ.items() if not text]:
        if variable.startswith(VARIABLES):  # an empty one is how many a script leaves one out
            del os.environ[variable]
    try:
        command, bound, _ = app.parse_args(exit_on_error=False, print_error=False)
    except (CycloptsError, ValueError) as error:
        fail(name, f"{_sentence(error)} (see {name} --help)", WRONG_USAGE)
    try:
        if command is not app.default_command:
            _show_page(lambda: command(*bound.args, **bound.kwargs))
        _make_sure_of_descriptors()
        gc.freeze()  # else the first collection would look through all that the start has made
        gc.enable()
        sys.exit(command(*bound.args, **bound.kwargs))
    except ReverbError as failure:
        fail(name, str(failure), FAILED)


def _make_sure_of_descriptors() -> None:
    """Raise Failed where an event loop could not even begin."""
    opened: list[int] = []
    try:
        while len(opened) < DESCRIPTORS:
            opened.append(os.dup(0))
    except OSError as error:
        raise Failed(
            f"cannot open {DESCRIPTORS} more files: {error.strerror}; "
            "raise the limit with ulimit -n"
        ) from error
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _show_page(show: Callable[[], object]) -> NoReturn:
    """Print the help or the version, and end the process. Raises Failed if it can't be printed."""
    if sys.stdout is None:
        raise Failed("standard output is closed")
    try:
        show()
        sys.stdout.flush()
    except OSError as error:
        discard(sys.stdout)
        raise Failed(f"cannot write to standard output: {error.strerror or error}") from error
    sys.exit(0)


def _sentence(error: Exception) -> str:
    if isinstance(error, UnusedCliTokensError):
        return f"{' '.join(error.unused_tokens or [])!r} is one argument too many"
    return " ".join(str(error).split()).removesuffix(".")


def option_value(kind: object, tokens: Sequence[Token]) -> object:
    """Convert an option's value as cyclopts does, but take no 80.5 for the port 80.

    Nor an empty path for the directory the command runs in, as `pathlib.Path` does.
    """
    value = tokens[0].value
    if kind in (int, int | None) and not value.lstrip("+-").isdecimal():
        raise ValueError(f"{value!r} is no whole number")
    if kind in (Path, Path | None) and not value:
        raise ValueError("the path is empty: give that of a file")
    return convert(kind, tokens)


def fail(name: str, sentence: str, status: int) -> NoReturn:
    """End the process with a sentence on stderr; what can't be printed in it is escaped.

    It ends as well if nobody reads stderr.
    """
    complaining = Thread(target=print_error, args=(name, sentence), daemon=True)
    complaining.start()
    complaining.join(LAST_WORDS)
    if complaining.is_alive():
        os._exit(status)  # else the interpreter would wait for the lock of stderr
    sys.exit(status)


def print_error(name: str, sentence: str) -> None:
    """Print a sentence on stderr, if that can be; what can't be printed in it is escaped."""
    if sys.stderr is None:  # closed: print would take standard output instead
        return
    try:
        print(f"{name}: {printable(sentence)}", file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)


def printable(text: str) -> str:
    """Return text as one line for a person to read; what can't be printed in it is escaped."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def discard(stream: IO[str]) -> None:
    """Drop what a broken stream still holds: writing it at exit would change the exit status."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _occupy_closed_streams() -> None:
    """Keep a standard stream that was closed from becoming a connection's descriptor.

    What the interpreter or a library writes to descriptor 2 would go to that client.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free descriptor: this one
