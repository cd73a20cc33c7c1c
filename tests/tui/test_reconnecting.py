"""The connection: how it is made, breaks, and is made again."""

import re
import socket
import struct

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from reverb_server import Settings
from reverb_tui.connection.targets import Embedded, Target, TLSOptions
from reverb_tui.entry import Kind
from reverb_tui.files.config import Config
from tests.client.servers import echo_like_go, reverb, serving
from tests.client.watcher import nobody
from tests.tui.screen import HELLO, SLOW, running


async def test_without_a_host_it_brings_its_own_server_which_can_be_gone_back_to() -> None:
    built_in = Embedded(Settings(delay=0.01, mode="sequential"))
    async with reverb() as target, running(built_in) as screen:
        await screen.connected()
        await screen.until(lambda: screen.status == "sequential ● built-in server")
        await screen.shout("Hello?")
        await screen.until(lambda: screen.lines == HELLO)
        await screen.shout(f"/connect {target}")
        await screen.until(lambda: screen.status == f"concurrent ● {target}")
        await screen.shout("/connect built-in")
        await screen.until(lambda: screen.status == "sequential ● built-in server")
        assert screen.slider.confirmed == 0.01


@pytest.mark.usefixtures("patient")
async def test_no_connection_is_said_and_a_key_connects_again() -> None:
    target = nobody()
    async with running(target) as screen:
        await screen.until(lambda: screen.problems)
        assert screen.problems == [
            f"cannot connect to {target}: nothing is listening there: start a server, or check the "
            "host and port"
        ]
        assert re.fullmatch(rf"✗ {target} · not connected · retrying in [56][0-9] s", screen.status)
        await screen.until(lambda: f"✗ {target} · not connected · retrying in" in screen.text)
        assert any(row.startswith("delay  nothing is listening there ") for row in screen.rows)
        assert screen.keys == ["Connect", "Stop trying", "Help", "Quit"]
        await screen.shout("still here")
        assert screen.prompt.value == "still here"
        assert screen.problems[1].startswith("not sent: not connected. ")
        async with serving(echo_like_go, target.port):
            await screen.press("ctrl+r")
            await screen.connected()
            await screen.press("enter")
            await screen.until(lambda: (Kind.QUIET, "still here") in screen.lines)


async def test_it_connects_again_by_itself() -> None:
    target = nobody()
    async with running(target) as screen:
        await screen.until(lambda: "retrying in" in screen.status)
        async with serving(echo_like_go, target.port):
            await screen.connected()
            await screen.shout("still here")
            await screen.until(lambda: (Kind.QUIET, "still here") in screen.lines)


@pytest.mark.usefixtures("patient")
async def test_that_a_server_breaks_the_connection_or_hangs_up_is_said() -> None:
    async def reset(stream: SocketStream) -> None:
        sock = stream.extra(SocketAttribute.raw_socket)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def hang_up(stream: SocketStream) -> None:
        pass

    async with serving(reset) as one, serving(hang_up) as other, running(one) as screen:
        await screen.until(lambda: screen.problems)
        assert screen.problems[0].startswith("the connection broke: ")
        assert "retrying in" in screen.status
        await screen.until(
            lambda: any(row.startswith("delay  the other side reset ") for row in screen.rows)
        )
        await screen.press("ctrl+r")
        await screen.until(lambda: len(screen.problems) == 2)
        await screen.shout(f"/connect {other}")
        await screen.until(lambda: len(screen.problems) == 3)
        assert screen.problems[2] == (
            "the server closed its side of the connection before it said anything; if it "
            "speaks TLS, use --tls or tls://"
        )
        await screen.press("escape")
        await screen.until(lambda: screen.status == f"✗ {other} · broken")
        assert screen.keys == ["Connect", "Help", "Quit"]


async def test_connect_goes_to_another_server_and_back_to_the_same() -> None:
    async with reverb(delay=20, drain_timeout=0) as target, running(SLOW) as screen:
        await screen.connected()
        await screen.shout("here")
        await screen.until(lambda: len(screen.lines) == 2)
        await screen.shout(f"/connect {target}")
        await screen.until(lambda: screen.slider.confirmed == 20)
        await screen.until(lambda: screen.status == f"concurrent ● {target}")
        await screen.shout("/disconnect")
        await screen.until(lambda: screen.status == f"○ {target} · closed")
        await screen.shout("/connect")
        await screen.until(lambda: screen.status == f"concurrent ● {target}")
        assert len(screen.lines) == 2
        await screen.shout("there")
        await screen.until(lambda: len(screen.lines) == 4)
        assert [entry[3] for entry in screen.log.entries() if entry[3]] == [1, 1, 2, 2]


async def test_echoes_lost_with_a_connection_that_the_user_leaves_are_told() -> None:
    lost = (Kind.NOTICE, "disconnected, 2 of 3 echoes had not come")
    async with reverb(delay=20, drain_timeout=0) as target, running(SLOW) as screen:
        await screen.connected()
        for away in (["/connect"], ["/connect built-in"], ["/end", "ctrl+r"], ["/disconnect"]):
            await screen.shout(f"/connect {target}")
            await screen.until(lambda: screen.status == f"concurrent ● {target}")
            await screen.shout("here")
            await screen.until(lambda: (Kind.LOUD, "HERE") in screen.lines)
            for step in away:
                await (screen.shout(step) if step.startswith("/") else screen.press(step))
            await screen.until(lambda: lost in [entry[:2] for entry in screen.log.entries()])
            assert [entry[:2] for entry in screen.log.entries()].count(lost) == 1, away
            await screen.shout("/disconnect")
            await screen.until(lambda: screen.status.startswith(("○", "✗")))
            screen.app.main.action_clear_log()


async def test_connect_keeps_the_port_in_use_and_is_plain_unless_asked() -> None:
    async with reverb() as target:
        secure = Target("127.0.0.1", target.port, TLSOptions())
        async with running(secure) as screen:
            await screen.until(lambda: screen.problems)
            await screen.shout("/connect localhost")
            await screen.until(lambda: f"● localhost:{target.port}" in screen.status)


async def test_it_does_not_connect_again_if_the_user_wants_that() -> None:
    target = nobody()
    async with running(SLOW, config=Config(reconnect=False)) as screen:
        await screen.connected()
        await screen.shout(f"/connect {target}")
        await screen.until(lambda: screen.status == f"✗ {target} · not connected")


@pytest.mark.usefixtures("patient")
async def test_a_server_that_is_full_is_called_so_while_it_is_tried_again() -> None:
    async with (
        reverb(max_connections=1) as target,
        await anyio.connect_tcp(target.host, target.port) as first,
    ):
        await first.send(b"x\n")
        await first.receive()  # it has the only place
        async with running(target) as screen:
            await screen.until(lambda: f"✗ {target} · server full · retrying in" in screen.text)
            assert any(row.startswith("delay  server full ") for row in screen.rows)
