"""What answers a question for a password is seen by nobody, and kept nowhere."""

from asyncio import Event
from pathlib import Path

from anyio.abc import SocketStream

from reverb_tui.files.history import History
from reverb_tui.files.log_file import LogFile
from reverb_tui.options import Options
from tests.client.servers import read_line, serving
from tests.tui.screen import SLOW, running

RAW = Options(host="localhost", raw=True)


async def test_a_password_is_sent_and_never_seen(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def ask(stream: SocketStream) -> None:
        await stream.send(b"welcome\nPassword: ")
        heard.append(await read_line(stream))
        await stream.send(b"\nname: ")
        heard.append(await read_line(stream))
        await stream.send(b"bye\n")
        await read_line(stream)

    history = History(tmp_path / "history")
    async with (
        serving(ask) as target,
        running(target, RAW, history=history) as screen,
    ):
        screen.app.main.files.log = LogFile(tmp_path / "log", screen.app.main.complain)
        await screen.until(lambda: screen.prompt.password)
        await screen.type("/hunter2")
        assert "hunter2" not in screen.text
        assert "••••••••" in screen.text
        assert screen.prompt.hint == ""
        await screen.press("enter")
        await screen.until(lambda: "name:" in screen.text)
        assert not screen.prompt.password
        await screen.shout("bob")
        await screen.until(lambda: "bye" in screen.text)
        await screen.press("up", "up", "up")
        assert screen.prompt.value == "bob"
        assert "hunter2" not in screen.text
        assert screen.app.main.files.log.close()
    assert heard == [b"/hunter2\n", b"bob\n"]
    assert history.finish(20)
    assert "hunter2" not in (tmp_path / "history").read_text()
    assert "hunter2" not in (tmp_path / "log").read_text()
    assert "••••••••" in (tmp_path / "log").read_text()


async def test_what_is_half_typed_stays_hidden_whatever_comes() -> None:
    goes_on = Event()

    async def ask(stream: SocketStream) -> None:
        await stream.send(b"PIN: ")
        await goes_on.wait()
        await stream.send(b"\ntoo late\n")
        await read_line(stream)

    async with (
        serving(ask) as target,
        running(target, RAW) as screen,
    ):
        await screen.until(lambda: screen.prompt.password)
        await screen.type("12")
        screen.app.main.action_save("/nowhere/log")  # which puts the question into the log
        await screen.until(lambda: screen.problems)
        assert screen.prompt.password
        goes_on.set()
        await screen.until(lambda: "too late" in screen.text)
        await screen.type("34")
        assert "1234" not in screen.text
        assert "••••" in screen.text
        await screen.press("ctrl+c")
        await screen.until(lambda: not screen.prompt.password)
        await screen.press("up")
        assert screen.prompt.value == ""


async def test_a_line_that_begins_with_a_space_is_sent_and_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "history"
    history = History(file)
    async with running(SLOW, history=history) as screen:
        await screen.connected()
        await screen.shout(" secret")
        await screen.shout("told")
        await screen.until(lambda: "SECRET" in screen.text)
        assert [history[age] for age in range(len(history), 0, -1)] == ["told"]
    assert history.finish(20)
    assert "secret" not in file.read_text()
