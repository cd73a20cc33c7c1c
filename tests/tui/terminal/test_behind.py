"""Whether the terminal is behind."""

import queue
from types import SimpleNamespace

from textual.app import App

from reverb_tui.terminal.behind import terminal_is_behind


def test_a_terminal_is_behind_when_more_than_two_writes_wait() -> None:
    writes: queue.Queue[str] = queue.Queue()
    app = App[None]()
    assert not terminal_is_behind(app)
    app._driver = SimpleNamespace(_writer_thread=SimpleNamespace(_queue=writes))  # type: ignore[assignment]
    for waiting in range(5):
        assert terminal_is_behind(app) == (waiting > 2)
        writes.put("")
    app._driver = SimpleNamespace(_writer_thread=None)  # type: ignore[assignment]
    assert not terminal_is_behind(app)
