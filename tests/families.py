"""Which families of addresses this machine has."""

import socket
from contextlib import suppress

import pytest


def has_ipv6() -> bool:
    """Return whether ::1 can be listened on: in many containers it can't."""
    with suppress(OSError), socket.socket(socket.AF_INET6) as sock:
        sock.bind(("::1", 0))
        return True
    return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
