"""The real command ``reverb-tui`` on a terminal that understands no escape sequences is a pipe."""

import pytest

from tests.process.bare import bare, prepared


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("['TERM'] = 'dumb'", "TERM is dumb"),
        ("['TERM'] = 'unknown'", "TERM is unknown"),
        ("['TERM'] = ''", "TERM is not set"),
        (".pop('TERM')", "TERM is not set"),
    ],
    ids=["dumb", "unknown", "empty", "unset"],
)
def test_a_dumb_terminal_is_sent_lines_and_no_escape_sequence(setting: str, said: str) -> None:
    with bare("--delay", "0.01", command=prepared(f"import os; os.environ{setting}")) as client:
        client.until(f"reverb-tui: {said}, so there is no full screen: ")
        client.press(b"Hello?\n")
        client.until("    HELLO?\r\n    Hello?\r\n    hello?\r\n")
        client.press(b"\x04")
        assert client.ended() == 0
        assert b"\x1b" not in client.sent


def test_a_dumb_terminal_has_no_log() -> None:
    with bare("--log", "log", command=prepared("import os; os.environ['TERM'] = 'dumb'")) as client:
        assert client.ended() == 2
        assert b"log needs a terminal with a screen" in client.sent
