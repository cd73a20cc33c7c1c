import pytest

from reverb_tui.config import Config
from reverb_tui.entry import Kind
from reverb_tui.widgets.key_bar import KeyBar
from tests.tui.logs import line
from tests.tui.screen import SLOW, running


async def test_the_keys_are_laid_out_anew_only_if_there_are_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        screen.log.add([line(Kind.PLAIN, "x")] * 100)
        await screen.until(lambda: screen.log.max_scroll_y)
        screen.log.scroll_home(animate=False)
        await screen.until(lambda: "Newest" in screen.rows[-1])
        laid_out = []
        recompose = KeyBar.recompose

        async def counted(bar: KeyBar) -> None:
            laid_out.append(bar)
            await recompose(bar)

        monkeypatch.setattr(KeyBar, "recompose", counted)
        for count in range(1, 6):
            screen.log.add([line(Kind.PLAIN, "x")])
            await screen.until(lambda count=count: f" {count} new line" in screen.text)  # type: ignore[misc]
            await screen.pilot.pause()
        assert not laid_out
        screen.log.to_end()
        await screen.until(lambda: "Newest" not in screen.rows[-1])
        assert len(laid_out) == 1


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        ({}, "Alt+←→ Delay"),
        ({"shorter": "f9"}, "F9 Alt+→ Delay"),
        ({"longer": "f9"}, "Alt+← F9 Delay"),
        ({"shorter": "f8", "longer": "f9"}, "F8 F9 Delay"),
        ({"shorter": "shift+left", "longer": "shift+right"}, "Shift+←→ Delay"),
    ],
)
async def test_two_keys_of_one_word_are_told_apart_however_they_are_mapped(
    keys: dict[str, str], row: str
) -> None:
    async with running(SLOW, config=Config(keys=keys)) as screen:
        await screen.connected()
        await screen.until(lambda: f"  {row}  ^T Mode  " in screen.rows[-1])
