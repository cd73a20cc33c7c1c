"""Keys: their names, and that there can be others for the same."""

import pytest

from reverb_tui.files.config import Config
from reverb_tui.screens.help import Help
from reverb_tui.widgets.keys import key_name, mappable
from reverb_tui.widgets.prompt import Prompt
from tests.tui.demo import Demo
from tests.tui.screen import SLOW, running


async def test_keys_can_be_changed_and_the_help_says_so() -> None:
    config = Config(keys={"mode": "f6", "timeline": "f7", "help": "f8"})
    async with running(SLOW, config=config, size=(100, 60)) as screen:
        await screen.connected()
        await screen.press("f6")
        await screen.until(lambda: screen.status.startswith("sequential ●"))
        await screen.press("f2")
        await screen.until(lambda: "SEQUENTIAL" in screen.text)
        await screen.press("f7")
        await screen.until(lambda: "SEQUENTIAL" not in screen.text)
        await screen.press("f8")
        await screen.until(
            lambda: any("F6 " in row and " switch between" in row for row in screen.rows)
        )
        await screen.press("f8")
        await screen.until(lambda: not screen.shows(Help))


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ctrl+t", "^T"),
        ("alt+left", "Alt+←"),
        ("f1", "F1"),
        ("ctrl+shift+pageup", "Shift+^PgUp"),
        ("k", "k"),
        ("slash", "/"),
        ("plus", "+"),
        ("ctrl+end", "^End"),
    ],
)
def test_keys_have_the_names_that_keyboards_give_them(key: str, name: str) -> None:
    assert key_name(key) == name


def test_every_key_with_an_id_can_be_mapped() -> None:
    assert list(mappable(Demo, Prompt)) == [
        "help",
        "details",
        "shorter",
        "quit",
        "prompt.enter",
        "prompt.older",
        "prompt.newer",
        "prompt.complete",
        "prompt.take_back",
        "prompt.end_input",
    ]
