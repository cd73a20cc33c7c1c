"""Delay and mode: what the user wants, what the server has confirmed, and how both are seen."""

import json
from dataclasses import replace

import pytest
from anyio.abc import SocketStream
from textual.events import MouseScrollDown
from textual.pilot import Pilot

from reverb_server import Settings
from reverb_tui.connection.targets import Embedded
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from tests.client.servers import Silent, read_line, reverb, serving
from tests.tui.screen import HELLO, running


async def test_keys_and_the_mouse_move_the_slider_and_the_echoes_that_are_pending() -> None:
    async with reverb(delay=1) as target, running(target) as screen:
        await screen.connected()
        for focus in ("prompt", "slider", "log"):
            getattr(screen, focus).focus()
            await screen.press("alt+right")
            assert screen.slider.value == 1.2, focus
            await screen.press("alt+left", "alt+left")
            assert screen.slider.value == 0.8, focus
            await screen.until(lambda: screen.slider.confirmed == 0.8)
            assert getattr(screen, focus).has_focus, focus
            await screen.press("alt+right")
            await screen.until(lambda: screen.slider.confirmed == 1)
        screen.slider.focus()
        await screen.press("right")
        await screen.until(lambda: screen.slider.confirmed == 1.2)
        await screen.press("home")
        await screen.until(lambda: screen.slider.confirmed == 0)
        await screen.press("right")
        await screen.until(lambda: screen.slider.confirmed != 0)
        screen.prompt.focus()
        track = len("delay ├")
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
        await screen.shout("Hello?")
        await screen.until(lambda: (Kind.LOUD, "HELLO?") in screen.lines)
        screen.slider.focus()
        await screen.press("home")
        await screen.until(lambda: screen.lines == HELLO)


async def wheel(pilot: Pilot[None]) -> None:
    """Turn the wheel down by one notch, over the slider."""
    await pilot._post_mouse_events([MouseScrollDown], "DelaySlider", button=0)


async def test_a_move_is_marked_and_one_request_is_in_flight_and_the_last_value_arrives() -> None:
    silent = Silent()
    async with serving(silent) as target, running(target) as screen:
        silent.answers.release()
        await screen.connected()
        await screen.press("alt+right")
        await screen.until(lambda: "1.20 s (asking)" in screen.text)
        silent.answers.release()
        await screen.until(lambda: "1.20 s (asking)" not in screen.text)
        assert "1.20 s" in screen.text
        assert len(silent.requests) == 2
        values = []
        for _ in range(5):
            await screen.press("alt+right")
            values.append(screen.slider.value)
        await screen.until(lambda: len(silent.requests) == 3)
        assert silent.requests[2]["delay"] == values[0]
        silent.answers.release()
        await screen.until(lambda: len(silent.requests) == 4)
        assert silent.requests[3]["delay"] == values[-1]
        await screen.until(lambda: screen.slider.confirmed == values[0])
        assert screen.slider.value == values[-1]  # a late answer does not move the thumb
        silent.answers.release()
        await screen.until(lambda: screen.slider.confirmed == values[-1])
        assert len(silent.requests) == 4


async def test_a_mode_is_marked_and_the_thumb_follows_again_at_a_shorter_maximum() -> None:
    silent = Silent(delay=20)
    async with serving(silent) as target, running(target) as screen:
        silent.answers.release()
        await screen.connected()
        await screen.until(lambda: screen.slider.value == 20)
        await screen.press("ctrl+t")
        assert screen.status.startswith("sequential (asking) ●")
        await screen.press("ctrl+t")
        assert screen.status.startswith("concurrent (asking) ●")
        client = screen.app.main.session.client
        assert client is not None
        screen.app.main.show_info(replace(client.info, delay=2.0, delay_max=5.0))
        assert screen.slider.value == 2


@pytest.mark.parametrize("target", ["network", "embedded"])
async def test_delay_and_mode_can_be_asked_for_at_connect(target: str) -> None:
    async with reverb(delay=5) as address:
        where = address if target == "network" else Embedded(Settings(delay=5))
        async with running(where, Options(host="x", delay=0.25, mode="sequential")) as screen:
            await screen.until(lambda: screen.slider.confirmed == 0.25)
            assert screen.slider.value == 0.25
            assert screen.status.startswith("sequential ●")


async def test_what_the_server_refuses_is_said_and_the_slider_works() -> None:
    class Strict(Silent):
        async def __call__(self, stream: SocketStream) -> None:
            request = json.loads((await read_line(stream))[1:])
            await stream.send(
                b'\x10{"reverb":1,"reply":%d,"code":"no","error":"too \\ud800 \\u001b[2Jlong"}\n'
                % request["id"]
            )
            await super().__call__(stream)

    silent = Strict()
    async with serving(silent) as target, running(target, Options(host="x", delay=50)) as screen:
        silent.answers.release()
        await screen.until(lambda: not screen.slider.disabled)
        assert screen.problems == ["the server says: too ⟨U+D800⟩ ␛[2Jlong"]
        assert screen.slider.value == 1


async def test_a_key_switches_the_mode_and_a_drag_ends_with_the_connection() -> None:
    async with reverb(delay=0.03) as target, running(target) as screen:
        await screen.connected()
        assert screen.slider.value == 0.03
        await screen.until(lambda: "0.03 s" in screen.text)
        assert screen.status.startswith("concurrent ●")
        await screen.press("ctrl+t")
        await screen.until(lambda: screen.status.startswith("sequential ●"))
        await screen.shout("Hello?")
        await screen.until(lambda: screen.lines == HELLO)
        await screen.press("ctrl+t")
        await screen.until(lambda: screen.status.startswith("concurrent ●"))
        assert screen.lines == HELLO
        await screen.pilot.mouse_down("DelaySlider", offset=(12, 0))
        assert screen.app.mouse_captured is not None
        await screen.press("ctrl+d")
        await screen.until(lambda: screen.slider.disabled)
        assert screen.app.mouse_captured is None
