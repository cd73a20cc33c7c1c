"""The real command ``reverb-tui`` never gives up: floods, slow terminals, hostile bytes."""

import json
import os
import shlex
import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.process.bare import COMMAND, Bare, bare, done_after, seen_after
from tests.process.checks import (
    assert_left_as_it_was,
    assert_no_foreign_control,
    assert_nothing_is_typed,
    stop_and_go_on,
)
from tests.process.servers import flooding, saying
from tests.process.waiting import TIMEOUT, wait_for

LINES = 10_000
FLOOD = b"".join(b"\t this is line %d of a flood\n" % number for number in range(LINES))
SLOW = 20_000
"""Bytes a second that a slow terminal takes."""

BACKLOG = 40_000
"""Bytes between the client and the eyes of a terminal that answers nothing: in the kernel, and as
waiting frames."""

ANSWER = 0.05
"""Seconds within which a key is promised to answer."""

SILENCE = 1.5
"""Seconds: more than a cursor's blinking, or any figure, stays the same."""

MUCH = 10
"""How many times a promise may be missed on a machine that does much else."""

# Floods.


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "mute"])
@pytest.mark.parametrize("speed", [None, SLOW], ids=["fast", "slow"])
def test_in_a_flood_keys_answer_and_quit_works_at_once(speed: float | None, answers: bool) -> None:
    with (
        flooding(FLOOD) as server,
        bare(*server.arguments, speed=speed, answers=answers) as client,
    ):
        client.until("lines/s")
        done = [done_after(client, server, f"word {number}") for number in range(9)]
        assert statistics.median(done) < MUCH * ANSWER
        seen = [seen_after(client, key) for key in "XZJ"]
        backlog = 0.0 if answers or speed is None else BACKLOG / speed
        assert statistics.median(seen) < MUCH * ANSWER + backlog
        begin = time.monotonic()
        client.press(b"\x11")
        assert client.ended() == 0
        assert time.monotonic() - begin < MUCH * ANSWER * 4 + backlog
        assert_left_as_it_was(client)
        assert_nothing_is_typed(client)


def test_what_a_slow_terminal_was_not_sent_at_once_it_is_sent_at_last(tmp_path: Path) -> None:
    log = tmp_path / "log"
    said = FLOOD + b"\t this is the last line\n"
    with saying(said) as server, bare(*server, "--log", str(log), speed=SLOW) as client:
        client.until("this is the last line")
        client.press(b"\x11")
        assert client.ended() == 0
    lines = [line.strip() for line in log.read_text().splitlines() if line.startswith("    ")]
    assert lines == [line.decode().strip() for line in said.splitlines()]


def test_a_client_that_does_nothing_sends_nothing_to_the_terminal() -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        client.press(b"Hello?\r")
        client.until("    hello?")
        last = (0, 0.0)

        def silent() -> bool:
            nonlocal last
            client.read()
            if len(client.sent) != last[0]:
                last = len(client.sent), time.monotonic()
            return time.monotonic() - last[1] > SILENCE

        wait_for(silent, lambda: client.sent[-1000:])


def test_in_a_flood_memory_stays_bounded() -> None:
    with flooding(FLOOD) as server, bare(*server.arguments) as client:

        def memory_after(lines: int) -> int:
            def taken() -> bool:
                client.read()
                return server.sent >= lines * len(FLOOD) // LINES

            wait_for(taken, lambda: server.sent)
            return client.memory

        full = memory_after(150_000)
        assert memory_after(400_000) < full + (16 << 20)
        assert full < 256 << 20


# What a server sends.

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


WIDE = [
    "漢字かな交じり文" * 9,
    "👨‍👩‍👧‍👦 👩🏽‍🚀 🇩🇪 🇯 ❤️ ☎ " * 4,
    "e" + "\u0301" * 200,
    "क्षत्रिय தமிழ் ไทยกำ",
    "עברית العربية \u202eoverride\u202c",
    "zero\u200bwidth\u200d\u2060\ufeff",
    "䷀䷁\U0001d360 \u3248 ﷽ 𒐫",
    "ᄀᄀ각ᆨ\u115f\u3164",
]
LONG = [b"long " * 200_000, "漢".encode() * 350_000, b"\xff\x1b" * 500_000]


def test_resized_in_a_flood_of_wide_and_endless_lines_it_shows_them_all(tmp_path: Path) -> None:
    log = tmp_path / "log"
    said = "".join(f"{text}\n" for text in WIDE).encode() * 20
    said += b"".join(line + b"\n" for line in LONG) + said
    with saying(said + b"the end\n") as server, bare(*server, "--log", str(log)) as client:
        client.until("connected")
        for width, height in [(40, 12), (200, 50), (33, 9), (100, 24)] * 3:
            client.resize(width, height)
            client.read()
        client.until("the end")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)
    assert_no_foreign_control(client.sent)
    lines = log.read_text().splitlines()
    assert lines.count(WIDE[0]) == 40
    assert lines[-1] == "the end"
    assert [line.rpartition(" (")[2] for line in lines if line.endswith("more bytes)")] == [
        f"{len(line) - 8192:,} more bytes)" for line in LONG
    ]


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


# The terminal goes away, for a while or for good.


@pytest.mark.parametrize("key", [b"", b"\x1a"], ids=["signal", "ctrl-z"])
def test_stopped_it_leaves_the_terminal_as_it_was_and_comes_back(key: bytes) -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        stop_and_go_on(client, key)
        since = len(client.sent)
        client.until("connected", since)
        client.press(b"Hello?\r")
        client.until("HELLO?", since)
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)


@contextmanager
def owning(*arguments: str) -> Iterator[Bare]:
    """Run a client that is told when its terminal is gone, as the first of a session is."""
    opened = shlex.join([*COMMAND, *arguments])
    own = f'exec <"$(tty)" >"$(tty)" 2>&1; exec {opened}'
    with bare(command=["sh", "-c", own]) as client:
        yield client


def end_by_closing(client: Bare) -> None:
    """Close the terminal, and make sure that the client knows."""
    os.close(client.slave)
    os.close(client.master)
    assert client.process.wait(TIMEOUT) == 128 + signal.SIGHUP


def test_a_closed_terminal_ends_it_and_the_log_file_is_complete(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with owning("--delay", "0.01", "--log", str(log)) as client:
        client.until("connected")
        client.press(b"Hello?\r")
        client.until("    hello?")
        end_by_closing(client)
    assert log.read_text().splitlines()[-4:] == ["Hello?", "    HELLO?", "    Hello?", "    hello?"]


def test_a_terminal_closed_in_a_flood_ends_it_and_the_log_file_has_no_gap(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with flooding(FLOOD) as server, owning(*server.arguments, "--log", str(log)) as client:
        client.until("lines/s")
        end_by_closing(client)
    assert_no_gap(log)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_in_a_flood_leaves_all_in_order(name: str, tmp_path: Path) -> None:
    log, number = tmp_path / "log", signal.Signals[name]
    with flooding(FLOOD) as server, bare(*server.arguments, "--log", str(log)) as client:
        client.until("lines/s")
        client.process.send_signal(number)
        assert client.ended() == 128 + number
        assert_left_as_it_was(client)
    assert_no_gap(log)


def assert_no_gap(log: Path) -> None:
    """Make sure that a log has each line of the flood, up to one that is whole."""
    text = log.read_text()
    assert text.endswith(" of a flood\n")
    numbers = [int(line.split()[3]) for line in text.splitlines() if line.endswith("of a flood")]
    assert numbers == [number % LINES for number in range(len(numbers))]
