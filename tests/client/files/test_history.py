import json
import multiprocessing
import os
import threading
from pathlib import Path

import pytest

from reverb_tui.files import history
from reverb_tui.files.history import History
from reverb_tui.files.shared_file import locked
from reverb_tui.widgets.prompt.history_cursor import HistoryCursor, suggestion


def entries(history: History) -> list[str]:
    return [history[age] for age in range(len(history), 0, -1)]


def typed(history: History, *texts: str) -> None:
    """Type these, and wait until the disk has them."""
    for text in texts:
        history.add(text)
        assert history.finish(20)


def test_what_was_typed_is_there_in_the_next_run(tmp_path: Path) -> None:
    file = tmp_path / "state" / "history"
    first = History(file)
    texts = ["one", "a\nb", "\x1b[2J\u202e", "\ud800", "ÄÖ 你好", '"[/]"', "\x00"]
    typed(first, *texts)
    assert first.problem == ""
    assert entries(History(file)) == texts
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert os.stat(file.parent).st_mode & 0o777 == 0o700


def test_what_is_repeated_is_kept_once(tmp_path: Path) -> None:
    kept = History(tmp_path / "history")
    typed(kept, "one", "one", "two", "one", "")
    assert entries(kept) == ["one", "two", "one"]
    assert entries(History(tmp_path / "history")) == ["one", "two", "one"]


def test_without_a_file_it_lasts_as_long_as_the_client() -> None:
    kept = History()
    kept.add("one")
    assert entries(kept) == ["one"]


def test_what_was_never_sent_lasts_as_long_as_the_client(tmp_path: Path) -> None:
    kept = History(tmp_path / "history")
    kept.add("x" * (history.LONGEST_ENTRY + 1), lasting=False)
    typed(kept, "sent")
    assert [len(kept[1]), len(kept[2])] == [4, history.LONGEST_ENTRY + 1]
    assert len(History(tmp_path / "history")) == 1


def test_what_is_very_long_is_not_kept(tmp_path: Path) -> None:
    kept = History(tmp_path / "history")
    kept.add("x" * (history.LONGEST_ENTRY + 1))
    assert entries(kept) == []


def _write(file: Path, name: str, count: int) -> None:
    kept = History(file)
    for number in range(count):
        typed(kept, f"{name} {number}")


def test_no_client_destroys_what_another_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "ENTRIES_KEPT", 300)
    file = tmp_path / "history"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(file, name, 250)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = [json.loads(line) for line in file.read_bytes().split(b"\n") if line]
    # Trimmed at more than 600, to 300: none of the newest is missing, and all are in order.
    assert len(lines) >= 300
    for name in "abc":
        numbers = [int(line.split()[1]) for line in lines if line[0] == name]
        assert numbers == list(range(250 - len(numbers), 250))


def test_while_another_client_trims_an_entry_waits_and_is_not_lost(tmp_path: Path) -> None:
    file = tmp_path / "history"
    kept = History(file)
    with locked(tmp_path / "history", "alone"):
        typed(kept, "one")
        assert not file.exists()
    typed(kept, "two")
    assert entries(History(file)) == ["one", "two"]


def test_the_file_is_trimmed_to_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ENTRIES_KEPT", 3)
    file = tmp_path / "history"
    kept = History(file)
    typed(kept, *map(str, range(7)))
    assert file.read_text().split() == ['"4"', '"5"', '"6"']
    typed(kept, "7")
    assert entries(History(file)) == ["5", "6", "7"]
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert sorted(os.listdir(tmp_path)) == ["history", "history.lock"]


def test_a_long_run_keeps_no_more_than_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ENTRIES_KEPT", 3)
    assert entries(walked(*"abcdef")) == ["d", "e", "f"]


def test_a_large_file_is_read_from_its_end_and_made_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "LARGEST_HISTORY", 100)
    file = tmp_path / "history"
    file.write_text("".join(f'"entry {number}"\n' for number in range(100)))
    kept = entries(History(file))
    assert kept[-1] == "entry 99"
    assert 5 <= len(kept) <= 10
    assert file.stat().st_size <= 50


def test_a_link_to_the_file_stays_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ENTRIES_KEPT", 1)
    real, link = tmp_path / "real", tmp_path / "history"
    link.symlink_to(real)
    kept = History(link)
    typed(kept, *"abcd")
    assert link.is_symlink()
    assert '"d"' in real.read_text()


def test_what_makes_no_sense_in_the_file_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "history"
    file.write_bytes(
        b'"one"\n{"a":1}\n\xff\xfe\n"torn off\n\n12\n' + b"[" * 100_000 + b'\n"two"\n"to'
    )
    kept = History(file)
    assert entries(kept) == ["one", "two"]
    assert kept.problem == ""
    typed(kept, "three")
    assert entries(History(file)) == ["one", "two", "three"]


@pytest.mark.parametrize(
    "obstacle", ["directory", "pipe", "pipe for the lock", "file as a directory"]
)
def test_a_history_that_cannot_be_is_said_in_a_sentence(tmp_path: Path, obstacle: str) -> None:
    file = tmp_path / "history"
    match obstacle:
        case "directory":
            file.mkdir()
        case "pipe":
            os.mkfifo(file)
        case "pipe for the lock":
            os.mkfifo(tmp_path / "history.lock")
        case _:
            file.write_text("")
            file /= "history"
    kept = History(file)
    told: list[str] = []
    kept.listen(told.append)
    kept.add("one")
    kept.add("two")
    assert not kept.finish(20)
    (sentence,) = told
    assert sentence.startswith(f"the history is not saved: {file}: ")
    assert "\n" not in sentence
    assert entries(kept) == ["one", "two"]


def test_a_full_disk_is_said_and_what_was_typed_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = History(tmp_path / "history")

    def write(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", write)
    kept.add("one")
    assert not kept.finish(20)
    assert kept.problem.endswith("No space left on device")
    assert entries(kept) == ["one"]


def test_a_disk_that_hangs_keeps_nobody_from_typing_and_from_leaving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = History(tmp_path / "history")
    asked, answers = threading.Event(), threading.Event()

    def write(descriptor: int, data: bytes) -> int:
        asked.set()
        answers.wait(20)
        return len(data)

    monkeypatch.setattr(os, "write", write)
    kept.add("one")
    assert asked.wait(20)
    kept.add("two")
    assert not kept.finish(0.01)
    answers.set()
    assert kept.problem.endswith("the disk does not answer")
    assert entries(kept) == ["one", "two"]


def test_what_a_killed_client_left_is_taken_away(tmp_path: Path) -> None:
    for name in (".history.new", ".history.ab3_x9z1"):
        (tmp_path / name).write_text("")
    History(tmp_path / "history")
    assert os.listdir(tmp_path) == ["history.lock"]


def test_what_another_client_is_writing_is_let_be(tmp_path: Path) -> None:
    (tmp_path / ".history.new").write_text("")
    with locked(tmp_path / "history", "alone"):
        History(tmp_path / "history")
    assert (tmp_path / ".history.new").exists()


def walked(*typed: str) -> History:
    kept = History()
    for text in typed:
        kept.add(text)
    return kept


def test_a_walk_goes_to_older_entries_and_back_to_the_draft() -> None:
    walk = HistoryCursor(walked("one", "two"), "draft", "")
    seen = [walk.shown]
    for step in (walk.older, walk.older):
        assert step()
        seen.append(walk.shown)
    assert not walk.older()
    for step in (walk.newer, walk.newer):
        assert step()
        seen.append(walk.shown)
    assert not walk.newer()
    assert seen == ["draft", "two", "one", "two", "draft"]


def test_a_walk_keeps_to_the_prefix_and_never_stands_still() -> None:
    walk = HistoryCursor(walked("help", "hello", "x", "hello", "y", "he"), "he", "he")
    seen = []
    while walk.older():
        seen.append(walk.shown)
    assert seen == ["hello", "help"]


def test_a_walk_shows_nothing_that_a_terminal_obeys() -> None:
    walk = HistoryCursor(walked("a\n\x1b[2J\ud800"), "", "")
    assert walk.older()
    assert walk.shown == "a␊␛[2J⟨U+D800⟩"


def test_the_suggestion_is_the_newest_entry_that_begins_so() -> None:
    kept = walked("hello", "help", "other", "he\x1b")
    assert suggestion(kept, "hel", "hel") == "help"
    assert suggestion(kept, "he", "he") == "he␛"
    assert suggestion(kept, "help", "help") == ""
    assert suggestion(kept, "", "") == ""
    assert suggestion(kept, "zz", "zz") == ""
