"""What was chosen is kept from one run to the next, as far as the disk allows."""

import os
from pathlib import Path

import pytest

from reverb_tui.files.locking import locked
from reverb_tui.files.remembered import Memory

LONG = 20.0


def test_every_choice_is_remembered_for_itself(tmp_path: Path) -> None:
    file = tmp_path / "new" / "state.json"
    one, other = Memory(file), Memory(file)
    assert one.before == {}
    one.keep({"theme": "nord", "timeline": True})
    assert one.finish(LONG)
    other.keep({"timeline": False})
    assert other.finish(LONG)
    assert Memory(file).before == {"theme": "nord", "timeline": False}
    assert os.stat(file).st_mode & 0o777 == 0o600


def test_nothing_is_written_while_another_client_does(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    memory = Memory(file)
    with locked(tmp_path / "state.json.lock", "alone"):
        memory.keep({"theme": "nord"})
        assert memory.finish(LONG)
        assert Memory(file).before == {}
    memory.keep({"timeline": True})
    assert memory.finish(LONG)
    assert Memory(file).before == {"theme": "nord", "timeline": True}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1]",
        b"\xff",
        b"[" * 60_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"theme":',
        b'{"theme": ' + b"9" * 5_000 + b"}",
        b'"\\ud800"',
        b"NaN",
        b"\xff\xfe{\x00}\x00",
    ],
    ids=lambda content: ascii(content[:16]),
)
def test_a_memory_that_makes_no_sense_is_written_over(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "state.json"
    file.write_bytes(content)
    memory = Memory(file)
    assert memory.before.get("theme") is None
    memory.keep({"theme": "nord"})
    assert memory.finish(LONG)
    assert Memory(file).before["theme"] == "nord"


@pytest.mark.parametrize("what", ["pipe", "pipe for the lock", "directory", "file above"])
def test_what_cannot_be_kept_is_told_in_one_sentence(tmp_path: Path, what: str) -> None:
    file = tmp_path / "state.json"
    match what:
        case "pipe":
            os.mkfifo(file)
        case "pipe for the lock":
            os.mkfifo(tmp_path / "state.json.lock")
        case "directory":
            file.mkdir()
        case _:
            file.write_text("")
            file /= "state.json"
    told: list[str] = []
    memory = Memory(file)
    memory.listen(told.append)
    for theme in ("nord", "dracula"):
        memory.keep({"theme": theme})
    assert not memory.finish(LONG)
    (sentence,) = told
    assert sentence.startswith(f"your choices are not saved: {file}: ")


def test_what_a_killed_client_left_is_taken_away(tmp_path: Path) -> None:
    for name in (".state.json.new", ".state.json.ab3_x9z1"):
        (tmp_path / name).write_text("{")
    (tmp_path / ".state.json.mine").write_text("")
    Memory(tmp_path / "state.json")
    assert sorted(os.listdir(tmp_path)) == [".state.json.mine", "state.json.lock"]
