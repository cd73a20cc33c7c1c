"""Unix sockets: never one that a live server uses, never one that is not ours."""

import fcntl
import os
import socket
import stat
from pathlib import Path

import anyio
import pytest

from reverb_server import CannotListen, Settings, running
from tests.server.calls import Caller, echoes
from tests.server.reports import reports
from tests.virtual import anyio_backend as anyio_backend


def connect(path: Path) -> Caller:
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(path))
    return Caller(sock)


async def served(path: Path) -> None:
    caller = connect(path)
    await caller.shout(b"Hello?\n")
    assert sorted(await caller.lines(3)) == echoes(b"Hello?")
    caller.socket.close()


def is_there(path: Path) -> bool:
    return os.path.lexists(path)


def settings(path: Path) -> Settings:
    return Settings(unix=path, delay=0)


async def refused(path: Path) -> str:
    with pytest.raises(CannotListen) as refusal:
        async with running(settings(path)):
            pytest.fail("it ran")
    return str(refusal.value)


async def test_it_serves_there_and_nowhere_else_for_this_user_only_and_cleans_up(
    tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "reverb"
    umask = os.umask(0)
    try:
        async with running(settings(path)) as server:
            assert server.addresses == ()
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            await served(path)
    finally:
        os.umask(umask)
    assert not path.exists()
    assert reports(log)[0]["peer"] == "unix"


async def test_a_live_servers_socket_is_never_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "reverb"
    async with running(settings(path)):
        assert "another server uses it" in await refused(path)
        await served(path)


async def test_a_server_whose_queue_is_full_is_live_too(tmp_path: Path) -> None:
    path = tmp_path / "busy"
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as first:
        busy.bind(str(path))
        busy.listen(0)
        first.connect(str(path))
        assert "another server uses it" in await refused(path)
    assert path.is_socket()


async def test_a_stale_socket_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "stale"
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(path))
    async with running(settings(path)):
        await served(path)


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
async def test_what_is_no_socket_is_refused_and_stays(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "thing"
    if kind == "file":
        path.write_text("precious")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "elsewhere")
    assert "no socket" in await refused(path)
    assert is_there(path)


@pytest.mark.parametrize("name", ["no/such/folder", "x" * 200])
async def test_a_path_that_cannot_be_is_one_sentence(name: str, tmp_path: Path) -> None:
    sentence = await refused(tmp_path / name)
    assert sentence.startswith("cannot listen on ")
    assert sentence.endswith("check the path")


async def test_a_server_that_drains_frees_the_path_and_leaves_its_successor_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "reverb"
    async with running(Settings(unix=path, delay=5)) as old:
        caller = connect(path)
        await caller.shout(b"Hello?\n")
        await caller.line()
        async with anyio.create_task_group() as group:
            group.start_soon(old.drain)
            await anyio.sleep(1)
            async with running(settings(path)):
                assert sorted([b"\t HELLO?\n", *await caller.lines(2)]) == echoes(b"Hello?")
                caller.socket.close()
                await anyio.sleep(5)
                await served(path)


async def test_a_socket_that_took_the_place_of_ours_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "reverb"
    with socket.socket(socket.AF_UNIX) as other:
        async with running(settings(path)):
            path.rename(tmp_path / "moved")
            other.bind(str(path))
        assert path.is_socket()


async def test_two_that_start_at_once_do_not_remove_each_others_socket(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)  # as another server has it while it starts
    begin = anyio.current_time()

    async def let_go() -> None:
        await anyio.sleep(1)
        os.close(descriptor)

    async with anyio.create_task_group() as group:
        group.start_soon(let_go)
        async with running(settings(tmp_path / "reverb")):
            assert anyio.current_time() - begin == pytest.approx(1, abs=0.05)
            await served(tmp_path / "reverb")
