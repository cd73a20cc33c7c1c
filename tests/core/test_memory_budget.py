"""How much of a read may be heard: never more than keeps a connection within its bound."""

from hypothesis import given, settings
from hypothesis import strategies as st

from reverb_server.core.control import request
from reverb_server.core.memory_budget import READ_SIZE, REQUESTS_AT_ONCE, MemoryBudget
from reverb_server.core.reverb import Reverb
from reverb_server.settings import LEAST_PENDING

LINES = [b"\n", b"\r\n", b"a\n", b"x", b"x" * 500, "ΐ\n".encode(), b"\xff\n", b"y" * 600 + b"\n"]
REQUESTS = [b"\x10\n", request(1), request(2, delay=1.5), request(3, mode="sequential")]
PIECES = st.sampled_from(LINES + REQUESTS)
READS = st.lists(st.tuples(PIECES, st.integers(1, 4000)), max_size=40)


@settings(max_examples=50)
@given(
    reads=READS,
    most=st.sampled_from([LEAST_PENDING, 10_000, 65_536, 1_048_576]),
    speaks=st.booleans(),
)
def test_what_is_heard_and_what_it_becomes_never_exceed_the_bound(
    reads: list[tuple[bytes, int]], most: int, speaks: bool
) -> None:
    bound = MemoryBudget(most)
    echo = Reverb(delay=10, mode="concurrent", max_line=512)
    now = 0.0
    for piece, times in reads:
        data = (piece * times)[: bound.reading]
        while data:
            share = bound.share(data, echo.held)
            assert 0 <= share <= len(data)
            if not share:
                break
            echo.hear(data[:share], now)
            data = data[share:]
            now += 0.5
            chunk = echo.speak(now, bound.speaking) if speaks else b""
            assert len(chunk) <= bound.speaking
            assert echo.held + len(data) + len(chunk) <= most


@given(st.binary(min_size=1, max_size=READ_SIZE), st.sampled_from([4096, 65_536, 1_048_576]))
def test_who_holds_nothing_is_always_heard(data: bytes, most: int) -> None:
    assert MemoryBudget(most).share(data, 0) > 0


def test_who_holds_half_the_bound_is_heard_no_more() -> None:
    bound = MemoryBudget(100_000)
    assert bound.share(b"x" * 10, 50_000) == 0
    assert bound.share(b"x" * 10, 40_000) == 10


def test_a_read_full_of_requests_is_heard_in_small_parts() -> None:
    assert MemoryBudget(1_048_576).share(request(1) * 3000, 0) == REQUESTS_AT_ONCE
