"""Lines of the log for machines, and for people who want the time: nothing in them is forged."""

import json
import logging
import re
from typing import Any

import pytest

from reverb_server.log_lines import formatter
from reverb_server.net.connection_log import ConnectionRecord, End

EVIL = '\x1b[31m\n{"level": "error"}\r\u2028\x85"\udcff\x00 é'


def logged(message: str, **others: Any) -> logging.LogRecord:
    when = 1_800_000_000.25
    fields = {"msg": "%s", "args": (message,), "levelname": "INFO", "created": when, "process": 7}
    return logging.makeLogRecord(fields | others)


def read(line: str) -> dict[str, Any]:
    assert line.isascii()
    assert line.isprintable()
    read: dict[str, Any] = json.loads(line)
    return read


def test_json_is_one_object_a_line_with_an_instant_a_level_and_a_message() -> None:
    line = formatter("json", "name", time=False).format(logged("stopped"))
    assert read(line) == {
        "time": "2027-01-15T08:00:00.250Z",
        "level": "info",
        "pid": 7,
        "message": "stopped",
    }


@pytest.mark.parametrize("message", [EVIL, "an error:\n    Traceback\n    ValueError: x"])
def test_a_message_of_many_lines_is_one_object(message: str) -> None:
    told = read(formatter("json", "name", time=False).format(logged(message)))
    assert told.keys() == {"time", "level", "pid", "message"}
    assert told["message"] == message.replace("\udcff", "\\udcff")


def test_the_end_of_a_connection_has_its_figures_as_fields() -> None:
    record = ConnectionRecord("192.0.2.1:5", End.RESET, shouts=2, reason=EVIL, via="unix")
    record.began, record.lasted = 5.0, 1.23456789
    line = formatter("json", "name", time=False).format(logged(str(record), connection=record))
    told = read(line)
    assert told == {
        "time": "2027-01-15T08:00:00.250Z",
        "level": "info",
        "pid": 7,
        "message": "connection ended",
        "id": record.id,
        "peer": "192.0.2.1:5",
        "via": "unix",
        "listener": None,
        "tls": None,
        "client": None,
        "health_check": False,
        "end": "reset",
        "reason": EVIL.replace("\udcff", "\\udcff"),
        "lasted": 1.234568,
        "shouts": 2,
        "echoes": 0,
        "bytes_in": 0,
        "bytes_out": 0,
        "most_held": 0,
        "worst_lateness": 0.0,
        "lost": 0,
    }


def test_ids_are_unique() -> None:
    assert len({ConnectionRecord("unix").id for _ in range(100)}) == 100


def test_text_begins_with_the_name_and_with_the_time_if_that_is_wanted() -> None:
    assert formatter("text", "name", time=False).format(logged("stopped")) == "name: stopped"
    line = formatter("text", "name", time=True).format(logged("stopped"))
    assert line == "2027-01-15T08:00:00.250Z name: stopped"


def test_what_comes_from_outside_forges_no_field_of_a_line_of_text() -> None:
    record = ConnectionRecord("unix", End.FINISHED, client=f"{EVIL} (x) via=y", tls="TLSv1.3")
    line = str(record)
    assert line.isascii()
    assert line.isprintable()
    quoted = re.search(r' client=("(?:[^"\\]|\\.)*")$', line)
    assert quoted
    assert json.loads(quoted[1]) == record.client
