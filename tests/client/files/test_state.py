"""What was chosen is kept from one run to the next, as far as the disk allows."""

import os
from pathlib import Path

import pytest

from reverb_tui.files.config import Config
from reverb_tui.files.shared_file import locked
from reverb_tui.files.state import Choices

LONG = 20.0


def remembered(file: Path) -> tuple[str | None, bool | None]:
    """Return the theme and the timeline as the next client finds them."""
    choices = Choices(file=file)
    return choices.theme, choices.timeline


def test_every_choice_is_remembered_for_itself(tmp_path: Path) -> None:
    file = tmp_path / "new" / "state.json"
    one, other = Choices(file=file), Choices(file=file)
    assert remembered(file) == (None, None)
    one.remember(theme="nord", timeline=True)
    assert one.finish(LONG)
    other.remember(timeline=False)
    assert other.finish(LONG)
    assert remembered(file) == ("nord", False)
    assert os.stat(file).st_mode & 0o777 == 0o600


def test_what_is_configured_takes_precedence(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text('{"theme": "nord", "timestamps": "clock", "timeline": true}')
    choices = Choices(Config(timeline=False, timestamps="since"), file)
    assert (choices.theme, choices.timestamps, choices.timeline) == ("nord", "since", False)


@pytest.mark.parametrize("value", ["1", '"sometimes"', "[]"])
def test_what_cannot_be_is_as_good_as_not_chosen(tmp_path: Path, value: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(f'{{"timestamps": {value}, "timeline": {value}}}')
    choices = Choices(file=file)
    assert (choices.timestamps, choices.timeline) == (None, None)


def test_without_a_file_nothing_is_kept() -> None:
    choices = Choices()
    choices.remember(theme="nord")
    assert choices.finish(LONG)
    assert choices.problem == ""


def test_nothing_is_written_while_another_client_does(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    choices = Choices(file=file)
    with locked(file, "alone"):
        choices.remember(theme="nord")
        assert choices.finish(LONG)
        assert remembered(file) == (None, None)
    choices.remember(timeline=True)
    assert choices.finish(LONG)
    assert remembered(file) == ("nord", True)


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
def test_a_state_that_makes_no_sense_is_written_over(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "state.json"
    file.write_bytes(content)
    assert remembered(file) == (None, None)
    choices = Choices(file=file)
    choices.remember(theme="nord")
    assert choices.finish(LONG)
    assert remembered(file) == ("nord", None)


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
    choices = Choices(file=file)
    choices.listen(told.append)
    for theme in ("nord", "dracula"):
        choices.remember(theme=theme)
    assert not choices.finish(LONG)
    (sentence,) = told
    assert sentence.startswith(f"your choices are not saved: {file}: ")


def test_what_a_killed_client_left_is_taken_away(tmp_path: Path) -> None:
    for name in (".state.json.new", ".state.json.ab3_x9z1"):
        (tmp_path / name).write_text("{")
    (tmp_path / ".state.json.mine").write_text("")
    Choices(file=tmp_path / "state.json")
    assert sorted(os.listdir(tmp_path)) == [".state.json.mine", "state.json.lock"]
