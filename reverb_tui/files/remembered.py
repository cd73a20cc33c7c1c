"""What the client remembers by itself, from one run to the next: what was chosen last.

It is a small JSON file beside the history, written whole. Every choice stands for itself, so that
two clients that choose different things do not undo each other's.
"""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from platformdirs import user_state_path

from reverb_tui.files.locking import locked, replace

LARGEST: Final = 65_536
"""Bytes of the file that are read."""


def state_directory() -> Path:
    """Return where such files belong; on Linux ``XDG_STATE_HOME`` has a say."""
    return user_state_path("reverb-echo", appauthor=False)


def recall(file: Path) -> dict[str, object]:
    """Return what was chosen, by name; nothing if there is no file or it makes no sense.

    The values may be anything: whoever asks checks them.
    """
    try:
        if not file.is_file():
            return {}
        with file.open("rb") as content:
            found = json.loads(content.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def remember(file: Path, choices: Mapping[str, str | bool]) -> None:
    """Keep some choices, and let the others be as they are.

    What can't be kept is forgotten, at the same instant as another client's too: it is worth no
    complaint.
    """
    lock = file.with_name(f"{file.name}.lock")
    with contextlib.suppress(OSError), locked(lock, "alone") as held:
        if held:
            replace(file, json.dumps({**recall(file), **choices}).encode())
