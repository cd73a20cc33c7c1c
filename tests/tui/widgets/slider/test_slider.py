from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from reverb_tui.widgets.slider import DelaySlider, scale
from reverb_tui.widgets.slider.slider import seconds
from tests.tui.screen import until

maxima = st.floats(min_value=0.05, max_value=86_400)
any_maxima = st.floats(min_value=0, max_value=86_400)
"""What a server may say, however odd."""
widths = st.integers(min_value=8, max_value=400)


@given(maxima, widths)
def test_both_ends_are_exact(maximum: float, cells: int) -> None:
    assert scale.value_at(0, maximum, cells) == 0
    assert scale.value_at(-5, maximum, cells) == 0
    assert scale.value_at(cells - 1, maximum, cells) == maximum
    assert scale.value_at(cells + 5, maximum, cells) == maximum
    assert scale.cell(0, maximum, cells) == 0
    assert scale.cell(maximum, maximum, cells) == cells - 1


@given(maxima, widths, st.data())
def test_the_thumb_lies_where_the_hand_is(maximum: float, cells: int, data: st.DataObject) -> None:
    cell = data.draw(st.integers(0, cells - 1))
    assert scale.cell(scale.value_at(cell, maximum, cells), maximum, cells) == cell


@given(maxima, widths)
def test_further_right_is_never_shorter(maximum: float, cells: int) -> None:
    values = [scale.value_at(cell, maximum, cells) for cell in range(cells)]
    assert all(left < right for left, right in pairwise(values))


@given(any_maxima, widths, st.floats(0, 1))
def test_whatever_the_maximum_the_thumb_stays_on_the_track(
    maximum: float, cells: int, part: float
) -> None:
    assert 0 <= scale.cell(part * maximum, maximum, cells) < cells
    assert 0 <= scale.value_at(round(part * cells), maximum, cells) <= maximum


@given(maxima, widths, st.floats(0, 1))
def test_only_the_ends_lie_at_the_ends(maximum: float, cells: int, part: float) -> None:
    cell = scale.cell(part * maximum, maximum, cells)
    assert (cell == 0) == (part * maximum == 0)
    assert (cell == cells - 1) == (part * maximum == maximum)


def test_the_mouse_finds_round_values() -> None:
    values = [scale.value_at(cell, 60, 30) for cell in range(30)]
    assert values == [float(f"{value:.2g}") for value in values]
    assert {0.1, 1.0, 10.0} & set(values)


@given(any_maxima, st.floats(0, 1), st.integers(1, 20))
def test_steps_there_and_back_come_to_the_same_value(
    maximum: float, part: float, steps: int
) -> None:
    value = part * maximum
    for way in (steps, -steps):
        there = scale.stepped(value, way, maximum, value)
        if 0 < there < maximum:
            assert scale.stepped(there, -way, maximum, value) == value


@given(any_maxima, st.floats(0, 1))
def test_steps_end_at_the_ends(maximum: float, part: float) -> None:
    assert scale.stepped(part * maximum, 10_000, maximum, 0.0) == maximum
    assert scale.stepped(part * maximum, -10_000, maximum, 0.0) == 0
    assert scale.stepped(part * maximum, 0, maximum, 0.0) == part * maximum


@given(any_maxima, st.floats(0, 1))
def test_every_step_moves_to_the_neighbour(maximum: float, part: float) -> None:
    value = part * maximum
    up = scale.stepped(value, 1, maximum, value)
    assert up > value or value == maximum
    assert not [nice for nice in scale.nice_values(maximum) if value < nice < up]


def test_nice_values_are_nice() -> None:
    assert scale.nice_values(60)[:5] == (0.0, 0.01, 0.012, 0.015, 0.02)
    assert {0.1, 0.25, 0.5, 1.0, 2.0, 10.0, 60.0} <= set(scale.nice_values(60))
    assert scale.nice_values(0) == (0.0,)
    assert scale.stepped(0, 1, 0, 0.0) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.00 s"),
        (0.0004, "0.0004 s"),
        (0.012, "0.012 s"),
        (0.25, "0.25 s"),
        (1, "1.00 s"),
        (60, "60.00 s"),
    ],
)
def test_a_delay_is_shown_plainly(value: float, text: str) -> None:
    assert seconds(value) == text


class Bench(App[None]):
    AUTO_FOCUS = None

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[float] = []

    def compose(self) -> ComposeResult:
        yield DelaySlider()

    def on_delay_slider_changed(self, message: DelaySlider.Changed) -> None:
        self.changes.append(message.value)


@asynccontextmanager
async def bench() -> AsyncIterator[tuple[Bench, DelaySlider, Pilot[None]]]:
    app = Bench()
    async with app.run_test(size=(60, 3)) as pilot:
        slider = app.query_one(DelaySlider)
        slider.value = slider.confirmed = 1.0
        await pilot.pause()
        yield app, slider, pilot


def drawn(slider: DelaySlider) -> str:
    return slider.render_line(0).text


async def test_it_looks_like_a_slider() -> None:
    async with bench() as (_, slider, pilot):
        assert drawn(slider).startswith("delay 0 ├━━")
        assert drawn(slider).rstrip().endswith("━━┤ 60 s   1.00 s")
        slider.value = 0
        await pilot.pause()
        assert "├●━" in drawn(slider)
        slider.value = 60
        await pilot.pause()
        assert "━●┤" in drawn(slider)


async def test_a_value_that_is_not_confirmed_says_so_in_words() -> None:
    async with bench() as (_, slider, pilot):
        slider.step(1)
        await pilot.pause()
        assert drawn(slider).rstrip().endswith("1.20 s (asking)")
        slider.confirmed = 1.2
        await pilot.pause()
        assert drawn(slider).rstrip().endswith("1.20 s")


async def test_everything_fits_into_any_width_and_stays_in_place() -> None:
    async with bench() as (_, slider, pilot):
        for width in (20, 25, 31, 32, 49, 50, 200):
            await pilot.resize_terminal(width, 3)
            await until(lambda width=width: slider.size.width == width)  # type: ignore[misc]
            ends = set()
            for value in (0.0, 0.012, 60.0):
                slider.value = value
                await pilot.pause()
                line = drawn(slider)
                assert len(line) <= width, width
                assert seconds(value) in line, width
                assert "asking" in line or "?" in line, width
                ends.add((line.index("├"), line.index("┤")))
            assert len(ends) == 1, width


async def test_keys_move_and_only_moves_of_the_user_are_told() -> None:
    async with bench() as (app, slider, pilot):
        slider.focus()
        slider.value = 0.37
        await pilot.press("right", "left", "left", "home", "home", "end")
        assert app.changes == [0.4, 0.37, 0.3, 0.0, 60.0]


async def test_click_and_drag_follow_the_hand_even_outside() -> None:
    async with bench() as (app, slider, pilot):
        left, right = drawn(slider).index("├") + 1, drawn(slider).index("┤") - 1
        await pilot.mouse_down(slider, offset=(left, 0))
        for x in range(left + 1, right + 1):
            await pilot.hover(slider, offset=(x, 0))
            assert drawn(slider).index("●") == x
        await pilot.hover(slider, offset=(59, 2))
        assert slider.value == 60
        await pilot.hover(slider, offset=(0, 2))
        assert slider.value == 0
        await pilot.mouse_up(slider, offset=(0, 2))
        await pilot.hover(slider, offset=(right, 0))
        assert slider.value == 0
        assert app.changes[0] == 0
        assert app.changes[-2:] == [60, 0]
        assert app.focused is None


async def test_the_wheel_steps() -> None:
    async with bench() as (app, slider, pilot):
        await pilot._post_mouse_events([events.MouseScrollUp], widget=slider)
        await pilot._post_mouse_events([events.MouseScrollDown], widget=slider)
        assert app.changes == [1.2, 1.0]


async def test_disabled_it_stays_where_it_is_and_says_why() -> None:
    async with bench() as (app, slider, pilot):
        slider.disabled = True
        slider.reason = "this server knows no [/control] lines"
        await pilot.pause()
        assert drawn(slider).rstrip() == "delay  this server knows no [/control] lines"
        slider.step(1)
        await pilot.click(slider, offset=(20, 0))
        assert slider.value == 1.0
        assert app.changes == []


async def test_a_shorter_maximum_takes_the_value_along() -> None:
    async with bench() as (app, slider, pilot):
        slider.maximum = 0.5
        await pilot.pause()
        assert slider.value == 0.5
        assert app.changes == []
        slider.maximum = 0
        await pilot.pause()
        slider.step(1)
        assert slider.value == 0
