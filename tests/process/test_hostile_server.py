"""What a server sends can't do anything to the terminal, nor what is kept of it."""

import json
import os
from pathlib import Path

from tests.process.bare import bare
from tests.process.checks import (
    assert_no_foreign_control,
)
from tests.process.flooding import saying

CONTROLS = [
    *(bytes([code]) for code in (*range(0x0A), *range(0x0B, 0x20), 0x7F)),
    *(bytes([code]) for code in range(0x80, 0xA0)),
    *(chr(code).encode() for code in range(0x80, 0xA0)),
    *(chr(code).encode() for code in (0x61C, 0x200E, 0x200F, 0x2028, 0x2029)),
    *(chr(code).encode() for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
]
"""Every C0, C1 (as a byte, and in UTF-8) and bidirectional control but LF."""
SEQUENCES = [
    b"\x1b]52;c;aGFja2Vk\x07",  # the clipboard
    b"\x1b]52;c;?\x1b\\",
    b"\x1b]0;owned\x07",  # titles
    b"\x1b]2;owned\x1b\\",
    b"\x1b[22;0t\x1b[21t",
    b"\x1b[5n\x1b[6n\x1b[c\x1b[>c\x1b[=c",  # queries, which a terminal answers by typing
    b"\x1b[31m\x9b31m\xc2\x9b31m",
    b"\x1bc\x1b[?1049l\x1b[2J",
    b"\x1bP$qm\x1b\\\x1b_x\x1b\\\x1b^x\x1b\\",
    b"[/red][@click=app.quit]x[/]",
]
HOSTILE = b" ".join([*CONTROLS, *SEQUENCES])
ERROR = b'\x10{"reverb":1,"code":"x","error":"\\u001b]0;owned\\u0007 \\u009b5n \\u202e"}\n'


def assert_plain(file: Path) -> None:
    """Make sure that a file can be printed on a terminal."""
    text = file.read_bytes().replace(b"\x1b", b"<ESC>").decode()
    assert "<ESC>" not in text
    assert_no_foreign_control(text.encode())
    assert "␛]52;c;aGFja2Vk␇" in text


def test_nothing_that_a_server_sends_is_a_control_anywhere(tmp_path: Path) -> None:
    log, saved = tmp_path / "log", tmp_path / "saved"
    said = HOSTILE + b"\n\t " + HOSTILE + b"\n" + ERROR + b"the end\n" + HOSTILE
    with saying(said) as server, bare(*server, "--log", str(log)) as client:
        client.until("the end")
        client.press(b"/save %s\r" % os.fsencode(saved))
        client.until("saved ")
        client.press(b"\x11")
        assert client.ended() == 0
    assert "␛]52;c;aGFja2Vk␇" in assert_no_foreign_control(client.sent)
    assert_plain(log)
    assert_plain(saved)


def test_nothing_in_the_history_is_a_control(own_home: Path) -> None:
    history = own_home / "XDG_STATE_HOME" / "reverb-echo" / "history"
    history.parent.mkdir(parents=True)
    said = (HOSTILE.decode("utf-8", "replace"), HOSTILE.decode("latin-1"))
    entries = [f"older {said[0]} older", f"newer {said[1]} newer"]
    history.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    with bare() as client:
        client.until("connected")
        for shown in ("newer", "older"):
            client.press(b"\x1b[A")
            client.until(shown)
        client.press(b"\x11")
        assert client.ended() == 0
    assert_no_foreign_control(client.sent)
