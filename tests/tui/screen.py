"""The client on a screen without a terminal, as its tests drive and read it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App
from textual.events import Key
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Static

from reverb_server import Settings
from reverb_tui.app import ReverbApp
from reverb_tui.connection.targets import AnyTarget, Embedded
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from reverb_tui.terminal.textual_internals import key_of_character
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.prompt import Prompt
from reverb_tui.widgets.prompt.hint import Hint
from reverb_tui.widgets.slider import DelaySlider

FAST = Embedded(Settings(delay=0.02))
SLOW = Embedded(Settings(delay=30))
GIVE_UP_AFTER = 30
"""Real seconds until something that is waited for is given up; no promise, so it may be long."""

HELLO = [
    (Kind.SHOUT, "Hello?"),
    (Kind.LOUD, "HELLO?"),
    (Kind.NORMAL, "Hello?"),
    (Kind.QUIET, "hello?"),
]
"""A shout and its echoes, as they stand in the log."""


async def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(GIVE_UP_AFTER):
        while not condition():  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0.005)


async def drawn(app: App[Any]) -> None:
    """Wait until all that has changed by now is on the screen."""
    done = asyncio.Event()
    app.screen.call_after_refresh(done.set)
    await until(done.is_set)


async def press(app: App[Any], *keys: str) -> None:
    """Press keys, and wait until they are done with.

    Like Pilot's, but that one also waits until the process does nothing any more.
    """
    for key in keys:
        await _press(app, key)


async def _press(app: App[Any], key: str) -> None:
    screen = app.screen
    app.simulate_key(key)
    done = asyncio.Event()
    # Twice: a key may wait in the app until the one before it was acted on.
    way = 2 * [app, *(app.focused or screen).ancestors_with_self, app]

    def go_on() -> None:
        if way:
            way.pop(0).call_later(go_on)
        else:
            done.set()

    go_on()
    await until(lambda: done.is_set() or app.return_code is not None or app.screen is not screen)


def strips_of(app: App[Any]) -> list[Strip]:
    """Return the screen's rows with their styles."""
    return app.screen._compositor.render_strips()


def rows_of(app: App[Any]) -> list[str]:
    """Return the screen's rows as text."""
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips_of(app)]


def noted(app: App[Any]) -> str:
    """Return the note under the prompt, or an empty string."""
    note = app.query_one(Hint).note
    return note.text if note else ""


class Screen:
    """A running client: what is pressed, and what is seen."""

    def __init__(self, app: ReverbApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot
        self.log = app.query_one(EchoLog)
        self.slider = app.query_one(DelaySlider)
        self.prompt = app.query_one(Prompt)

    @property
    def rows(self) -> list[str]:
        """The screen as text, row by row, without the column of air at its left edge."""
        return [row.removeprefix(" ") for row in rows_of(self.app)]

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self.rows)

    @property
    def note(self) -> str:
        """What is said under the prompt for a while."""
        return noted(self.app)

    @property
    def status(self) -> str:
        """What is said of the connection."""
        return str(self.app.query_one("#status", Static).content)

    @property
    def lines(self) -> list[tuple[int, str]]:
        """All lines of the log but the client's own notices."""
        kept = self.log.entries()
        return [(kind, text) for kind, text, *_ in kept if kind != Kind.NOTICE]

    @property
    def problems(self) -> list[str]:
        """What the log complains of."""
        return [text for kind, text in self.lines if kind == Kind.PROBLEM]

    @property
    def keys(self) -> list[str]:
        """What the footer could offer, but for what it always can."""
        active = [each.binding for each in self.app.screen.active_bindings.values()]
        shown = [binding.description for binding in active if binding.show]
        return [each for each in shown if each not in ("Search", "Timeline", "Times", "Details")]

    def shows(self, kind: type[object]) -> bool:
        """Tell whether a screen of this kind is on top."""
        return isinstance(self.app.screen, kind)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until the condition holds; if it never does, show the screen."""
        try:
            await until(condition)
        except TimeoutError:
            pytest.fail(f"it did not come:\n{self.text}")

    async def connected(self) -> None:
        """Wait until it is known what the server is."""
        await self.until(lambda: "●" in self.status)
        await self.until(
            lambda: not self.slider.disabled or self.slider.reason != "asking the server …"
        )

    async def type(self, text: str) -> None:
        """Type text, without Pilot's waiting until nothing happens any more."""
        before = self.prompt.value
        for character in text:
            self.app.post_message(Key(key_of_character(character), character))
        await self.until(lambda: self.prompt.value == before + text)

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until they are done with."""
        await press(self.app, *keys)

    async def shout(self, text: str) -> None:
        """Type a line and press Enter."""
        self.prompt.value = text
        await self.press("enter")


@asynccontextmanager
async def running(
    target: AnyTarget = FAST,
    options: Options = Options(),
    *,
    size: tuple[int, int] = (100, 24),
    app: type[ReverbApp] = ReverbApp,
    **kept: Any,
) -> AsyncIterator[Screen]:
    """Run the client while the block runs; ``kept`` is what it is given of former runs."""
    client = app(target, options, **kept)
    async with client.run_test(size=size) as pilot:
        screen = Screen(client, pilot)
        await screen.until(lambda: screen.prompt.has_focus and client.main.session.began)
        yield screen
