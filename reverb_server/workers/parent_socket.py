"""The socket by which a worker talks with its parent; a command without one is no worker."""

import socket
from collections.abc import MutableMapping
from typing import Final

VARIABLE: Final = "REVERB_PARENT_FD"
"""Environment variable with its descriptor."""


def parent_socket(variables: MutableMapping[str, str]) -> socket.socket | None:
    """Return the socket to the parent of this process, if it has one; the variable goes.

    Raises ValueError, one sentence, if the variable says no such thing.
    """
    text = variables.pop(VARIABLE, None)
    if text is None:
        return None
    try:
        return socket.socket(fileno=int(text))
    except (OSError, ValueError, OverflowError):
        raise ValueError(
            f"{VARIABLE}={text} is no descriptor of a socket: a parent sets it for its workers, "
            "unset it"
        ) from None
