"""What the server is, and the requests to it."""

import json
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core import control
from reverb_server.core.voice import INDENT
from reverb_tui.protocol.negotiation import Negotiation, ServerError, Verdict

TEXT, CONTROL = Verdict.TEXT, Verdict.CONTROL
HELLO = b'\x10{"reverb":1,"id":1}'


def answer(request_id: int, delay: float = 1.0, mode: str = "concurrent") -> bytes:
    return control.state(request_id, delay=delay, mode=mode, pending=0)[:-1]


def line(**message: Any) -> bytes:
    return control.MARK + json.dumps({"reverb": 1, **message}).encode()


def asking() -> Negotiation:
    peer = Negotiation(control=True, raw=False)
    assert peer.start() == HELLO + b"\n"
    return peer


def test_an_answer_makes_it_a_reverb_and_tells_the_state() -> None:
    peer = asking()
    assert peer.hear(answer(1, 0.5, "sequential")) is CONTROL
    info = peer.info
    assert (info.kind, info.delay, info.mode, info.delay_max) == (
        "reverb",
        0.5,
        "sequential",
        60.0,
    )
    assert (info.wished, info.reason) == (None, None)


def test_the_hello_carries_what_was_asked_for_at_the_start() -> None:
    peer = Negotiation(control=True, raw=False, delay=0.25, mode="sequential")
    assert peer.start() == control.request(1, delay=0.25, mode="sequential")
    assert (peer.info.wished, peer.info.wished_mode) == (0.25, "sequential")


@given(st.lists(st.one_of(st.floats(0, 60), st.none()), max_size=30))
def test_one_request_at_a_time_and_the_last_value_arrives(steps: list[float | None]) -> None:
    peer = asking()
    in_flight: list[bytes] = [HELLO + b"\n"]
    in_force, last = 1.0, None

    def serve() -> None:
        nonlocal in_force
        request = control.parse_request(in_flight.pop()[:-1])
        assert request
        in_force = in_force if request.delay is None else request.delay
        assert peer.hear(answer(request.id, in_force)) is CONTROL
        in_flight.extend(filter(None, [peer.ask()]))

    for delay in steps:
        if delay is None and in_flight:
            serve()
        elif delay is not None:
            last = delay
            in_flight.extend(filter(None, [peer.ask(delay=delay)]))
            assert peer.info.wished == delay
        assert len(in_flight) <= 1
    while in_flight:
        serve()
    assert in_force == (1.0 if last is None else last) == peer.info.delay
    assert peer.info.wished is None


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_echoes_of_the_hello_are_hidden_in_any_order_and_only_these(order: tuple[int, ...]) -> None:
    peer = asking()
    peer.ask(delay=3)
    echoes = [INDENT + HELLO.upper(), INDENT + HELLO, INDENT + HELLO]
    for n in order:
        assert peer.hear(INDENT + b"HELLO") is TEXT
        assert peer.hear(echoes[n]) is CONTROL
    assert [peer.hear(echo) for echo in echoes] == [TEXT] * 3
    assert peer.info.kind == "no control lines"
    assert peer.info.wished is None
    assert peer.info.reason
    assert peer.ask(delay=2) == b""


def test_the_hello_coming_back_verbatim_is_hidden_once() -> None:
    peer = asking()
    assert peer.hear(HELLO) is CONTROL
    assert peer.info.kind == "plain"
    assert peer.hear(HELLO) is TEXT
    assert peer.hear(answer(1)) is TEXT


def test_errors_are_told_asked_or_unasked() -> None:
    peer = asking()
    refusal = line(reply=1, code="bad-delay", error="too long")
    assert peer.hear(refusal) == ServerError("bad-delay", "too long")
    assert peer.info.kind == "reverb"
    assert peer.hear(line(code="draining", error="bye")) == ServerError("draining", "bye")
    off = Negotiation(control=False, raw=False)
    assert off.start() == off.ask(delay=1) == b""
    assert off.hear(line(code="full", error="no")) == ServerError("full", "no")


def test_a_refused_hello_is_followed_by_a_question() -> None:
    peer = Negotiation(control=True, raw=False, delay=60)
    peer.start()
    peer.hear(line(reply=1, code="bad-delay", error="at most 10"))
    assert peer.ask() == control.request(2)
    peer.hear(line(reply=2, code="odd", error="odd"))
    assert peer.ask() == b""


def test_the_limits_are_asked_for_once_wished_for_and_kept() -> None:
    peer = asking()
    assert peer.ask(limits=True) == b""  # the hello is still to be answered
    peer.hear(answer(1))
    assert peer.info.limits is None
    assert peer.ask() == control.request(2, limits=True)
    limits = {"max_line": 100, "idle_timeout": 0.5, "words": "no", "many": 10**300, "yes": True}
    state = {"delay": 1.0, "mode": "concurrent", "delay_max": 60.0, "pending": 0}
    assert peer.hear(line(reply=2, limits=limits, **state)) is CONTROL
    assert peer.info.limits == {"max_line": 100, "idle_timeout": 0.5}
    assert peer.ask(delay=2) == control.request(3, delay=2)
    peer.hear(answer(3, 2))
    assert peer.info.limits == {"max_line": 100, "idle_timeout": 0.5}


@pytest.mark.parametrize("limits", [None, [], 1, "", {}, {"max_line": -1}])
def test_limits_that_are_none_are_left_out(limits: object) -> None:
    peer = asking()
    state = {"delay": 1.0, "mode": "concurrent", "delay_max": 60.0, "pending": 0}
    assert peer.hear(line(reply=1, limits=limits, **state)) is CONTROL
    assert peer.info.limits is None
    assert peer.info.kind == "reverb"


def test_raw_takes_everything_for_text() -> None:
    peer = Negotiation(control=True, raw=True)
    assert peer.start() == b""
    assert peer.hear(line(code="full", error="no")) is TEXT


@pytest.mark.parametrize(
    "bad",
    [
        line(reply=1),
        line(reply=1, delay=True, mode="concurrent"),
        line(reply=1, delay=61, mode="concurrent"),
        line(reply=1, delay=1, mode="loud"),
        line(reply=1, delay=1, mode=["concurrent"]),
        line(reply=True, delay=1, mode="concurrent"),
        line(reply=1, id=1, delay=1, mode="concurrent"),
        line(reply=1, code=5, error=5),
        line(code="full"),
        control.MARK + b'{"reverb":1,"reply":1,"delay":NaN,"mode":"concurrent"}',
        control.MARK + b"[" * 400,
        HELLO.replace(b"1}", b"9}"),
    ],
)
def test_what_only_looks_like_an_answer_is_text(bad: bytes) -> None:
    peer = asking()
    assert peer.hear(bad) is TEXT
    assert peer.info.kind == "asking"


@given(st.binary(max_size=600))
def test_no_line_makes_it_fail(data: bytes) -> None:
    assert asking().hear(b"\x10" + data) in (TEXT, CONTROL)


def test_another_version_is_no_control() -> None:
    peer = asking()
    assert peer.hear(line(reverb=2, reply=1, code="bad-version", error="2 only")) is CONTROL
    assert peer.info.kind == "no control lines"
    assert "version" in (peer.info.reason or "")
