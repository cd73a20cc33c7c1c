"""What is hostile is shown, not obeyed, and it ends nothing."""

import json

from reverb_tui.connection.targets import Target
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from tests.client.servers import saying, serving
from tests.tui.screen import running

HOSTILE = "[/red] [/] [b]\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\u202eevil\x85"
HARMLESS = "[/red] [/] [b]␛]52;c;aGk=␇␛[2J⟨U+009B⟩31m⟨U+202E⟩evil⟨U+0085⟩"


def controls(text: str) -> list[str]:
    return [character for character in text if not character.isprintable() and character != "\n"]


async def test_hostile_echoes_are_shown_not_obeyed() -> None:
    sent = b"\t " + HOSTILE.encode() + b"\n\xff\xfe" + HOSTILE.encode() + b"\n[/"
    unasked = Options(control="off")  # nobody waits for an answer, nor says that none has come
    async with serving(saying(sent)) as target, running(target, unasked) as screen:
        await screen.until(lambda: HARMLESS in screen.text and "< [/" in screen.rows)
        assert [text for _, text in screen.lines] == [HARMLESS, "⟨FF⟩⟨FE⟩" + HARMLESS]
        assert not controls(screen.text)


async def test_hostile_hosts_errors_and_pastes_are_shown_not_obeyed() -> None:
    error = json.dumps({"reverb": 1, "code": "[/]", "error": HOSTILE})
    async with (
        serving(saying(b"\x10" + error.encode() + b"\n")) as target,
        running(Target("[/red]\x1b[2J\u202e", 1)) as screen,
    ):
        await screen.until(lambda: screen.problems)
        assert "[/red]␛[2J⟨U+202E⟩" in screen.status
        assert not controls(screen.text)
        screen.app.main.action_clear_log()
        await screen.shout(f"/connect {target}")
        await screen.until(lambda: screen.problems)
        assert screen.problems == [f"the server says: {HARMLESS}"]
        assert not controls(screen.text)
        screen.app.main.action_clear_log()
        await screen.shout("/connect built-in")
        await screen.connected()
        screen.prompt.paste(HOSTILE)
        await screen.pilot.pause()
        assert HARMLESS in screen.text
        assert not controls(screen.text)
        await screen.press("enter")
        await screen.until(lambda: (Kind.LOUD, HARMLESS.upper()) in screen.lines)
        assert screen.lines[0] == (Kind.SHOUT, HARMLESS)
        assert screen.lines[1][0] == Kind.LOUD
        assert not controls(screen.text)
