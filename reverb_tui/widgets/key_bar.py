"""The row of keys at the bottom: those that do something now, as many as there is room for."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey, FooterLabel, KeyGroup

ROOMY: Final = 60
"""Cells from which on two cells are between the keys, not one."""


class KeyBar(Footer):
    """Textual's footer, which would cut what does not fit, and put a key that was changed last.

    Args:
        order: The ids of bindings in the order of their keys; before them come all others.
        dispensable: Ids of bindings whose keys are left out where there is no room, the first
            of them first.
    """

    DEFAULT_CSS = """
    KeyBar.-compact {
        FooterKey { margin-right: 2; }
        FooterLabel { margin: 0 2 0 1; }
        KeyGroup.-compact { padding: 0; margin: 0; }
        &.-dense FooterKey { margin-right: 1; }
        &.-dense FooterLabel { margin: 0 1; }
    }
    """

    def __init__(self, order: Sequence[str], dispensable: Sequence[str]) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._order = order
        self._dispensable = dispensable
        self._shown: list[list[Binding]] = []

    def on_resize(self, event: Resize) -> None:
        """Show what fits now."""
        self.set_class(event.size.width < ROOMY, "-dense")
        if self._bindings_ready and self._fitting() != self._shown:
            self.call_after_refresh(self.recompose)

    def bindings_changed(self, screen: Screen[Any]) -> None:
        """Show others, if there are others: in a flood this may come with every frame."""
        if not (self._bindings_ready and self.is_attached) or self._fitting() != self._shown:
            super().bindings_changed(screen)

    def compose(self) -> ComposeResult:
        """Lay out the keys."""
        if not self._bindings_ready:
            return
        self._shown = self._fitting()
        for bindings in self._shown:
            names = self._names(bindings)
            if len(bindings) == 1:
                yield self._key(bindings[0], names[0], bindings[0].description)
            else:
                with KeyGroup(classes="-compact"):
                    for binding, name in zip(bindings, names, strict=True):
                        yield self._key(binding, name, "", "-grouped")
                yield FooterLabel(_words(bindings), markup=False)

    def _key(
        self, binding: Binding, display: str, description: str, classes: str = ""
    ) -> FooterKey:
        tooltip = binding.tooltip or binding.description
        key = FooterKey(
            binding.key, display, description, binding.action, tooltip=tooltip, classes=classes
        )
        return key.data_bind(compact=Footer.compact)

    def _fitting(self) -> list[list[Binding]]:
        """The bindings to show; those of one group stand together."""
        entries = list(self._entries())
        gap = 1 if self.size.width < ROOMY else 2
        for name in self._dispensable:
            if sum(map(self._width, entries)) + gap * (len(entries) - 1) <= self.size.width:
                break
            entries = [each for each in entries if each[0].id != name]
        return entries

    def _entries(self) -> Iterator[list[Binding]]:
        active = [each.binding for each in self.screen.active_bindings.values()]
        first = {binding.action: binding for binding in reversed(active) if binding.show}
        shown = sorted((b for b in active if first.get(b.action) is b), key=self._place)
        for _, bindings in groupby(shown, lambda binding: binding.group or binding.action):
            yield list(bindings)

    def _place(self, binding: Binding) -> int:
        return self._order.index(binding.id) if binding.id in self._order else -1

    def _width(self, bindings: list[Binding]) -> int:
        return cell_len("".join(self._names(bindings))) + 1 + cell_len(_words(bindings))

    def _names(self, bindings: list[Binding]) -> list[str]:
        """What stands on the keys: one sign each if it can, ``Alt+←`` and ``→``."""
        first, *others = (self.app.get_key_display(binding) for binding in bindings)
        held = first[:-1]
        sign = not held or held.endswith("+")  # and not the last of F9
        return [first, *(n[-1] if sign and n[:-1] == held else f" {n}" for n in others)]


def _words(bindings: list[Binding]) -> str:
    group = bindings[0].group
    return group.description if group and len(bindings) > 1 else bindings[0].description
