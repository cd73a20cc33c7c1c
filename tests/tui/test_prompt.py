import pytest
from textual.app import App, ComposeResult
from textual.events import Paste

from reverb_tui.widgets.prompt import Prompt


class PromptApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.shouted: list[list[str]] = []

    def compose(self) -> ComposeResult:
        yield Prompt()

    def action_shout(self) -> None:
        self.shouted.append(self.query_one(Prompt).take())


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "one",
        "one\ntwo",
        "one\r\ntwo\rthree\n",
        "\x1b[2J\u202e\t\x85",
        "[/red] [/]",
        "␛ <U+0041>",
    ],
)
async def test_a_paste_is_shown_on_one_line_and_taken_as_it_was(pasted: str) -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.post_message(Paste(pasted))
        await pilot.pause()
        prompt = app.query_one(Prompt)
        assert prompt.value.isprintable()
        await pilot.press("enter")
        typed = pasted.replace("␛", "\x1b")  # a picture counts as what it stands for
        assert app.shouted == [typed.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        assert prompt.value == ""


async def test_a_paste_replaces_what_is_selected() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        prompt = app.query_one(Prompt)
        prompt.value = "one two"
        prompt.select_all()
        app.post_message(Paste("a\nb"))
        await pilot.pause()
        assert prompt.value == "a␊b"


async def test_what_was_copied_in_the_client_is_pasted_as_safely() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.copy_to_clipboard("a\nb\x1b")
        await pilot.press("ctrl+v")
        assert app.query_one(Prompt).value == "a␊b␛"
