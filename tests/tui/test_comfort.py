"""What people know from their shells and chat programs."""

import json
import os
import re
import socket
from functools import partial
from pathlib import Path

import pytest
from textual.command import CommandPalette

from reverb_server import Settings
from reverb_server import running as running_server
from reverb_tui.app import ReverbApp
from reverb_tui.config import Config
from reverb_tui.connect import Embedded, Target
from reverb_tui.history import History
from reverb_tui.options import Options
from reverb_tui.saving import LogFile
from reverb_tui.screens.confirm import Confirm
from reverb_tui.screens.details import Details
from reverb_tui.screens.help import Help
from reverb_tui.tls import TLSOptions
from reverb_tui.widgets.keys import mappable
from reverb_tui.widgets.log import EchoLog, Kind
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.slider import DelaySlider
from reverb_tui.widgets.timeline import Timeline
from tests.client.certificates import issue
from tests.tui.screen import FAST, SLOW, running
from tests.tui.servers import reverb, saying, serving

# Commands


def has_lines(file: Path, count: int) -> bool:
    return len(file.read_text().splitlines()) == count


async def test_the_delay_can_be_typed() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("/delay 0.25")
        await screen.until(lambda: screen.slider.confirmed == 0.25)
        assert screen.slider.value == 0.25
        assert screen.prompt.value == ""
        assert screen.lines == []


@pytest.mark.parametrize("mode", ["sequential", "concurrent"])
async def test_the_mode_can_be_typed_also_the_one_it_is_already(mode: str) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout(f"/mode {mode}")
        await screen.until(lambda: screen.status.startswith(f"{mode}  ●"))


async def test_a_line_with_two_slashes_is_a_shout_with_one() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("//quit")
        await screen.until(lambda: screen.lines[:1] == [(Kind.SHOUT, "/quit")])


@pytest.mark.parametrize("wrong", ["/dely 1", "/delay", "/delay much", "/theme none", "/help me"])
async def test_a_command_that_cant_be_stays_with_a_hint(wrong: str) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout(wrong)
        assert screen.prompt.value == wrong
        assert screen.prompt.wrong
        await screen.until(lambda: screen.prompt.hint[:20] in screen.text)
        assert screen.lines == []


async def test_a_command_that_needs_a_connection_stays_without_one() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("/disconnect")
        await screen.until(lambda: screen.status == "○ embedded server closed")
        await screen.shout("/delay 1")
        assert screen.prompt.value == "/delay 1"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("/delay 0.5", "there is no connection: ^R makes one"),
        ("/mode sequential", "there is no connection: ^R makes one"),
        ("/end", "there is no connection: ^R makes one"),
    ],
)
async def test_a_command_that_cant_be_done_says_why_and_what_to_do(
    command: str, reason: str
) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("/disconnect")
        await screen.until(lambda: screen.status == "○ embedded server closed")
        await screen.shout(command)
        assert screen.prompt.hint == f"{command.split()[0]}: {reason}"


async def test_a_server_without_control_is_said_to_be_the_reason() -> None:
    async with serving(saying(b"")) as target:
        async with running(target, Options(control="off")) as screen:
            await screen.until(lambda: "connected" in screen.status)
            await screen.shout("/mode sequential")
            assert screen.prompt.hint == (
                "/mode: control lines are switched off: start without --control off and --raw"
            )
        async with running(target, Options(raw=True)) as screen:
            await screen.shout("/timeline")
            assert "/timeline: with --raw" in screen.prompt.hint


async def test_a_long_hint_breaks_between_words() -> None:
    async with running(SLOW, size=(40, 12)) as screen:
        await screen.connected()
        await screen.type("/")
        words = {f"/{entry.word}" for entry in screen.prompt.commands}
        await screen.until(lambda: words <= set(screen.text.split()))


async def test_end_lets_what_is_pending_come() -> None:
    async with running(FAST) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.shout("/end")
        await screen.until(lambda: screen.status.endswith(" closed"))
        assert screen.lines[-1] == (Kind.QUIET, "hello?")


async def test_connect_goes_to_another_server_and_back_to_the_same() -> None:
    async with reverb(delay=0.3) as target, running(SLOW) as screen:
        await screen.connected()
        await screen.shout("here")
        await screen.until(lambda: len(screen.lines) == 2)
        await screen.shout(f"/connect {target}")
        await screen.until(lambda: screen.slider.confirmed == 0.3)
        assert screen.status == f"concurrent  ● {target} connected"
        await screen.shout("/disconnect")
        await screen.until(lambda: screen.status == f"○ {target} closed")
        await screen.shout("/connect")
        await screen.until(lambda: screen.status == f"concurrent  ● {target} connected")
        assert len(screen.lines) == 2
        await screen.shout("there")
        await screen.until(lambda: len(screen.lines) == 4)
        assert [entry[3] for entry in screen.log.entries() if entry[3]] == [1, 1, 2, 2]


async def test_clear_timeline_and_quit_do_what_they_say() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: "    HELLO?" in screen.rows)
        await screen.shout("/clear")
        await screen.until(lambda: "    HELLO?" not in screen.rows)
        assert "─ echoes ─" in screen.text
        await screen.shout("/timeline")
        await screen.until(lambda: "─ echoes ─" not in screen.text)
        await screen.shout("/quit")
        await screen.until(lambda: screen.app.return_code == 0)


async def test_the_palette_offers_the_same_words() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.press("ctrl+p")
        await screen.until(lambda: isinstance(screen.app.screen, CommandPalette))
        await screen.until(lambda: "/delay SECONDS" in screen.text)
        await screen.press("f2", "f4")  # they are the palette's while it is there
        await screen.press("escape")
        await screen.until(lambda: not isinstance(screen.app.screen, CommandPalette))
        assert "─ echoes ─" in screen.text


# Help and details


async def test_a_sheet_takes_the_place_of_another_and_goes_with_its_own_key() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        for key, sheet in [("f4", Details), ("f1", Help), ("f4", Details)]:
            await screen.press(key)
            await screen.until(partial(screen.shows, sheet))
            assert len(screen.app.screen_stack) == 2
        await screen.press("f4")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)


async def test_keys_of_what_lies_under_a_sheet_do_nothing() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.press("f1")
        await screen.press("f2", "f3", "ctrl+l", "ctrl+t", "alt+left", "ctrl+f")
        await screen.press("escape")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert screen.log.timestamps.value == "none"
        assert screen.slider.value == 30
        assert "sequential" not in screen.status
        assert "find:" not in screen.text
        assert (Kind.SHOUT, "Hello?") in screen.lines


@pytest.mark.parametrize("size", [(120, 40), (60, 40), (40, 40)])
async def test_the_histogram_of_the_details_fits(size: tuple[int, int]) -> None:
    async with running(FAST, size=size) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: len(screen.lines) == 4)
        await screen.press("f4")

        def bars() -> list[str]:
            return [row for row in screen.rows if " ms " in row and "█" in row]

        await screen.until(lambda: isinstance(screen.app.screen, Details))
        await screen.press("end")
        await screen.until(bars)
        assert all(re.search(r" ms [█▉▊▋▌▍▎▏]+ +[123] ", row) for row in bars())


# History


async def test_history_is_kept_between_runs(tmp_path: Path) -> None:
    file = tmp_path / "history"
    async with running(SLOW, history=History(file)) as screen:
        await screen.connected()
        await screen.shout("first")
        await screen.shout("/delay 2")
    async with running(SLOW, history=History(file)) as screen:
        await screen.type("draft")
        await screen.press("ctrl+u", "up")
        assert screen.prompt.value == "/delay 2"
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


# Choices


async def test_choices_are_remembered(tmp_path: Path) -> None:
    memory = tmp_path / "state.json"
    async with running(SLOW, memory=memory) as screen:
        await screen.shout("/theme dracula")
        await screen.press("f2", "f3")
    async with running(SLOW, memory=memory) as screen:
        assert screen.app.theme == "dracula"
        assert screen.log.timestamps.value == "clock"
        await screen.until(lambda: "connected" in screen.text)
        assert "─ echoes ─" not in screen.text


async def test_what_the_user_wants_goes_before_what_is_remembered(tmp_path: Path) -> None:
    memory = tmp_path / "state.json"
    memory.write_text(json.dumps({"theme": "dracula", "timestamps": "since", "timeline": False}))
    config = Config(theme="nord", timestamps="clock", timeline=True)
    async with running(SLOW, memory=memory, config=config) as screen:
        assert screen.app.theme == "nord"
        assert screen.log.timestamps.value == "clock"
        await screen.until(lambda: "─ echoes ─" in screen.text)


async def test_a_terminal_of_16_colours_gets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLORTERM")
    monkeypatch.setenv("TERM", "xterm")
    async with running(SLOW, config=Config(theme="dracula")) as screen:
        assert screen.app.theme == "terminal"


async def test_a_memory_that_makes_no_sense_changes_nothing(tmp_path: Path) -> None:
    memory = tmp_path / "state.json"
    memory.write_text(json.dumps({"theme": 1, "timestamps": "[/]", "timeline": "no"}))
    async with running(SLOW, memory=memory) as screen:
        await screen.until(lambda: "─ echoes ─" in screen.text)
        assert screen.app.theme == "textual-dark"


async def test_keys_can_be_changed_and_the_help_says_so() -> None:
    config = Config(keys={"mode": "f6", "timeline": "f7"})
    async with running(SLOW, config=config, size=(100, 60)) as screen:
        await screen.connected()
        await screen.press("f6")
        await screen.until(lambda: screen.status.startswith("sequential  ●"))
        await screen.press("f2")
        assert "─ echoes ─" in screen.text
        await screen.press("f7")
        await screen.until(lambda: "─ echoes ─" not in screen.text)
        await screen.press("f1")
        await screen.until(
            lambda: any("F6 " in row and " switch between" in row for row in screen.rows)
        )


def test_the_readme_names_every_action_that_can_have_other_keys() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    listed = readme.split("The actions that can have other keys: ")[1].split(".\n")[0]
    actions = mappable(ReverbApp, Prompt, EchoLog, DelaySlider, Timeline)
    assert re.findall(r"`\"?([\w.]+)\"?`", listed) == actions


async def test_it_does_not_connect_again_if_the_user_wants_that() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    async with running(SLOW, config=Config(reconnect=False)) as screen:
        await screen.connected()
        await screen.shout(f"/connect 127.0.0.1:{port}")
        await screen.until(lambda: screen.status == f"✗ 127.0.0.1:{port} not connected")


# Files


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


@pytest.mark.parametrize("file", ["/", "~nobody-of-this-name/x", "a" * 300, "/dev/null/x"])
async def test_a_file_that_cant_be_saved_is_said(file: str) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout(f"/save {file}")
        await screen.until(lambda: screen.problems)
        assert screen.app.return_code is None


async def test_one_line_is_saved_and_no_directory_is_made(tmp_path: Path) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("/clear")
        await screen.shout("Hello?")
        await screen.until(lambda: len(screen.lines) == 2)
        screen.log.clear()
        screen.app._session.say("one")
        await screen.shout(f"/save {tmp_path}/log")
        await screen.until(lambda: "saved 1 line to" in screen.text)
        missing = tmp_path / "missing"
        await screen.shout(f"/save {missing}/log")
        await screen.until(lambda: screen.problems)
        assert screen.problems == [
            f"cannot write {missing}/log: there is no directory {missing}",
        ]
        assert not missing.exists()


async def test_the_log_file_gets_everything_all_along(tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    async with running(FAST) as screen:
        screen.app.log_file = LogFile(file, screen.app.complain)
        await screen.connected()
        await screen.shout("Hello?")
        await screen.shout("/clear")
        await screen.until(lambda: "    hello?\n" in file.read_text())
    assert screen.app.log_file.close()
    text = file.read_text()
    assert text.endswith("Hello?\n    HELLO?\n    Hello?\n    hello?\n")


async def test_a_log_file_on_a_full_disk_is_complained_of(tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    async with running(FAST) as screen:
        log = LogFile(file, screen.app.complain)
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, log._file)
        os.close(full)
        screen.app.log_file = log
        await screen.shout("Hello?")
        await screen.until(lambda: screen.problems)
        assert screen.problems[0].startswith("the log is not written any more")
    assert not log.close()


async def test_the_details_say_where_the_log_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(SLOW, size=(100, 40)) as screen:
        screen.app.log_file = LogFile(Path("l.jsonl"), screen.app.complain)
        await screen.connected()
        await screen.press("f4")
        await screen.until(lambda: "l.jsonl, as JSON lines" in screen.text)
        screen.app.log_file.close()
        await screen.until(lambda: "l.jsonl, not written any more" in screen.text)


async def test_the_details_show_the_servers_certificate(tmp_path: Path) -> None:
    files = issue(tmp_path / "files")
    settings = Settings(host="127.0.0.1", port=0, tls_cert=files.server)
    async with running_server(settings) as server:
        target = Target("127.0.0.1", server.port, TLSOptions(ca=files.ca))
        async with running(target, size=(100, 40)) as screen:
            await screen.connected()
            await screen.press("f4")
            await screen.until(lambda: "valid until" in screen.text)
            rows = dict(re.findall(r"(certificate|issuer|valid until) +(.*?) *│", screen.text))
            assert rows["certificate"].startswith("localhost, 127.0.0.1")
            assert rows["issuer"].startswith("trustme ")
            assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", rows["valid until"])


# Search, selection, timestamps


async def test_search_counts_highlights_and_goes_back() -> None:
    async with running(FAST) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: len(screen.lines) == 4)
        await screen.press("ctrl+f")
        for key in "hello":
            await screen.press(key)
        await screen.until(lambda: "4 of 4" in screen.text or "1 of 4" in screen.text)
        await screen.press("escape")
        await screen.until(lambda: screen.prompt.has_focus)
        await screen.until(lambda: "find:" not in screen.text)


async def test_a_lane_and_the_log_highlight_the_same_shout() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("one")
        await screen.shout("two")
        await screen.until(lambda: "    TWO" in screen.rows)
        timeline = screen.app._timeline
        await screen.pilot.click("EchoLog", offset=(1, screen.rows.index("two")))
        await screen.until(lambda: timeline.selected == 2)
        assert screen.log.highlighted == 2
        lane = next(row for row, text in enumerate(screen.rows) if text.startswith("one  "))
        await screen.pilot.click(offset=(2, lane))
        await screen.until(lambda: screen.log.highlighted == 1)


# What the server says


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("line-too-long", "a line may have at most 65536 bytes"),
        ("full", "the server is full"),
        ("draining", "the server is ending"),
        ("cut", "what was pending is cut off"),
    ],
)
async def test_what_the_server_says_is_told_in_the_log(code: str, sentence: str) -> None:
    said = json.dumps({"reverb": 1, "code": code, "error": sentence}).encode()
    async with serving(saying(b"\x10" + said + b"\n")) as target, running(target) as screen:
        await screen.until(lambda: screen.problems)
        assert screen.problems == [f"the server says: {sentence}"]


async def test_a_line_too_long_is_not_pending_for_ever() -> None:
    async with reverb(max_line=64) as target, running(target) as screen:
        await screen.connected()
        await screen.shout("x" * 65)
        await screen.until(lambda: screen.problems)
        await screen.until(lambda: "0 pending" in screen.text)
        await screen.shout("short")
        await screen.until(lambda: (Kind.QUIET, "short") in screen.lines)


# Figures


async def test_the_figures_say_what_was_shouted_and_came() -> None:
    async with running(FAST) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: "1 shout · 3 echoes · 0 pending" in screen.text)
        assert "round trip" in screen.text
        assert "p99" in screen.text


async def test_a_waiting_shout_shows_as_waiting() -> None:
    waiting = Embedded(Settings(delay=30, mode="sequential"))
    async with running(waiting, Options()) as screen:
        await screen.connected()
        await screen.shout("one")
        await screen.shout("two")
        await screen.until(lambda: "2 pending" in screen.text)
        await screen.until(lambda: any(row.startswith("two  ") for row in screen.rows))
        assert (Kind.LOUD, "TWO") not in screen.lines
