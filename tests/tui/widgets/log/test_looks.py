"""The colours of the log's lines."""

from rich.style import Style
from textual.theme import BUILTIN_THEMES

from reverb_tui.entry import Kind
from reverb_tui.themes import TERMINAL
from reverb_tui.widgets.hues import HUES, ON_DARK, ON_LIGHT
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.log.looks import LineStyles
from tests.tui.logs import TALK, bench, drawn


def test_styles_are_worked_out_once_for_each_hue_and_again_for_a_theme() -> None:
    asked: list[tuple[str, ...]] = []

    def component(*names: str) -> Style:
        asked.append(names)
        return Style(bgcolor="black")

    styles = LineStyles(component)
    styles.renew(BUILTIN_THEMES["textual-dark"])
    for shout in range(1, 1000):
        assert styles.style(Kind.NORMAL, shout).color == ON_DARK[(shout - 1) % HUES].color
    assert styles.style(Kind.NORMAL, 0).color is None
    assert styles.style(Kind.LOUD, 1).bold
    assert len(asked) == HUES + 2
    styles.renew(BUILTIN_THEMES["textual-light"])
    assert styles.style(Kind.NORMAL, 2).color == ON_LIGHT[1].color
    styles.renew(TERMINAL)
    assert styles.style(Kind.NORMAL, 2).color is None


def colours(log: EchoLog) -> list[str]:
    """Return the colours of the rows' texts."""
    styles = [next(iter(log.render_line(y))).style or Style() for y in range(len(TALK))]
    return [style.color.name if style.color else "" for style in styles]


async def test_a_shout_and_its_echoes_have_one_colour_that_follows_the_theme() -> None:
    async with bench(TALK) as (app, log, pilot):
        for theme, hues in (("nord", ON_DARK), ("textual-light", ON_LIGHT), ("nord", ON_DARK)):
            app.theme = theme
            await drawn(pilot)
            first, second = (hue.color.name for hue in hues[:2] if hue.color)
            shouts_and_echoes = colours(log)
            notice = shouts_and_echoes.pop(3)
            assert shouts_and_echoes == [first, second, first, second]
            assert notice not in (first, second)
