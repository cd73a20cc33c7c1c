"""What the user wants of the client, from a file that is the user's: the client never writes it.

It is TOML, ``reverb-echo/config.toml`` where the user's configuration belongs::

    theme = "terminal"       # the name of a theme
    timestamps = "clock"     # none, clock or since
    timeline = true          # shown from the start
    reconnect = true         # by itself, when a connection breaks
    history = true           # kept between runs

    [keys]                   # an action, and the keys for it
    mode = "f5,ctrl+g"
"""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from platformdirs import user_config_path

from reverb_tui.entry import Timestamps

LARGEST: Final = 1 << 20
"""Bytes of a file that are read: more is no configuration."""

_KEY: Final = re.compile(
    r"((ctrl|alt|shift|super|hyper|meta)\+)*"
    r"([^\s,]|up|down|left|right|home|end|pageup|pagedown|insert|delete|backspace|tab|enter|escape"
    r"|space|f([1-9]|1\d|2[0-4])|[a-z]+(_[a-z]+)+|minus|plus|comma|colon|slash|tilde|at|underscore)"
)


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says; None where it is silent, so that what is remembered holds."""

    theme: str | None = None
    timestamps: str | None = None
    timeline: bool | None = None
    reconnect: bool = True
    history: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)


class BadConfig(Exception):
    """The file can't be used; the text is one sentence that names it, the key and the value."""


def config_file() -> Path:
    """Return where the user's file is expected; on Linux ``XDG_CONFIG_HOME`` has a say."""
    return user_config_path("reverb-echo", appauthor=False) / "config.toml"


def read_config(file: Path, *, themes: Collection[str], actions: Collection[str]) -> Config:
    """Read the file; without one everything is as it is by itself.

    ``themes`` are the names of themes, ``actions`` those that can have other keys. Raises
    BadConfig for a file that can't be read, and for the first thing in it that can't be.
    """
    try:
        if not file.exists():
            return Config()
        if not file.is_file():
            raise BadConfig(f"{file} is no regular file, the defaults are used")
        with file.open("rb") as content:
            data = content.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise BadConfig(f"{file} is too large for a configuration, the defaults are used")
        found = tomllib.loads(data.decode())
    except OSError as error:
        reason = error.strerror or error
        raise BadConfig(f"{file} can't be read, the defaults are used: {reason}") from error
    except UnicodeDecodeError as error:
        raise BadConfig(f"{file} is not UTF-8, the defaults are used") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadConfig(f"{file} is no TOML, the defaults are used: {error}") from error
    checks: dict[str, Callable[[Any], str]] = {
        "theme": lambda value: _theme(value, themes),
        "timestamps": lambda value: _one_of(value, tuple(Timestamps)),
        "timeline": _switch,
        "reconnect": _switch,
        "history": _switch,
        "keys": lambda value: "" if isinstance(value, dict) else "give a table, [keys]",
    }
    for name, value in found.items():
        _check(file, name, value, checks.get(name), checks)
    for action, keys in found.get("keys", {}).items():
        _check(file, f"keys.{action}", keys, _keys if action in actions else None, actions)
    _no_key_twice(file, found.get("keys", {}))
    return Config(**found)


def _check(
    file: Path,
    name: str,
    value: object,
    check: Callable[[Any], str] | None,
    known: Collection[str],
) -> None:
    if check is None:
        raise BadConfig(
            f"{file}: {name} = {_shown(value)}: there is no {name}"
            f"{_meant(name.removeprefix('keys.'), known)}, the defaults are used"
        )
    if advice := check(value):
        raise BadConfig(f"{file}: {name} = {_shown(value)}: {advice}, the defaults are used")


def _one_of(value: object, known: Collection[str]) -> str:
    if isinstance(value, str) and value in known:
        return ""
    return f"choose one of {', '.join(known)}"


def _theme(value: object, known: Collection[str]) -> str:
    if isinstance(value, str) and value in known:
        return ""
    close = get_close_matches(str(value), known, 1)
    meant = f", did you mean {close[0]}?" if close else ","
    return f"there is no such theme{meant} /theme shows all"


def _switch(value: object) -> str:
    return "" if isinstance(value, bool) else "give true or false"


def _keys(value: object) -> str:
    if isinstance(value, str) and all(_KEY.fullmatch(key.strip()) for key in value.split(",")):
        return ""
    return 'give keys, "ctrl+g" or "f5,ctrl+g" say'


def _no_key_twice(file: Path, keys: Mapping[str, str]) -> None:
    owners: dict[str, str] = {}
    for action, value in keys.items():
        for key in (each.strip() for each in value.split(",")):
            if owners.setdefault(key, action) != action:
                raise BadConfig(
                    f"{file}: keys.{action} = {_shown(value)}: "
                    f"{key} is taken by keys.{owners[key]}, the defaults are used"
                )


def _meant(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, 1)
    return f", did you mean {close[0]}?" if close else f" among {', '.join(known)}"


def _shown(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
    return text if len(text) <= 40 else f"{text[:40]}…"
