"""The lines that a server logs, read."""

import re
from typing import Any

import pytest

REPORT = re.compile(
    r"(?P<peer>\S+) (?P<end>[a-z]+): shouts=(?P<shouts>\d+) echoes=(?P<echoes>\d+) "
    r"in=(?P<bytes_in>\d+) out=(?P<bytes_out>\d+) most_held=(?P<most_held>\d+) "
    r"worst_lateness=(?P<worst>[\d.]+) lasted=(?P<lasted>[\d.]+)"
    r"(?: tls=(?P<tls>\S+))?(?: client=(?P<client>\"[^\"]*\"))?"
    r"(?: via=(?P<via>\S+))?(?: \((?P<reason>.*)\))?"
)


def reports(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The line of each connection that has ended, as its fields."""
    matches = [REPORT.fullmatch(record.getMessage()) for record in caplog.records]
    return [match.groupdict() for match in matches if match]


def ends(caplog: pytest.LogCaptureFixture) -> list[str]:
    """How each connection ended, in the order of ending."""
    return [report["end"] for report in reports(caplog)]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged that is more than usual."""
    return [record.getMessage() for record in caplog.records if record.levelname != "INFO"]
