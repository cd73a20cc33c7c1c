"""HTTP of the admin address: answers to good requests, refusals of others, and limits."""

import itertools
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Any

import anyio
import pytest

from reverb_server.admin.http import HEADERS_MAX, PATIENCE, Answer, Request
from tests.server.admin.asking import conversation, request
from tests.server.reports import warnings
from tests.virtual import anyio_backend as anyio_backend


async def test_one_connection_asks_again_and_again() -> None:
    async with conversation() as (asking, _):
        for number in range(3):
            answer = await asking.ask(f"/{number}")
            assert (answer.status, answer.body) == (200, b"/%d\n" % number)
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert answer.headers["date"].endswith(" GMT")


async def test_requests_sent_at_once_are_answered_in_their_order() -> None:
    async with conversation() as (asking, _):
        await asking.caller.shout(b"".join(request(f"/{number}") for number in range(300)))
        for number in range(300):
            assert (await asking.answer()).body == b"/%d\n" % number


async def test_head_is_answered_without_the_body() -> None:
    async with conversation() as (asking, _):
        answer = await asking.ask("/x", "HEAD")
        assert (answer.status, answer.headers["content-length"], answer.body) == (200, "3", b"")
        assert (await asking.ask("/y")).body == b"/y\n"


async def test_a_body_of_unknown_length_comes_whole_and_not_to_head() -> None:
    async def count() -> AsyncGenerator[bytes, None]:
        for number in range(50):
            yield b"%d," % number

    async def respond(_: Request) -> Answer:
        return Answer(HTTPStatus.OK, count)

    async with conversation(respond) as (asking, _):
        assert (await asking.ask("/", "HEAD")).body == b""
        assert (await asking.ask("/")).body == b"".join(b"%d," % each for each in range(50))
        await asking.caller.shout(b"GET / HTTP/1.0\r\n\r\n")
        whole = await asking.caller.rest()
        assert whole.endswith(b"\r\n\r\n" + b"".join(b"%d," % each for each in range(50)))


@pytest.mark.parametrize(
    "typed",
    [b"GET /x HTTP/1.0\r\n\r\n", b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
)
async def test_a_connection_that_is_not_to_be_kept_is_closed(typed: bytes) -> None:
    async with conversation() as (asking, ended):
        await asking.caller.shout(typed)
        answer = await asking.caller.rest()
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.endswith(b"\r\n\r\n/x\n")
        asking.caller.hang_up()
        await ended()


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/x?y=1", "/x"),
        ("http://localhost:9100/x?y", "/x"),
        ("HTTP://[::1", "/"),
        ("//x", "//x"),
        ("*", "*"),
        ("/?http://x/y", "/"),
    ],
)
async def test_the_path_is_found_in_any_target(target: str, path: str) -> None:
    async with conversation() as (asking, _):
        assert (await asking.ask(target)).body == path.encode() + b"\n"


async def test_all_that_is_accepted_reaches_the_page() -> None:
    asked: list[Request] = []

    async def respond(request: Request) -> Answer:
        asked.append(request)
        return Answer(HTTPStatus.OK, b"")

    async with conversation(respond) as (asking, _):
        await asking.ask("/", "GET", "Accept: text/plain;q=0.5", "ACCEPT: a/\xe9")
        await asking.ask("/")
    assert [each.accept for each in asked] == ["text/plain;q=0.5,a/\xe9", ""]


BAD: dict[str, tuple[bytes, int]] = {
    "no HTTP": (b"Hello?\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x00\xf4\x01\x00\x00\xf0", 400),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "PROXY": (b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nGET / HTTP/1.0\r\n\r\n", 400),
    "NUL": (b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 400),
    "not ASCII": (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "two lengths": (request("/", "GET", "Content-Length: 1", "Content-Length: 2"), 400),
    "a long length": (request("/", "GET", f"Content-Length: {'9' * 30}"), 400),
    "a negative length": (request("/", "GET", "Content-Length: -1"), 400),
    "another encoding": (request("/", "GET", "Transfer-Encoding: gzip"), 501),
    "a body": (request("/", "GET", "Content-Length: 3") + b"abc", 413),
    "a body to come": (request("/", "GET", "Content-Length: 9000000000"), 413),
    "a body on demand": (request("/", "GET", "Content-Length: 3", "Expect: 100-continue"), 413),
    "chunks": (request("/", "GET", "Transfer-Encoding: chunked") + b"1\r\na\r\n", 413),
    "no chunks": (request("/", "GET", "Transfer-Encoding: chunked") + b"zz\r\n", 413),
    "both": (request("/", "GET", "Content-Length: 5", "Transfer-Encoding: chunked") + b"x", 413),
    "POST": (request("/", "POST", "Content-Length: 3") + b"abc", 405),
    "a long line": (b"GET /" + b"x" * 2 * HEADERS_MAX, 431),
    "a long header": (b"GET / HTTP/1.1\r\nX: " + b"x" * 2 * HEADERS_MAX, 431),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * HEADERS_MAX, 431),
    "half of it": (b"GET / HTTP/1.1\r\nHo", 400),
}


@pytest.mark.parametrize(("typed", "status"), BAD.values(), ids=BAD)
async def test_a_bad_request_is_refused_with_its_status_and_the_end(
    typed: bytes, status: int, log: pytest.LogCaptureFixture
) -> None:
    async with conversation() as (asking, ended):
        await asking.caller.shout(typed)
        asking.caller.hang_up()
        answer = await asking.answer()
        assert answer.status == status
        assert answer.headers["connection"] == "close"
        assert answer.body.count(b"\n") == 1
        assert await asking.caller.rest() == b""
        await ended()
    assert warnings(log) == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "CONNECT", "PRI", "get"])
async def test_other_methods_are_refused_and_the_connection_goes_on(method: str) -> None:
    async with conversation() as (asking, _):
        await asking.caller.shout(request("/x", method))
        answer = await asking.answer()
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
        assert (await asking.ask("/x")).status == 200


async def test_an_upgrade_is_not_made() -> None:
    async with conversation() as (asking, _):
        answer = await asking.ask("/x", "GET", "Upgrade: websocket", "Connection: upgrade")
        assert answer.status == 200
        assert (await asking.ask("/x")).status == 200


async def test_a_request_cut_anywhere_ends_the_connection_and_nothing_else(
    log: pytest.LogCaptureFixture,
) -> None:
    whole = request("/x", "GET", "Accept: text/plain")
    for cut in range(len(whole)):
        async with conversation() as (asking, ended):
            await asking.caller.shout(whole[:cut])
            asking.caller.hang_up()
            answer = await asking.caller.rest()
            assert answer[:12] == b"HTTP/1.1 400"[: 12 if cut else 0]
            await ended()
    assert warnings(log) == []


@pytest.mark.parametrize("first", [b"", b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"])
async def test_a_connection_that_asks_nothing_is_closed_without_a_word(first: bytes) -> None:
    async with conversation() as (asking, _):
        if first:
            await asking.caller.shout(first)
            await asking.answer()
        begin = anyio.current_time()
        assert await asking.caller.rest() == b""
        assert anyio.current_time() - begin == pytest.approx(PATIENCE, abs=0.1)


async def test_half_a_request_is_refused_in_time_however_slowly_more_comes() -> None:
    async with conversation() as (asking, _), anyio.create_task_group() as group:

        async def drip() -> None:
            for byte in itertools.cycle(b"x"):
                await asking.caller.shout(bytes((byte,)))
                await anyio.sleep(1)

        await asking.caller.shout(b"GET / HTTP/1.1\r\nX: ")
        group.start_soon(drip)
        begin = anyio.current_time()
        answer = await asking.answer()
        assert (answer.status, answer.headers["connection"]) == (408, "close")
        assert anyio.current_time() - begin == pytest.approx(PATIENCE, abs=0.1)
        group.cancel_scope.cancel()


async def endless() -> AsyncGenerator[bytes, None]:
    while True:
        yield b"x" * 100_000


async def test_a_client_that_takes_no_answer_is_given_up() -> None:
    async def respond(_: Request) -> Answer:
        return Answer(HTTPStatus.OK, endless)

    async with conversation(respond) as (asking, ended):
        begin = anyio.current_time()
        await asking.caller.shout(request() * 50)
        await ended()
        assert anyio.current_time() - begin == pytest.approx(PATIENCE, abs=0.1)


async def test_a_client_that_goes_away_in_the_middle_is_forgotten() -> None:
    async def respond(_: Request) -> Answer:
        return Answer(HTTPStatus.OK, endless)

    async with conversation(respond) as (asking, ended):
        await asking.caller.shout(request())
        await asking.caller.read()
        asking.caller.socket.close()
        await ended()


async def test_an_error_of_a_page_is_logged_and_told(log: pytest.LogCaptureFixture) -> None:
    async def respond(_: Request) -> Answer:
        raise RuntimeError("a secret\nsecond line")

    async with conversation(respond) as (asking, _):
        answer = await asking.ask("/")
        assert answer.status == 500
        assert b"secret" not in answer.body
        assert (await asking.ask("/")).status == 500
    assert len(warnings(log)) == 2
    assert "a secret" in warnings(log)[0]


async def test_a_flood_of_requests_leaves_others_their_turn() -> None:
    turns: list[int] = []
    answered: list[Any] = []

    async def respond(asked: Request) -> Answer:
        answered.append(asked)
        return Answer(HTTPStatus.OK, b"")

    async with conversation(respond) as (asking, _), anyio.create_task_group() as group:

        async def other() -> None:
            while True:
                turns.append(len(answered))
                await anyio.lowlevel.checkpoint()

        group.start_soon(other)
        await asking.caller.shout(request() * 200)
        for _ in range(200):
            await asking.answer()
        group.cancel_scope.cancel()
    assert max(after - before for before, after in itertools.pairwise(turns)) <= 2
