"""The client in browsers: visitors, their processes, the limit, and what is refused."""

import os
import signal
import socket
import sys
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from reverb_server import Settings, running_in_thread
from tests.process import forking
from tests.process.browser import COMMAND, TIMEOUT, serving, visiting
from tests.process.waiting import wait_for

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc"),
]

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)


def is_gone(process: int) -> bool:
    """Return whether a process has ended, even if nobody has asked for its status."""
    try:
        return not Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return True


async def test_visitors_have_a_client_each_that_ends_with_them() -> None:
    with serving("--delay", "0") as served:
        async with visiting(served) as one, visiting(served) as other:
            await one.type("Hello?\r")
            await one.wait_for("HELLO?")
            await other.type("Yooo-hooo!\r")
            await other.wait_for("YOOO-HOOO!")
            served.wait_for_clients(2)
        served.wait_for_clients(0)


async def test_the_focus_counts_that_a_browser_has_before_the_client_is_ready() -> None:
    with serving() as served:
        # The keys of the prompt that has the focus are shown as soon as there is a connection.
        async with visiting(served, "focus", until="Mode"):
            pass


async def test_a_visitor_who_quits_is_told_that_the_session_has_ended() -> None:
    with serving() as served:
        async with visiting(served) as visitor:
            await visitor.type("\x11")  # Ctrl-Q
            await visitor.wait_for_end()
        served.wait_for_clients(0)


async def test_all_visitors_share_the_server_that_is_named() -> None:
    with running_in_thread(Settings(host="127.0.0.1", port=0, delay=0)) as server:
        host, port = server.addresses[0]
        with serving("--host", host, "--port", str(port)) as served:
            async with visiting(served) as visitor:
                await visitor.type("Hello?\r")
                await visitor.wait_for("HELLO?")


async def test_one_visitor_more_than_the_limit_is_refused_with_a_sentence() -> None:
    with serving("--web-visitors", "1") as served:
        async with ClientSession() as session:
            async with session.get(served.url) as page:
                assert page.status == 200
            async with visiting(served):
                async with session.get(served.url) as page:
                    assert page.status == 503
                    assert "try again later" in await page.text()
                with pytest.raises(WSServerHandshakeError, match="503"):
                    await session.ws_connect(f"{served.url}ws")
            served.wait_for_clients(0)
            async with visiting(served):
                pass


async def test_the_page_loads_nothing_from_elsewhere() -> None:
    with serving() as served:
        async with ClientSession() as session, session.get(served.url) as page:
            assert "default-src 'self'" in page.headers["Content-Security-Policy"]
            assert "://" not in await page.text()


async def test_a_page_from_elsewhere_gets_no_client() -> None:
    with serving() as served:
        async with ClientSession() as session:
            with pytest.raises(WSServerHandshakeError, match="403"):
                await session.ws_connect(f"{served.url}ws", origin="http://example.org")
        assert served.clients() == []


async def test_messages_that_are_none_are_ignored() -> None:
    with serving("--delay", "0") as served:
        async with visiting(served) as visitor:
            for text in ("", "{}", "[" * 10_000, '["resize", {"width": "x"}]', '["stdin", 1]'):
                await visitor.socket.send_str(text)
            await visitor.socket.send_json(["resize", {"width": 10**9, "height": -1}])
            await visitor.socket.send_json(["resize", {"width": 100, "height": 30}])
            await visitor.type("\ud800Hello?\r")
            await visitor.wait_for("HELLO?")


async def test_visitors_reach_neither_files_nor_other_servers() -> None:
    with serving() as served:
        async with visiting(served) as visitor:
            for command in (
                "/save log.txt",
                "/picture log.svg",
                "/cast log.cast",
                "/connect localhost:1",
            ):
                await visitor.type(f"{command}\r")
                await visitor.wait_for("not in a browser")
                await visitor.type("\x03")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_and_all_clients(number: signal.Signals) -> None:
    with serving() as served:
        async with visiting(served), visiting(served):
            clients = served.wait_for_clients(2)
            served.process.send_signal(number)
            _, err = served.process.communicate(timeout=TIMEOUT)
            assert (served.process.returncode, err) == (0, "")
            assert all(map(is_gone, clients))


def test_a_browser_that_leaves_before_it_is_answered_is_no_error() -> None:
    with serving() as served:
        served.process.send_signal(signal.SIGSTOP)
        host, port = served.url.removeprefix("http://").rstrip("/").split(":")
        with socket.create_connection((host, int(port))) as browser:
            browser.sendall(HANDSHAKE)
        served.process.send_signal(signal.SIGCONT)
        with socket.create_connection((host, int(port))) as browser:
            browser.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert browser.recv(1)  # the first one has been seen to
        served.process.send_signal(signal.SIGTERM)
        _, err = served.process.communicate(timeout=TIMEOUT)
        assert (served.process.returncode, err) == (0, "")


async def test_a_client_that_hangs_is_killed() -> None:
    with serving() as served:
        async with visiting(served):
            (client,) = served.wait_for_clients(1)
            os.kill(client, signal.SIGSTOP)
        served.wait_for_clients(0)


async def test_clients_end_when_whoever_serves_them_is_killed() -> None:
    with serving() as served:
        async with visiting(served):
            (client,) = served.wait_for_clients(1)
            served.process.kill()
            wait_for(lambda: is_gone(client) or None, lambda: client)
            _, err = served.process.communicate(timeout=TIMEOUT)
            assert err == ""


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = forking.run([*COMMAND, "--web", str(port)], env=os.environ, timeout=TIMEOUT, data="")
    assert done.returncode == 1
    assert done.stderr.startswith(f"reverb-tui: cannot serve on 127.0.0.1:{port}: ")
    assert done.stderr.count("\n") == 1


def test_beyond_this_machine_it_warns() -> None:
    with serving(web="0.0.0.0:0") as served:
        assert served.process.stderr is not None
        assert "not encrypted and without a password" in served.process.stderr.readline()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--web", "localhost"], "web 'localhost' has no port"),
        (["--web", "tls://localhost:1"], "web can't serve tls://localhost:1"),
        (["--web", "unix:x"], "web can't serve"),
        (["--web", "99999"], "port 99999 is out of range"),
        (["--web", "0", "--web-visitors", "0"], "web-visitors 0 is out of range"),
        (["--web-visitors", "3"], "web-visitors needs an address"),
        (["--web", "0", "--log", "x"], "log is for one client"),
    ],
)
def test_what_can_t_be_is_one_sentence(arguments: list[str], sentence: str) -> None:
    done = forking.run([*COMMAND, *arguments], env=os.environ, timeout=TIMEOUT, data="")
    assert done.returncode == 2
    assert done.stderr.startswith(f"reverb-tui: {sentence}")
    assert done.stderr.count("\n") == 1
