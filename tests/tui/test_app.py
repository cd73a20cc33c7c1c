"""What the client does, on a screen without a terminal, with real connections."""

import asyncio
import json
import re
import socket
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from textual.events import MouseScrollDown
from textual.pilot import Pilot
from textual.widgets import Static

from reverb_server import Settings
from reverb_tui.app import TWICE
from reverb_tui.config import Config
from reverb_tui.connect import Embedded, Target, UnixTarget
from reverb_tui.options import Options
from reverb_tui.screens.details import Details
from reverb_tui.widgets.log import Kind
from tests.pictures.studio import in_virtual_time, staged
from tests.tui.screen import FAST, SLOW, Screen, running
from tests.tui.servers import Handler, like_cat, like_go, reverb, saying, serving

HELLO = [
    (Kind.SHOUT, "Hello?"),
    (Kind.LOUD, "HELLO?"),
    (Kind.NORMAL, "Hello?"),
    (Kind.QUIET, "hello?"),
]


# Shouts and echoes.


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


async def test_without_a_host_it_brings_its_own_server() -> None:
    async with running(Embedded(Settings(delay=0.01, mode="sequential"))) as screen:
        await screen.connected()
        assert screen.status == "sequential  ● embedded server connected"
        await screen.shout("Hello?")
        await screen.until(lambda: screen.lines == HELLO)


async def test_the_first_thing_in_the_log_is_a_hint() -> None:
    async with running() as screen:
        await screen.until(lambda: "every line that you shout comes back" in screen.rows[0])
        assert screen.rows[1].endswith("F1 shows the keys")


async def test_to_a_server_that_is_no_reverb_nothing_is_promised() -> None:
    async with serving(saying(b"")) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: "F1 shows the keys" in screen.rows[0])


async def test_every_line_of_a_paste_is_a_shout() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        screen.prompt.paste("one\r\ntwo\nthree")
        await screen.press("enter")
        await screen.until(lambda: (Kind.LOUD, "THREE") in screen.lines)
        assert [text for kind, text in screen.lines if kind is Kind.SHOUT] == [
            "one",
            "two",
            "three",
        ]


async def test_crlf_ends_shouts_with_both() -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.readline())

    async with serving(listen) as target, running(target, Options(crlf=True, raw=True)) as screen:
        await screen.until(lambda: "connected" in screen.status)
        await screen.shout("QUIT")
        assert await heard.get() == b"QUIT\r\n"


async def test_raw_shows_what_comes_as_it_comes() -> None:
    sent = b'\t READY\n220 mail\n\x10{"reverb":1,"reply":1}\n'
    async with serving(saying(sent)) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: len(screen.lines) == 3)
        await screen.shout("READY")
        assert screen.lines == [
            (Kind.PLAIN, "␉ READY"),
            (Kind.PLAIN, "220 mail"),
            (Kind.PLAIN, '␐{"reverb":1,"reply":1}'),
            (Kind.SHOUT, "READY"),
        ]
        assert screen.slider.disabled


@pytest.mark.parametrize("options", [Options(raw=True), Options(control="off")])
async def test_without_control_lines_nothing_is_sent_before_a_shout(options: Options) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.readline())

    async with serving(listen) as target, running(target, options) as screen:
        await screen.until(lambda: "connected" in screen.status)
        assert "switched off" in screen.slider.reason
        await screen.shout("first")
        assert await heard.get() == b"first\n"


async def test_a_line_that_does_not_end_is_shown_when_nothing_follows() -> None:
    goes_on = asyncio.Event()

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Pass")
        await goes_on.wait()
        writer.write(b"word: ")
        await reader.readline()
        writer.write(b"\n")
        await reader.read()

    async with serving(ask) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: "Pass" in screen.rows)
        goes_on.set()
        await screen.until(lambda: "Password:" in screen.rows)
        await screen.shout("secret")
        await screen.until(lambda: (Kind.PLAIN, "Password: ") in screen.lines)
        await screen.until(lambda: screen.rows.count("Password:") == 1)


# Typing.


async def test_the_prompt_is_focused_from_the_start() -> None:
    async with running() as screen:
        assert screen.prompt.has_focus
        await screen.type("abc")
        assert screen.prompt.value == "abc"


async def test_a_flood_does_not_disturb_typing() -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"it never ends\n" * 100)
            await writer.drain()

    async with serving(flood) as target, running(target, Options(raw=True)) as screen:
        await screen.until(lambda: screen.log.line_count > 1000)
        before = screen.log._wrapped.total
        await screen.type("Is there anybody there?")
        assert screen.prompt.value == "Is there anybody there?"
        assert screen.prompt.has_focus
        await screen.until(lambda: screen.log._wrapped.total > before)


@pytest.mark.parametrize("elsewhere", ["log", "slider"])
async def test_what_is_typed_elsewhere_goes_to_the_prompt(elsewhere: str) -> None:
    async with running() as screen:
        await screen.connected()
        getattr(screen, elsewhere).focus()
        await screen.type("hey")
        assert screen.prompt.value == "hey"
        await screen.until(lambda: screen.prompt.has_focus)


async def test_no_key_overtakes_the_one_before_it() -> None:
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
        assert [text for kind, text in screen.lines if kind is Kind.QUIET] == ["ab", "c"]


# The slider.


async def test_the_slider_shows_the_delay_of_the_server() -> None:
    async with reverb(delay=0.3) as target, running(target) as screen:
        await screen.connected()
        assert screen.slider.value == 0.3
        assert "0.30 s" in screen.text


@pytest.mark.parametrize("focus", ["prompt", "slider", "log"])
async def test_keys_move_the_slider_from_everywhere(focus: str) -> None:
    async with reverb(delay=1) as target, running(target) as screen:
        await screen.connected()
        getattr(screen, focus).focus()
        await screen.press("alt+right")
        assert screen.slider.value == 1.2
        await screen.press("alt+left", "alt+left")
        assert screen.slider.value == 0.8
        await screen.until(lambda: screen.slider.confirmed == 0.8)
        assert getattr(screen, focus).has_focus


async def test_the_keys_of_the_focused_slider_move_it() -> None:
    async with reverb(delay=1) as target, running(target) as screen:
        await screen.connected()
        screen.slider.focus()
        await screen.press("right")
        await screen.until(lambda: screen.slider.confirmed == 1.2)
        await screen.press("home")
        await screen.until(lambda: screen.slider.confirmed == 0)


async def test_the_mouse_moves_the_slider() -> None:
    async with reverb(delay=1) as target, running(target) as screen:
        await screen.connected()
        track = len("delay 0 ├")
        pilot = screen.pilot
        await pilot.click("DelaySlider", offset=(track, 0))
        await screen.until(lambda: screen.slider.confirmed == 0)
        await pilot.mouse_down("DelaySlider", offset=(track, 0))
        await pilot.hover("DelaySlider", offset=(track + 5, 0))
        dragged = screen.slider.value
        assert dragged > 0
        await pilot.hover("DelaySlider", offset=(80, 0))
        assert screen.slider.value == 60
        await pilot.mouse_up("DelaySlider", offset=(80, 0))
        await screen.until(lambda: screen.slider.confirmed == 60)
        await wheel(pilot)
        await screen.until(lambda: screen.slider.confirmed == 50)
        assert screen.prompt.has_focus


async def wheel(pilot: Pilot[None]) -> None:
    """Turn the wheel down by one notch, over the slider."""
    await pilot._post_mouse_events([MouseScrollDown], "DelaySlider", button=0)


async def test_moving_the_slider_moves_the_echoes_that_are_pending() -> None:
    async with reverb(delay=60) as target, running(target) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: (Kind.LOUD, "HELLO?") in screen.lines)
        screen.slider.focus()
        await screen.press("home")
        await screen.until(lambda: screen.lines == HELLO)


async def test_a_drag_ends_with_the_connection() -> None:
    async with reverb() as target, running(target) as screen:
        await screen.connected()
        await screen.pilot.mouse_down("DelaySlider", offset=(12, 0))
        await screen.press("ctrl+d")
        await screen.until(lambda: screen.slider.disabled)
        assert screen.app.mouse_captured is None


class Silent:
    """A reverb that answers when it is told to, and keeps what it was asked for."""

    def __init__(self, delay: float = 1.0) -> None:
        self.delay = delay
        self.requests: list[dict[str, object]] = []
        self.answers = asyncio.Semaphore(0)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            request = json.loads(line[1:])
            self.requests.append(request)
            await self.answers.acquire()
            self.delay = request.get("delay", self.delay)
            answer = {"delay": self.delay, "delay_max": 60.0, "mode": "concurrent", "pending": 0}
            answer |= {"reverb": 1, "reply": request["id"]}
            writer.write(b"\x10" + json.dumps(answer, separators=(",", ":")).encode() + b"\n")


async def test_one_request_is_in_flight_and_the_last_value_arrives() -> None:
    silent = Silent()
    async with serving(silent) as target, running(target) as screen:
        silent.answers.release()
        await screen.connected()
        values = []
        for _ in range(5):
            await screen.press("alt+right")
            values.append(screen.slider.value)
        await screen.until(lambda: len(silent.requests) == 2)
        assert silent.requests[1]["delay"] == values[0]
        silent.answers.release()
        await screen.until(lambda: len(silent.requests) == 3)
        assert silent.requests[2]["delay"] == values[-1]
        silent.answers.release()
        await screen.until(lambda: screen.slider.confirmed == values[-1])
        assert len(silent.requests) == 3


async def test_a_value_is_marked_until_the_server_confirms_it() -> None:
    silent = Silent()
    async with serving(silent) as target, running(target) as screen:
        silent.answers.release()
        await screen.connected()
        await screen.press("alt+right")
        await screen.until(lambda: "1.20 s (asking)" in screen.text)
        silent.answers.release()
        await screen.until(lambda: "1.20 s (asking)" not in screen.text)
        assert "1.20 s" in screen.text


async def test_a_late_answer_does_not_move_the_thumb() -> None:
    silent = Silent()
    async with serving(silent) as target, running(target) as screen:
        silent.answers.release()
        await screen.connected()
        await screen.press("alt+right", "alt+right", "alt+right")
        hand = screen.slider.value
        silent.answers.release()
        await screen.until(lambda: screen.slider.confirmed == 1.2)
        assert screen.slider.value == hand == 2


async def test_the_slider_asks_until_the_server_has_shown_what_it_is() -> None:
    silent = Silent()
    async with serving(silent) as target, running(target) as screen:
        await screen.until(lambda: "asking the server" in screen.text)
        assert screen.slider.disabled
        silent.answers.release()
        await screen.until(lambda: not screen.slider.disabled)


async def test_it_is_said_what_a_servers_silence_may_mean_and_nothing_comes_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reverb_tui.shown.PATIENCE", 0.05)
    silent = Silent()
    async with serving(silent) as target, running(target, size=(80, 24)) as screen:
        sentence = "delay  the server has not answered yet; it may know no control lines"
        await screen.until(lambda: sentence in screen.rows)
        silent.answers.release()
        await screen.until(lambda: not screen.slider.disabled)


@pytest.mark.parametrize("target", ["network", "embedded"])
async def test_delay_and_mode_can_be_asked_for_at_connect(target: str) -> None:
    async with reverb(delay=5) as address:
        where = address if target == "network" else Embedded(Settings(delay=5))
        async with running(where, Options(host="x", delay=0.25, mode="sequential")) as screen:
            await screen.until(lambda: screen.slider.confirmed == 0.25)
            assert screen.slider.value == 0.25
            assert screen.status.startswith("sequential  ●")


async def test_what_the_server_refuses_is_said_and_the_slider_works() -> None:
    class Strict(Silent):
        async def __call__(
            self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            request = json.loads((await reader.readline())[1:])
            writer.write(
                b'\x10{"reverb":1,"reply":%d,"code":"no","error":"too \\ud800 \\u001b[2Jlong"}\n'
                % request["id"]
            )
            await super().__call__(reader, writer)

    silent = Strict()
    async with serving(silent) as target, running(target, Options(host="x", delay=50)) as screen:
        silent.answers.release()
        await screen.until(lambda: not screen.slider.disabled)
        assert screen.problems == ["the server says: too <U+D800> ␛[2Jlong"]
        assert screen.slider.value == 1


# The mode.


async def test_a_key_switches_the_mode_and_the_log_goes_on() -> None:
    async with reverb() as target, running(target) as screen:
        await screen.connected()
        assert screen.status.startswith("concurrent  ●")
        await screen.press("ctrl+t")
        await screen.until(lambda: screen.status.startswith("sequential  ●"))
        await screen.shout("Hello?")
        await screen.until(lambda: screen.lines == HELLO)
        await screen.press("ctrl+t")
        await screen.until(lambda: screen.status.startswith("concurrent  ●"))
        assert screen.lines == HELLO


async def test_a_mode_is_marked_until_the_server_confirms_it() -> None:
    silent = Silent()
    async with serving(silent) as target, running(target) as screen:
        silent.answers.release()
        await screen.connected()
        await screen.press("ctrl+t")
        assert screen.status.startswith("sequential (asking)  ●")
        await screen.press("ctrl+t")
        assert screen.status.startswith("concurrent (asking)  ●")


# Servers without control lines.


async def test_against_a_server_like_gos_all_but_the_slider_works() -> None:
    async with serving(like_go) as target, running(target) as screen:
        await screen.connected()
        assert screen.slider.disabled
        assert "this server knows no control lines" in screen.text
        await screen.press("alt+right", "ctrl+t")
        await screen.shout("Hello?")
        await screen.until(lambda: screen.lines == HELLO)
        await screen.press("ctrl+d")
        await screen.until(lambda: "closed" in screen.status)
        assert screen.lines == HELLO


async def test_against_a_plain_echo_all_but_the_slider_works() -> None:
    async with serving(like_cat) as target, running(target) as screen:
        await screen.connected()
        assert screen.slider.disabled
        assert "this server is a plain echo" in screen.text
        await screen.press("alt+right", "ctrl+t")
        await screen.shout("Hello?")
        await screen.until(lambda: screen.lines == [HELLO[0], HELLO[2]])
        await screen.press("ctrl+d")
        await screen.until(lambda: "closed" in screen.status)


# The end.


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


async def test_ctrl_d_in_a_line_deletes() -> None:
    async with running() as screen:
        await screen.connected()
        await screen.type("abc")
        await screen.press("home", "ctrl+d")
        assert screen.prompt.value == "bc"
        assert screen.status.endswith(" connected")


async def test_ctrl_q_quits() -> None:
    async with running() as screen:
        await screen.connected()
        await screen.press("ctrl+q")
        await screen.until(lambda: screen.app.return_code is not None)
        assert screen.app.return_code == 0


async def test_ctrl_c_quits_the_second_time() -> None:
    async with running() as screen:
        await screen.connected()
        await screen.press("ctrl+c")
        assert screen.status == "Ctrl-C again quits"
        assert screen.app.return_code is None
        await screen.press("ctrl+c")
        await screen.until(lambda: screen.app.return_code is not None)
        assert screen.app.return_code == 0


async def test_ctrl_c_forgets_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reverb_tui.app.TWICE", 0.3)
    async with running() as screen:
        await screen.connected()
        for _ in range(2):
            screen.app.simulate_key("ctrl+c")
            await screen.until(lambda: screen.status == "Ctrl-C again quits")
            await screen.until(lambda: screen.status.endswith(" connected"))
        assert screen.app.return_code is None


async def test_ctrl_c_drops_the_line_first_and_up_brings_it_back() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.type("half a shout")
        await screen.press("ctrl+c")
        assert screen.prompt.value == ""
        assert screen.status == "Ctrl-C again quits"
        await screen.press("up")
        assert screen.prompt.value == "half a shout"
        await screen.press("ctrl+c")
        assert (screen.prompt.value, screen.app.return_code) == ("", None)
        await screen.press("ctrl+c")
        await screen.until(lambda: screen.app.return_code == 0)
        assert (Kind.SHOUT, "half a shout") not in screen.lines


async def test_ctrl_c_copies_what_is_selected() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.type("abc def")
        await screen.press("shift+home")
        await screen.press("ctrl+c")
        assert screen.app.clipboard == "abc def"
        assert screen.status == "copied"
        await screen.press("ctrl+c")
        assert screen.status == "Ctrl-C again quits"


def test_the_note_of_ctrl_c_stands_for_its_whole_time_also_after_another() -> None:
    async def scene() -> tuple[str, str]:
        async with staged((80, 24)) as stage:
            stage.prompt.value = "abc"
            stage.prompt.select_all()
            await stage.app.action_interrupt()
            await asyncio.sleep(0.75 * TWICE)
            await stage.app.action_interrupt()
            await asyncio.sleep(0.75 * TWICE)
            standing = str(stage.app.query_one("#status", Static).content)
            await asyncio.sleep(0.5 * TWICE)
            return standing, str(stage.app.query_one("#status", Static).content)

    standing, after = in_virtual_time(scene)
    assert standing == "Ctrl-C again quits"
    assert after.endswith(" connected")


async def test_ctrl_c_copies_what_is_selected_in_the_log() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: "    HELLO?" in screen.rows)
        row = screen.rows.index("    HELLO?")
        await screen.pilot.mouse_down("EchoLog", offset=(0, row - 1))
        await screen.pilot.hover("EchoLog", offset=(10, row))
        await screen.pilot.mouse_up("EchoLog", offset=(10, row))
        await screen.press("ctrl+c")
        assert screen.app.clipboard == "Hello?\n    HELLO?"
        await screen.press("ctrl+v")
        assert screen.prompt.value == "Hello?␊    HELLO?"


# No connection.


def nobody() -> Target:
    """An address where nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return Target(*sock.getsockname())


async def test_no_connection_is_said_and_a_key_connects_again() -> None:
    target = nobody()
    async with running(target) as screen:
        await screen.until(lambda: screen.problems)
        assert screen.problems == [
            f"cannot connect to {target}: nothing listens there; start a server, or check the "
            "host and the port"
        ]
        assert re.fullmatch(rf"✗ {target} no connection, again in [01] s", screen.status)
        await screen.until(lambda: f"✗ {target} no connection, again in" in screen.text)
        assert any(row.startswith("delay  no connection ") for row in screen.rows)
        assert screen.keys == ["Connect", "Stop trying", "Help", "Quit"]
        await screen.shout("still here")
        assert screen.prompt.value == "still here"
        assert screen.problems[1].startswith("not sent: there is no connection, ")
        async with serving(like_go, target.port):
            await screen.press("ctrl+r")
            await screen.connected()
            await screen.press("enter")
            await screen.until(lambda: (Kind.QUIET, "still here") in screen.lines)


async def test_it_connects_again_by_itself() -> None:
    target = nobody()
    async with running(target) as screen:
        await screen.until(lambda: "again in" in screen.status)
        async with serving(like_go, target.port):
            await screen.connected()
            await screen.shout("still here")
            await screen.until(lambda: (Kind.QUIET, "still here") in screen.lines)


async def test_a_broken_connection_is_said_and_a_key_connects_again() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with serving(reset) as target, running(target) as screen:
        await screen.until(lambda: screen.problems)
        assert screen.problems[0].startswith("the connection broke: ")
        assert "again in" in screen.status
        await screen.until(
            lambda: any(row.startswith("delay  no connection ") for row in screen.rows)
        )
        await screen.press("ctrl+r")
        await screen.until(lambda: len(screen.problems) == 2)


async def test_a_server_that_hangs_up_is_said() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()

    async with serving(hang_up) as target, running(target) as screen:
        await screen.until(lambda: screen.problems)
        assert screen.problems == ["the server closed the connection"]
        await screen.press("escape")
        await screen.until(lambda: screen.status == f"✗ {target} broken")
        assert screen.keys == ["Connect", "Help", "Quit"]


@pytest.mark.parametrize(("keys", "name"), [({}, "^R"), ({"reconnect": "f7"}, "F7")])
async def test_who_types_on_after_the_end_is_told_the_way_back(
    keys: dict[str, str], name: str
) -> None:
    async with running(FAST, config=Config(keys=keys)) as screen:
        await screen.connected()
        await screen.press("ctrl+d")
        await screen.until(lambda: screen.status.endswith(" closed"))
        await screen.shout("one more")
        assert screen.problems == [f"not sent: there is no connection: {name} makes one"]
        await screen.press(keys.get("reconnect", "ctrl+r"))
        await screen.connected()
        await screen.press("enter")
        await screen.until(lambda: (Kind.QUIET, "one more") in screen.lines)


@pytest.mark.parametrize("width", [40, 60, 100])
async def test_a_long_name_is_cut_and_the_state_is_not(width: int) -> None:
    target = UnixTarget(Path("/nowhere/some/very/long/path/on/this/machine/that/is/no/socket.sock"))
    async with running(target, size=(width, 24)) as screen:
        await screen.until(lambda: re.search(r"no connection, again in [01] s", screen.text))
        row = next(row for row in screen.rows if "again in" in row)
        assert re.search(r"✗ /\S*…\S* no connection, again in [01] s$", row)
        assert any(row.startswith("delay  no connection") for row in screen.rows)
        await screen.press("escape")
        await screen.until(lambda: any(row.endswith(" not connected") for row in screen.rows))


@pytest.mark.parametrize("handler", [like_go, like_cat])
async def test_why_the_delay_cannot_be_moved_fits_a_narrow_terminal(handler: Handler) -> None:
    async with serving(handler) as target, running(target, size=(40, 12)) as screen:
        await screen.connected()
        reason = "none, a plain echo" if handler is like_cat else "no control lines here"
        await screen.until(lambda: f"delay  {reason}" in screen.rows)


async def test_the_thumb_follows_again_at_a_server_with_a_shorter_maximum() -> None:
    silent = Silent(delay=20)
    async with serving(silent) as target, running(target) as screen:
        silent.answers.release()
        await screen.until(lambda: screen.slider.value == 20)
        client = screen.app._session.client
        assert client is not None
        screen.app.show_facts(replace(client.facts, delay=2.0, delay_max=5.0))
        assert screen.slider.value == 2


# Hostile text: shown, not obeyed, and it ends nothing.

HOSTILE = "[/red] [/] [b]\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\u202eevil\x85"
HARMLESS = "[/red] [/] [b]␛]52;c;aGk=␇␛[2J<U+009B>31m<U+202E>evil<U+0085>"


def controls(text: str) -> list[str]:
    return [character for character in text if not character.isprintable() and character != "\n"]


async def test_hostile_echoes_are_shown_not_obeyed() -> None:
    sent = b"\t " + HOSTILE.encode() + b"\n\xff\xfe" + HOSTILE.encode() + b"\n[/"
    async with serving(saying(sent)) as target, running(target) as screen:
        await screen.until(lambda: HARMLESS in screen.text and "[/" in screen.rows)
        assert [text for _, text in screen.lines] == [HARMLESS, "\\xff\\xfe" + HARMLESS]
        assert not controls(screen.text)


async def test_hostile_errors_are_shown_not_obeyed() -> None:
    error = json.dumps({"reverb": 1, "code": "[/]", "error": HOSTILE})
    async with (
        serving(saying(b"\x10" + error.encode() + b"\n")) as target,
        running(target) as screen,
    ):
        await screen.until(lambda: screen.problems)
        assert screen.problems == [f"the server says: {HARMLESS}"]
        assert not controls(screen.text)


async def test_hostile_pastes_are_shown_and_echoed_as_they_are() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        screen.prompt.paste(HOSTILE)
        await screen.pilot.pause()
        assert HARMLESS in screen.text
        assert not controls(screen.text)
        await screen.press("enter")
        await screen.until(lambda: len(screen.lines) == 2)
        assert screen.lines[0] == (Kind.SHOUT, HARMLESS)
        assert screen.lines[1][0] is Kind.LOUD
        assert not controls(screen.text)


async def test_a_hostile_host_is_shown_not_obeyed() -> None:
    async with running(Target("[/red]\x1b[2J\u202e", 1)) as screen:
        await screen.until(lambda: screen.problems)
        assert "[/red]␛[2J<U+202E>" in screen.status
        assert not controls(screen.text)


# The log.


async def test_scrolling_up_stops_following_and_a_key_goes_back_to_the_end() -> None:
    async with running() as screen:
        await screen.connected()
        for number in range(12):
            await screen.shout(f"shout {number}")
        await screen.until(lambda: len(screen.lines) == 48 and "    shout 11" in screen.rows)
        await screen.until(lambda: not screen.log._incoming)
        await screen.press("pageup")
        await screen.until(lambda: "Newest" in screen.keys)
        top = screen.rows[0]
        await screen.shout("while away")
        await screen.until(lambda: "4 new lines" in screen.text)
        assert screen.rows[0] == top
        assert not [row for row in screen.rows if row.lower() in ("while away", "    while away")]
        await screen.press("ctrl+end")
        await screen.until(lambda: "    while away" in screen.rows)
        await screen.until(lambda: "Newest" not in screen.keys)


async def test_everything_fits_in_a_small_terminal_and_after_a_resize() -> None:
    long = "Is there anybody out there who can hear this?"
    async with running(size=(40, 12)) as screen:
        await screen.connected()
        await screen.shout(long)
        await screen.until(lambda: len(screen.lines) == 4)
        await screen.until(lambda: "s?" in screen.text)
        assert "0.02 s" in screen.text
        assert screen.status in screen.text
        footer = "Alt+←→ Delay ^T Mode F1 Help ^Q Quit"
        await screen.until(lambda: screen.rows[-1] == footer)
        await screen.pilot.resize_terminal(100, 24)
        await screen.until(lambda: f"    {long.lower()}" in screen.rows)
        assert "delay 0 ├" in screen.text
        await screen.pilot.resize_terminal(40, 12)
        await screen.until(lambda: f"    {long.lower()[:35].rstrip()}" in screen.rows)


@pytest.mark.parametrize("size", [(40, 12), (40, 8), (80, 10)])
async def test_in_a_low_terminal_the_timeline_gives_way_and_the_prompt_is_seen(
    size: tuple[int, int],
) -> None:
    async with running(SLOW, size=size, config=Config(timeline=True)) as screen:
        await screen.connected()
        await screen.type("abc")
        await screen.until(lambda: "> abc" in screen.rows)
        await screen.press("f2")
        await screen.until(lambda: "the timeline needs 16 rows, here are" in screen.text)
        figures = str(screen.app.query_one("#figures", Static).content)
        for seen in ("> abc", "30.00 s", figures, screen.status):
            assert seen in screen.text
        assert "─ echoes" not in screen.text
        await screen.pilot.resize_terminal(80, 24)
        await screen.until(lambda: "─ echoes" in screen.text)
        await screen.pilot.resize_terminal(*size)
        await screen.until(lambda: "> abc" in screen.rows and "─ echoes" not in screen.text)


async def test_the_prompt_is_seen_where_there_is_hardly_room_for_its_hint() -> None:
    async with running(SLOW, size=(40, 24)) as screen:
        await screen.connected()
        await screen.press("ctrl+f", "escape")
        await screen.type("/")
        await screen.press("f2")
        for height in (16, 8, 5):
            await screen.pilot.resize_terminal(40, height)
            await screen.until(lambda: "> /" in "\n".join(screen.rows))
            await screen.until(lambda: "/quit" in screen.text)


async def test_a_tiny_terminal_ends_nothing() -> None:
    async with running(size=(1, 1)) as screen:
        await screen.shout("Hello?")
        await screen.until(lambda: "connected" in screen.status)
        await screen.pilot.resize_terminal(80, 24)
        await screen.until(lambda: "connected" in screen.text)


# The footer.


async def footer(screen: Screen, row: str) -> None:
    """Wait until this is the row of keys."""
    await screen.until(lambda: screen.rows[-1] == row)


async def test_quit_is_whole_in_the_footer_however_many_keys_do_something() -> None:
    async with running(nobody(), size=(40, 12)) as screen:
        await footer(screen, "^R Connect Esc Stop trying ^Q Quit")
        await screen.pilot.resize_terminal(80, 24)
        await footer(screen, "^R Connect  Esc Stop trying  F1 Help  ^Q Quit")


async def test_a_key_of_the_users_own_stands_in_its_place_in_the_footer() -> None:
    config = Config(keys={"mode": "f6", "quit": "ctrl+x"})
    async with running(SLOW, config=config) as screen:
        await screen.connected()
        await footer(screen, "^D End input  Alt+←→ Delay  F6 Mode  F1 Help  ^X Quit")


async def test_the_mouse_switches_the_mode_and_shows_the_details_and_hides_them_again() -> None:
    async with running(SLOW, size=(80, 24)) as screen:
        await screen.connected()
        await screen.until(lambda: any(row.startswith("concurrent  ●") for row in screen.rows))
        row = next(y for y, row in enumerate(screen.rows) if row.startswith("concurrent  ●"))
        await screen.pilot.click(offset=(3, row))
        await screen.until(lambda: screen.status.startswith("sequential  ●"))
        await screen.pilot.click(offset=(20, row))
        await screen.until(lambda: screen.shows(Details))
        await screen.until(lambda: "Esc closes" in screen.text)
        row = next(y for y, row in enumerate(screen.rows) if "Esc closes" in row)
        await screen.pilot.click(offset=(screen.rows[row].index("Esc"), row))
        await screen.until(lambda: not screen.shows(Details))


async def test_tab_goes_round_and_the_footer_tells_where_the_focus_is() -> None:
    rest = "Alt+←→ Delay  ^T Mode  F1 Help  ^Q Quit"
    async with running(SLOW) as screen:
        await screen.connected()
        for own in ("↑↓ Select line  Enter Copy line", "↑↓ Select shout"):
            await screen.press("tab")
            await footer(screen, f"{own}  {rest}")
        await screen.press("tab")
        await footer(screen, rest)
        strips = screen.app.screen._compositor.render_strips()
        reverse = [
            segment.text
            for strip in strips
            for segment in strip
            if segment.style and segment.style.reverse
        ]
        assert reverse == ["●"]
        await screen.press("tab")
        await screen.until(lambda: screen.prompt.has_focus)


async def test_the_keys_in_the_footer_can_be_clicked() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await footer(screen, "^D End input  Alt+←→ Delay  ^T Mode  F1 Help  ^Q Quit")
        await screen.pilot.click(offset=(screen.rows[-1].index("Mode"), 23))
        await screen.until(lambda: screen.status.startswith("sequential  ●"))
        await screen.pilot.click(offset=(screen.rows[-1].index("←"), 23))
        await screen.until(lambda: screen.slider.value == 25)


async def test_the_footer_offers_what_can_be_done_and_quitting_last() -> None:
    async with running() as screen:
        await screen.connected()
        assert screen.keys == ["End input", "Shorter", "Longer", "Mode", "Help", "Quit"]
        await screen.press("ctrl+d")
        await screen.until(lambda: screen.status.endswith(" closed"))
        assert screen.keys == ["Connect", "Help", "Quit"]
