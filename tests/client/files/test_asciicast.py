"""Recordings are asciicast: JSON lines, and nothing in them but what draws."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_tui.files import asciicast
from reverb_tui.files.asciicast import drawing
from reverb_tui.terminal.modes import LEAVE, entering

FRAME = (
    "\x1b[1;1H\x1b[1;38;5;247;48;2;1;2;3mHello? 世界 ␛[31m\x1b[0m\n\x1b[2;1H \x1b[24G\x1b[K\x1b[2J"
)


def test_the_first_line_has_what_a_player_needs() -> None:
    line = asciicast.header(100, 24, 1_700_000_000.75, "xterm")
    assert line.endswith(b"}\n")
    assert json.loads(line) == {
        "version": 2,
        "width": 100,
        "height": 24,
        "timestamp": 1_700_000_000,
        "env": {"TERM": "xterm"},
    }


@given(st.floats(0, 1e6), st.text())
def test_an_event_is_one_line_of_utf_8_whatever_was_drawn(seconds: float, text: str) -> None:
    line = asciicast.output(seconds, text)
    assert line.count(b"\n") == 1
    instant, kind, drawn = json.loads(line.decode())
    assert abs(instant - seconds) < 1e-5
    assert kind == "o"
    assert drawn == text


def test_half_a_surrogate_is_no_json_and_is_replaced() -> None:
    assert json.loads(asciicast.output(0, "a\ud800b").decode())[2] == "a?b"


def test_another_size_has_the_columns_first() -> None:
    assert json.loads(asciicast.resize(1.25, 60, 20)) == [1.25, "r", "60x20"]


def test_a_frame_is_recorded_as_it_is() -> None:
    assert drawing(FRAME) == FRAME


@pytest.mark.parametrize(
    "other",
    [
        "\x1b[6n",
        "\x1b]52;c;c2VjcmV0\x07",
        "\x1b]22;pointer\x1b\\",
        "\x1b[?2026h",
        "\x1b[>29u",
        "\x1b[?2026$p",
        "\x1b7",
        "\x07",
        entering(again=True),
    ],
)
def test_what_would_act_on_the_terminal_of_a_player_is_left_out(other: str) -> None:
    assert drawing(f"{other}{FRAME}{other}{FRAME}{other}") == FRAME * 2


def test_of_the_way_out_only_the_look_is_left() -> None:
    assert drawing(LEAVE) == "\x1b[m"
