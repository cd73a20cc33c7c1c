"""Text that has not ended: it is in the log before whatever the user does next, once, and whole."""

import time

import anyio
import pytest
from anyio.abc import SocketStream

from reverb_server.core.voice import INDENT
from reverb_tui.display import exact
from reverb_tui.entry import PREFIXES, Kind
from reverb_tui.options import Options
from reverb_tui.session.question import UNFINISHED
from reverb_tui.session.session import Session
from tests.client.servers import Serving
from tests.client.watcher import Watcher
from tests.virtual import anyio_backend as anyio_backend


class Reader(Watcher):
    """An observer that knows which text has not ended."""

    unfinished = b""

    def show_unfinished(self, line: bytes) -> None:
        self.unfinished = line

    @property
    def lines(self) -> list[str]:
        """What was said, as the log shows it."""
        return [PREFIXES[kind] + text for kind, text, _, _ in self.entries if kind != Kind.NOTICE]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b"Welcome.\nlogin: ", ["< Welcome.", "< login: ⟨…⟩"]),
        (b"Welcome.\n", ["< Welcome."]),
        (b"x" * 10_000, ["< " + "x" * 8192 + "⟨…⟩", "< " + "x" * 1808 + "⟨…⟩"]),
    ],
    ids=["question", "line", "long"],
)
@pytest.mark.parametrize("closes", [True, False])
async def test_a_text_that_will_not_end_is_put_into_the_log(
    said: bytes, kept: list[str], closes: bool, serving: Serving
) -> None:
    async def ask(stream: SocketStream) -> None:
        await stream.send(said)
        await anyio.sleep(2)
        if not closes:
            await anyio.sleep_forever()

    watcher = Reader()
    async with serving(ask) as target, anyio.create_task_group() as group:
        session = watcher.session = Session(target, Options(raw=True), watcher)
        group.start_soon(session.run)
        await anyio.sleep(1)
        assert said.endswith(b"\n") or watcher.unfinished
        await anyio.sleep(1.5)
        group.cancel_scope.cancel()
    assert [line for line in watcher.lines if line.startswith("<")] == kept
    assert watcher.unfinished == b""
    instants = [instant for kind, _, instant, _ in watcher.entries if kind == Kind.PLAIN]
    assert instants[-1] - instants[0] < 0.5  # when it came, and not when the connection ended


async def login(stream: SocketStream) -> None:
    """Ask for a name and a word, as a terminal is asked: on one line."""
    await stream.send(b"login: ")
    await stream.receive()
    await anyio.sleep(1)
    await stream.send(b"Password: ")
    await stream.receive()
    await stream.send(b"\r\nWelcome.\r\n$ ")
    await anyio.sleep_forever()


async def test_each_question_is_in_the_log_before_its_answer(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", anyio.current_time)  # virtual as well
    watcher = Reader()
    async with serving(login) as target, anyio.create_task_group() as group:
        session = watcher.session = Session(target, Options(raw=True), watcher)
        group.start_soon(session.run)
        await anyio.sleep(1)
        assert session.unfinished == watcher.unfinished == b"login: "
        session.shout(["bob"])
        assert session.unfinished == watcher.unfinished == b""
        await anyio.sleep(2)
        session.shout(["secret"])
        await anyio.sleep(1)
        assert session.unfinished == b"$ "
        session.settle()
        session.settle()
        group.cancel_scope.cancel()
    assert watcher.lines == [
        "< login: ⟨…⟩",
        "> bob",
        "< Password: ⟨…⟩",
        "> secret",
        "< ",
        "< Welcome.",
        "< $ ⟨…⟩",
    ]
    came = b"".join(exact(text) for kind, text, _, _ in watcher.entries if kind == Kind.PLAIN)
    assert came == b"login: Password: Welcome.$ "
    instants = [instant for kind, _, instant, _ in watcher.entries if kind != Kind.NOTICE]
    begin = instants[0]
    assert [round(instant - begin) for instant in instants] == [0, 1, 2, 3, 3, 3, 3]
    assert instants == sorted(instants)


async def test_dots_that_come_one_after_the_other_are_shown_while_they_come(
    serving: Serving,
) -> None:
    async def dots(stream: SocketStream) -> None:
        for _ in range(300):
            await stream.send(b".")
            await anyio.sleep(0.01)

    watcher = Reader()
    async with serving(dots) as target, anyio.create_task_group() as group:
        session = watcher.session = Session(target, Options(raw=True), watcher)
        group.start_soon(session.run)
        await anyio.sleep(2)
        assert len(watcher.unfinished) > 150
        group.cancel_scope.cancel()


async def test_what_ends_after_all_is_a_line_and_not_shown_as_unfinished_any_more(
    serving: Serving,
) -> None:
    async def work(stream: SocketStream) -> None:
        await stream.send(b"working ...")
        await anyio.sleep(1)
        await stream.send(b" done\n")
        await anyio.sleep_forever()

    watcher = Reader()
    async with serving(work) as target, anyio.create_task_group() as group:
        session = watcher.session = Session(target, Options(raw=True), watcher)
        group.start_soon(session.run)
        await anyio.sleep(0.5)
        assert watcher.unfinished == b"working ..."
        await anyio.sleep(1)
        assert watcher.unfinished == b""
        group.cancel_scope.cancel()
    assert watcher.lines[:1] == ["< working ... done"]


async def test_a_saved_question_is_in_the_log_and_not_below_it_as_well(serving: Serving) -> None:
    watcher = Reader()
    async with serving(login) as target, anyio.create_task_group() as group:
        session = watcher.session = Session(target, Options(raw=True), watcher)
        group.start_soon(session.run)
        await anyio.sleep(0.5)
        assert watcher.unfinished == b"login: "
        session.settle()
        assert watcher.unfinished == b""
        assert session.question == b"login: "
        group.cancel_scope.cancel()
    assert watcher.lines[:1] == ["< login: ⟨…⟩"]


async def test_a_sentence_of_the_client_comes_after_what_has_come(serving: Serving) -> None:
    watcher = Reader()
    async with serving(login) as target, anyio.create_task_group() as group:
        session = watcher.session = Session(target, Options(raw=True), watcher)
        group.start_soon(session.run)
        await anyio.sleep(1)
        session.complain("no")
        group.cancel_scope.cancel()
    assert watcher.lines[:2] == ["< login: ⟨…⟩", "! no"]


async def test_an_echo_in_two_reads_is_not_taken_apart_by_a_shout(serving: Serving) -> None:
    async def echo(stream: SocketStream) -> None:
        await stream.receive()
        await stream.send(INDENT + b"HEL")
        await anyio.sleep(UNFINISHED / 2)
        await stream.send(b"LO\n")
        await anyio.sleep_forever()

    watcher = Reader()
    async with serving(echo) as target, anyio.create_task_group() as group:
        session = watcher.session = Session(target, Options(control="off"), watcher)
        group.start_soon(session.run)
        await anyio.sleep(1)
        session.shout(["hello"])
        await anyio.sleep(UNFINISHED / 4)
        assert session.unfinished == b""
        session.shout(["again"])
        await anyio.sleep(1)
        group.cancel_scope.cancel()
    assert watcher.lines == ["hello", "again", "    HELLO"]


async def test_what_has_come_is_in_the_log_before_a_shout_also_in_a_flood(
    serving: Serving,
) -> None:
    lines = b"".join(b"line %d\n" % number for number in range(5000))

    async def flood(stream: SocketStream) -> None:
        await stream.send(lines)
        await anyio.sleep_forever()

    watcher = Reader()
    async with serving(flood) as target, anyio.create_task_group() as group:
        session = watcher.session = Session(target, Options(raw=True), watcher)
        group.start_soon(session.run)
        while len(watcher.lines) < 100:  # noqa: ASYNC110
            await anyio.sleep(0.0001)
        assert len(watcher.lines) < 5000
        session.shout(["Hello?"])
        await anyio.sleep(1)
        group.cancel_scope.cancel()
    instants = [instant for kind, _, instant, _ in watcher.entries if kind != Kind.NOTICE]
    assert instants == sorted(instants)
    assert [line for line in watcher.lines if line != "> Hello?"] == [
        f"< {line}" for line in lines.decode().splitlines()
    ]
