"""Servers behind a balancer, restarted under load."""

import re

from tests.client.watcher import nobody

DELAY = 0.1
"""Seconds between the echoes of a shout."""


class Ports:
    """Free ports in the place of those of a page; each stays the same."""

    def __init__(self) -> None:
        self._free: dict[str, int] = {}

    def __getitem__(self, port: str) -> int:
        if port not in self._free:
            self._free[port] = nobody().port
        return self._free[port]

    def put_into(self, text: str) -> str:
        """Replace every port of the page in a text."""
        return re.sub(r"\b[89]00[0-9]\b", lambda found: str(self[found[0]]), text)
