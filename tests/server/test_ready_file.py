"""The ready file: whole when it is there, and gone when the server is."""

import json
import os
import socket
from pathlib import Path

import pytest

from reverb_server import Settings, running
from reverb_server.ready_file import CannotWrite, describe, ready_file


async def test_it_says_where_the_server_listens(tmp_path: Path) -> None:
    path = tmp_path / "ready"
    async with running(Settings(port=0)) as server:
        async with ready_file(path, describe(server)):
            assert json.loads(path.read_text()) == {
                "version": 1,
                "pid": os.getpid(),
                "addresses": [{"host": host, "port": port} for host, port in server.addresses],
                "tls": False,
            }
            assert os.listdir(tmp_path) == ["ready"]
        assert not path.exists()


async def test_unix_sockets_are_told_by_their_paths(tmp_path: Path) -> None:
    unix = tmp_path / "reverb"
    async with running(Settings(unix=unix)) as server:
        assert json.loads(describe(server))["addresses"] == [{"unix": str(unix)}]


async def test_one_that_was_left_behind_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "ready"
    path.write_text("of one that was killed")
    (tmp_path / ".ready.new").write_text("of one that was killed while it wrote" * 100)
    async with ready_file(path, "new"):
        assert path.read_text() == "new"
    assert os.listdir(tmp_path) == []


async def test_that_of_another_server_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ready"
    async with ready_file(path, "ours"):
        path.unlink()
        path.write_text("theirs")
    assert path.read_text() == "theirs"


async def test_one_that_somebody_has_removed_is_no_error(tmp_path: Path) -> None:
    async with ready_file(tmp_path / "ready", "ours"):
        (tmp_path / "ready").unlink()


async def test_what_can_t_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "socket"))
    for path in ["/dev/full", "/dev/null", "/nowhere/x", "folder", "file/x", "pipe", "socket"]:
        with pytest.raises(CannotWrite, match=r"^cannot write .*; check the path$") as refusal:
            async with ready_file(tmp_path / path, "text"):
                pytest.fail("it was written")
        assert path in str(refusal.value)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder", "pipe", "socket"]
