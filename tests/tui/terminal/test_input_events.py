"""What comes of the mouse where it points beyond the screen."""

import pytest
from textual.events import MouseDown, MouseEvent, MouseMove, MouseScrollDown, MouseUp
from textual.geometry import Size

from reverb_tui.terminal.input_decoder import Decoder
from reverb_tui.terminal.input_events import within

SIZE = Size(80, 24)


def mouse(report: str) -> MouseEvent:
    (event,) = Decoder().feed(f"\x1b[<{report}".encode())
    assert isinstance(event, MouseEvent)
    return event


@pytest.mark.parametrize("report", ["0;81;1M", "0;1;25M", "2;99999;99999M", "64;81;1M", "65;1;25M"])
def test_a_press_beyond_the_screen_is_none(report: str) -> None:
    assert within(mouse(report), SIZE) is None


@pytest.mark.parametrize("report", ["0;80;24M", "0;1;1M", "65;80;1M", "35;3;4M", "0;5;6m"])
def test_what_is_on_the_screen_stays_as_it_is(report: str) -> None:
    event = mouse(report)
    assert within(event, SIZE) is event


@pytest.mark.parametrize(
    ("report", "kind", "place"),
    [
        ("35;99999;4M", MouseMove, (79, 3)),
        ("32;4;99999M", MouseMove, (3, 23)),
        ("0;99999;99999m", MouseUp, (79, 23)),
    ],
)
def test_a_drag_that_leaves_the_screen_goes_on_at_its_edge(
    report: str, kind: type[MouseEvent], place: tuple[int, int]
) -> None:
    event = within(mouse(report), SIZE)
    assert isinstance(event, kind)
    assert (event.x, event.y) == (event.screen_x, event.screen_y) == place


def test_wheel_and_button_are_told_apart() -> None:
    assert isinstance(mouse("65;1;1M"), MouseScrollDown)
    assert isinstance(mouse("0;1;1M"), MouseDown)
