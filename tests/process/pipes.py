"""A pipe that is full, in the place of a file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def full_pipe() -> Iterator[tuple[int, int]]:
    """Fill a pipe until it takes no byte more; yield its ends, to be read from and written to."""
    reading, writing = os.pipe()
    try:
        os.set_blocking(writing, False)
        for size in (65_536, 1):
            try:
                while True:
                    os.write(writing, b"x" * size)
            except BlockingIOError:
                continue
        os.set_blocking(writing, True)
        yield reading, writing
    finally:
        os.close(reading)
        os.close(writing)
