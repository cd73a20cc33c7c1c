"""A view of lines in which one can search, also while more come in."""

from typing import Final, NamedTuple

from textual.reactive import reactive

from reverb_tui.widgets.log.finding import Found, Search
from reverb_tui.widgets.log.tail import Tail

LOOK: Final = 500_000
"""Characters that a search looks at in one frame: a few milliseconds."""


class _Place(NamedTuple):
    """Where the user was."""

    line: int
    following: bool


class Searched(Tail):
    """The newest lines; a search goes from one that was found to another, and back at its end."""

    found: reactive[Found | None] = reactive[Found | None](None)
    """Matches of the search so far; None without one."""

    _search: Search | None = None
    _current: int | None = None
    """The line found that is shown."""
    _goal: int | None = None
    """Lines to look at before the first one found is shown."""
    _origin: _Place | None = None

    def search(self, needle: str) -> None:
        """Search for what has the needle, and show the next that is found from here on.

        An empty needle finds nothing. ``found`` tells how it goes; it takes some frames where
        there is much to look at, and goes on while lines come in.
        """
        if self._origin is None:
            top = self._wrapped.line_at(self.scroll_offset.y)
            self._origin = _Place(top, self._following)
        self._search = Search(needle) if needle else None
        self._current = None
        self._goal = self._wrapped.total
        self.found = None
        self._redraw()

    def search_step(self, steps: int) -> None:
        """Show the next line found, or with -1 the one before; the ends are joined."""
        search = self._search
        if search is None:
            return
        search.forget(self._wrapped.first)
        if self._current is None:
            self._reveal(search, search.nearest(self._place))
        else:
            self._reveal(search, search.step(self._current, steps))

    def search_end(self, *, back: bool) -> None:
        """End the search, and go back to where the user was before, or stay."""
        origin, self._origin = self._origin, None
        self._search = self._current = self.found = None
        self._redraw()
        if not back or origin is None:
            return
        if origin.following:
            self.to_end()
        else:
            self._follow(False)
            line = min(max(origin.line, self._wrapped.first), self._wrapped.total)
            self._settle(self._wrapped.begin(line))

    def _work(self) -> bool:
        """Look at more lines; show what is found when enough have been looked at."""
        search, total = self._search, self._wrapped.total
        if search is None:
            return False
        search.forget(self._wrapped.first)
        work = 0
        while work < LOOK and search.next < total:
            work += search.look(search.next, self._wrapped.entries(search.next, search.next + 100))
        if self._goal is not None and search.next >= self._goal:
            self._goal = None
            self._reveal(search, search.nearest(self._place))
        complete = search.next >= total
        self.found = Found(search.position(self._current), len(search), complete)
        return not complete

    @property
    def _place(self) -> int:
        """The line from which the first one to show is looked for: on top where the user was."""
        wrapped = self._wrapped
        if self._origin is None or self._origin.following:
            return wrapped.line_at(max(0, wrapped.height - self.size.height))
        return self._origin.line

    def _reveal(self, search: Search, line: int | None) -> None:
        """Show a line that was found, in it the row where the needle is first."""
        self._current = line
        if line is not None:
            _, text, _, _ = self._wrapped.entry(line)
            self._show(line, self._wrapped.row_of(line, search.places(text)[0][0]))
        self._redraw()
