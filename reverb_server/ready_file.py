"""The file that says where a server listens, for whoever started it with a port of 0.

It is there, whole, once the server listens, and is gone when the server has ended.
"""

import contextlib
import json
import os
import stat
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final

from reverb_server.errors import ReverbError
from reverb_server.net.daemon_thread import in_daemon_thread_within
from reverb_server.net.service import Service

DISK_TIMEOUT: Final = 60.0
"""Seconds that a disk has for it."""

LAST_LOOK: Final = 1.0
"""Seconds that it has to remove it: the end waits for that."""


class CannotWrite(ReverbError):
    """The file can't be written; one sentence says why."""


def describe(service: Service) -> str:
    """Return the text of the file of a service."""
    listening = service.listening
    addresses: list[dict[str, object]] = [
        {"host": host, "port": port} for host, port in listening.addresses
    ]
    addresses += [{"unix": path} for path in listening.unix_paths]
    tls = service.settings.tls_cert is not None
    return json.dumps({"version": 1, "pid": os.getpid(), "addresses": addresses, "tls": tls}) + "\n"


@contextlib.asynccontextmanager
async def ready_file(path: Path | None, text: str) -> AsyncIterator[None]:
    """Have the file there while the block runs, if a path is given. Raises CannotWrite."""
    if path is None:
        yield
        return
    where = f"cannot write the ready file {str(path)!r}"
    try:
        file = await in_daemon_thread_within(
            DISK_TIMEOUT, partial(_write, path, text), partial(_remove, path)
        )
    except TimeoutError:
        raise CannotWrite(f"{where}: the disk took over {DISK_TIMEOUT:g} seconds") from None
    except OSError as error:
        raise CannotWrite(f"{where}: {error.strerror or error}; check the path") from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # TimeoutError is one
            await in_daemon_thread_within(LAST_LOOK, partial(_remove, path, file))


def _write(path: Path, text: str) -> tuple[int, ...]:
    """Write the file whole; return what tells it from any other of its name."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise OSError(None, "there is something that is no file")
    beside = path.with_name(f".{path.name}.new")  # one that a crash left there is written over
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            status = os.fstat(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return _identity(status)


def _remove(path: Path, file: tuple[int, ...]) -> None:
    if _identity(path.lstat()) == file:
        path.unlink()


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_mtime_ns  # an inode is soon used again
