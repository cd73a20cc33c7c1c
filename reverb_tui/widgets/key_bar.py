"""The row of keys at the bottom: those that do something now, as many as there is room for."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, ClassVar, Final, NamedTuple

from rich.cells import cell_len
from textual.binding import Binding
from textual.content import Content
from textual.events import Leave, MouseDown, MouseMove, Resize
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

ROOMY_BAR: Final = 60
"""Cells from which on two cells are between the keys, not one."""

KEY: Final = "key-bar--key"
WORD: Final = "key-bar--word"
HOVERED: Final = "key-bar--hovered"


class Part(NamedTuple):
    """A piece of the row: ``binding`` is what a click on it does, if anything."""

    text: str
    style: str
    binding: Binding | None


class KeyBar(Widget):
    """One widget for the whole row: a widget for each key took half of the client's start.

    Args:
        order: The ids of bindings in the order of their keys; before them come all others.
        dispensable: Ids of bindings whose keys are left out where there is no room, the first
            of them first.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {KEY, WORD, HOVERED}

    hovered: reactive[Binding | None] = reactive(None)
    """The binding of the key beneath the pointer."""

    def __init__(self, order: Sequence[str], dispensable: Sequence[str]) -> None:
        super().__init__()
        self._order = order
        self._dispensable = dispensable
        self._shown: list[list[Binding]] = []

    def on_mount(self) -> None:
        """Follow the bindings of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)

    def on_resize(self, event: Resize) -> None:
        """Show what fits now."""
        self._show(self._fitting())

    def _follow(self, screen: Screen[Any]) -> None:
        """Show the keys that do something now.

        Without the terminal's focus no widget has it, and its keys would be missing.
        """
        if screen.app.app_focus:
            self._show(self._fitting())

    def _show(self, bindings: list[list[Binding]]) -> None:
        """Show other keys, if there are others: in a flood this may be called with every frame."""
        if bindings != self._shown:
            self._shown = bindings
            self.hovered = None
            self.refresh()

    def render(self) -> Content:
        """Return the row."""
        return Content.assemble(
            *(
                (
                    part.text,
                    self.get_visual_style(
                        HOVERED if part.binding and part.binding is self.hovered else part.style
                    ),
                )
                for part in self._parts()
            )
        )

    def on_mouse_down(self, event: MouseDown) -> None:
        """Do what the key does."""
        if binding := self._at(event.x):
            self.app.simulate_key(binding.key)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Show which key would be pressed, and what it does."""
        self.hovered = binding = self._at(event.x)
        self.tooltip = (binding.tooltip or binding.description) if binding else None
        self.styles.pointer = "pointer" if binding else "default"

    def on_leave(self, event: Leave) -> None:
        """Show no key as about to be pressed."""
        self.hovered = None

    def _at(self, column: int) -> Binding | None:
        """Return the binding whose key is in a column."""
        for part in self._parts():
            column -= cell_len(part.text)
            if column < 0:
                return part.binding
        return None

    def _parts(self) -> Iterator[Part]:
        for number, bindings in enumerate(self._shown):
            if number:
                yield Part(" " * self._gap, WORD, None)
            alone = bindings[0] if len(bindings) == 1 else None
            for binding, name in zip(bindings, self._names(bindings), strict=True):
                yield Part(name, KEY, binding)
            yield Part(f" {_words(bindings)}", WORD, alone)

    @property
    def _gap(self) -> int:
        return 1 if self.size.width < ROOMY_BAR else 2

    def _fitting(self) -> list[list[Binding]]:
        """Return the bindings to show; those of one group stand together."""
        entries = list(self._entries())
        for name in self._dispensable:
            if sum(map(self._width, entries)) + self._gap * (len(entries) - 1) <= self.size.width:
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
        """Return the names of the keys: one sign each where possible, ``Alt+←`` and ``→``."""
        first, *others = (self.app.get_key_display(binding) for binding in bindings)
        held = first[:-1]
        sign = not held or held.endswith("+")  # and not the last of F9
        return [first, *(n[-1] if sign and n[:-1] == held else f" {n}" for n in others)]


def _words(bindings: list[Binding]) -> str:
    group = bindings[0].group
    return group.description if group and len(bindings) > 1 else bindings[0].description
