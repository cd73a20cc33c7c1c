"""Typing with the focus elsewhere: it goes to the prompt all the same."""

from collections.abc import Collection
from typing import Any

from textual.events import Key, Paste
from textual.screen import Screen
from textual.widget import Widget

from reverb_tui.widgets.keys import typed_by
from reverb_tui.widgets.log import EchoLog
from reverb_tui.widgets.prompt import Prompt


class TypedElsewhere:
    """Sends keys and pastes to the prompt.

    Args:
        screen: The screen that hears them.
        prompt: Where they belong.
        places: Widgets that take no text themselves.
    """

    def __init__(self, screen: Screen[Any], prompt: Prompt, places: Collection[Widget]) -> None:
        self._screen = screen
        self._prompt = prompt
        self._places = (None, *places)

    async def key(self, event: Key) -> None:
        """Take a character; and Enter, where that means nothing else."""
        focused = self._screen.focused
        if focused not in self._places:
            return
        if character := typed_by(event):
            self._prompt.focus()
            self._prompt.type_in(character)
        elif event.key == "enter" and not isinstance(focused, EchoLog):
            self._prompt.focus()
            await self._prompt.action_enter()
            event.stop()  # else it would go on to the prompt, which has the focus by then

    def paste(self, event: Paste) -> None:
        """Take a paste."""
        if self._screen.focused in self._places:
            self._prompt.focus()
            self._prompt.paste(event.text)
