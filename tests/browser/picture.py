"""Draws docs/pictures/browser.png: the client in a browser, whose window is only hinted at."""

import base64
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from unittest.mock import patch

from playwright.sync_api import Browser

from tests.browser.window import Window, chromium
from tests.process.browser import serving

PICTURE: Final = Path(__file__).parents[2] / "docs" / "pictures" / "browser.png"

ADDRESS: Final = "http://127.0.0.1:8080/"
"""The address in the README's example."""

FRAME: Final = """
<style>
  #frame { width: max-content; background: #292929; font: 14px sans-serif; }
  #bar { display: flex; align-items: center; gap: 8px; padding: 8px 12px; }
  #bar i { width: 12px; height: 12px; border-radius: 50%; background: #5c5c5c; }
  #bar span { flex: 1; margin-left: 8px; padding: 5px 12px; border-radius: 12px;
    background: #3d3d3d; color: #e0e0e0; }
  img { display: block; }
</style>
<div id="frame">
  <div id="bar"><i></i><i></i><i></i><span>ADDRESS</span></div>
  <img src="data:image/png;base64,SHOWN">
</div>
"""


def screenshot(browser: Browser) -> bytes:
    """Play two shouts at a delay of a second, and return the page as PNG."""
    with serving() as served:
        window = Window(browser.new_page(viewport={"width": 918, "height": 462}))
        window.open(served.url)
        window.shout("Is there anybody there?")
        window.wait_for("\n     Is there anybody there?")
        window.shout("Yooo-hooo!")
        window.wait_for("done in", "in the air 0 ", "\n     yooo-hooo!")
        shown: bytes = window.page.screenshot()
        window.page.close()
        return shown


def framed(browser: Browser, shown: bytes) -> bytes:
    """Put the page into a window."""
    page = browser.new_page()
    text = base64.b64encode(shown).decode()
    page.set_content(FRAME.replace("ADDRESS", ADDRESS).replace("SHOWN", text))
    picture: bytes = page.locator("#frame").screenshot()
    return picture


def main() -> None:
    """Draw the picture again."""
    with (
        TemporaryDirectory() as folder,
        patch.dict(os.environ, {"XDG_CONFIG_HOME": folder}),
        chromium() as browser,
    ):
        PICTURE.write_bytes(framed(browser, screenshot(browser)))


if __name__ == "__main__":
    main()
