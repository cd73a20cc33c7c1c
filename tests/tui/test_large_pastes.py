"""What is too large to stand in the prompt is sent after a question, or it is not."""

from reverb_tui.entry import Kind
from reverb_tui.screens.confirm import Confirm
from reverb_tui.widgets.prompt.prompt import LARGEST_PASTE
from tests.client.servers import echo_plainly, serving
from tests.tui.screen import SLOW, running
from tests.tui.work import steps

FILE = "".join(f"line {number}\r\n" for number in range(1000))


async def test_a_file_that_is_pasted_is_sent_as_it_is_and_the_draft_stays() -> None:
    async with serving(echo_plainly) as target, running(target) as screen:
        await screen.connected()
        await screen.type("draft")
        screen.prompt.paste("/\ud800\n" + FILE)
        await screen.until(lambda: screen.shows(Confirm))
        await screen.until(lambda: "1,001 lines of 8,899 characters?" in screen.text)
        await screen.press("enter")
        await screen.until(lambda: len(screen.lines) == 2002)
        shouts = [text for kind, text in screen.lines if kind == Kind.SHOUT]
        assert shouts == ["/⟨U+27E8⟩U+D800⟩", *(f"line {number}" for number in range(1000))]
        assert screen.prompt.value == "draft"
        await screen.press("enter")
        await screen.until(lambda: (Kind.SHOUT, "draft") in screen.lines)


async def test_a_pasted_file_is_dropped_by_escape_and_not_sent_without_a_connection() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        await screen.type("draft")
        screen.prompt.paste("x" * (LARGEST_PASTE + 1))
        await screen.until(lambda: "one line of 4,097 characters?" in screen.text)
        await screen.press("escape")
        await screen.until(lambda: not screen.shows(Confirm))
        assert screen.prompt.value == "draft"
        assert not screen.lines
        await screen.shout("/disconnect")
        await screen.until(lambda: "closed" in screen.status)
        before = steps(lambda: screen.prompt.insert_text_at_cursor("x"))
        screen.prompt.paste(FILE)
        await screen.until(lambda: screen.shows(Confirm))
        assert steps(lambda: screen.prompt.insert_text_at_cursor("x")) < 2 * before
        await screen.press("enter")
        await screen.until(lambda: screen.problems)
        assert screen.problems[0].startswith("not sent: ")
        await screen.type("x")
