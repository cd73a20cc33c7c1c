"""The tables that are made of what was found about the peers."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.check.found import Found, read, write
from bench.check.table import BEGIN, END, put_into, tables

GOOD = Found(
    group="Servers",
    versions={"Go": "1.27"},
    day="2026-11-28",
    seconds=6.2,
    status=0,
    server="reverb2",
    verdicts={"overlap": ("kept", "at once"), "plain": ("not-asked", "no plain echo")},
)
BAD = Found(
    group="Servers",
    versions={"Go": "1.27", "socat": "1.7"},
    day="2026-11-29",
    seconds=9.9,
    status=1,
    server="reverb1",
    verdicts={"overlap": ("broken", "too late"), "plain": ("not-asked", "no plain echo")},
)
ABSENT = Found(
    group="Others", versions={}, day="2026-11-28", seconds=5.0, status=3, said="nobody listens"
)
TABLE = """\
### Servers

| promise | good | bad |
|---|:-:|:-:|
| `overlap` | ✓ | ✗ |
| taken for | reverb2 | reverb1 |
| exit status | 0 | 1 |
| seconds | 6 | 10 |

- bad, `overlap`: too late

Checked: 2026-11-28 to 2026-11-29, Go 1.27, socat 1.7.
"""


def test_a_table_has_what_was_asked_of_any_peer_and_tells_what_was_broken() -> None:
    assert tables({"good": GOOD, "bad": BAD}, ["Servers"]) == TABLE


def test_a_peer_that_could_not_be_checked_has_a_sentence() -> None:
    other = replace(GOOD, group="Others")
    text = tables({"absent": ABSENT, "other": other}, ["Servers", "Others"])
    assert "| `overlap` |  | ✓ |" in text
    assert "`plain`" not in text
    assert "| taken for | nothing | reverb2 |" in text
    assert "- absent: “nobody listens”" in text


@pytest.mark.parametrize("between", ["", "\nan older table\n"])
def test_the_tables_take_the_place_between_the_markers(between: str) -> None:
    page = f"before\n{BEGIN}{between}{END}\nafter\n"
    once = put_into(page, {"good": GOOD}, ["Servers"])
    assert once.startswith(f"before\n{BEGIN}\n\n### Servers\n")
    assert once.endswith(f"\n{END}\nafter\n")
    assert put_into(once, {"good": GOOD}, ["Servers"]) == once


def test_what_was_found_is_kept_in_a_file(tmp_path: Path) -> None:
    write({"good": GOOD, "absent": ABSENT}, tmp_path / "found.json")
    assert read(tmp_path / "found.json") == {"good": GOOD, "absent": ABSENT}
    assert read(tmp_path / "none.json") == {}
