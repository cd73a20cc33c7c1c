"""Forms of a log line: text for people, JSON for machines."""

import json
import logging
from datetime import UTC, datetime
from typing import Literal

from reverb_server.net.connection_log import ConnectionRecord

LogFormat = Literal["text", "json"]


def formatter(form: LogFormat, name: str, *, time: bool) -> logging.Formatter:
    """Return what makes lines in a form; those of text begin with ``name``, before it the time."""
    return JSONLines() if form == "json" else TextLines(name, time=time)


class TextLines(logging.Formatter):
    """Lines that begin with the name of the command, and with an instant if ``time`` is wanted."""

    def __init__(self, name: str, *, time: bool) -> None:
        super().__init__()
        self._name = name
        self._time = time

    def format(self, record: logging.LogRecord) -> str:
        """Return a line; only the cause of an error has more than one."""
        line = f"{self._name}: {record.getMessage()}"
        return f"{instant(record)} {line}" if self._time else line


class JSONLines(logging.Formatter):
    """One object a line: an instant, a level, a message, and a connection's record as fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return an object on one line of ASCII."""
        line: dict[str, object] = {
            "time": instant(record),
            "level": record.levelname.lower(),
            "pid": record.process,
            "message": record.getMessage(),
        }
        connection = getattr(record, "connection", None)
        if isinstance(connection, ConnectionRecord):
            line |= {"message": "connection ended", **connection.fields()}
        return json.dumps({name: _whole(value) for name, value in line.items()})


def instant(record: logging.LogRecord) -> str:
    """Return when a record was logged, in ISO 8601 and UTC, to the millisecond."""
    when = datetime.fromtimestamp(record.created, UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _whole(value: object) -> object:
    """Return a value without halves of surrogates, which many readers of JSON refuse."""
    if isinstance(value, float):
        return round(value, 6)
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
