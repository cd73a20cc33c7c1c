"""docs/operations.md names all that there is to operate."""

import re
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest

from reverb_server import Settings
from reverb_server.net.connection_log import End
from tests.process.commands import run

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def test_every_option_of_the_help_stands_on_the_page_and_no_other() -> None:
    offered = set(re.findall(r"--[a-z][a-z-]+", run("--help").stdout))
    table = PAGE.partition("## Options")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| .*", table, re.MULTILINE))
    names = {name for row in documented for name in re.findall(r"--[a-z-]+", row.split("|")[1])}
    assert names == offered


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_has_its_row_with_its_variable_and_default(field: Field[Any]) -> None:
    name = field.name
    words = "fd" if name == "fds" else name
    option, variable = f"--{words.replace('_', '-')}", f"REVERB_{words.upper()}"
    (row,) = re.findall(rf"^\| `{option}` \| `{variable}` \|.*\|$", PAGE, re.MULTILINE)
    default = getattr(Settings(), name)
    if default not in (None, ()):
        shown = f"{default:g}" if isinstance(default, float) else str(default)
        assert row.split("|")[4].strip().strip("`") == shown


@pytest.mark.parametrize("end", End)
def test_every_word_of_the_log_has_its_row(end: End) -> None:
    assert re.search(rf"^\| `{end}` \|", PAGE, re.MULTILINE)
    assert len(re.findall(r"^\| `[a-z]+` \| (?:the|there|TLS|an)\b", PAGE, re.MULTILINE)) == len(
        End
    )


@pytest.mark.parametrize("signal", ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"])
def test_every_signal_has_its_row(signal: str) -> None:
    assert re.search(rf"^\| [^|]*{signal}[^|]* \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("status", [0, 1, 2])
def test_every_exit_status_has_its_row(status: int) -> None:
    assert f"\n| {status} | " in PAGE
