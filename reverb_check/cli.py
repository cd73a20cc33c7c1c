"""The command ``reverb-check``: checks any reverb or echo server, or a client."""

import os
import sys
from pathlib import Path
from typing import Annotated, Final

import anyio
from cyclopts import App, Parameter
from rich.console import Console

from reverb_check.check import Check
from reverb_check.client import check_client
from reverb_check.findings import Asked, Report, Tell
from reverb_check.options import CheckOptions, promise_ids
from reverb_check.program import PLACE, CannotStart, running_program
from reverb_check.promises import CLIENT_PROMISES, KNOWN, PROMISES
from reverb_check.promises.promise import Verdict, Wishes
from reverb_check.report.formats import to_json, to_junit
from reverb_check.report.text import explain, print_report
from reverb_check.server import ServerUnderTest, free_port, in_use
from reverb_server import __version__
from reverb_server.command_line import WRONG_USAGE, fail, option_value, run_command
from reverb_server.net.fd_limit import raise_file_limit

NOT_STARTED: Final = 3
"""Exit status where there was nothing to check: no connection, or a program that did not start."""

INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as shells have it: 128 and the signal's number."""

CLEAR_ROW: Final = "\r\x1b[K"
"""Makes a terminal's row empty, with the cursor at its beginning."""

app = App(
    name="reverb-check",
    version=__version__,
    help="""Check which promises a reverb or echo server keeps, in any language.

    A server that runs: reverb-check localhost:8000. One to start: reverb-check -- go run ./reverb2.
    A client: reverb-check --client -- ./netcat2.

    The exit status is 0 if all promises that were asked are kept, 1 if one is broken, 2 for wrong
    usage, 3 if there was nothing to connect to.""",
    default_parameter=Parameter(converter=option_value, negative=()),
)


@app.default
def check(
    options: Annotated[CheckOptions, Parameter(name="*")] = CheckOptions(),
) -> int:
    """Check, print the report, and return the exit status."""
    if options.list:
        for promise in KNOWN.values():
            print(f"{promise.id:14} {promise.sentence} ({promise.source})")
        return 0
    try:
        if options.explain is not None:
            for wanted in promise_ids(options.explain, "explain"):
                print(explain(KNOWN[wanted]))
            return 0
        known = CLIENT_PROMISES if options.client else PROMISES
        only = promise_ids(options.only, "only", known)
        asked = Asked(
            only=only or None,
            without=promise_ids(options.without, "without", known),
            more=promise_ids(options.promise, "promise", known),
        )
    except ValueError as error:
        fail(app.name[0], f"{error} (see {app.name[0]} --help)", WRONG_USAGE)
    if options.junit is not None and not _may_be_written(options.junit):
        sentence = f"junit {str(options.junit)!r} can't be written: give a file in a directory"
        fail(app.name[0], f"{sentence} (see {app.name[0]} --help)", WRONG_USAGE)
    raise_file_limit()
    try:
        report = _run(options, asked)
    except CannotStart as problem:
        fail(app.name[0], str(problem), NOT_STARTED)
    except KeyboardInterrupt:
        return INTERRUPTED
    return _tell(report, options)


def _may_be_written(file: Path) -> bool:
    """Return whether a report can be written to a file, as seen before it takes a minute to get."""
    return file.parent.is_dir() and not file.is_dir()


def _run(options: CheckOptions, asked: Asked) -> Report:
    """Check, and leave nothing of the progress on the terminal. Raises CannotStart."""
    try:
        return anyio.run(_check, options, asked)
    finally:
        if sys.stderr.isatty():
            print(CLEAR_ROW, end="", file=sys.stderr, flush=True)


async def _check(options: CheckOptions, asked: Asked) -> Report:
    wishes = Wishes(exact=options.exact, idle=options.idle, tls=options.encrypted)
    if options.client:
        return await check_client(options.command, options.number, asked, wishes, progress())
    port = options.number or free_port()
    target = options.target(port)
    if not options.command:
        server = ServerUnderTest(target, options.timeout)
        return await Check(server, asked, wishes, progress()).run()
    if options.address.unix is None and in_use(port):
        raise CannotStart(
            f"port {port} is in use already: stop what listens there, or give another --port"
        )
    command = [word.replace(PLACE, str(port)) for word in options.command]
    async with running_program(command) as program:
        server = ServerUnderTest(target, options.timeout, program)
        return await Check(server, asked, wishes, progress()).run()


def progress() -> Tell:
    """Return a function that shows on a terminal what is being tried; nowhere else."""
    if not sys.stderr.isatty():
        return lambda _what: None

    def tell(what: str) -> None:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
        print(f"{CLEAR_ROW}{what[: columns - 2]}…\r", end="", file=sys.stderr, flush=True)

    return tell


def _tell(report: Report, options: CheckOptions) -> int:
    """Print the report; return the exit status."""
    if options.json:
        print(to_json(report))
    else:
        print_report(report, Console(highlight=False, soft_wrap=True))
    if options.junit is not None:
        try:
            options.junit.write_text(to_junit(report), encoding="utf-8")
        except OSError as error:
            fail(app.name[0], f"cannot write {options.junit}: {error.strerror}", 1)
    if report.having(Verdict.BROKEN):
        return 1
    if not report.having(Verdict.KEPT):
        print(f"{app.name[0]}: no promise was tried to its end", file=sys.stderr)
        return 1
    return 0


def main() -> None:
    """Run the command; ends the process."""
    # The words of the program to check are no options of ours.
    if "--" in sys.argv:
        sys.argv[sys.argv.index("--")] = "--command"
    run_command(app)
