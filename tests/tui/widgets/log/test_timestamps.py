import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_tui.entry import Kind, Timestamps
from reverb_tui.widgets.log.timestamps import WIDTHS, Shouts, clock, since, stamp
from tests.tui.logs import bench, drawn, line, shown

NOON = time.mktime((2026, 3, 1, 12, 0, 0, 0, 0, -1))
TALK = [
    line(Kind.SHOUT, "Hello?", NOON, 1),
    line(Kind.LOUD, "HELLO?", NOON + 0.251, 1),
    line(Kind.NOTICE, "connected", NOON + 1),
    line(Kind.NORMAL, "Hello? " * 12, NOON + 60.25, 1),
    line(Kind.LOUD, "WHO?", NOON + 61, 7),
    line(Kind.PLAIN, "at some time"),
]


def stamps(timestamps: Timestamps) -> list[str]:
    shouts = Shouts(10)
    shouts.note(TALK)
    return [stamp(entry, timestamps, shouts).strip() for entry in TALK]


def test_the_clock_has_milliseconds_and_leaves_out_what_is_not_known() -> None:
    assert stamps(Timestamps.CLOCK) == [
        *("12:00:00.000", "12:00:00.251", "12:00:01.000", "12:01:00.250", "12:01:01.000", ""),
    ]


def test_echoes_have_the_time_since_their_shout() -> None:
    assert stamps(Timestamps.SINCE) == ["", "+0.251 s", "", "+60.250 s", "", ""]


@given(st.floats(-1e9, 1e9), st.sampled_from(Timestamps))
def test_a_stamp_always_has_its_width(instant: float, timestamps: Timestamps) -> None:
    shouts = Shouts(1)
    shouts.note([line(Kind.SHOUT, "", 1.0, 1)])
    entry = line(Kind.LOUD, "", abs(instant), 1)
    assert len(stamp(entry, timestamps, shouts)) == WIDTHS[timestamps]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "+0.000 s"), (-0.001, "-0.001 s"), (120.5, "+120.500 s"), (12345.6, "+12346 s")],
)
def test_times_since_a_shout_are_short(seconds: float, text: str) -> None:
    assert since(seconds) == text


def test_only_the_newest_shouts_are_remembered() -> None:
    shouts = Shouts(2)
    shouts.note([line(Kind.SHOUT, "", 1.0, number) for number in range(1, 6)])
    echoes = [line(Kind.LOUD, "", 2.0, number) for number in range(1, 6)]
    assert [shouts.since(echo) for echo in echoes] == [None, None, None, 1.0, 1.0]


def test_a_key_goes_round_through_all_of_them() -> None:
    seen = [Timestamps.NONE]
    while (after := seen[-1].after) not in seen:
        seen.append(after)
    assert seen == [*Timestamps]


async def test_times_stand_at_the_right_edge_of_a_line_and_its_text_keeps_clear_of_them() -> None:
    async with bench(TALK, (41, 12)) as (_, log, pilot):
        plain = shown(log)
        log.timestamps = Timestamps.CLOCK
        await drawn(pilot)
        assert shown(log)[:6] == [
            "Hello?                      12:00:00.000",
            "    HELLO?                  12:00:00.251",
            "· connected                 12:00:01.000",
            "    Hello? Hello? Hello?    12:01:00.250",
            "    Hello? Hello? Hello?",
            "    Hello? Hello? Hello?",
        ]
        log.timestamps = Timestamps.SINCE
        await drawn(pilot)
        assert shown(log)[1] == "    HELLO?" + "+0.251 s".rjust(30)
        log.timestamps = Timestamps.NONE
        await drawn(pilot)
        assert shown(log) == plain


async def test_a_narrow_log_has_no_room_for_times() -> None:
    async with bench(TALK, (30, 12)) as (_, log, pilot):
        plain = shown(log)
        log.timestamps = Timestamps.CLOCK
        await drawn(pilot)
        assert shown(log) == plain
        await pilot.resize_terminal(41, 12)
        await drawn(pilot)
        assert shown(log)[0].endswith(clock(NOON))


async def test_times_are_not_copied() -> None:
    async with bench(TALK, (41, 12)) as (app, log, pilot):
        log.timestamps = Timestamps.CLOCK
        await drawn(pilot)
        await pilot.mouse_down(log, offset=(0, 0))
        await pilot.hover(log, offset=(38, 1))
        await pilot.mouse_up(log, offset=(38, 1))
        assert app.screen.get_selected_text() == "Hello?\n    HELLO?"
