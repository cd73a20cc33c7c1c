"""The log in a file: saved when it is asked for, or written all along."""

import errno
import json
import os
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reverb_tui.files import background_writer
from reverb_tui.files.log_file import LogFile
from reverb_tui.screens.confirm import Confirm
from tests.tui.screen import FAST, SLOW, running


def has_lines(file: Path, count: int) -> bool:
    return len(file.read_text().splitlines()) == count


async def test_save_writes_the_log_and_asks_before_it_writes_over(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: len(screen.lines) == 2)
        await screen.shout(f"/save {file}")
        await screen.until(lambda: "saved 5 lines" in screen.text)
        texts = [json.loads(line)["text"] for line in file.read_text().splitlines()]
        assert texts[-2:] == ["Hello?", "HELLO?"]
        for answer, saved in [("escape", 5), ("enter", 6)]:
            await screen.shout(f"/save {file}")
            await screen.until(lambda: isinstance(screen.app.screen, Confirm))
            await screen.press(answer)
            await screen.until(partial(has_lines, file, saved))


async def test_one_line_is_saved_and_a_file_that_cant_be_is_said(tmp_path: Path) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("/clear")
        screen.app.main.session.say("one")
        await screen.shout(f"/save {tmp_path}/log")
        await screen.until(lambda: "saved 1 line to" in screen.text)
        missing = tmp_path / "missing"
        await screen.shout(f"/save {missing}/log")
        await screen.until(lambda: screen.problems)
        assert screen.problems == [
            f"cannot write {missing}/log: there is no directory {missing}",
        ]
        assert not missing.exists()
        for file in ("/", "~nobody-of-this-name/x", "a" * 300, "/dev/null/x"):
            screen.app.main.action_clear_log()
            await screen.shout(f"/save {file}")
            await screen.until(lambda: screen.problems)
            assert screen.app.return_code is None, file


async def test_the_log_file_gets_everything_all_along(tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    async with running(FAST) as screen:
        screen.app.main.files.log = LogFile(file, screen.app.main.complain)
        await screen.connected()
        await screen.shout("Hello?")
        await screen.shout("/clear")
        await screen.until(lambda: "    hello?\n" in file.read_text())
    assert screen.app.main.files.log.close()
    text = file.read_text()
    assert text.endswith("Hello?\n    HELLO?\n    Hello?\n    hello?\n")


async def test_a_log_file_on_a_full_disk_is_complained_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(_descriptor: int, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(background_writer, "write", write)
    file = tmp_path / "log.txt"
    async with running(FAST) as screen:
        log = LogFile(file, screen.app.main.complain)
        screen.app.main.files.log = log
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: screen.problems)
        assert screen.problems[0].startswith("the log is not written any more")
    assert not log.close()


async def test_a_picture_is_the_screen_as_it_is_and_valid_whatever_is_on_it(tmp_path: Path) -> None:
    file = tmp_path / "screen.svg"
    hostile = "<&\"'>]]> [/red] 世界 \x01\x1b[31m\ufffe\u202e <!-- é"
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout(hostile)
        await screen.until(lambda: sum("<!--" in row for row in screen.rows) == 2)
        seen = [row for row in screen.rows if "<!--" in row]
        await screen.shout(f"/picture {file}")
        await screen.until(lambda: "saved a picture of the screen to" in screen.text)
        words = "".join(ElementTree.parse(file).getroot().itertext())
        for row in seen:
            assert row.strip() in words.replace("\xa0", " ")
        assert "/picture" not in words
        before = file.read_bytes()
        for answer in ("escape", "enter"):
            await screen.shout(f"/picture {file}")
            await screen.until(lambda: screen.shows(Confirm))
            assert file.read_bytes() == before
            await screen.press(answer)
        await screen.until(lambda: file.read_bytes() != before)
        assert "write over it" not in file.read_text()
        await screen.shout(f"/picture {tmp_path}/missing/screen.svg")
        await screen.until(lambda: screen.problems)
        assert screen.problems == [
            f"cannot write {tmp_path}/missing/screen.svg: there is no directory {tmp_path}/missing"
        ]
