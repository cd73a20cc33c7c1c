from typing import Any

import pytest

from reverb_tui.options import Options


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"host": ""}, "host is empty"),
        ({"host": "a\0b"}, "host is empty"),
        ({"host": "a", "port": 0}, "port 0 is out of range"),
        ({"host": "a", "port": 65_536}, "port 65536 is out of range"),
        ({"port": 8000}, "port needs a host"),
        ({"delay": 61}, "delay 61 is out of range: give seconds from 0 to 60"),
        ({"delay": -1}, "delay -1 is out of range"),
        ({"delay": float("nan")}, "delay nan is out of range"),
        ({"mode": "plain"}, "mode 'plain' is unknown: choose concurrent or sequential"),
        ({"host": "a", "delay": 1, "control": "off"}, "delay can't be asked for with --control"),
        ({"host": "a", "mode": "sequential", "control": "off"}, "mode can't be asked for with"),
        ({"host": "a", "delay": 1, "raw": True}, "delay can't be asked for with --raw"),
        ({"control": "on"}, "control 'on' is unknown: choose auto or off"),
    ],
)
def test_what_can_not_be_is_one_sentence(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match="^" + sentence.replace("(", r"\(")):
        Options(**wrong)


def test_an_embedded_server_has_a_delay_and_a_mode_without_being_asked() -> None:
    options = Options(delay=0.5, mode="sequential", control="off")
    assert not options.sends_control_lines


@pytest.mark.parametrize("silent", [{"raw": True}, {"control": "off"}])
def test_no_control_lines_where_they_are_not_wanted(silent: dict[str, Any]) -> None:
    assert Options(host="a").sends_control_lines
    assert not Options(host="a", **silent).sends_control_lines
