"""The command ``reverb-tui``: a screen on a terminal, a pipe anywhere else."""

import sys
from typing import IO, Annotated

from cyclopts import App, Parameter

from reverb_server import Settings, __version__
from reverb_server.usage import run_command
from reverb_tui.connect import Embedded, Target
from reverb_tui.options import PORT, Options

app = App(
    name="reverb-tui",
    version=__version__,
    help="""Shout in the terminal, and see the echoes come back.

    Without a host it runs a server of its own, so that there is nothing to start. When standard
    input or output is no terminal, it is a pipe: input to the server, echoes to the output.""",
)


@app.default
def open_client(
    options: Annotated[Options, Parameter(name="*", negative=())] = Options(),
) -> int:
    """Run until the user or the end of input ends it; return the exit status."""
    target = _target(options)
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout)):
        from reverb_tui.pipe import pipe

        return pipe(
            target,
            raw=options.raw,
            crlf=options.crlf,
            delay=options.delay if isinstance(target, Target) else None,
            mode=options.mode if isinstance(target, Target) else None,
        )
    from reverb_tui.app import ReverbApp

    screen = ReverbApp(target, options)
    screen.run()
    return screen.return_code or 0


def _target(options: Options) -> Target | Embedded:
    if options.host is not None:
        return Target(options.host, options.port or PORT)
    own = Settings()
    return Embedded(
        Settings(
            delay=own.delay if options.delay is None else options.delay,
            mode=options.mode or own.mode,
        )
    )


def _is_terminal(stream: IO[str] | None) -> bool:
    return stream is not None and stream.isatty()


def main() -> None:
    """Run the command; ends the process."""
    run_command(app)
