"""The commands in the command palette, with the same words as behind a slash."""

import math
from collections.abc import Iterator

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher
from textual.types import IgnoreReturnCallbackType

from reverb_tui.commands.table import Command
from reverb_tui.widgets.prompt import Prompt


class Commands(Provider):
    """Offers the commands of the screen's prompt.

    A command that needs no more is carried out; one that takes a name of some is offered with
    each of them; any other is put into the prompt, where the rest can be typed.
    """

    async def discover(self) -> Hits:
        """Offer everything."""
        for text, command in self._offers(most=4):
            yield DiscoveryHit(
                Content(text), self._chosen(text, command), text=text, help=command.help
            )

    async def search(self, query: str) -> Hits:
        """Offer what matches, by its word or by its explanation."""
        matcher = self.matcher(query)
        for text, command in self._offers():
            score = max(matcher.match(text), matcher.match(command.help) / 2)
            if score > 0:
                yield Hit(
                    score,
                    _highlighted(text, matcher),
                    self._chosen(text, command),
                    text=text,
                    help=command.help,
                )

    @property
    def _prompt(self) -> Prompt:
        return self.screen.query_one(Prompt)

    def _offers(self, most: int | None = None) -> Iterator[tuple[str, Command]]:
        """Yield commands as they would be typed; with their choices, unless there are too many."""
        for command in self._prompt.commands:
            all_of_them = command.choices_only and len(command.choices) <= (most or math.inf)
            choices = command.choices if most is None or all_of_them else ()
            if not choices or not command.choices_only:
                yield command.usage, command
            for choice in choices:
                yield f"/{command.word} {choice}", command

    def _chosen(self, text: str, command: Command) -> IgnoreReturnCallbackType:
        async def choose() -> None:
            prompt = self._prompt
            prompt.focus()
            if command.argument and text == command.usage:
                prompt.begin(f"/{command.word} ")
            elif problem := await prompt.carry_out(text):
                prompt.refuse(problem)

        return choose


def _highlighted(text: str, matcher: Matcher) -> Content:
    """Return a text with its typed part marked; the matcher would take brackets for markup."""
    content = Content(text)
    for place in matcher.fuzzy_search.match(matcher.query, text)[1]:
        content = content.stylize(matcher.match_style, place, place + 1)
    return content
