"""The server of Reverb: a network echo that you can see and tune.

As a library, for programs and tests that need an echo with a known delay::

    async with reverb_server.running(Settings(port=0, delay=0.1)) as server:
        host, port = server.addresses[0]

    with reverb_server.running_in_thread(Settings(port=0)) as server:
        ...

`reverb_server.testing` and the pytest fixture ``reverb`` have more for tests.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reverb_server.errors import ReverbError
    from reverb_server.in_thread import NotRunning, ServerInThread, running_in_thread
    from reverb_server.net.connection_log import ConnectionRecord, End
    from reverb_server.net.eventloop import NoBackend
    from reverb_server.net.figures import ConnectionState, Figures
    from reverb_server.net.listeners import CannotListen
    from reverb_server.net.listening import NoPort
    from reverb_server.net.observer import Observer
    from reverb_server.net.server import CannotAdopt, Server, WrongThread, running
    from reverb_server.settings import BadSettings, Settings
else:
    _HOMES = {
        "BadSettings": "settings",
        "CannotAdopt": "net.server",
        "CannotListen": "net.listeners",
        "ConnectionRecord": "net.connection_log",
        "ConnectionState": "net.figures",
        "End": "net.connection_log",
        "Figures": "net.figures",
        "NoBackend": "net.eventloop",
        "NoPort": "net.listening",
        "NotRunning": "in_thread",
        "Observer": "net.observer",
        "ReverbError": "errors",
        "Server": "net.server",
        "ServerInThread": "in_thread",
        "Settings": "settings",
        "WrongThread": "net.server",
        "running": "net.server",
        "running_in_thread": "in_thread",
    }

    def __getattr__(name):  # noqa: ANN001, ANN202
        """Import what is asked for only now: the command must receive signals before that."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return found


__version__ = "0.1.0"
__all__ = [
    "BadSettings",
    "CannotAdopt",
    "CannotListen",
    "ConnectionRecord",
    "ConnectionState",
    "End",
    "Figures",
    "NoBackend",
    "NoPort",
    "NotRunning",
    "Observer",
    "ReverbError",
    "Server",
    "ServerInThread",
    "Settings",
    "WrongThread",
    "__version__",
    "running",
    "running_in_thread",
]
