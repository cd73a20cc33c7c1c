"""The answer to a question for a password: hidden, sent as it is, and no command."""

from reverb_tui.widgets.prompt.prompt import HIDDEN
from tests.tui.prompting import prompting


async def test_it_is_said_while_nothing_is_typed() -> None:
    async with prompting() as (app, _):
        usual = app.prompt.placeholder
        app.prompt.hide(asked=True)
        assert app.prompt.placeholder == HIDDEN
        app.prompt.hide(asked=False)
        assert app.prompt.placeholder == usual


async def test_what_begins_with_a_slash_is_sent_as_it_is_typed_or_pasted() -> None:
    async with prompting() as (app, pilot):
        app.prompt.hide(asked=True)
        await pilot.press(*"/end", "enter")
        app.prompt.paste("/end")
        await pilot.press("enter")
        assert (app.shouted, app.done) == ([["/end"], ["/end"]], [])


async def test_nothing_is_recalled_that_could_not_be_seen() -> None:
    async with prompting("before") as (app, pilot):
        app.prompt.hide(asked=True)
        await pilot.press("up")
        assert app.prompt.value == ""


async def test_a_command_begun_elsewhere_is_seen_and_carried_out() -> None:
    async with prompting() as (app, pilot):
        app.prompt.hide(asked=True)
        await pilot.press(*"hunt")
        app.prompt.begin("/delay ")
        assert not app.prompt.password
        app.prompt.hide(asked=True)  # the same question, shown again
        await pilot.press("x", "enter")
        assert app.prompt.value == "/delay x"  # it can't be
        assert not app.prompt.password
        await pilot.press("backspace", "2", "enter")
        assert (app.shouted, app.done) == ([], [2.0])
        assert app.prompt.password
        assert app.prompt.value == ""


async def test_a_command_begun_before_the_question_stays_one() -> None:
    async with prompting() as (app, pilot):
        await pilot.press(*"/delay ")
        app.prompt.hide(asked=True)
        await pilot.press("2", "enter")
        assert (app.shouted, app.done) == ([], [2.0])
        assert app.prompt.password


async def test_what_was_begun_as_an_answer_is_one_to_its_end() -> None:
    async with prompting() as (app, pilot):
        app.prompt.hide(asked=True)
        await pilot.press(*"/en")
        app.prompt.hide(asked=False)
        app.prompt.hide(asked=True)
        await pilot.press("d", "enter")
        assert (app.shouted, app.done) == ([["/end"]], [])
