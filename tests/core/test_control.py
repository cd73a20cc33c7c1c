import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core import control
from reverb_server.core.control import MAX_BYTES, MAX_ID, Request, parse_request, sift

HELLO = b'\x10{"reverb":1,"id":1}'


def padded(length: int) -> bytes:
    """A request with this many bytes, DLE and LF included."""
    frame = b'\x10{"reverb":1,"id":1,"pad":"%s"}\n'
    line = frame % (b"x" * (length - len(frame) + 2))
    assert len(line) == length
    return line[:-1]


def test_a_hello_asks_for_no_change() -> None:
    assert parse_request(HELLO) == Request(1)


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        (b'\x10{"reverb":1,"id":2,"delay":0.25}', Request(2, delay=0.25)),
        (b'\x10{"reverb":1,"id":3,"mode":"sequential"}', Request(3, mode="sequential")),
        (
            b'\x10{"delay":60,"mode":"concurrent","id":0,"reverb":1}',
            Request(0, delay=60.0, mode="concurrent"),
        ),
        (b'\x10{"reverb":1,"id":-7,"delay":0}', Request(-7, delay=0.0)),
        (b'\x10{"reverb":1,"id":8,"limits":true}', Request(8, limits=True)),
        (b'\x10{"reverb":1,"id":8,"limits":false}', Request(8)),
        (b'\x10{"reverb":1,"id":1,"delay":1e-3}', Request(1, delay=0.001)),
        (b'\x10{"reverb":1,"id":1,"delay":6e1}', Request(1, delay=60.0)),
        (b'\x10 { "reverb" : 1 ,\t"id" : 1 } \r', Request(1)),
        (b'\x10{"reverb":1,"\\u0069d":1}', Request(1)),
        (b'\x10{"reverb":1,"id":1,"reply":1}', Request(1)),
        (b'\x10{"reverb":1,"id":9007199254740991}', Request(MAX_ID)),
        (b'\x10{"reverb":1,"id":-9007199254740991}', Request(-MAX_ID)),
    ],
)
def test_a_request_may_be_written_in_any_way_that_json_has(line: bytes, request_: Request) -> None:
    assert parse_request(line) == request_


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"null", b"[1,{}]", b'"\\ud800"', b"1e999"])
def test_unknown_keys_are_ignored_whatever_they_say(value: bytes) -> None:
    assert parse_request(b'\x10{"reverb":1,"id":1,"what":%s}' % value) == Request(1)


def test_minus_zero_is_zero() -> None:
    request = parse_request(b'\x10{"reverb":1,"id":1,"delay":-0.0}')
    assert request is not None
    assert str(request.delay) == "0.0"


@pytest.mark.parametrize(
    "value",
    [
        *(b"true", b"false", b"null", b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999"),
        *(b"61", b"60.000001", b"-1", b"-0.001", b'"1"', b"[1]", b"{}", b"1" + b"0" * 300),
    ],
)
def test_a_delay_that_is_no_number_from_0_to_60_is_refused(value: bytes) -> None:
    request = parse_request(b'\x10{"reverb":1,"id":5,"delay":%s}' % value)
    assert request is not None
    assert (request.id, request.delay, request.mode) == (5, None, None)
    assert request.problem is not None
    assert request.problem[0] == "bad-delay"


@pytest.mark.parametrize(
    "value", [b'"plain"', b'"Sequential"', b'""', b"null", b"true", b"1", b"[]", b'{"a":1}', b"NaN"]
)
def test_a_mode_that_nobody_may_ask_for_is_refused(value: bytes) -> None:
    request = parse_request(b'\x10{"reverb":1,"id":5,"mode":%s}' % value)
    assert request is not None
    assert (request.id, request.delay, request.mode) == (5, None, None)
    assert request.problem is not None
    assert request.problem[0] == "bad-mode"


@pytest.mark.parametrize("rest", [b'"delay":1,"mode":"plain"', b'"delay":61,"mode":"sequential"'])
def test_a_request_is_refused_as_a_whole(rest: bytes) -> None:
    request = parse_request(b'\x10{"reverb":1,"id":5,%s}' % rest)
    assert request is not None
    assert (request.delay, request.mode) == (None, None)


@pytest.mark.parametrize("version", [0, 2, -1, MAX_ID])
def test_another_version_is_refused_before_other_keys_are_looked_at(version: int) -> None:
    request = parse_request(b'\x10{"reverb":%d,"id":5,"delay":61,"mode":[]}' % version)
    assert request is not None
    assert (request.id, request.delay, request.mode) == (5, None, None)
    assert request.problem is not None
    assert request.problem[0] == "bad-version"
    assert "1" in request.problem[1]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\x10",
        b"\x10{}",
        HELLO[1:],
        b" " + HELLO,
        b"\x10" + HELLO,
        HELLO + b"x",
        HELLO + b"\x10",
        HELLO[:-1],
        b'\x10{"reverb":1}',
        b'\x10{"id":1}',
        b'\x10{"reverb":1,"reply":1}',
        b'\x10{"reverb":1,"error":"idle"}',
        b'\x10[{"reverb":1,"id":1}]',
        b'\x10"reverb 1 id 1 a string"',
        b"\x10{'reverb':1,'id':1}xxxxxx",
        b'\x10{"reverb":1,"id":1,}',
        b'\x10{"reverb":01,"id":1}',
        *(
            b'\x10{"reverb":%s,"id":1}' % value
            for value in (b"true", b"1.0", b'"1"', b"null", b"NaN")
        ),
        *(
            b'\x10{"reverb":1,"id":%s}' % value
            for value in (b"true", b"1.0", b'"1"', b"null", b"NaN")
        ),
        b'\x10{"reverb":1,"id":1e0}',
        b'\x10{"reverb":1,"id":9007199254740992}',
        b'\x10{"reverb":1,"id":-9007199254740992}',
        b'\x10{"reverb":1,"id":1,"id":1}',
        b'\x10{"reverb":1,"id":1,"i\\u0064":1}',
        b'\x10{"reverb":1,"reverb":1,"id":1}',
        b'\x10{"reverb":1,"id":1,"what":{"a":1,"a":2}}',
        b'\x10{"reverb":1,"id":1,"what":' + b"[" * 450 + b"}",
        b'\x10{"reverb":1,"id":1,"what":"\xc3\xa9"}',
        b'\x10{"reverb":1,"id":1,"what":"\xff"}',
        b"\x10\xef\xbb\xbf" + HELLO[1:],
        b"\x10" + HELLO[1:].decode().encode("utf-16-le"),
        b"\x10" + HELLO[1:].decode().encode("utf-32-be"),
        b'\x10{"reverb":1,"id":1,"what":"\x01"}',
    ],
)
def test_a_line_that_is_not_all_of_a_request_is_a_shout(line: bytes) -> None:
    assert parse_request(line) is None


def test_a_request_has_512_bytes_at_most_with_its_mark_and_line_feed() -> None:
    assert parse_request(padded(511)) == Request(1)
    assert parse_request(padded(512)) == Request(1)
    assert parse_request(padded(513)) is None


def test_deep_nesting_in_a_short_line_does_no_harm() -> None:
    depth = 240
    line = b'\x10{"reverb":1,"id":1,"w":' + b"[" * depth + b"]" * depth + b"}"
    assert len(line) < MAX_BYTES
    assert parse_request(line) in (None, Request(1))


@given(st.binary(max_size=40), st.booleans())
def test_no_bytes_make_it_fail(raw: bytes, like_a_request: bool) -> None:
    parse_request(HELLO[:-1] + b"," + raw + b"}" if like_a_request else b"\x10" + raw)


def messages() -> list[bytes]:
    return [
        control.request(1),
        control.request(MAX_ID, delay=0.1 + 0.2, mode="sequential"),
        control.state(-MAX_ID, delay=1 / 3, mode="concurrent", pending=10**12),
        control.refusal(-MAX_ID, "bad-delay", "the delay must be a number"),
        control.error("line-too-long", "a line over 9 bytes was not echoed: send shorter lines"),
    ]


@pytest.mark.parametrize("line", messages())
def test_every_message_is_one_short_ascii_line(line: bytes) -> None:
    assert line.startswith(b"\x10{")
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert len(line) <= MAX_BYTES
    assert control.parse_object(line[:-1]) is not None


@pytest.mark.parametrize("line", messages()[2:])
def test_an_answer_is_never_taken_for_a_request(line: bytes) -> None:
    assert b'"id"' not in line
    assert parse_request(line[:-1]) is None


def test_what_is_built_is_what_is_read() -> None:
    assert parse_request(control.request(1)[:-1]) == Request(1)
    assert parse_request(control.request(2, delay=0.25)[:-1]) == Request(2, delay=0.25)
    assert parse_request(control.request(3, mode="sequential")[:-1]) == Request(
        3, mode="sequential"
    )
    assert parse_request(control.request(4, limits=True)[:-1]) == Request(4, limits=True)


def test_the_answers_say_what_the_protocol_says() -> None:
    def message(line: bytes) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(line[1:])
        return result

    assert message(control.state(4, delay=0.5, mode="sequential", pending=2)) == {
        "reverb": 1,
        "reply": 4,
        "delay": 0.5,
        "delay_max": 60.0,
        "mode": "sequential",
        "pending": 2,
    }
    limits = {"max_line": 65_536, "idle_timeout": 0.5}
    with_limits = control.state(4, delay=0, mode="sequential", pending=2, limits=limits)
    assert message(with_limits)["limits"] == limits
    assert message(control.refusal(4, "bad-mode", "no")) == {
        "reverb": 1,
        "reply": 4,
        "code": "bad-mode",
        "error": "no",
    }
    assert message(control.error("idle", "no")) == {"reverb": 1, "code": "idle", "error": "no"}


LINES = st.one_of(
    st.sampled_from([HELLO, padded(512), padded(513), b"", b"a", b"\x10", b"x" + HELLO]),
    st.sampled_from([HELLO + b"\r", b"\r" + HELLO, HELLO + b"\r\x10", b"\x0b" + HELLO, b"\x10{}"]),
    st.builds(lambda delay: control.request(9, delay=delay)[:-1], st.sampled_from([0, 1, 61])),
    st.builds(
        lambda junk: HELLO[:-1] + junk, st.binary(max_size=3).filter(lambda b: b"\n" not in b)
    ),
)


@given(st.lists(LINES, max_size=8))
def test_sifting_a_block_is_parsing_its_lines_one_by_one(lines: list[bytes]) -> None:
    expected: list[bytes | Request] = [parse_request(line) or line + b"\n" for line in lines]
    sifted = list(sift(b"".join(line + b"\n" for line in lines)))
    cut: list[bytes | Request] = []
    for piece in sifted:
        if isinstance(piece, Request):
            cut.append(piece)
        else:
            cut += [line + b"\n" for line in piece.split(b"\n")[:-1]]
    assert cut == expected
    kinds = [type(piece) for piece in sifted]
    assert (bytes, bytes) not in pairwise(kinds)


def test_a_block_without_requests_stays_one_block() -> None:
    block = b"a\n\x10{}\n\nb\n"
    assert list(sift(block)) == [block]
