"""Start the screen with all that is kept between runs, and leave everything in order."""

import gc
import io
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr
from typing import Final, TypeVar

from rich.console import Console

from reverb_server.command_line import FAILED, Failed, discard
from reverb_server.net.daemon_thread import in_background
from reverb_tui import themes
from reverb_tui.app import ReverbApp
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.display import visible_text
from reverb_tui.files.config import BadConfig, Config, config_file, read_config
from reverb_tui.files.history import History
from reverb_tui.files.log_file import LogFile
from reverb_tui.files.new_file import CannotSave
from reverb_tui.files.shared_file import HANGS
from reverb_tui.files.state import Choices, state_directory
from reverb_tui.options import Options
from reverb_tui.screens.main import MainScreen
from reverb_tui.stdio import print_error
from reverb_tui.terminal import in_browser
from reverb_tui.terminal.crash import plain, print_plainly
from reverb_tui.terminal.end_signals import EndSignals
from reverb_tui.widgets.keys import mappable
from reverb_tui.widgets.prompt import Prompt

READ_WITHIN: Final = 3.0
"""Seconds for the disk to give what is read at the start."""

FAREWELL: Final = 1.0
"""Seconds at the end for disks and standard error together, all of which are written in threads."""

LEAST_WAIT: Final = 0.3
"""Seconds that a file at the start, and standard error at the end, have for themselves."""

NO_CONFIG: Final[tuple[Config, list[str]]] = (Config(), [])
"""A configuration that says nothing."""

Read = TypeVar("Read")

CRASHED: Final = (None, FAILED)
"""Return codes of Textual after an error; an end on purpose has a status."""


def on_screen(target: AnyTarget, options: Options) -> int:
    """Run the client on this terminal; return the exit status.

    Nothing here waits for a disk without a limit: what can't be read or written by then is left
    out, and told. Raises `reverb_server.command_line.Failed` if the log's file can't be written.
    """
    problems: list[str] = []
    until = time.monotonic() + READ_WITHIN

    def read(what: str, call: Callable[[], Read], otherwise: Read) -> Read:
        """Return what was read, or ``otherwise`` and a problem."""
        try:
            return in_background(call).result(max(LEAST_WAIT, until - time.monotonic()))
        except TimeoutError:
            problems.append(f"{what} not read: {HANGS}")
        except BadConfig as problem:
            problems.append(str(problem))
        except (OSError, RuntimeError) as error:  # there is no home directory, say
            problems.append(f"{what} not read: {error}")
        return otherwise

    actions = mappable(MainScreen, ReverbApp, Prompt)
    config, wrong = read(
        "the configuration is",
        lambda: read_config(config_file(), themes=themes.NAMES, actions=actions),
        NO_CONFIG,
    )
    problems += wrong
    choices = Choices(config)
    history = History()
    visitor = in_browser()  # visitors must not see what others typed or chose
    if not visitor:
        choices = read(
            "your choices are", lambda: Choices(config, state_directory() / "state.json"), choices
        )
    if config.history and not visitor:
        history = read("the history is", lambda: History(state_directory() / "history"), history)
    app = ReverbApp(target, options, config, history, tuple(problems), choices)
    app.main.files.log = _open_log(options, app.main.complain)
    app.ending = EndSignals()
    gc.freeze()  # what was made up to now lives as long as the client
    gc.enable()
    crash = io.StringIO()  # Textual would wait for a terminal that takes nothing
    app.error_console = Console(file=crash, markup=False, highlight=False)
    print_plainly(app)
    status = None
    try:
        with redirect_stderr(crash):  # and so would whoever logs or warns
            app.run()
        status = app.return_code
    except Exception:
        crash.write(plain(traceback.format_exc()))
    if status in CRASHED:
        app.main.prompt.keep()  # after an error it is all there is
    until = time.monotonic() + FAREWELL
    complete, problems = _finish(app.main, history, choices, until)
    last_words = crash.getvalue() + "".join(f"reverb-tui: {each}\n" for each in problems)
    if last_words:
        print_error(last_words, max(LEAST_WAIT, until - time.monotonic()))
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None is one that was closed before
        try:
            stream.flush()
        except OSError:  # the terminal is gone
            discard(stream)
    if status is None:
        return FAILED
    return status or (0 if complete else FAILED)


def _finish(
    screen: MainScreen, history: History, choices: Choices, until: float
) -> tuple[bool, list[str]]:
    """Wait a moment for the disks; return whether the log is complete, and what is not."""
    lost = screen.files.finish(until)
    sentences = [f"{name} may be incomplete" for name in lost]
    savers: list[History | Choices] = [history, choices]
    for saving in savers:
        told = saving.problem
        saving.finish(max(0, until - time.monotonic()))
        if saving.problem and not told:
            sentences.append(saving.problem)
    return not lost, [visible_text(each) for each in sentences]


def _open_log(options: Options, complain: Callable[[str], None]) -> LogFile | None:
    if (path := options.log) is None:
        return None
    try:
        return in_background(lambda: LogFile(path, complain)).result(READ_WITHIN)
    except CannotSave as problem:
        raise Failed(str(problem)) from problem
    except TimeoutError as error:
        raise Failed(f"cannot write {visible_text(str(path))}: {HANGS}") from error
