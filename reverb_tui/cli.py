"""The command ``reverb-tui``: a screen on a terminal, a pipe anywhere else."""

import gc
import os
import sys
from importlib.util import find_spec
from typing import IO, Annotated, Final

from cyclopts import App, Parameter

from reverb_server import Settings, __version__
from reverb_server.command_line import WRONG_USAGE, fail, option_value, run_command
from reverb_tui.connection.targets import AnyTarget, Embedded, Target, TLSOptions, UnixTarget
from reverb_tui.options import PORT, Options
from reverb_tui.web.options import WebOptions

app = App(
    name="reverb-tui",
    version=__version__,
    help="""Shout in the terminal, and see the echoes come back.

    Without a host it runs a server of its own, so that there is nothing to start. When standard
    input or output is no terminal, or a dumb one, it is a pipe: input to the server, echoes to
    the output. With --web it is served to browsers.""",
    default_parameter=Parameter(converter=option_value, negative=()),
)

LOOKS: Final = "120"
"""How often in a second Textual looks whether there is something to draw; its own 60 let a key wait
for up to two looks, 33 ms. In a flood a key was seen after 53 ms at most, and is after 32 ms."""

NO_LOG: Final = (
    "log needs a terminal with a screen, at standard input and output: leave --log out, "
    "and send the output to a file (see reverb-tui --help)"
)

NO_SCREEN: Final = (
    "so there is no full screen: lines you type go to the server, Ctrl-D ends them "
    "(for the screen, set TERM to your terminal's name, xterm-256color for example)"
)


NO_COMPARISON: Final = "compare is a screen, and this is a pipe: use a terminal"

NO_LOG_IN_BROWSERS: Final = "log is for one client, and --web serves many: leave one of them out"

NO_WEB: Final = "web needs textual-serve and aiohttp: pip install 'reverb-echo[web]'"


@app.default
def run_client(
    options: Annotated[Options, Parameter(name="*")] = Options(),
    web: Annotated[WebOptions, Parameter(name="*")] = WebOptions(),
) -> int:
    """Run until the user or the end of input ends it; return the exit status."""
    if web.web is not None:
        return _serve(options, web)
    if os.environ.get("TEXTUAL_DRIVER"):  # Textual draws elsewhere than on a terminal: a browser
        return _on_screen(options)
    target = _target(options)
    terminal = _is_terminal(sys.stdin) and _is_terminal(sys.stdout)
    if not terminal or _is_dumb():
        from reverb_tui.pipe import pipe
        from reverb_tui.stdio import complain

        if options.log is not None:
            fail(app.name[0], NO_LOG, WRONG_USAGE)
        if options.compare:
            fail(app.name[0], NO_COMPARISON, WRONG_USAGE)
        if terminal:
            complain(f"TERM is {os.environ.get('TERM') or 'not set'}, {NO_SCREEN}")
        return pipe(
            target,
            raw=options.raw,
            crlf=options.crlf,
            half_close=not options.no_half_close,
            delay=None if options.embedded else options.delay,
            mode=None if options.embedded else options.mode,
            control=options.control == "on",
        )
    return _on_screen(options)


def _serve(options: Options, web: WebOptions) -> int:
    if options.log is not None:
        fail(app.name[0], NO_LOG_IN_BROWSERS, WRONG_USAGE)
    if not all(find_spec(each) for each in ("aiohttp", "textual_serve")):
        fail(app.name[0], NO_WEB, WRONG_USAGE)
    from reverb_tui.web.server import serve

    return serve(options, web)


def _on_screen(options: Options) -> int:
    os.environ.setdefault("TEXTUAL_FPS", LOOKS)  # it is read once, at the import
    gc.disable()  # until the app is made: Textual's modules live as long as the process
    from reverb_tui.start import on_screen

    try:
        return on_screen(_target(options), options)
    finally:
        gc.freeze()  # looking through the log once more at exit took a quarter of a second


def _target(options: Options) -> AnyTarget:
    if (address := options.address) is not None:
        if address.unix is not None:
            return UnixTarget(address.unix)
        tls = TLSOptions(
            ca=options.tls_ca,
            cert=options.tls_cert,
            key=options.tls_key,
            pin=options.pin,
            name=options.tls_name,
        )
        return Target(address.host, address.port or PORT, tls if options.encrypted else None)
    own = Settings()
    return Embedded(
        Settings(
            delay=own.delay if options.delay is None else options.delay,
            mode=options.mode or own.mode,
        )
    )


def _is_terminal(stream: IO[str] | None) -> bool:
    return stream is not None and stream.isatty()


def _is_dumb() -> bool:
    """Return whether the terminal is known to understand no escape sequences; Windows sets none."""
    return sys.platform != "win32" and os.environ.get("TERM", "") in ("", "dumb", "unknown")


def main() -> None:
    """Run the command; ends the process."""
    run_command(app)
