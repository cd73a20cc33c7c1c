"""The command ``reverb-server``: its options."""

from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.config import Env

from reverb_server import __version__
from reverb_server.command_line import VARIABLES, option_value, run_command
from reverb_server.options import ServerOptions

app = App(
    name="reverb-server",
    version=__version__,
    help="""A network echo that you can see and tune: every line comes back three times, loud,
    normal and quiet, with a delay.

    Each option can also be set in the environment; the command line wins.""",
    config=Env(VARIABLES, command=False),
    default_parameter=Parameter(converter=option_value, negative=()),
)


@app.default
def serve(
    options: Annotated[ServerOptions, Parameter(name="*")] = ServerOptions(),
) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit status."""
    from reverb_server.lifespan import serve_until_stopped  # a third of what --help would take

    return serve_until_stopped(app.name[0], options)


def main() -> None:
    """Run the command; ends the process."""
    run_command(app)
