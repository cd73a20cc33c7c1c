"""What is typed goes out as it was typed, when it was typed, and nothing else does."""

import asyncio
from pathlib import Path

import pytest

from reverb_tui.entry import Kind
from reverb_tui.files.history import History
from reverb_tui.options import Options
from tests.client.servers import hearing, reverb, serving
from tests.tui.screen import HELLO, SLOW, running


async def test_every_line_of_a_paste_is_a_shout_and_a_line_with_two_slashes_is_one_with_one() -> (
    None
):
    async with running(SLOW) as screen:
        await screen.connected()
        screen.prompt.paste("one\r\ntwo\nthree")
        await screen.press("enter")
        await screen.until(lambda: (Kind.LOUD, "THREE") in screen.lines)
        await screen.shout("//quit")
        await screen.until(lambda: (Kind.LOUD, "/QUIT") in screen.lines)
        assert [text for kind, text in screen.lines if kind == Kind.SHOUT] == [
            "one",
            "two",
            "three",
            "/quit",
        ]
        await screen.type("abc")
        await screen.press("home", "ctrl+d")  # which deletes in a line
        assert screen.prompt.value == "bc"
        await screen.until(lambda: "●" in screen.status)


async def test_crlf_ends_shouts_with_both() -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    options = Options(crlf=True, raw=True)
    async with serving(hearing(heard)) as target, running(target, options) as screen:
        await screen.until(lambda: "●" in screen.status)
        await screen.shout("QUIT")
        assert await heard.get() == b"QUIT\r\n"


@pytest.mark.parametrize(
    ("options", "why", "command", "hint"),
    [
        (
            Options(control="off"),
            "control lines are switched off",
            "/mode sequential",
            "/mode: control lines are switched off: start without --control off",
        ),
        (
            Options(raw=True),
            "taken for no reverb",
            "/timeline",
            "/timeline: there are no echoes to see",
        ),
    ],
    ids=["without control", "raw"],
)
async def test_without_control_lines_nothing_is_sent_before_a_shout_and_it_is_said_why(
    options: Options, why: str, command: str, hint: str
) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    async with serving(hearing(heard)) as target, running(target, options) as screen:
        await screen.connected()
        await screen.until(lambda: why in screen.slider.reason)
        await screen.shout(command)
        await screen.until(lambda: hint in screen.prompt.hint)
        await screen.shout("first")
        assert await heard.get() == b"first\n"


async def test_no_key_overtakes_the_one_before_it_and_after_the_end_the_last_echoes_come() -> None:
    async with reverb() as target, running(target) as screen:
        await screen.connected()
        for character in "ab":
            screen.app.simulate_key(character)
        screen.app.simulate_key("ctrl+d")
        screen.app.simulate_key("enter")
        screen.app.simulate_key("c")
        await screen.until(lambda: screen.prompt.value == "c")
        assert screen.lines[0] == (Kind.SHOUT, "ab")
        screen.app.simulate_key("enter")
        screen.app.simulate_key("ctrl+d")
        await screen.until(lambda: screen.status.endswith(" closed"))
        assert [text for kind, text in screen.lines if kind == Kind.QUIET] == ["ab", "c"]
        await screen.shout("/connect")
        await screen.connected()
        await screen.shout("Hello?")
        await screen.shout("/end")
        await screen.until(lambda: screen.status.endswith(" closed"))
        assert screen.lines[-1] == (Kind.QUIET, "hello?")


async def test_after_half_close_the_remaining_echoes_come_and_then_it_is_closed() -> None:
    async with reverb(delay=0.3) as target, running(target) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        screen.app.simulate_key("ctrl+d")
        await screen.until(lambda: "input ended" in screen.status)
        assert screen.slider.disabled
        await screen.until(lambda: screen.status.endswith(" closed"))
        assert screen.lines == HELLO
        await screen.shout("late")
        assert screen.prompt.value == "late"


async def test_history_is_kept_between_runs(tmp_path: Path) -> None:
    file = tmp_path / "history"
    async with running(SLOW, history=History(file)) as screen:
        await screen.connected()
        await screen.shout("first")
        await screen.shout("/delay 2")
        await screen.until(lambda: file.exists() and "/delay 2" in file.read_text())
    async with running(SLOW, history=History(file)) as screen:
        await screen.type("draft")
        await screen.press("ctrl+u", "up")
        await screen.until(lambda: screen.prompt.value == "/delay 2")
        await screen.press("up")
        assert screen.prompt.value == "first"
        await screen.press("down", "down")
        assert screen.prompt.value == ""


async def test_a_history_that_cant_be_written_is_said_once(tmp_path: Path) -> None:
    file = tmp_path / "history"
    history = History(file)
    file.mkdir()
    async with running(SLOW, history=history) as screen:
        await screen.connected()
        await screen.shout("one")
        await screen.shout("two")
        await screen.until(lambda: screen.problems)
        (problem,) = screen.problems
        assert problem.startswith("the history is not saved")
