"""The real command ``reverb-tui`` in floods, and in terminals that are slow."""

import statistics
import time
from pathlib import Path

import pytest

from reverb_tui.display import GOES_ON, exact
from tests.process.bare import bare, done_after, seen_after
from tests.process.checks import (
    assert_left_as_it_was,
    assert_no_foreign_control,
    assert_nothing_is_typed,
)
from tests.process.flooding import FLOOD, LINES, flooding, saying
from tests.process.waiting import wait_for

UNASKED = ("--control", "off")
"""Options for a server that speaks before it is asked, and is no stranger for all that."""
SLOW = 20_000
"""Bytes a second that a slow terminal takes."""
BACKLOG = 40_000
"""Bytes between the client and the eyes of a terminal that answers nothing: in the kernel, and as
waiting frames."""
AHEAD = 20_000
"""Bytes that such a terminal may have to take before it shows a key: a second of its time.

Not told in seconds: those depend on what else the machine does.
"""
SILENCE = 1.5
"""Seconds: more than a cursor's blinking, or any figure, stays the same."""


@pytest.mark.parametrize(
    ("speed", "answers"),
    [(None, True), (SLOW, True), (SLOW, False)],
    ids=["fast", "slow", "slow and mute"],
)
def test_in_a_flood_keys_answer_and_quit_works_at_once(speed: float | None, answers: bool) -> None:
    with (
        flooding(FLOOD) as server,
        bare(*server.arguments, speed=speed, answers=answers) as client,
    ):
        client.until("lines/s")
        for number in range(5):
            done_after(client, server, f"word {number}")
        ahead = []
        for key in "XZJ":
            before = len(client.sent)
            seen_after(client, key)
            ahead.append(len(client.sent) - before)
        if speed:  # one that takes all at once may be sent any number of frames meanwhile
            backlog = 0 if answers else BACKLOG
            assert statistics.median(ahead) < AHEAD + backlog
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)
        assert_nothing_is_typed(client)


def test_what_a_slow_terminal_was_not_sent_at_once_it_is_sent_at_last(tmp_path: Path) -> None:
    log = tmp_path / "log"
    said = FLOOD + b"\t this is the last line\n"
    with saying(said) as server, bare(*server, *UNASKED, "--log", str(log), speed=SLOW) as client:
        client.until("this is the last line")
        client.press(b"\x11")
        assert client.ended() == 0
    # The server is found out to be a stranger on the way: then the tab stands there as a sign.
    lines = [line.lstrip(" ␉") for line in log.read_text().splitlines() if " this is " in line]
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


def test_in_a_flood_memory_stays_bounded(tmp_path: Path) -> None:
    with (
        flooding(FLOOD, tmp_path / "socket") as server,
        bare(*server.arguments, *UNASKED) as client,
    ):

        def memory_after(lines: int) -> int:
            def taken() -> bool:
                client.read()
                return server.sent >= lines * len(FLOOD) // LINES

            wait_for(taken, lambda: server.sent)
            return client.memory

        full = memory_after(120_000)  # the log is full by then
        assert memory_after(220_000) < full + (16 << 20)
        assert full < 256 << 20


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
LONG = [b"long " * 60_000, "漢".encode() * 100_000, b"\xff\x1b" * 150_000]


def test_resized_in_a_flood_of_wide_and_endless_lines_it_shows_them_all(tmp_path: Path) -> None:
    log = tmp_path / "log"
    said = "".join(f"{text}\n" for text in WIDE).encode() * 20
    said += b"".join(line + b"\n" for line in LONG) + said
    with (
        saying(said + b"the end\n") as server,
        bare(*server, *UNASKED, "--log", str(log)) as client,
    ):
        client.until("●")
        for width, height in [(40, 12), (200, 50), (33, 9), (100, 24)] * 3:
            client.resize(width, height)
            client.read()
        client.until("the end")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)
    assert_no_foreign_control(client.sent)
    lines = log.read_text().splitlines()
    assert [line.removeprefix("< ") for line in lines].count(WIDE[0]) == 40
    assert lines[-1] == "< the end"
    came = "".join(
        line.removeprefix("< ") + "\n" * (not line.endswith(GOES_ON))
        for line in lines
        if line.startswith("< ")
    )
    whole = [exact(line.replace(GOES_ON, "")) for line in came.splitlines()]
    assert [line for line in whole if len(line) > 8192] == LONG
