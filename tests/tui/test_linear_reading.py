"""Read from top to bottom, without colours, the log says what happened and in which order."""

from pathlib import Path

from reverb_tui.files.log_file import LogFile
from tests.tui.screen import FAST, running


async def test_the_rows_of_the_log_are_the_lines_that_a_log_file_gets(tmp_path: Path) -> None:
    file = tmp_path / "log"
    async with running(FAST, size=(80, 24)) as screen:
        await screen.connected()
        screen.app.main.files.log = LogFile(file, screen.app.main.complain)
        await screen.shout("/timeline")
        await screen.shout("Is there anybody there?")
        await screen.until(lambda: "    is there anybody there?" in screen.rows)
        await screen.shout("/save /nowhere/at/all")
        await screen.until(lambda: any(row.startswith("! ") for row in screen.rows))
        rows = [row.rstrip() for row in screen.rows[: screen.log.size.height] if row.strip()]
        assert screen.app.main.files.log.close()
    shown = rows[rows.index("Is there anybody there?") :]
    assert shown[1:4] == [
        "    IS THERE ANYBODY THERE?",
        "    Is there anybody there?",
        "    is there anybody there?",
    ]
    assert shown[4].startswith("! ")
    assert file.read_text(encoding="utf-8").splitlines() == shown
