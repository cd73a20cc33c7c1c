"""Files that the user asks for by a command: the log, and a picture of the screen."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from textual.app import App

from reverb_tui.entry import Entry
from reverb_tui.files.formats import batches
from reverb_tui.files.new_file import save
from reverb_tui.files.picture import self_contained
from reverb_tui.screens.saving import Saving


def save_log(
    saving: Saving, entries: Sequence[Entry], file: str, say: Callable[[str], None]
) -> None:
    """Save lines of the log; ``say`` what was saved."""
    lines = "1 line" if len(entries) == 1 else f"{len(entries):,} lines"
    saving.save(
        file,
        lambda overwrite: save(Path(file), partial(batches, entries), overwrite=overwrite),
        lambda _: say(f"saved {lines} to {file}"),
    )


def save_picture(saving: Saving, app: App[Any], file: str, say: Callable[[str], None]) -> None:
    """Save the screen as SVG; ``say`` so."""
    picture = self_contained(app.export_screenshot()).encode()
    saving.save(
        file,
        lambda overwrite: save(Path(file), lambda _: [picture], overwrite=overwrite),
        lambda _: say(f"saved a picture of the screen to {file}"),
    )
