"""Files that the user names: saved whole, or not at all; and none is written over unasked."""

import json
import os
from functools import partial
from pathlib import Path

import pytest

from reverb_tui.entry import Entry, Kind
from reverb_tui.files.formats import batches
from reverb_tui.files.log_file import LogFile
from reverb_tui.files.new_file import CannotSave, Exists, save
from tests.client.files.disks import full

TALK: list[Entry] = [
    (Kind.NOTICE, "connected", 0.0, 0),
    (Kind.SHOUT, "Hello? 世界", 1_700_000_000.25, 1),
    (Kind.LOUD, "HELLO? 世界", 1_700_000_000.5, 1),
]
PLAIN = "· connected\nHello? 世界\n    HELLO? 世界\n"
TALKED = partial(batches, TALK)


def nobody(sentence: str) -> None:
    raise AssertionError(sentence)


def test_plain_text_is_what_was_seen(tmp_path: Path) -> None:
    save(tmp_path / "log.txt", TALKED)
    assert (tmp_path / "log.txt").read_text("utf-8") == PLAIN


def test_json_lines_have_instants(tmp_path: Path) -> None:
    save(tmp_path / "log.JSONL", TALKED)
    lines = (tmp_path / "log.JSONL").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"time": None, "kind": "notice", "shout": None, "text": "connected"},
        {
            "time": "2023-11-14T22:13:20.250000+00:00",
            "kind": "shout",
            "shout": 1,
            "text": "Hello? 世界",
        },
        {
            "time": "2023-11-14T22:13:20.500000+00:00",
            "kind": "loud",
            "shout": 1,
            "text": "HELLO? 世界",
        },
    ]


def test_an_existing_file_is_not_overwritten_without_being_told_to(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("precious")
    path.chmod(0o640)
    with pytest.raises(Exists, match=r"log exists$"):
        save(path, TALKED)
    assert path.read_text() == "precious"
    link = tmp_path / "link"
    link.symlink_to(path)
    save(link, TALKED, overwrite=True)
    assert path.read_text("utf-8") == PLAIN
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "log"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    path = tmp_path / "log"
    if overwrite:
        path.write_text("precious")
    monkeypatch.setattr(os, "write", full(9))
    with pytest.raises(CannotSave, match=r"log: No space left on device$"):
        save(path, TALKED, overwrite=overwrite)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["precious"] * overwrite


@pytest.mark.parametrize("what", ["saved", "kept all along"])
def test_a_link_to_itself_is_told_as_that(what: str, tmp_path: Path) -> None:
    path = tmp_path / "round"
    path.symlink_to(path)
    with pytest.raises(CannotSave, match=r"round: Too many levels of symbolic links"):
        save(path, TALKED) if what == "saved" else LogFile(path, nobody)


@pytest.mark.parametrize("name", ["no/such/log", "", "\0", "x" * 300, "pipe", "~nobody-here/log"])
def test_what_cannot_be_written_is_told_in_one_sentence(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / name if not name.startswith("~") else Path(name)
    with pytest.raises(CannotSave) as refusal:
        save(path, TALKED, overwrite=True)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).isprintable()
    with pytest.raises(CannotSave):
        LogFile(path, nobody)
