"""Conversations for the core, drawn or written down, and how a reverb goes through them."""

from itertools import groupby

from hypothesis import strategies as st

from reverb_server.core import control
from reverb_server.core.reverb import Reverb
from tests.core.oracle import Call, End, Hear, Speak

MODES: list[control.ReverbMode] = ["concurrent", "sequential"]
FOREVER = 1e6

# Quarters of a second: every sum of them is exact, so that equal instants really are equal.
DELAYS = st.integers(0, 8).map(lambda quarters: quarters / 4)
LINES = st.one_of(
    st.sampled_from(
        [b"", b"a", b"B", b"Hey", "Straße".encode(), b"\xff\xc3", b"x\ry", b"12345678"]
    ),
    st.sampled_from([b"123456789", b"1234567890", b"x" * 30]),
    st.builds(lambda delay: control.request(1, delay=delay)[:-1], DELAYS),
    st.builds(lambda mode: control.request(2, mode=mode)[:-1], st.sampled_from(MODES)),
    st.builds(
        lambda delay, mode: control.request(3, delay=delay, mode=mode)[:-1],
        DELAYS,
        st.sampled_from(MODES),
    ),
    st.sampled_from([control.request(4)[:-1], control.request(5, delay=61)[:-1], b"\x10{}"]),
)
ENDINGS = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\r\r\n", b""])
READS = st.lists(st.builds(lambda line, ending: line + ending, LINES, ENDINGS), max_size=6).map(
    b"".join
)
# The limit is long enough for every request, or so short that many lines are refused.
LIMITS = st.sampled_from([8, 64, 65_536])


@st.composite
def conversations(draw: st.DrawFn, end: bool = False) -> list[Call]:
    """Draw calls in order of time, many of them at one instant."""
    calls: list[Call] = []
    now = 0.0
    for _ in range(draw(st.integers(1, 12))):
        now += draw(st.sampled_from([0, 0, 1, 1, 2, 3, 4, 8, 17])) / 4
        hears = draw(st.booleans())
        calls.append(Hear(now, draw(READS)) if hears else Speak(now))
    if end or draw(st.booleans()):
        now += draw(st.integers(0, 4)) / 4
        calls.append(End(now))
        later = draw(st.lists(st.integers(0, 8), max_size=5))
        for quarters in later:
            now += quarters / 4
            calls.append(Speak(now))
    return calls


SETTINGS = st.fixed_dictionaries(
    {"delay": DELAYS, "mode": st.sampled_from(MODES), "max_line": LIMITS}
)


def new(
    *, delay: float = 1.0, mode: control.ReverbMode = "concurrent", max_line: int = 65_536
) -> Reverb:
    return Reverb(delay=delay, mode=mode, max_line=max_line)


def do(reverb: Reverb, call: Call) -> bytes:
    match call:
        case Hear(now, data):
            reverb.hear(data, now)
        case End(now):
            reverb.end(now)
        case Speak(now):
            return speak_all(reverb, now)
    return b""


def speak_all(reverb: Reverb, now: float) -> bytes:
    return b"".join(iter(lambda: reverb.speak(now), b""))


def spoken(reverb: Reverb, calls: list[Call]) -> list[bytes]:
    """Return what each call to speak handed out."""
    outputs = [(call, do(reverb, call)) for call in calls]
    return [output for call, output in outputs if isinstance(call, Speak)]


def joined(calls: list[Call]) -> list[Call]:
    """Put neighbouring reads of one instant together."""
    result: list[Call] = []
    for (kind, now), group in groupby(calls, key=lambda call: (type(call), call.instant)):
        same = list(group)
        if kind is Hear:
            result.append(Hear(now, b"".join(call.data for call in same if isinstance(call, Hear))))
        else:
            result += same
    return result


def performance(reverb: Reverb, reads: list[Hear]) -> list[tuple[float, bytes]]:
    """Let a clock that is never late run the conversation; return who said what and when."""
    said: list[tuple[float, bytes]] = []

    def speak_until(instant: float) -> None:
        while reverb.next_due is not None and reverb.next_due <= instant:
            due = reverb.next_due
            said.extend((due, line + b"\n") for line in reverb.speak(due).split(b"\n")[:-1])

    for now, data in reads:
        speak_until(now)
        reverb.hear(data, now)
        speak_until(now)
    reverb.end(reads[-1].instant)
    speak_until(FOREVER)
    assert reverb.done
    return said


def request(**change: float | str) -> bytes:
    return control.request(1, **change)  # type: ignore[arg-type]


def performed(mode: control.ReverbMode, *reads: Hear) -> list[tuple[float, bytes]]:
    said = performance(new(delay=1.0, mode=mode), list(reads))
    return [(due, line) for due, line in said if not line.startswith(control.MARK)]
