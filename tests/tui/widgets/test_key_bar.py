"""The row of keys at the foot: what it offers, in which order, and where there is no room."""

import pytest
from textual.content import Content

from reverb_tui.entry import Kind
from reverb_tui.files.config import Config
from reverb_tui.widgets.key_bar import KeyBar
from tests.client.watcher import nobody
from tests.tui.logs import line
from tests.tui.screen import SLOW, Screen, running, strips_of

REST = "^F Search  F2 Timeline  F3 Times  F4 Details  ^D Finish  F1 Help"
"""What stands in the middle of a row of 100 cells."""


async def footer(screen: Screen, row: str) -> None:
    """Wait until this is the row of keys."""
    await screen.until(lambda: screen.rows[-1] == row)


def reversed_in(screen: Screen) -> list[str]:
    """What is shown in reverse video."""
    strips = strips_of(screen.app)
    return [
        segment.text
        for strip in strips
        for segment in strip
        if segment.style and segment.style.reverse
    ]


async def test_quit_is_whole_in_the_footer_however_many_keys_do_something() -> None:
    async with running(nobody(), size=(40, 12)) as screen:
        await footer(screen, "^R Connect Esc Stop trying ^Q Quit")
        await screen.pilot.resize_terminal(80, 24)
        await footer(
            screen, "^F Search  F2 Timeline  ^R Connect  Esc Stop trying  F1 Help  ^Q Quit"
        )


async def test_a_key_of_the_users_own_stands_in_its_place_in_the_footer() -> None:
    config = Config(keys={"mode": "f6", "quit": "ctrl+x"})
    async with running(SLOW, config=config) as screen:
        await screen.connected()
        await footer(screen, f"Alt+←→ Delay  F6 Mode  {REST}  ^X Quit")


async def test_tab_goes_round_and_the_footer_tells_where_the_focus_is() -> None:
    rest = "Alt+←→ Delay  ^T Mode  ^F Search  F2 Timeline"
    async with running(SLOW) as screen:
        await screen.connected()
        for own, more in (
            ("↑↓ Select shout  ", "  F4 Details"),
            ("↑↓ Select line  Enter Copy line  ", ""),
            ("", "  F3 Times  F4 Details"),
        ):
            await screen.press("tab")
            await footer(screen, f"{own}{rest}{more}  F1 Help  ^Q Quit")
        await screen.until(lambda: reversed_in(screen) == ["●"])
        await screen.press("tab")
        await screen.until(lambda: screen.prompt.has_focus)


async def test_a_key_in_the_footer_says_what_it_does_to_the_pointer_and_can_be_clicked() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await footer(screen, f"Alt+←→ Delay  ^T Mode  {REST}  ^Q Quit")
        bar = screen.app.query_one(KeyBar)
        for word, does in (
            ("→", "make the delay longer"),
            ("Mode", "switch between concurrent and sequential mode"),
            ("Delay", None),
        ):
            await screen.pilot.hover(KeyBar, offset=(screen.rows[-1].index(word), 0))
            assert bar.tooltip == does
            assert (bar.hovered is not None) == (does is not None)
        await screen.pilot.click(offset=(screen.rows[-1].index("Mode"), 23))
        await screen.until(lambda: screen.status.startswith("sequential ●"))
        await screen.pilot.click(offset=(screen.rows[-1].index("←"), 23))
        await screen.until(lambda: screen.slider.value == 25)


async def test_the_footer_offers_what_can_be_done_and_quitting_last() -> None:
    async with running() as screen:
        await screen.connected()
        assert screen.keys == ["Finish", "Shorter", "Longer", "Mode", "Help", "Quit"]
        await screen.press("ctrl+d")
        await screen.until(lambda: screen.status.endswith(" closed"))
        assert screen.keys == ["Connect", "Help", "Quit"]


async def test_the_keys_are_drawn_again_only_if_there_are_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        screen.log.add([line(Kind.PLAIN, "x")] * 100)
        await screen.until(lambda: screen.log.max_scroll_y)
        screen.log.scroll_home(animate=False)
        await screen.until(lambda: "Newest" in screen.rows[-1])
        drawn = []
        render = KeyBar.render

        def counted(bar: KeyBar) -> Content:
            drawn.append(bar)
            return render(bar)

        monkeypatch.setattr(KeyBar, "render", counted)
        for count in range(1, 6):
            screen.log.add([line(Kind.PLAIN, "x")])
            await screen.until(lambda count=count: f" {count} new line" in screen.text)  # type: ignore[misc]
            await screen.pilot.pause()
        assert not drawn
        screen.log.to_end()
        await screen.until(lambda: "Newest" not in screen.rows[-1])
        assert len(drawn) == 1


async def test_two_keys_of_one_word_are_told_apart_however_they_are_mapped() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        for shorter, longer, row in (
            ("alt+left", "alt+right", "Alt+←→ Delay"),
            ("f9", "alt+right", "F9 Alt+→ Delay"),
            ("alt+left", "f9", "Alt+← F9 Delay"),
            ("f8", "f9", "F8 F9 Delay"),
            ("shift+left", "shift+right", "Shift+←→ Delay"),
        ):
            screen.app.set_keymap({"shorter": shorter, "longer": longer})
            start = f"{row}  ^T Mode  "
            await screen.until(lambda start=start: screen.rows[-1].startswith(start))  # type: ignore[misc]
