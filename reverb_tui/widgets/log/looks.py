"""The colours and text styles of the log.

Only what has a colour of its own is a component: Textual works each of them out several times at
every start of the app.
"""

from typing import Final

from rich.style import Style

from reverb_tui.entry import Kind

CSS: Final = """
EchoLog {
    background: $surface;
    color: $foreground;
    overflow-x: hidden;
    overflow-y: scroll;
    scrollbar-size-vertical: 1;
    .echo-log--shout { color: $text-primary; }
    .echo-log--muted { color: $text-muted; }
    .echo-log--problem { color: $text-error; }
    .echo-log--highlighted { background: $primary-muted; }
    .echo-log--found { background: $warning-muted; text-style: underline; }
    .echo-log--current { background: $warning; color: black; text-style: bold underline; }
    .echo-log--selected { background: $primary; color: $text; }
    .echo-log--behind { background: $primary; color: $text; text-style: bold; }
    &:ansi .echo-log--selected { background: ansi_cyan; color: ansi_black; }
    &:nocolor .echo-log--selected { text-style: reverse; }
    &:nocolor .echo-log--highlighted { text-style: underline; }
}
"""
COMPONENTS: Final = {
    *("echo-log--shout", "echo-log--muted", "echo-log--problem", "echo-log--highlighted"),
    *("echo-log--found", "echo-log--current", "echo-log--selected", "echo-log--behind"),
}

KIND_STYLES: Final[dict[int, tuple[tuple[str, ...], Style]]] = {
    Kind.SHOUT: (("echo-log--shout",), Style()),
    Kind.LOUD: ((), Style(bold=True)),
    Kind.NORMAL: ((), Style()),
    Kind.QUIET: ((), Style(dim=True, italic=True)),
    Kind.PLAIN: ((), Style()),
    Kind.NOTICE: (("echo-log--muted",), Style(italic=True)),
    Kind.PROBLEM: (("echo-log--problem",), Style(bold=True, italic=True)),
    Kind.SENT: (("echo-log--shout",), Style()),
}
"""For each kind of line: the component with its colour, if it has one, and its text style."""

CURSOR: Final = Style(reverse=True)
