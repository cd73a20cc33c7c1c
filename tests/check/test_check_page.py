"""docs/check.md names every promise, every option, every verdict, and has the tables as found."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from bench.check import found
from bench.check.peers import GROUPS, PEERS
from bench.check.table import put_into
from reverb_check.learned import Name
from reverb_check.options import CheckOptions
from reverb_check.promises import KNOWN
from reverb_check.promises.promise import Verdict

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_table_of_promises_is_that_of_the_code() -> None:
    rows = [row for row in section("Promises").splitlines() if row.startswith("| `")]
    assert rows == [
        f"| `{each.id}` | {each.sentence} | {each.source} | {each.kept_if} |"
        for each in KNOWN.values()
    ]


def test_every_option_has_its_row_and_there_is_no_other() -> None:
    names = re.findall(r"^\| (.+?) \|", section("Options"), re.MULTILINE)
    documented = {option for name in names for option in re.findall(r"`(--[a-z-]+)`", name)}
    offered = {f"--{field.name.replace('_', '-')}" for field in fields(CheckOptions)}
    assert documented == offered - {"--command"}
    assert "`-- COMMAND`" in names


@pytest.mark.parametrize("word", [*Verdict, *Name])
def test_every_verdict_and_every_name_of_a_server_is_explained(word: str) -> None:
    assert f"`{word}`" in section("JSON")


@pytest.mark.parametrize("option", ["idle", "timeout"])
def test_defaults_are_those_of_the_code(option: str) -> None:
    (row,) = re.findall(rf"^\| `--{option}` \|.*", PAGE, re.MULTILINE)
    assert f"{getattr(CheckOptions(), option):g} if none are given" in row


def test_the_tables_of_peers_are_what_was_found() -> None:
    assert put_into(PAGE, found.read(), GROUPS) == PAGE


def test_every_peer_was_checked_for_promises_that_exist() -> None:
    checked = found.read()
    assert set(checked) == {peer.name for peer in PEERS}
    assert {promise for each in checked.values() for promise in each.verdicts} <= set(KNOWN)
