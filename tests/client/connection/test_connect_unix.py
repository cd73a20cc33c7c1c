"""The client over a Unix socket."""

import errno
import os
import socket
from pathlib import Path

import anyio
import pytest

import reverb_server
import reverb_tui.connection.connect
from reverb_server import Settings
from reverb_tui.connection.client import open_client
from reverb_tui.connection.connect import CannotConnect, connect_unix
from reverb_tui.connection.targets import UnixTarget
from reverb_tui.protocol.events import Ended, Ending, Heard


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "socket"


async def test_half_close_still_gets_every_echo(path: Path) -> None:
    async with (
        reverb_server.running(Settings(unix=path, delay=0.02)),
        open_client(UnixTarget(path)) as client,
    ):
        client.shout(b"Hello?")
        client.half_close()
        with anyio.fail_after(10):
            events = [event async for event in client.events()]
    lines = [line for event in events if isinstance(event, Heard) for line in event.lines]
    assert lines == [b"\t HELLO?", b"\t Hello?", b"\t hello?"]
    assert events[-1] == Ended(Ending.AS_ASKED)


async def test_a_missing_file_is_said_in_one_sentence(path: Path) -> None:
    with pytest.raises(CannotConnect, match=f"^cannot connect to {path}: there is no such file; "):
        await connect_unix(UnixTarget(path))


async def test_a_socket_where_nobody_listens_is_said_in_one_sentence(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(os.fspath(path))
    with pytest.raises(
        CannotConnect, match=f"^cannot connect to {path}: nothing is listening there: "
    ):
        await connect_unix(UnixTarget(path))


@pytest.mark.parametrize("where", ["/", "/dev/null"])
async def test_what_is_no_socket_is_said_in_one_sentence(where: str) -> None:
    with pytest.raises(CannotConnect, match=f"^cannot connect to {where}: that is no socket; "):
        await connect_unix(UnixTarget(Path(where)))


async def test_a_permission_that_is_missing_is_said_in_one_sentence(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket.socket, "connect_ex", lambda *_: errno.EACCES)  # root may do all
    with pytest.raises(CannotConnect, match=f"^cannot connect to {path}: permission denied; only"):
        await connect_unix(UnixTarget(path))


async def test_a_path_that_is_too_long_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotConnect, match=": AF_UNIX path too long; check --unix"):
        await connect_unix(UnixTarget(tmp_path / ("x" * 200)))


async def test_a_queue_that_is_full_is_waited_for(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(os.fspath(path))
        listener.listen(0)
        first.connect(os.fspath(path))
        async with anyio.create_task_group() as group:
            listener.setblocking(False)

            async def accept_both() -> None:
                for _ in range(2):
                    await anyio.wait_readable(listener)
                    listener.accept()[0].close()

            with anyio.fail_after(10):
                group.start_soon(accept_both)
                (await connect_unix(UnixTarget(path))).close()


async def test_a_queue_that_stays_full_is_not_waited_for_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reverb_tui.connection.connect, "TIMEOUT", 0.1)
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(os.fspath(path))
        listener.listen(0)
        first.connect(os.fspath(path))
        with pytest.raises(CannotConnect, match="took no connection within"):
            await connect_unix(UnixTarget(path))
