from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.window import Window, chromium, installed
from tests.process.browser import Serving, serving


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if installed() is None:
        pytest.skip("no Chromium is installed")
    with chromium() as browser:
        yield browser


OpenWindow = Callable[[], Window]


@pytest.fixture
def window(browser: Browser) -> Iterator[OpenWindow]:
    """Open windows of about 111 columns and 30 rows, in which no script of a page may fail."""
    windows: list[Window] = []

    def open_window() -> Window:
        window = Window(browser.new_page(viewport={"width": 1000, "height": 640}))
        windows.append(window)
        return window

    yield open_window
    for window in windows:
        window.page.close()
        assert window.errors == []


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """Serve clients with a delay that no test waits for, and without a user's configuration."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with serving("--delay", "60") as served:
        yield served
