"""The server of Reverb: a network echo that you can see and tune.

As a library, for programs and tests that need an echo with a known delay::

    async with reverb_server.running(Settings(port=0, delay=0.1)) as server:
        host, port = server.addresses[0]

    with reverb_server.running_in_thread(Settings(port=0)) as server:
        ...
"""

from reverb_server.errors import ReverbError
from reverb_server.in_thread import NotRunning, ServerInThread, running_in_thread
from reverb_server.lifetime import running
from reverb_server.settings import BadSettings, Settings
from reverb_server.shell.backend import NoBackend
from reverb_server.shell.listeners import CannotListen
from reverb_server.shell.server import CannotAdopt, NoPort, Server, WrongThread

__version__ = "0.1.0"
__all__ = [
    "BadSettings",
    "CannotAdopt",
    "CannotListen",
    "NoBackend",
    "NoPort",
    "NotRunning",
    "ReverbError",
    "Server",
    "ServerInThread",
    "Settings",
    "WrongThread",
    "__version__",
    "running",
    "running_in_thread",
]
