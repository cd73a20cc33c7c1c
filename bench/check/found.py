"""What was found about each peer, in a file, so that one of them can be checked again alone."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.programs import HERE

FILE = HERE / "check" / "found.json"


@dataclass(frozen=True)
class Found:
    """What reverb-check said of a peer.

    Args:
        group: The table that the peer is in.
        versions: The versions of its programs, by their names.
        day: When it was checked, in ISO 8601.
        seconds: Seconds that the check took.
        status: The exit status.
        said: What was printed as an error; "" if nothing was.
        server: What the server was taken for; "" if there was none.
        verdicts: The verdict and what was told of it, by promise.
    """

    group: str
    versions: dict[str, str]
    day: str
    seconds: float
    status: int
    said: str = ""
    server: str = ""
    verdicts: dict[str, tuple[str, str]] = field(default_factory=dict)


def read(file: Path = FILE) -> dict[str, Found]:
    """Return what was found before, by peer."""
    if not file.exists():
        return {}
    entries: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return {name: _found(**entry) for name, entry in entries.items()}


def _found(verdicts: dict[str, list[str]], **rest: Any) -> Found:  # noqa: ANN401  # of JSON
    return Found(verdicts={key: (value[0], value[1]) for key, value in verdicts.items()}, **rest)


def write(found: dict[str, Found], file: Path = FILE) -> None:
    """Keep what was found."""
    entries = {name: asdict(each) for name, each in found.items()}
    file.write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
