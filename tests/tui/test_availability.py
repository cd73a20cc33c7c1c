"""What can't be done now says why, and what to do."""

import pytest

from reverb_tui.entry import Kind
from reverb_tui.files.config import Config
from reverb_tui.session.availability import shorter
from tests.client.servers import Handler, Silent, echo_like_go, echo_plainly, serving
from tests.client.watcher import nobody
from tests.tui.screen import FAST, HELLO, SLOW, running


async def test_the_slider_asks_and_it_is_said_what_a_servers_silence_may_mean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = Silent()
    async with serving(silent) as target, running(target, size=(80, 24)) as screen:
        await screen.until(lambda: "asking the server" in screen.text)
        assert screen.slider.disabled
        silent.answers.release()
        await screen.until(lambda: not screen.slider.disabled)
        monkeypatch.setattr("reverb_tui.screens.connection_view.SILENT_AFTER", 0.05)
        await screen.shout("/connect")
        sentence = "delay  the server has not answered yet; it may know no control lines"
        await screen.until(lambda: sentence in screen.rows)
        silent.answers.release()
        await screen.until(lambda: not screen.slider.disabled)  # nothing came of it


@pytest.mark.parametrize(
    ("handler", "reason", "briefly", "heard"),
    [
        (
            echo_like_go,
            "this server's delay and mode can't be changed",
            "no control lines here",
            HELLO,
        ),
        (
            echo_plainly,
            "plain echo server: no delay",
            "plain echo server: no delay",
            [HELLO[0], HELLO[2]],
        ),
    ],
)
async def test_against_a_server_that_is_no_reverb_all_but_the_slider_works_and_it_says_why(
    handler: Handler, reason: str, briefly: str, heard: list[tuple[Kind, str]]
) -> None:
    async with serving(handler) as target, running(target) as screen:
        await screen.connected()
        assert screen.slider.disabled
        await screen.until(lambda: screen.slider.reason.startswith(reason))
        forms = [f"delay  {form}" for form in (screen.slider.reason, *screen.slider.shorter)]
        await screen.until(lambda: any(form in screen.text for form in forms))
        await screen.press("alt+right", "ctrl+t")
        await screen.shout("Hello?")
        await screen.until(lambda: screen.lines == heard)
        await screen.pilot.resize_terminal(40, 12)
        await screen.until(lambda: f"delay  {briefly}" in screen.rows)
        await screen.press("ctrl+d")
        await screen.until(lambda: "closed" in screen.status)
        assert screen.lines == heard


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("columns", [120, 100, 90, 80, 60, 40, 36])
async def test_the_slider_says_why_there_is_no_connection_at_every_width(columns: int) -> None:
    async with running(nobody(), size=(columns, 24)) as screen:
        await screen.until(lambda: "delay  nothing is listening there" in screen.text)
        if columns == 80:
            advice = "nothing is listening there: start a server, or check the host and port"
            assert f"delay  {advice}" in screen.rows


@pytest.mark.parametrize(
    ("sentence", "forms"),
    [
        (
            "cannot connect to [::1]:80: no answer within 5 seconds; check the host",
            ("no answer within 5 seconds; check the host", "no answer within 5 seconds"),
        ),
        (
            "the connection broke with 3 of 6 echoes missing: the server reset it",
            ("the server reset it", "the server reset it"),
        ),
        (
            "the server closed the connection; if it speaks TLS, use --tls or tls://",
            (
                "the server closed the connection; if it speaks TLS, use --tls or tls://",
                "the server closed the connection",
            ),
        ),
        ("stopped trying", ("stopped trying", "stopped trying")),
    ],
)
def test_a_shorter_form_of_a_sentence_still_says_why(sentence: str, forms: tuple[str, str]) -> None:
    assert shorter(sentence) == forms


@pytest.mark.parametrize(("keys", "name"), [({}, "^R"), ({"reconnect": "f7"}, "F7")])
async def test_who_types_on_after_the_end_is_told_the_way_back(
    keys: dict[str, str], name: str
) -> None:
    async with running(FAST, config=Config(keys=keys)) as screen:
        await screen.connected()
        await screen.press("ctrl+d")
        await screen.until(lambda: screen.status.endswith(" closed"))
        await screen.shout("one more")
        assert screen.problems == [f"not sent: not connected: {name} connects"]
        await screen.press(keys.get("reconnect", "ctrl+r"))
        await screen.connected()
        await screen.press("enter")
        await screen.until(lambda: (Kind.QUIET, "one more") in screen.lines)


async def test_a_command_that_needs_a_connection_stays_and_says_why_and_what_to_do() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.shout("/disconnect")
        await screen.until(lambda: screen.status == "○ built-in server · closed")
        for command, reason in [
            ("/delay 1", "not connected: ^R connects"),
            ("/delay 0.5", "not connected: ^R connects"),
            ("/mode sequential", "not connected: ^R connects"),
            ("/end", "not connected: ^R connects"),
            ("/disconnect", "not connected"),
        ]:
            await screen.shout(command)
            assert screen.prompt.value == command
            assert screen.prompt.hint == f"{command.split()[0]}: {reason}"
