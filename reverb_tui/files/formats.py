"""The lines of the log as a file gets them.

A file whose name ends in ``.jsonl`` gets a JSON object for each line: ``time`` (ISO 8601, UTC),
``kind``, ``shout`` (its number) and ``text``, null where there is none. Where the text has signs
for what is hidden, ``bytes`` has what it was, in base64; ``goes_on`` is true for a part of a line
that does not end there. Any other file gets the lines as they are shown.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from json.encoder import encode_basestring
from pathlib import Path
from typing import Final

from reverb_tui.display import GOES_ON, exact, visible_text
from reverb_tui.entry import PREFIXES, Entry, Kind

_NAMES: Final = tuple("shout" if kind == Kind.SENT else kind.name.lower() for kind in Kind)
_SAID: Final = (Kind.NOTICE, Kind.PROBLEM)

_AT_ONCE: Final = 2000
"""Lines that are made into bytes and written at once."""


def is_json(path: Path) -> bool:
    """Return whether a file of this name gets JSON lines."""
    return path.suffix.lower() == ".jsonl"


def formatted(entries: Iterable[Entry], path: Path) -> bytes:
    """The lines as the file of this name gets them, with no control but the line ends."""
    line = _json if is_json(path) else _plain
    return "".join(map(line, entries)).encode()


def batches(entries: Iterable[Entry], path: Path) -> Iterator[bytes]:
    """The same in parts, each of which is quickly made and written."""
    rest = iter(entries)
    while batch := list(islice(rest, _AT_ONCE)):
        yield formatted(batch, path)


def _plain(entry: Entry) -> str:
    return f"{PREFIXES[entry[0]]}{_safe(entry[1])}\n"


def _json(entry: Entry) -> str:
    # Put together by hand: 300,000 lines may come in a second, and json.dumps is ten times slower.
    kind, text, instant, shout = entry
    time = f'"{_time(instant)}"' if instant else "null"
    more = "" if text.isascii() or kind in _SAID else _hidden(text)
    text = _safe(text.removesuffix(GOES_ON)) if more else _safe(text)
    return (
        f'{{"time": {time}, "kind": "{_NAMES[kind]}", "shout": {shout or "null"}, '
        f'"text": {encode_basestring(text)}{more}}}\n'
    )


def _hidden(text: str) -> str:
    """Fields for what the text alone does not tell."""
    goes_on = text.endswith(GOES_ON)
    text = text.removesuffix(GOES_ON)
    data = exact(text)
    more = ', "goes_on": true' if goes_on else ""
    if data != text.encode(errors="surrogatepass"):
        more += f', "bytes": "{b64encode(data).decode()}"'
    return more


def _safe(text: str) -> str:
    return text if text.isprintable() else visible_text(text)


@lru_cache(maxsize=64)
def _time(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="microseconds")
