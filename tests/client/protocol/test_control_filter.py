"""Control lines are taken out of what comes; every other byte passes untouched."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core import control
from reverb_tui.protocol.control_filter import ControlFilter
from reverb_tui.protocol.negotiation import Negotiation, Verdict

HELLO = control.request(1)[:-1]
ANSWER = control.state(1, delay=1.0, mode="concurrent", pending=0)[:-1]


def asking() -> Negotiation:
    negotiation = Negotiation(control=True, raw=False)
    negotiation.start()
    return negotiation


PARTS = [b"\n", b"\t ", b"\x10", HELLO, b"text", ANSWER + b"\n", HELLO.upper() + b"\n", b"\r\n"]


@given(st.lists(st.sampled_from(PARTS), max_size=20), st.data())
def test_any_split_gives_the_same(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    at_once, in_pieces = asking(), asking()
    expected = passed(at_once, [whole])
    splits = sorted(data.draw(st.sets(st.integers(0, len(whole)))) | {0, len(whole)})
    assert passed(in_pieces, [whole[a:b] for a, b in pairwise(splits)]) == expected
    assert in_pieces.info == at_once.info


def passed(negotiation: Negotiation, reads: list[bytes]) -> bytes:
    control_filter = ControlFilter(negotiation)
    pieces = [piece for read in reads for piece in control_filter.feed(read)]
    text = b"".join(piece for piece in pieces if isinstance(piece, bytes))
    return text + control_filter.end()


@given(st.binary(max_size=100), st.integers(0, 100))
def test_the_filter_lets_other_bytes_through_untouched(data: bytes, at: int) -> None:
    assert passed(asking(), [data[:at], data[at:]]) == data


def test_the_filter_holds_back_no_more_than_a_control_line() -> None:
    control_filter = ControlFilter(asking())
    assert list(control_filter.feed(b"\x10" + b"x" * 1000)) == [b"\x10" + b"x" * 1000]
    assert list(control_filter.feed(b"\x10{")) == [b"\x10{"]


def test_each_verdict_stands_where_its_line_stood() -> None:
    came = list(ControlFilter(asking()).feed(b"a\n" + ANSWER + b"\nb\n" + HELLO))
    assert came == [b"a\n", Verdict.CONTROL, b"b\n"]
