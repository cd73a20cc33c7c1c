"""Only what changed is painted; what is seen is what a whole painting would show."""

import asyncio
import random
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import CompositorUpdate
from textual._styles_cache import StylesCache
from textual.pilot import Pilot
from textual.strip import Strip

from reverb_tui.display import visible_text
from reverb_tui.entry import Entry, Kind, Timestamps
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.log.painting import PaintedRows, segments
from tests.tui.logs import Bench, bench, drawn, line, numbered, without_colours
from tests.tui.screen import GIVE_UP_AFTER

anything = st.text(st.characters(), max_size=40).map(visible_text)
edges = st.integers(-5, 45)

WIDTH, HEIGHT = 40, 11
Cell = tuple[str, tuple[str, ...]]
Cells = dict[tuple[int, int], Cell]


@pytest.fixture(autouse=True)
def colours_made_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the same codes for the same style, whatever ran before.

    Rich and Textual keep the codes of a style and of a strip, for whatever colours they were made
    first; so of two equal styles one may have those of a terminal in another test.
    """

    def render(strip: Strip, _: Console) -> str:
        return "".join(
            f"\x1b[{Strip.render_ansi(style, ColorSystem.TRUECOLOR)}m{text}\x1b[0m"
            if style
            else text
            for text, style, _ in strip
        )

    monkeypatch.setattr(Strip, "render", render)


class Painted:
    """The cells of a terminal: each with its character, and what is seen of its style."""

    def __init__(self) -> None:
        self.cells: Cells = {}

    def take(self, sent: str) -> None:
        x = y = 0
        style: tuple[str, ...] = ()
        pattern = r"\x1b\[(?P<place>\d+;\d+)H|\x1b\[(?P<style>[\d;]*)m|(?P<text>[^\x1b])"
        for part in re.finditer(pattern, sent):
            if part["place"]:
                y, x = (int(number) - 1 for number in part["place"].split(";"))
            elif part["style"] is not None:
                style = tuple(re.findall(r"[34]8;2;\d+;\d+;\d+|\d+", part["style"]))
            elif part["text"] == "\n":
                x, y = 0, y + 1
            else:
                width = cell_len(part["text"])
                for cell in range(width):
                    character = part["text"] if not cell else ""
                    blank = not character.strip() and not {"4", "7"} & set(style)
                    seen = tuple(look for look in style if not blank or look[:3] == "48;")
                    self.cells[x + cell, y] = character, seen
                x += width


def watched(app: Bench, monkeypatch: pytest.MonkeyPatch) -> Painted:
    """What is painted from now on."""
    painted = Painted()

    def display(_: object, update: CompositorUpdate | None) -> None:
        if update is not None:
            painted.take(update.render_segments(app.console))

    monkeypatch.setattr(app, "_display", display)
    return painted


def whole(app: Bench) -> Cells:
    """What a whole painting would show; it takes no line from a cache, and leaves no trace."""
    compositor, screen = app.screen._compositor, Painted()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compositor, "_dirty_regions", set())
        patch.setattr(app.query_one(EchoLog), "_painted", PaintedRows())
        for widget in compositor.visible_widgets:
            patch.setattr(widget, "_styles_cache", StylesCache())
            patch.setattr(widget, "_layout_cache", {})
            patch.setattr(widget, "_render_cache", widget._render_cache)
            patch.setattr(widget, "_dirty_regions", {widget.outer_size.region})
        screen.take(compositor.render_full_update().render_segments(app.console))
    return screen.cells


async def settled(pilot: Pilot[None], app: Bench, painted: Painted, step: int = 0) -> None:
    """Wait until what was painted is the whole screen; show the cells where it never is."""
    await drawn(pilot)
    try:
        async with asyncio.timeout(GIVE_UP_AFTER):
            while painted.cells != whole(app):
                await pilot.pause(0.02)
    except TimeoutError:
        assert painted.cells == whole(app), f"after step {step}"


def entries(chance: random.Random) -> Sequence[Entry]:
    kinds = [Kind.SHOUT, Kind.LOUD, Kind.NORMAL, Kind.QUIET, Kind.PLAIN, Kind.PROBLEM]
    texts = ["", "x", "a longer line", "long " * 20, "漢字 漢字 漢字", "e\u0301" * 10]
    return [
        line(chance.choice(kinds), chance.choice(texts), 1.0, chance.randint(0, 3))
        for _ in range(chance.randint(1, 5))
    ]


def act(log: EchoLog, chance: random.Random) -> None:
    match chance.randint(0, 9):
        case 0:
            log.action_page_up()
        case 1:
            log.action_page_down()
        case 2:
            log.to_end()
        case 3:
            log.highlighted = chance.randint(0, 3)
        case 4:
            log.timestamps = chance.choice(list(Timestamps))
        case 5:
            log.action_move_cursor(chance.choice([-1, 1]))
        case 6:
            log.search(chance.choice(["", "long", "字"]))
        case _:
            log.add(entries(chance))


SHOUTS = [line(Kind.SHOUT, "x", 1.0, shout) for shout in (1, 2, 3)]
"""A shout is there before its echoes: with them come no other times for these."""


@pytest.mark.parametrize(("seed", "colourless"), [(0, False), (1, False), (2, False), (3, True)])
async def test_what_was_painted_bit_by_bit_is_the_whole_screen(
    seed: int, colourless: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    async with bench(SHOUTS, size=(WIDTH, HEIGHT)) as (app, log, pilot):
        if colourless:
            without_colours(app)
            await drawn(pilot)
        painted = watched(app, monkeypatch)
        painted.cells = whole(app)  # the first painting may be over already, or still to come
        for step in range(60):
            act(log, chance)
            if step % 3 == 0:
                await settled(pilot, app, painted, step)


async def test_lines_that_come_below_the_cursor_are_painted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with bench(numbered(0, 2), size=(WIDTH, HEIGHT)) as (app, log, pilot):
        painted = watched(app, monkeypatch)
        painted.cells = whole(app)
        log.action_move_cursor(-1)
        await settled(pilot, app, painted)
        log.add(numbered(2, 4))
        await settled(pilot, app, painted)


async def test_what_a_scrolling_painted_is_painted_over_when_the_log_goes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = [line(Kind.PLAIN, "x" * 30)] * 30
    async with bench([*long, *numbered(0, 10)], size=(WIDTH, HEIGHT)) as (app, log, pilot):
        painted = watched(app, monkeypatch)
        painted.cells = whole(app)
        log.terminal_is_behind = lambda: True
        log.action_page_up()  # Textual paints the log and its scrollbar, without a frame of ours
        await settled(pilot, app, painted)
        log.terminal_is_behind = lambda: False
        log.to_end()
        await settled(pilot, app, painted)


async def test_of_a_short_line_no_more_is_painted_than_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with bench(size=(120, 40)) as (app, log, pilot):
        painted = watched(app, monkeypatch)
        log.add([line(Kind.PLAIN, f"{number:04}") for number in range(9000)])
        await drawn(pilot)
        for _ in range(10):
            painted.cells.clear()
            log.add([line(Kind.PLAIN, f"{number:04}") for number in range(9000, 9900)])
            await drawn(pilot)
            if len(painted.cells) < 40 * 6:
                break  # the first painting of all may have come late, into a try before
        assert len(painted.cells) < 40 * 6


@given(anything, st.lists(st.tuples(edges, edges), max_size=4))
def test_what_lies_over_a_text_changes_its_look_only(
    text: str, overlays: list[tuple[int, int]]
) -> None:
    bold = Style(bold=True)
    parts = segments(text, Style(), [(begin, end, bold) for begin, end in overlays])
    assert "".join(part.text for part in parts) == text
    assert sum(part.cell_length for part in parts) == cell_len(text)
    assert all(cell_len(part.text[0]) for part in parts if part.text)
