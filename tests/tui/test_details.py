"""The details: what is known of the connection, and what the server is asked for then."""

import re

from tests.tui.screen import running
from tests.tui.servers import like_go, reverb, serving


def rows(text: str) -> dict[str, str]:
    return dict(re.findall(r"│ +([a-z ]+?) {2,}(.*?) *│", text))


async def test_the_details_tell_the_limits_that_the_server_was_given() -> None:
    limits = {"max_line": 100, "max_connections": 1234, "idle_timeout": 900}
    async with reverb(**limits) as target, running(target, size=(100, 40)) as screen:
        await screen.connected()
        await screen.press("f4")
        await screen.until(lambda: "longest line" in screen.text)
        told = rows(screen.text)
    assert told["longest delay"] == "60 s"
    assert told["longest line"] == "100 bytes"
    assert told["held for a client"] == "1,048,576 bytes"
    assert told["clients at a time"] == "1,234"
    assert told["idle timeout"] == "900 s"
    assert told["write timeout"] == "30 s"


async def test_of_a_server_that_cannot_be_asked_no_limits_are_told() -> None:
    async with serving(like_go) as target, running(target, size=(100, 40)) as screen:
        await screen.connected()
        await screen.press("f4")
        await screen.until(lambda: rows(screen.text).get("kind") == "no control lines")
        assert "imits of the server" not in screen.text
