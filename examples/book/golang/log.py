"""Messages on standard error, as Go's log prints them, without the time."""

import os
import sys
from typing import NoReturn


def println(text: str) -> None:
    """Print a line."""
    print(text, file=sys.stderr, flush=True)


def fatal(text: str) -> NoReturn:
    """Print a line and end the program at once with status 1, whatever its tasks are doing."""
    println(text)
    os._exit(1)
