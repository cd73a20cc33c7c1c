"""Text that has not ended, in one row."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import get_character_cell_size

from reverb_tui.entry import Kind
from reverb_tui.widgets.log.unfinished import Unfinished, newest
from tests.tui.logs import TALK, bench, drawn, line, shown, without_colours


def cells(text: str) -> int:
    return sum(map(get_character_cell_size, text))


@given(st.text(st.sampled_from("aé世😀\u0301 "), max_size=20), st.integers(1, 12))
def test_the_newest_part_is_shown_and_fits(text: str, width: int) -> None:
    row = newest(text, width)
    assert cells(row) <= width
    if cells(text) <= width:
        assert row == text
    else:
        assert row[0] == "…"
        assert text.endswith(row[1:])
        assert cells(row) >= width - 1  # a wide character may have no room
        assert not row[1:] or get_character_cell_size(row[1])


async def test_it_is_where_its_line_will_be() -> None:
    async with bench(TALK) as (app, log, pilot):
        unfinished = app.query_one(Unfinished)

        def row() -> str:
            return unfinished.render_line(0).text.rstrip()

        unfinished.text = "login: me"
        await drawn(pilot)
        assert row() == "< login: me"
        without_colours(app)
        await drawn(pilot)
        assert row() == "  < login: me"
        log.add([line(Kind.SHOUT, "Hello?", shout=10)])
        await drawn(pilot)
        assert row() == "   < login: me"
        log.add([line(Kind.PLAIN, "login: me")])
        await drawn(pilot)
        assert row() in shown(log)
        unfinished.text = "login: me" * 10
        await drawn(pilot)
        assert row() == "   …" + unfinished.text[-36:]
        unfinished.text = "login: me"
        await pilot.resize_terminal(22, 11)  # no room for numbers
        await drawn(pilot)
        assert row() == "< login: me"
