"""Virtual time, in which a delay of an hour costs a millisecond, for anybody's tests.

``docs/testing.md`` shows how to use it.
"""

from reverb_server.testing.virtual_time import VirtualLoop, virtual_backend

__all__ = ["VirtualLoop", "virtual_backend"]
