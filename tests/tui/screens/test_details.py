"""The details: what is known of the connection."""

import re
from pathlib import Path

import pytest

from reverb_server import Settings
from reverb_server import running as running_server
from reverb_tui.connection.targets import Target, TLSOptions
from reverb_tui.files.log_file import LogFile
from reverb_tui.screens.details import Details
from tests.client.certificates import issue
from tests.client.servers import echo_like_go, echo_like_the_book, reverb, serving
from tests.tui.demo import demo, text
from tests.tui.screen import FAST, running, until


async def test_the_details_say_where_the_log_is_written_and_what_figures_are_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(FAST, size=(100, 40)) as screen:
        screen.app.main.files.log = LogFile(Path("l.jsonl"), screen.app.main.complain)
        await screen.connected()
        await screen.shout("Hello?")
        await screen.until(lambda: len(screen.lines) == 4)
        await screen.press("f4")
        await screen.until(lambda: " Figures " in screen.text)
        await screen.until(lambda: "l.jsonl, as JSON lines" in screen.text)
        screen.app.main.files.log.close()
        await screen.until(lambda: "l.jsonl, not written any more" in screen.text)
        screen.app.main.files.log = None
        await screen.press("f4")
        await screen.shout("/connect")
        await screen.until(lambda: str(screen.log.entries()).count("connected: ") == 2)
        await screen.press("f4")  # the figures have begun anew
        await screen.until(lambda: "Figures of this connection" in screen.text)
        figures = rows(screen.text)
        assert figures["shouts"] == figures["echoes"] == "0"


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


async def test_what_a_server_does_not_tell_is_shown_as_measured() -> None:
    async with (
        serving(echo_like_the_book("sequential", 0.1)) as target,
        running(target, size=(100, 40)) as screen,
    ):
        await screen.connected()
        assert "≈" not in screen.status
        await screen.shout("Hello?")
        await screen.until(lambda: len(screen.lines) == 4)
        await screen.until(lambda: re.match(r"≈ \d\.\d\d s ●", screen.status) is not None)
        await screen.press("f4")
        await screen.until(lambda: re.search(r"delay +≈ \d\.\d\d s, measured", screen.text))
        assert re.search(r"mode +unknown", screen.text)
        await screen.press("f4")
        screen.app.main.session.shout(["Is there anybody there?", "Yooo-hooo!"])
        await screen.until(lambda: "s, one at a time ●" in screen.status)
        await screen.press("f4")
        await screen.until(lambda: re.search(r"mode +sequential, measured", screen.text))


async def test_the_details_follow_the_figures_and_show_only_what_is_safe() -> None:
    async with demo() as (app, pilot):
        await pilot.press("f3")
        await until(lambda: isinstance(app.screen, Details) and "9 ms" in text(app))
        app.figure = 42
        assert isinstance(app.screen, Details)
        app.screen.draw()
        await until(lambda: "42" in text(app))
        seen = text(app)
        assert "[/red] ␛]0;x␇⟨U+202E⟩" in seen
        assert "0 ms … 9 ms" in seen
        await pilot.resize_terminal(40, 12)
        await until(lambda: len(text(app).splitlines()) == 12 and "42" in text(app))


def rows(text: str) -> dict[str, str]:
    return dict(re.findall(r"│ +([a-z ]+?) {2,}(.*?) *│", text))


async def test_the_details_tell_the_limits_of_a_server_that_can_be_asked() -> None:
    limits = {"max_line": 100, "max_connections": 1234, "idle_timeout": 900}
    async with (
        reverb(**limits) as target,
        serving(echo_like_go) as other,
        running(target, size=(100, 40)) as screen,
    ):
        await screen.connected()
        await screen.press("f4")
        await screen.until(lambda: "longest line" in screen.text)
        told = rows(screen.text)
        assert told["longest delay"] == "60 s"
        assert told["longest line"] == "100 bytes"
        assert told["held for a client"] == "1,048,576 bytes"
        assert told["clients at a time"] == "1,234"
        assert told["idle timeout"] == "900 s"
        assert told["write timeout"] == "30 s"
        await screen.press("f4")
        await screen.shout(f"/connect {other}")
        await screen.until(lambda: screen.status == f"● {other}")
        await screen.press("f4")
        await screen.until(lambda: rows(screen.text).get("kind") == "no control lines")
        assert "imits of the server" not in screen.text
