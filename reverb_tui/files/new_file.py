"""New files that the user names: saved whole, or opened to be written for a while."""

import contextlib
import os
import re
import stat
from collections.abc import Callable, Iterable
from io import FileIO
from pathlib import Path
from typing import Final

from reverb_server.errors import ReverbError
from reverb_tui.display import visible_text
from reverb_tui.files.shared_file import lock, regular
from reverb_tui.stdio import write

TEMPORARY: Final = ".reverb-tmp"
"""Suffix of a file that is about to replace another."""


class CannotSave(ReverbError):
    """The file can't be written; the message is one sentence that says why."""


class Exists(ReverbError):
    """The file exists already; the message is one sentence."""


def save(path: Path, parts: Callable[[Path], Iterable[bytes]], *, overwrite: bool = False) -> None:
    """Write a whole file; what was there before stays until all of it is written.

    Args:
        path: The file; what a link leads to, not the link.
        parts: Returns what to write, for a file of this name.
        overwrite: Whether a file that exists is replaced.

    Raises:
        Exists: The file exists, and ``overwrite`` was not said.
        CannotSave: It can't be written.
    """
    try:
        path = _target(path, overwrite=overwrite)
        new = _beside(path) if path.exists() else path
        with new.open("xb", buffering=0) as file:
            try:
                lock(file.fileno(), "alone")  # as long as it is written: others let it be
                for data in parts(path):
                    write(file.fileno(), data)
                if new != path:
                    new.chmod(stat.S_IMODE(path.stat().st_mode))
                    new.replace(path)
            except BaseException:
                new.unlink(missing_ok=True)
                raise
    except (OSError, RuntimeError, ValueError) as error:
        raise CannotSave(why_not(path, error)) from error


def create(path: Path, *, overwrite: bool = False) -> FileIO:
    """Open a new file, or an empty one in place of what was there.

    Raises:
        Exists: The file exists, and ``overwrite`` was not said.
        CannotSave: It can't be written.
    """
    try:
        path = _target(path, overwrite=overwrite)
        return path.open("wb" if overwrite else "xb", buffering=0)
    except (OSError, RuntimeError, ValueError) as error:
        raise CannotSave(why_not(path, error)) from error


def _target(path: Path, *, overwrite: bool) -> Path:
    path = Path(os.path.realpath(path.expanduser()))
    require_regular(path)
    if path.exists() and not overwrite:
        raise Exists(f"{named(path)} exists")
    return path


def _beside(path: Path) -> Path:
    """Return the name of a new file beside it, once those of clients that were killed are gone."""
    names = re.compile(rf"\.{re.escape(path.name)}\.[0-9]+\{TEMPORARY}")
    for each in path.parent.iterdir():
        if names.fullmatch(each.name):
            with contextlib.suppress(OSError), open(each, "ab", opener=regular) as left:
                if lock(left.fileno(), "alone"):
                    each.unlink()
    return path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")


def require_regular(path: Path) -> None:
    """Raise `CannotSave` if there is something that is no file to write to, or OSError."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat().st_mode):
            what = "a directory" if path.is_dir() else "no regular file"
            raise CannotSave(f"cannot write {named(path)}: that is {what}")


def named(path: Path) -> str:
    """Return the name of a file, safe to show."""
    return visible_text(str(path))


def why_not(path: Path, error: Exception) -> str:
    """Return why the file can't be written, as a sentence."""
    if isinstance(error, RuntimeError):  # of `Path.expanduser`
        return f"cannot write {named(path)}: there is no home directory of that user"
    if isinstance(error, FileNotFoundError) and not path.parent.exists():
        return f"cannot write {named(path)}: there is no directory {named(path.parent)}"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot write {named(path)}: {visible_text(reason)}"
