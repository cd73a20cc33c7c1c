"""What is seen of a conversation: shouts, echoes, what the server says, and figures."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from reverb_server import Settings
from reverb_tui.connection.targets import Embedded, UnixTarget
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from tests.tui.screen import FAST, HELLO, running
from tests.tui.servers import reverb, saying, serving


async def test_a_shout_stands_at_the_left_edge_and_its_three_echoes_are_indented() -> None:
    async with reverb() as target, running(target) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: "    hello?" in screen.rows)
        assert screen.lines == HELLO
        shown = screen.rows[screen.rows.index("Hello?") :]
        assert shown[:4] == ["Hello?", "    HELLO?", "    Hello?", "    hello?"]


async def test_loud_and_quiet_differ_by_more_than_colour() -> None:
    async with running() as screen:
        await screen.shout("Hello?")
        await screen.until(lambda: "    hello?" in screen.rows)
        styles = {
            segment.text.strip(): segment.style
            for strip in screen.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style
        }
        assert styles["HELLO?"].bold
        assert not styles["Hello?"].bold
        assert not styles["Hello?"].italic
        assert styles["hello?"].italic


async def test_the_first_thing_in_the_log_is_a_hint() -> None:
    async with running() as screen:
        await screen.until(lambda: "every line that you shout comes back" in screen.rows[0])
        assert screen.rows[1].endswith("F1 shows the keys")


async def test_to_a_server_that_is_no_reverb_nothing_is_promised() -> None:
    async with serving(saying(b"")) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: "F1 shows the keys" in screen.rows[0])


async def test_raw_shows_what_comes_as_it_comes() -> None:
    sent = b'\t READY\n220 mail\n\x10{"reverb":1,"reply":1}\n'
    async with serving(saying(sent)) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: len(screen.lines) == 3)
        await screen.shout("READY")
        assert screen.lines == [
            (Kind.PLAIN, "␉ READY"),
            (Kind.PLAIN, "220 mail"),
            (Kind.PLAIN, '␐{"reverb":1,"reply":1}'),
            (Kind.SENT, "READY"),
        ]
        await screen.until(lambda: "> READY" in screen.rows)
        said = [row for row in screen.rows if row.startswith(("<", ">"))]
        assert said[:4] == [
            "< ␉ READY",
            "< 220 mail",
            '< ␐{"reverb":1,"reply":1}',
            "> READY",
        ]
        assert screen.slider.disabled


async def test_a_line_that_does_not_end_is_shown_when_nothing_follows() -> None:
    goes_on = asyncio.Event()

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Na")
        await goes_on.wait()
        writer.write(b"me: ")
        await reader.readline()
        writer.write(b"\n")
        await reader.read()

    async with serving(ask) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: "< Na" in screen.rows)
        goes_on.set()
        await screen.until(lambda: "< Name:" in screen.rows)
        await screen.shout("bob")
        await screen.until(lambda: (Kind.PLAIN, "") in screen.lines)
        assert screen.lines == [
            (Kind.PLAIN, "Name: ⟨…⟩"),
            (Kind.SENT, "bob"),
            (Kind.PLAIN, ""),
        ]
        await screen.until(lambda: "< Name:" not in screen.rows)


async def test_of_a_long_text_that_does_not_end_the_newest_part_is_shown() -> None:
    text = b"".join(b"%d " % number for number in range(400)) + "世界: ".encode()
    async with serving(saying(text)) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: any(row.endswith(" 398 399 世界:") for row in screen.rows))
        (row,) = [row for row in screen.rows if row.endswith("世界:")]
        assert row.startswith("…")


async def test_a_text_that_does_not_end_is_saved_where_it_came(tmp_path: Path) -> None:
    async with serving(saying(b"login: ")) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: "< login:" in screen.rows)
        file = tmp_path / "log"
        await screen.shout(f"/save {file}")
        await screen.until(file.exists)
        await screen.until(lambda: "saved" in screen.text)
        assert file.read_text().splitlines()[-1] == "< login: ⟨…⟩"


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("width", [40, 60, 100])
async def test_a_long_name_is_cut_and_the_state_is_not(width: int) -> None:
    target = UnixTarget(Path("/nowhere/some/very/long/path/on/this/machine/that/is/no/socket.sock"))
    async with running(target, size=(width, 24)) as screen:
        await screen.until(lambda: re.search(r"no connection, again in [56][0-9] s", screen.text))
        row = next(row for row in screen.rows if "again in" in row)
        assert re.search(r"✗ /\S*…\S* no connection, again in [56][0-9] s$", row)
        assert any(row.startswith("delay  no connection") for row in screen.rows)
        await screen.press("escape")
        await screen.until(lambda: any(row.endswith(" not connected") for row in screen.rows))


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
        await screen.until(lambda: "1 shout · 0 echoes" in screen.text)
        await screen.shout("short")
        await screen.until(lambda: (Kind.QUIET, "short") in screen.lines)


async def test_the_figures_say_what_was_shouted_and_came() -> None:
    async with running(FAST) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: "1 shout · 3 echoes" in screen.text)
        assert "round trip" in screen.text
        assert "p99" in screen.text


async def test_a_waiting_shout_shows_as_waiting() -> None:
    waiting = Embedded(Settings(delay=30, mode="sequential"))
    async with running(waiting, Options()) as screen:
        await screen.connected()
        await screen.shout("one")
        await screen.shout("two")
        await screen.until(lambda: "2 shouts · 1 of 6 echoes" in screen.text)
        await screen.until(lambda: any(row.startswith("two  ") for row in screen.rows))
        assert (Kind.LOUD, "TWO") not in screen.lines
