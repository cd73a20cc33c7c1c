"""The client's conversation and the server's core meet in memory: no loop, no socket, no clock."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core import control
from reverb_server.core.control import ReverbMode
from reverb_server.core.reverb import Reverb
from reverb_server.core.voice import INDENT
from reverb_tui.display import LONGEST_LINE
from reverb_tui.protocol.conversation import SLICE, Conversation
from reverb_tui.protocol.events import Changed, Event, Heard
from reverb_tui.protocol.negotiation import ServerError

HELLO = b'\x10{"reverb":1,"id":1}'

Cut = Callable[[bytes], list[bytes]]
Step = Callable[["Meeting"], None]


def at(*places: int) -> Cut:
    """Make a function that cuts bytes at these places, modulo their number."""

    def cut(data: bytes) -> list[bytes]:
        bounds = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
        return [data[begin:end] for begin, end in pairwise(bounds)]

    return cut


WHOLE = at()


def merged(events: list[Event]) -> list[Event]:
    """Join what was heard at one instant: how many reads brought it is chance."""
    result: list[Event] = []
    for event in events:
        last = result[-1] if result else None
        if isinstance(event, Heard) and isinstance(last, Heard) and event.instant == last.instant:
            goes_on = {*last.goes_on, *(len(last.lines) + index for index in event.goes_on)}
            lines, data = last.lines + event.lines, last.data + event.data
            result[-1] = Heard(lines, event.instant, goes_on, data)
        else:
            result.append(event)
    return result


class Meeting:
    """Both sides of one connection, which carries every byte at once, cut by ``cut``."""

    def __init__(
        self,
        *,
        mode: ReverbMode = "concurrent",
        max_line: int = 65_536,
        cut: Cut = WHOLE,
        **options: Any,
    ) -> None:
        self.now = 0.0
        self.client = Conversation(self.now, **options)
        self.server = Reverb(delay=1.0, mode=mode, max_line=max_line, limits={"max_line": 8})
        self.events: list[Event] = []
        self._cut = cut
        self._input_ended = False
        self._carry()

    def shout(self, *texts: bytes) -> None:
        self.client.shout(*texts)
        self._carry()

    def ask(self, **wish: Any) -> None:
        self.client.ask(self.now, **wish)
        self._carry()

    def half_close(self) -> None:
        self.client.half_close()
        self._carry()

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := self.server.next_due) is not None and due <= until:
            self.now = due
            self._carry()
        self.now = until

    @property
    def heard(self) -> list[tuple[float, bytes]]:
        """The instant and the text of every line."""
        return [
            (event.instant, line)
            for event in self.events
            if isinstance(event, Heard)
            for line in event.lines
        ]

    def _carry(self) -> None:
        """Carry bytes in both directions, until neither side has more to say at this instant."""
        while True:
            sent = self.client.data_to_send()
            for data in self._cut(sent):
                self.server.hear(data, self.now)
            if self.client.half_closed and not self._input_ended:
                self._input_ended = True
                self.server.end(self.now)
            said = self.server.speak(self.now)
            for data in self._cut(said):
                self.events += self.client.hear(data, self.now)
            if not sent and not said:
                break
        if self.server.done and not self.client.ended:
            rest = self.client.end()
            self.events += [rest] if rest.lines else []


def test_a_shout_comes_back_three_times_each_echo_when_it_is_due() -> None:
    meeting = Meeting(delay=2.0)
    meeting.shout(b"Hello?")
    meeting.wait(0.5)
    meeting.ask(delay=0.25)
    meeting.wait(10)
    assert meeting.heard == [(0.0, b"\t HELLO?"), (0.5, b"\t Hello?"), (0.5, b"\t hello?")]
    info = meeting.client.info
    assert (info.kind, info.delay, info.mode) == ("reverb", 0.25, "concurrent")


def test_sequential_shouts_take_turns() -> None:
    meeting = Meeting(mode="sequential", control=False)
    meeting.shout(b"One", b"Two")
    meeting.wait(10)
    assert meeting.heard == [
        (0.0, b"\t ONE"),
        (1.0, b"\t One"),
        (2.0, b"\t one"),
        (2.0, b"\t TWO"),
        (3.0, b"\t Two"),
        (4.0, b"\t two"),
    ]


def test_every_echo_comes_after_the_half_close_and_then_the_end() -> None:
    meeting = Meeting()
    meeting.shout(b"Hello?")
    meeting.half_close()
    meeting.shout(b"too late")
    meeting.ask(delay=2.0)
    meeting.wait(10)
    assert [instant for instant, _ in meeting.heard] == [0.0, 1.0, 2.0]
    assert meeting.client.ended
    assert meeting.client.info.wished is None


def test_a_change_says_when_it_was_asked_for() -> None:
    client = Conversation(1.0, delay=0.5)
    answer = control.state(1, delay=0.5, mode="concurrent", pending=0)
    client.ask(2.0, delay=3.0)
    assert client.data_to_send() == control.request(1, delay=0.5)  # the second one waits
    (first,) = client.hear(answer, 4.0)
    assert isinstance(first, Changed)
    assert (first.asked, first.info.delay, first.info.wished) == (1.0, 0.5, 3.0)
    assert client.data_to_send() == control.request(2, delay=3.0)
    (second,) = client.hear(control.state(2, delay=3, mode="concurrent", pending=0), 5.0)
    assert isinstance(second, Changed)
    assert (second.asked, second.info.wished) == (4.0, None)


def test_the_end_of_a_wish_is_news_even_if_it_was_refused() -> None:
    meeting = Meeting()
    meeting.ask(delay=61.0)
    changed, refused = meeting.events[-2:]
    assert isinstance(changed, Changed)
    assert (changed.info.wished, changed.info.delay) == (None, 1.0)
    assert isinstance(refused, ServerError)
    assert refused.code == "bad-delay"


def test_a_line_that_was_refused_says_so_between_the_echoes_of_others() -> None:
    meeting = Meeting(max_line=30)
    meeting.shout(b"One", b"x" * 31, b"Two")
    kinds = [type(event) for event in meeting.events]
    assert kinds == [Changed, Heard, ServerError, Heard]


@pytest.mark.parametrize(
    ("options", "end"), [({}, b"\n"), ({"crlf": True}, b"\r\n")], ids=["lf", "crlf"]
)
def test_shouts_end_as_asked_for_and_other_bytes_stay(options: dict[str, Any], end: bytes) -> None:
    client = Conversation(0.0, **options)
    client.shout(b"a", b"b")
    client.send(b"as it is")
    assert client.data_to_send() == HELLO + b"\na" + end + b"b" + end + b"as it is"
    assert client.data_to_send() == b""


def test_without_control_nothing_is_sent_that_was_not_shouted() -> None:
    client = Conversation(0.0, control=False)
    client.ask(0.0, delay=2.0)
    assert client.data_to_send() == b""
    assert client.info.wished is None


def test_a_stranger_is_sent_no_requests_and_everything_it_sends_is_text() -> None:
    client = Conversation(0.0)
    client.take_for_stranger()
    client.ask(0.0, delay=2.0)
    assert client.data_to_send() == HELLO + b"\n"
    (heard,) = client.hear(control.error("full", "no"), 1.0)
    assert isinstance(heard, Heard)
    assert heard.data == control.error("full", "no")


def test_many_lines_are_events_that_are_handled_quickly() -> None:
    data = b"line\n" * (2 * SLICE + 1)
    events = Conversation(0.0, control=False).hear(data, 1.0)
    heard = [event for event in events if isinstance(event, Heard)]
    assert [len(event.lines) for event in heard] == [SLICE, SLICE, 1]
    assert [event.data for event in heard] == [data, b"", b""]


def test_bytes_alone_are_passed_as_they_come() -> None:
    client = Conversation(0.0, lines=False)
    client.data_to_send()
    answer = control.state(1, delay=1.0, mode="concurrent", pending=0)
    heard, changed, rest = client.hear(b"a\r\nb\n" + answer + b"c\n\x10{", 1.0)
    assert heard == Heard([], 1.0, (), b"a\r\nb\n")
    assert isinstance(changed, Changed)
    assert rest == Heard([], 1.0, (), b"c\n")
    assert (client.unfinished, client.cut()) == (b"", Heard([], 1.0))
    assert client.end() == Heard([], 1.0, (), b"\x10{")


def test_what_has_not_ended_is_kept_until_it_is_cut_or_the_end() -> None:
    client = Conversation(0.0, control=False)
    assert client.hear(b"login: ", 1.0) == [Heard([], 1.0, set(), b"login: ")]
    assert client.unfinished == b"login: "
    assert client.cut() == Heard([b"login: "], 1.0, {0})
    assert client.cut() == Heard([], 1.0)
    client.hear(b"\nmore\n\t \x10{", 2.0)
    assert client.end() == Heard([b"\t \x10{"], 2.0, {0}, b"\t \x10{")
    assert not client.open


TEXTS = st.sampled_from(
    [b"Hello", b"", b"Stra\xc3\x9fe", b"\xff\r", b"\x10", HELLO, INDENT + HELLO, b"x" * 31]
) | st.sampled_from([b"y" * 64, "é".encode() * LONGEST_LINE, b"\x10{" + b" " * 600])
WISHES: list[dict[str, Any]] = [
    {"delay": 0.0},
    {"delay": 0.25},
    {"delay": 61.0},
    {"mode": "concurrent"},
    {"mode": "sequential"},
    {"limits": True},
]


def shouting(*texts: bytes) -> Step:
    return lambda meeting: meeting.shout(*texts)


def asking(wish: dict[str, Any]) -> Step:
    return lambda meeting: meeting.ask(**wish)


def waiting(seconds: float) -> Step:
    return lambda meeting: meeting.wait(seconds)


STEPS = st.lists(
    st.one_of(
        st.builds(shouting, TEXTS, TEXTS),
        st.builds(asking, st.sampled_from(WISHES)),
        st.builds(waiting, st.sampled_from([0.125, 0.5, 2.0])),
        st.just(Meeting.half_close),
    ),
    max_size=12,
)
PLACES = st.lists(st.integers(0, 40_000), max_size=6)
OPTIONS = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["concurrent", "sequential"]),
        "max_line": st.sampled_from([30, 65_536]),
        "control": st.booleans(),
        "crlf": st.booleans(),
        "delay": st.sampled_from([None, 0.0, 0.5]),
    }
)


@given(STEPS, OPTIONS, PLACES)
def test_any_split_of_the_bytes_at_the_same_instants_gives_the_same_events(
    steps: list[Step], options: dict[str, Any], places: list[int]
) -> None:
    meetings = [Meeting(cut=cut, **options) for cut in (WHOLE, at(*places))]
    for meeting in meetings:
        for step in steps:
            step(meeting)
        meeting.wait(1000)
    at_once, in_pieces = meetings
    assert merged(in_pieces.events) == merged(at_once.events)
    assert in_pieces.client.info == at_once.client.info
    assert in_pieces.client.unfinished == at_once.client.unfinished
    assert in_pieces.server.shouts == at_once.server.shouts


@given(STEPS, OPTIONS, PLACES)
def test_every_byte_of_every_echo_arrives(
    steps: list[Step], options: dict[str, Any], places: list[int]
) -> None:
    meeting = Meeting(cut=at(*places), **options)
    for step in steps:
        step(meeting)
    meeting.wait(1000)
    text = b"".join(
        line + b"\n" * (index not in event.goes_on)
        for event in meeting.events
        if isinstance(event, Heard)
        for index, line in enumerate(event.lines)
    )
    assert text.count(b"\n") == meeting.server.echoes == 3 * meeting.server.shouts
    assert meeting.client.unfinished == b""


FOREIGN = [
    b"\n",
    b"\t ",
    b"\x10",
    b"\r\n",
    b"text",
    HELLO,
    HELLO + b"\n",
    INDENT + HELLO.upper() + b"\n",
    control.state(1, delay=1.0, mode="concurrent", pending=0),
    control.error("draining", "bye"),
    b"z" * (LONGEST_LINE + 1),
]


@given(st.lists(st.sampled_from(FOREIGN), max_size=12), PLACES, st.booleans())
def test_a_split_of_what_any_server_sends_gives_the_same_events(
    parts: list[bytes], places: list[int], control_lines: bool
) -> None:
    results = []
    for cut in (WHOLE, at(*places)):
        client = Conversation(0.0, control=control_lines)
        events = [event for data in cut(b"".join(parts)) for event in client.hear(data, 1.0)]
        results.append((merged(events), client.info, client.unfinished, client.end()))
    assert results[0] == results[1]


@given(st.binary(max_size=200), PLACES)
def test_no_bytes_make_it_fail_and_none_are_lost(data: bytes, places: list[int]) -> None:
    client = Conversation(0.0)
    events = [event for part in at(*places)(data) for event in client.hear(part, 1.0)]
    passed = [event.data for event in events if isinstance(event, Heard)]
    assert b"".join([*passed, client.end().data]) == data
