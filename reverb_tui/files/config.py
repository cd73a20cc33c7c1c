"""The user's configuration file, which the client never writes.

It is TOML, ``reverb-echo/config.toml`` where the user's configuration belongs::

    theme = "terminal"       # the name of a theme
    timestamps = "clock"     # none, clock or since
    timeline = true          # shown from the start
    reconnect = true         # automatically, when a connection breaks
    history = true           # kept between runs

    [keys]                   # an action, and the keys for it
    mode = "f5,ctrl+g"
"""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, Final

from platformdirs import user_config_path

from reverb_server.errors import ReverbError
from reverb_tui.entry import Timestamps
from reverb_tui.files.shared_file import regular

LARGEST_CONFIG: Final = 1 << 20
"""Bytes of a file that are read: more is no configuration."""

QUOTED: Final = 40
"""Characters that are repeated of what is wrong."""

MOST_TOLD: Final = 20
"""Sentences about a file, and keys for an action: nobody wants more of them."""

_KEY: Final = re.compile(
    r"((ctrl|alt|shift|super|hyper|meta)\+)*"
    r"([^\s,]|up|down|left|right|home|end|pageup|pagedown|insert|delete|backspace|tab|enter|escape"
    r"|space|f([1-9]|1\d|2[0-4])|[a-z]+(_[a-z]+)+|minus|plus|comma|colon|slash|tilde|at|underscore)"
)

_NEEDED: Final = {"enter", "tab", "space", "backspace", "delete", "left", "right", "up", "down"} | {
    *("home", "end", "minus", "plus", "comma", "colon", "slash", "tilde", "at", "underscore")
}
"""Keys that are needed to type, by their names."""


@dataclass(frozen=True, slots=True)
class Config:
    """Values of the file; None where it is silent, so that what is remembered holds."""

    theme: str | None = None
    timestamps: str | None = None
    timeline: bool | None = None
    reconnect: bool = True
    history: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)


class BadConfig(ReverbError):
    """The file can't be used; the text is one sentence that names it, the key and the value."""


def config_file() -> Path:
    """Return where the user's file is expected; on Linux ``XDG_CONFIG_HOME`` has a say."""
    return user_config_path("reverb-echo", appauthor=False) / "config.toml"


def read_config(
    file: Path, *, themes: Collection[str], actions: Mapping[str, str]
) -> tuple[Config, list[str]]:
    """Read the file; return what it says, and a sentence for each thing in it that can't be.

    Without a file the defaults hold, and so they do for whatever in it is invalid.

    Args:
        file: The user's file.
        themes: The names of themes.
        actions: The actions that can have other keys, and the keys that they have.

    Raises:
        BadConfig: The file can't be read.
    """
    found = _load(file)
    checks: dict[str, Callable[[Any], str]] = {
        "theme": lambda value: _theme(value, themes),
        "timestamps": lambda value: _one_of(value, tuple(Timestamps)),
        "timeline": _switch,
        "reconnect": _switch,
        "history": _switch,
        "keys": lambda value: "" if isinstance(value, dict) else "give a table, [keys]",
    }
    problems: list[str] = []

    def good(
        name: str, value: object, check: Callable[[Any], str] | None, known: Collection[str]
    ) -> bool:
        if check is None and len(problems) > MOST_TOLD:
            return False
        shown = _cut(name)
        advice = check(value) if check else "unknown"
        if advice and len(problems) == MOST_TOLD:
            problems.append(f"{file}: more settings ignored")
        elif advice and len(problems) < MOST_TOLD:
            told = f"setting {shown} = {_shown(value)} ignored: {advice}"
            if check is None:
                told = f'unknown setting "{shown}" ignored{_meant(name, known)}'
            problems.append(f"{file}: {told}")
        return not advice

    values = {
        name: value for name, value in found.items() if good(name, value, checks.get(name), checks)
    }
    keys: dict[str, str] = {}
    wanted = values.pop("keys", {})
    unchanged = {action: key for action, key in actions.items() if action not in wanted}
    for action, value in wanted.items():
        taken = {**unchanged, **keys}
        check = partial(_keys, action, taken=taken) if action in actions else None
        if good(f"keys.{action}", value, check, actions):
            keys[action] = ",".join(_each(value))
    return Config(**values, keys=keys), problems


def _load(file: Path) -> dict[str, Any]:
    try:
        with open(file, "rb", opener=regular) as content:
            data = content.read(LARGEST_CONFIG + 1)
        if len(data) > LARGEST_CONFIG:
            raise BadConfig(f"{file} is too large for a configuration, the defaults are used")
        return tomllib.loads(data.decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = error.strerror or error
        raise BadConfig(f"{file} can't be read, the defaults are used: {reason}") from error
    except UnicodeDecodeError as error:
        raise BadConfig(f"{file} is not UTF-8, the defaults are used") from error
    except (ValueError, RecursionError, MemoryError) as error:  # numbers of too many digits, say
        reason = _cut(" ".join(str(error).split()), 200)
        raise BadConfig(f"{file} is no TOML, the defaults are used: {reason}") from error


def _one_of(value: object, known: Collection[str]) -> str:
    if isinstance(value, str) and value in known:
        return ""
    return f"choose one of {', '.join(known)}"


def _theme(value: object, known: Collection[str]) -> str:
    if isinstance(value, str) and value in known:
        return ""
    close = get_close_matches(value[:QUOTED], known, 1) if isinstance(value, str) else ()
    meant = f", did you mean {close[0]}?" if close else ","
    return f"there is no such theme{meant} /theme shows all"


def _switch(value: object) -> str:
    return "" if isinstance(value, bool) else "give true or false"


def _keys(action: str, value: object, *, taken: Mapping[str, str]) -> str:
    """Return what is wrong with an action's keys; ``taken`` are the keys of all actions."""
    keys = _each(value)
    known = all(key.isprintable() and _KEY.fullmatch(key) for key in keys)
    if not known or not 1 <= len(keys) <= MOST_TOLD:
        return 'give keys, "ctrl+g" or "f5,ctrl+g" say'
    for key in keys:
        if _types(key) and not action.startswith("prompt."):
            return f"{key} is needed to type"
        for other, theirs in taken.items():
            if other != action and key in _each(theirs):
                return f"{key} is the key of {other} already"
    return ""


def _each(keys: object) -> list[str]:
    """The keys of an action, given as a list or with commas between them."""
    if isinstance(keys, list):
        return keys if all(isinstance(key, str) for key in keys) else []
    return [key.strip() for key in keys.split(",")] if isinstance(keys, str) else []


def _types(key: str) -> bool:
    """Return whether a key alone, or with Shift, writes or edits a line."""
    *modifiers, last = key.split("+") if key != "+" else [key]
    return set(modifiers) <= {"shift"} and (len(last) == 1 or last in _NEEDED or "_" in last)


def _meant(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name.removeprefix("keys.")[:QUOTED], known, 1)
    return f'; did you mean "{close[0]}"?' if close else f"; settings: {', '.join(known)}"


def _shown(value: object) -> str:
    try:
        text = str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
    except (ValueError, RecursionError, MemoryError):  # tomllib reads what can't be printed
        text = "…"
    return _cut(text)


def _cut(text: str, length: int = QUOTED) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
