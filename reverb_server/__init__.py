"""The server of Reverb: a network echo that you can see and tune.

As a library, for programs and tests that need an echo with a known delay::

    async with reverb_server.running(Settings(port=0, delay=0.1)) as server:
        host, port = server.addresses[0]

    with reverb_server.running_in_thread(Settings(port=0)) as server:
        ...
"""

from reverb_server.errors import ReverbError
from reverb_server.lifetime import running, running_in_thread
from reverb_server.settings import BadSettings, Settings
from reverb_server.shell.listeners import CannotListen
from reverb_server.shell.server import Server

__version__ = "0.1.0"
__all__ = [
    "BadSettings",
    "CannotListen",
    "ReverbError",
    "Server",
    "Settings",
    "__version__",
    "running",
    "running_in_thread",
]
