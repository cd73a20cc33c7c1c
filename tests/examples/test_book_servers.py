"""The servers of ``examples/book`` behave as the book's do, to the byte, with their faults."""

import socket
import struct
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from tests.examples.programs import (
    BOOK,
    RIGHT,
    WRONG,
    conversation,
    echoes,
    said,
    server,
    serving,
    talk,
)
from tests.virtual import anyio_backend as anyio_backend

REVERBS = ["reverb1", "reverb2", "ex8_4", "ex8_8"]
PATIENT = ["reverb1", "ex8_4", "ex8_8"]
"""Those that send every echo to a client that has ended its input."""


def test_the_programs_are_those_of_the_book_and_short() -> None:
    netcats = ["ex8_3", "netcat1", "netcat2", "netcat3"]
    assert sorted([*REVERBS, "echo", *netcats]) == RIGHT
    lengths = {name: len(Path(BOOK, f"{name}.py").read_text().splitlines()) for name in RIGHT}
    assert {name: lines for name, lines in lengths.items() if lines >= 40} == {}


async def test_reverb1_is_the_first_dialogue_of_the_book() -> None:
    shouts = [(0, b"Hello?\n"), (3, b"Is there anybody there?\n"), (3.5, b"Yooo-hooo!\n")]
    assert await conversation(server("reverb1"), *shouts, (4, None)) == [
        (0, "\t HELLO?\n"),
        (1, "\t Hello?\n"),
        (2, "\t hello?\n"),
        (3, "\t IS THERE ANYBODY THERE?\n"),
        (4, "\t Is there anybody there?\n"),
        (5, "\t is there anybody there?\n"),
        (5, "\t YOOO-HOOO!\n"),
        (6, "\t Yooo-hooo!\n"),
        (7, "\t yooo-hooo!\n"),
        (7, ""),
    ]


@pytest.mark.parametrize("name", ["reverb2", "ex8_4", "ex8_8"])
async def test_shouts_overlap_as_in_the_second_dialogue(name: str) -> None:
    shouts = [(0, b"Is there anybody there?\n"), (0.75, b"Yooo-hooo!\n")]
    assert await conversation(server(name), *shouts, (3, None)) == [
        (0, "\t IS THERE ANYBODY THERE?\n"),
        (0.75, "\t YOOO-HOOO!\n"),
        (1, "\t Is there anybody there?\n"),
        (1.75, "\t Yooo-hooo!\n"),
        (2, "\t is there anybody there?\n"),
        (2.75, "\t yooo-hooo!\n"),
        (3, ""),
    ]


@pytest.mark.parametrize("name", PATIENT)
async def test_pending_echoes_come_after_the_end_of_input(name: str) -> None:
    heard = await conversation(server(name), (0, b"Hello?\n"), (0, None))
    assert heard == [(0, "\t HELLO?\n"), (1, "\t Hello?\n"), (2, "\t hello?\n"), (2, "")]


async def test_reverb2_loses_pending_echoes_at_the_end_of_input() -> None:
    heard = await conversation(server("reverb2"), (0, b"Hello?\n"), (0.5, None))
    assert heard == [(0, "\t HELLO?\n"), (0.5, "")]


LINES = {
    "only one CR is dropped": (b"a\r\r\n", "\t A\r\n\t a\r\n\t a\r\n"),
    "a blank line": (b"\n", "\t \n\t \n\t \n"),
    "a last line": (b"last", "\t LAST\n\t last\n\t last\n"),
    "a last line with CR": (b"\r", "\t \n\t \n\t \n"),
    "no line": (b"", ""),
    "only LF ends a line": (
        "a\x0b\x85\u2028B\n".encode(),
        "\t A\x0b\x85\u2028B\n\t a\x0b\x85\u2028B\n\t a\x0b\x85\u2028b\n",
    ),
    "rune by rune": (
        "Straße ᾳ Σς İ\n".encode(),
        "\t STRAßE ᾼ ΣΣ İ\n\t Straße ᾳ Σς İ\n\t straße ᾳ σς i\n",
    ),
    "not UTF-8": (b"A\xe2\x82z\xff\n", "\t A��Z�\n\t A\\xe2\\x82z\\xff\n\t a��z�\n"),
}
"""Bytes and their echoes; Go's servers gave the same."""


@pytest.mark.parametrize("name", PATIENT)
@pytest.mark.parametrize(("sent", "came"), LINES.values(), ids=LINES)
async def test_a_line_is_what_it_is_in_go(name: str, sent: bytes, came: str) -> None:
    steps = [(0, sent)] if sent else []
    assert "".join(said(await conversation(server(name), *steps, (0, None)))) == came


@pytest.mark.parametrize("name", REVERBS)
async def test_a_line_of_64_kib_is_the_longest(name: str) -> None:
    line = b"x" * 65_535
    heard = await conversation(server(name), (0, line + b"\n"), (0, b"after\n"), (3, None))
    assert said(heard)[0] == f"\t {line.decode().upper()}\n"
    assert "\t AFTER\n" in said(heard)


@pytest.mark.parametrize("name", REVERBS)
@pytest.mark.parametrize("line", [b"x" * 65_536, b"x" * 65_535 + b"\r"], ids=["LF", "CR LF"])
async def test_a_longer_line_ends_the_connection(name: str, line: bytes) -> None:
    # In one write and read as one, so that nothing unread makes the end a reset.
    assert await conversation(server(name), (0, line)) == [(0, "")]


async def test_a_client_of_ex8_8_has_ten_seconds_for_its_next_shout() -> None:
    program = server("ex8_8")
    assert await conversation(program) == [(10, "")]
    heard = await conversation(program, (5, b"Hello?\n"), (14, b"Hel"), (14.5, b"lo?\n"))
    assert [text for _, text in heard] == [*echoes("Hello?", "Hello?"), ""]
    assert heard[-1][0] == 24.5


async def test_the_echo_sends_back_every_byte() -> None:
    every = bytes(range(256)) * 300
    heard = bytearray()
    async with (
        serving(server("echo").handle_conn) as port,
        await anyio.connect_tcp("127.0.0.1", port) as conn,
    ):
        await conn.send(every)
        await conn.send_eof()
        async for data in conn:
            heard += data
    assert heard == every


async def reset(port: int, data: bytes) -> None:
    """Send something, and reset the connection when an answer has come."""
    conn = await anyio.connect_tcp("127.0.0.1", port)
    await conn.send(data)
    await conn.receive()
    sock: socket.socket = conn.extra(SocketAttribute.raw_socket)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await conn.aclose()


@pytest.mark.parametrize("name", [*REVERBS, *WRONG])
async def test_a_reset_of_one_client_harms_no_other(name: str) -> None:
    async with serving(server(name).handle_conn) as port:
        async with await anyio.connect_tcp("127.0.0.1", port) as other:
            await other.send(b"Hello?\n")
            await reset(port, b"one\ntwo\n")
            await anyio.sleep(5)  # the pending echoes meet a connection that is gone
            assert (await other.receive()).decode() == "".join(echoes("Hello?"))
        assert said(await talk(port, (0, b"Yooo-hooo!\n"), (3, None))) == echoes("Yooo-hooo!")


@pytest.mark.parametrize("name", ["echo", *REVERBS])
async def test_main_serves_on_its_port(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program, ports = server(name), []
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:

        async def listen(port: int) -> anyio.abc.Listener[SocketStream]:
            ports.append(port)
            return listener

        monkeypatch.setattr("golang.net.listen", listen)
        monkeypatch.setattr(program, "PORT", 8123)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(program.main)
            port = listener.extra(SocketAttribute.local_port)
            heard = await talk(port, (0, b"Hello?\n"), (3, None))
            tasks.cancel_scope.cancel()
    assert ports == [8123]
    assert said(heard) == (["Hello?\n"] if name == "echo" else echoes("Hello?"))
