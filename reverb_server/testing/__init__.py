"""A server with a record of all it heard, and virtual time, for anybody's tests.

``docs/testing.md`` shows how to use them, and the pytest fixture ``reverb``.
"""

from reverb_server.testing.certificate import NoTrustme
from reverb_server.testing.recorder import Heard, NotEnded, NotHeard, Recorder
from reverb_server.testing.virtual_time import VirtualLoop, virtual_backend
from reverb_server.testing.watched_server import NotAsked, WatchedServer, watched_server

__all__ = [
    "Heard",
    "NoTrustme",
    "NotAsked",
    "NotEnded",
    "NotHeard",
    "Recorder",
    "VirtualLoop",
    "WatchedServer",
    "virtual_backend",
    "watched_server",
]
