"""The page of ``reverb-tui --web`` in the machine's own Chromium: its text, its keys, its mouse."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, Dialog, Page, sync_playwright
from playwright.sync_api import TimeoutError as TookTooLong

from tests.process.waiting import TIMEOUT

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")

READ: Final = """
window.rows = () => [];
// xterm.js draws on a canvas. Its buffer holds the same as text, and the page's script keeps the
// terminal in a property of this name.
Object.defineProperty(Object.prototype, "terminal", {
  configurable: true,
  set(terminal) {
    Object.defineProperty(this, "terminal", { value: terminal, writable: true });
    window.fonts = [...document.fonts].map((font) => font.status);
    window.rows = () => Array.from({ length: terminal.rows }, (_, row) =>
      terminal.buffer.active.getLine(row).translateToString(false, 0, terminal.cols).trimEnd());
    window.columns = () => terminal.cols;
  },
});
"""

PASTE: Final = """(textarea, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  textarea.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
}"""


def installed() -> str | None:
    """Return the path of a Chromium, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the Chromium that is installed, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed())
        try:
            yield browser
        finally:
            browser.close()


class Window:
    """A page in a tab of its own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        """Uncaught errors of the page's scripts."""
        self.notices: list[str] = []
        """Sentences that the page's user had to dismiss."""
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", self._dismiss)
        page.set_default_timeout(TIMEOUT * 1000)
        page.add_init_script(READ)

    @property
    def rows(self) -> list[str]:
        """The terminal's rows, without the spaces at their ends."""
        rows: list[str] = self.page.evaluate("rows()")
        return rows

    @property
    def fonts(self) -> list[str]:
        """The state of the page's fonts when the terminal was made."""
        fonts: list[str] = self.page.evaluate("window.fonts")
        return fonts

    def open(self, url: str) -> None:
        """Go to a page, and wait until its client is connected and has the focus."""
        self.page.goto(url)
        self.wait_for("connected", "^T Mode")

    def wait_for(self, *texts: str) -> None:
        """Wait until all of these texts are in the terminal."""
        self._wait("texts => texts.every(text => rows().join('\\n').includes(text))", texts)

    def wait_without(self, text: str) -> None:
        """Wait until a text is no longer in the terminal."""
        self._wait("texts => !rows().join('\\n').includes(texts[0])", [text])

    def _dismiss(self, dialog: Dialog) -> None:
        self.notices.append(dialog.message)
        dialog.dismiss()

    def _wait(self, condition: str, texts: tuple[str, ...] | list[str]) -> None:
        try:
            self.page.wait_for_function(condition, arg=list(texts))
        except TookTooLong:
            shown = "\n".join(self.rows)
            raise AssertionError(f"{texts} did not come or go:\n{shown}") from None

    def shout(self, text: str) -> None:
        """Type a line, and send it."""
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def paste(self, text: str) -> None:
        """Paste a text, whatever the clipboard has."""
        self.page.locator(".xterm-helper-textarea").evaluate(PASTE, text)

    def place(self, text: str) -> tuple[float, float]:
        """Return the point of the page where a text begins, in the middle of its first cell."""
        rows = self.rows
        row = next(row for row, shown in enumerate(rows) if text in shown)
        box = self.page.locator(".xterm-screen").bounding_box()
        assert box is not None
        across = (rows[row].index(text) + 0.5) / self.page.evaluate("columns()")
        down = (row + 0.5) / len(rows)
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    def drag(self, begin: str, end: str) -> None:
        """Drag the mouse from one text to another."""
        target = self.place(end)
        self.page.mouse.move(*self.place(begin))
        self.page.mouse.down()
        self.page.mouse.move(*target, steps=5)
        self.page.mouse.up()
