"""What is seen of a conversation: shouts, echoes, what the server says, and figures."""

import asyncio
import json
import re
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketStream

from reverb_server import Settings
from reverb_tui.connection.targets import Embedded, UnixTarget
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from tests.client.servers import read_line, reverb, saying, serving
from tests.tui.screen import FAST, HELLO, running, strips_of


async def test_a_shout_stands_at_the_left_edge_and_its_three_echoes_are_indented() -> None:
    async with reverb(max_line=64) as target, running(target) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: "    hello?" in screen.rows)
        assert screen.lines == HELLO
        shown = screen.rows[screen.rows.index("Hello?") :]
        assert shown[:4] == ["Hello?", "    HELLO?", "    Hello?", "    hello?"]
        await screen.shout("x" * 65)  # a line too long is not pending for ever
        await screen.until(lambda: screen.problems)
        await screen.until(lambda: "in the air 0 " in screen.text)
        await screen.until(lambda: "done in " in screen.text)
        await screen.shout("short")
        await screen.until(lambda: (Kind.QUIET, "short") in screen.lines)


async def test_a_hint_comes_first_then_echoes_that_differ_by_more_than_colour_and_figures() -> None:
    async with running(FAST) as screen:
        top = screen.log.region.y
        await screen.until(lambda: "every line you shout comes back" in screen.rows[top])
        assert screen.rows[top + 1].endswith("press F1 for help")
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: "    hello?" in screen.rows)
        styles = {
            segment.text.strip(): segment.style
            for strip in strips_of(screen.app)
            for segment in strip
            if segment.style
        }
        assert styles["HELLO?"].bold
        assert not styles["Hello?"].bold
        assert not styles["Hello?"].italic
        assert styles["hello?"].italic
        await screen.until(lambda: "in the air 0 · waiting 0 │" in screen.text)


async def test_raw_promises_nothing_and_shows_what_comes_as_it_comes() -> None:
    sent = b'\t READY\n220 mail\n\x10{"reverb":1,"reply":1}\n'
    async with serving(saying(sent)) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: "press F1 for help" in screen.rows[0])
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


async def test_a_line_that_does_not_end_is_shown_when_nothing_follows_and_saved_where_it_came(
    tmp_path: Path,
) -> None:
    goes_on = [asyncio.Event() for _ in range(3)]
    long = b"".join(b"%d " % number for number in range(400)) + "世界: ".encode()

    async def ask(stream: SocketStream) -> None:
        await stream.send(b"Na")
        await goes_on[0].wait()
        await stream.send(b"me: ")
        await read_line(stream)
        await stream.send(b"\n")
        await goes_on[1].wait()
        await stream.send(long)
        await goes_on[2].wait()
        await stream.send(b"\nlogin: ")
        await anyio.sleep_forever()

    async with serving(ask) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: "< Na" in screen.rows)
        goes_on[0].set()
        await screen.until(lambda: "< Name:" in screen.rows)
        await screen.shout("bob")
        await screen.until(lambda: (Kind.PLAIN, "") in screen.lines)
        assert screen.lines == [
            (Kind.PLAIN, "Name: ⟨…⟩"),
            (Kind.SENT, "bob"),
            (Kind.PLAIN, ""),
        ]
        await screen.until(lambda: "< Name:" not in screen.rows)
        goes_on[1].set()
        await screen.until(lambda: any(row.endswith(" 398 399 世界:") for row in screen.rows))
        (row,) = [row for row in screen.rows if row.endswith("世界:")]
        assert row.startswith("…")  # of a long text the newest part
        goes_on[2].set()
        await screen.until(lambda: "< login:" in screen.rows)
        file = tmp_path / "log"
        await screen.shout(f"/save {file}")
        await screen.until(file.exists)
        await screen.until(lambda: "saved" in screen.text)
        assert file.read_text().splitlines()[-1] == "< login: ⟨…⟩"


@pytest.mark.usefixtures("patient")
async def test_a_long_name_is_cut_and_the_state_is_not() -> None:
    target = UnixTarget(Path("/nowhere/some/very/long/path/on/this/machine/that/is/no/socket.sock"))
    cut = re.compile(r"✗ \S*…\S* · not connected · retrying in [56][0-9] s$", re.MULTILINE)
    async with running(target, size=(40, 24)) as screen:
        for width in (40, 60, 100):
            await screen.pilot.resize_terminal(width, 24)
            await screen.until(lambda: cut.search(screen.text))
            await screen.until(
                lambda: any(row.startswith("delay  there is no such file") for row in screen.rows)
            )
            await screen.press("escape")
            await screen.until(lambda: any(row.endswith(" not connected") for row in screen.rows))
            await screen.press("ctrl+r")


async def test_what_the_server_says_is_told_in_the_log() -> None:
    said = [
        ("line-too-long", "a line may have at most 65536 bytes"),
        ("full", "the server is full"),
        ("draining", "the server is ending"),
        ("cut", "what was pending is cut off"),
    ]
    lines = [json.dumps({"reverb": 1, "code": code, "error": text}) for code, text in said]
    sent = "".join(f"\x10{line}\n" for line in lines).encode()
    async with serving(saying(sent)) as target, running(target) as screen:
        await screen.until(lambda: len(screen.problems) == len(said))
        assert screen.problems == [f"the server says: {text}" for _, text in said]


async def test_a_waiting_shout_shows_as_waiting() -> None:
    waiting = Embedded(Settings(delay=30, mode="sequential"))
    async with running(waiting, Options()) as screen:
        await screen.connected()
        await screen.shout("one")
        await screen.shout("two")
        await screen.until(lambda: "in the air 1 · waiting 1 │" in screen.text)
        await screen.until(lambda: any(row.startswith("two  ") for row in screen.rows))
        await screen.until(lambda: "in the air 1 · waiting 1 · " in screen.text)
        await screen.until(
            lambda: " waits ░" in screen.text
        )  # before it is *now*, or what it waited
        assert (Kind.LOUD, "TWO") not in screen.lines
