"""Start the screen with all that is kept between runs, and leave everything in order."""

import contextlib
import gc
import os
import sys
from collections.abc import Callable

from reverb_server.usage import Failed
from reverb_tui import themes
from reverb_tui.app import ReverbApp
from reverb_tui.connection.targets import AnyTarget
from reverb_tui.display import visible_text
from reverb_tui.files.config import BadConfig, Config, config_file, read_config
from reverb_tui.files.history import History
from reverb_tui.files.log_file import LogFile
from reverb_tui.files.remembered import state_directory
from reverb_tui.files.saving import CannotSave
from reverb_tui.options import Options
from reverb_tui.terminal.ending import Ending
from reverb_tui.widgets.keys import mappable
from reverb_tui.widgets.prompt import Prompt


def on_screen(target: AnyTarget, options: Options) -> int:
    """Run the client on this terminal; return the exit status.

    Raises `reverb_server.usage.Failed` if the file for the log can't be written.
    """
    problems: list[str] = []
    config = Config()
    try:
        actions = mappable(ReverbApp, Prompt)
        config, problems = read_config(config_file(), themes=themes.NAMES, actions=actions)
    except BadConfig as problem:
        problems.append(str(problem))
    state = state_directory()
    history = History(state / "history" if config.history else None)
    if history.problem:
        problems.append(history.problem)
    screen = ReverbApp(target, options, config, history, tuple(problems), state / "state.json")
    log_file = screen.log_file = _open_log(options, screen.complain)
    ending = screen.ending = Ending()
    gc.freeze()  # what was made up to now lives as long as the client
    try:
        screen.run()
    finally:
        ending.leave()
        complete = log_file is None or log_file.close()
        if not complete:
            with contextlib.suppress(OSError):
                name = visible_text(str(options.log))
                print(f"reverb-tui: {name} may be incomplete", file=sys.stderr)
        _let_go_of_a_closed_terminal()
    return screen.return_code or (0 if complete else 1)


def _let_go_of_a_closed_terminal() -> None:
    """Let nothing be written to it at exit: that would fail, and change the exit status."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None is one that was closed before
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _open_log(options: Options, complain: Callable[[str], None]) -> LogFile | None:
    if options.log is None:
        return None
    try:
        return LogFile(options.log, complain)
    except CannotSave as problem:
        raise Failed(str(problem)) from problem
