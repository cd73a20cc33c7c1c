from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.address_syntax import Address
from reverb_tui.commands import parsing
from reverb_tui.commands.parsing import Call, Problem, Shout
from reverb_tui.commands.table import Command, table
from reverb_tui.connection.targets import Embedded

TABLE = table(["terminal", "nord", "gruvbox", "dracula", "monokai"])


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("hello", ["hello"]),
        ("", [""]),
        (" /quit", [" /quit"]),
        ("//quit", ["/quit"]),
        ("///", ["//"]),
        ("/quit\n", ["/quit"]),
        ("/quit\n//x", ["/quit", "//x"]),
        ("//quit\n//x", ["/quit", "//x"]),
        ("\n", [""]),
        ("a\n\n", ["a", ""]),
    ],
)
def test_what_is_no_command_is_shouted(text: str, lines: list[str]) -> None:
    assert parsing.parse_command(text, TABLE) == Shout(tuple(lines))


@pytest.mark.parametrize(
    ("text", "action", "values"),
    [
        ("/delay 0.25", "set_delay", (0.25,)),
        ("/delay 1s", "set_delay", (1.0,)),
        ("/DELAY  0 ", "set_delay", (0.0,)),
        ("/mode sequential", "set_mode", ("sequential",)),
        ("/connect", "connect", ()),
        ("/connect localhost", "connect", (Address("localhost"),)),
        ("/connect localhost:8001", "connect", (Address("localhost", 8001),)),
        ("/connect [::1]:8001", "connect", (Address("::1", 8001),)),
        ("/connect ::1", "connect", (Address("::1"),)),
        ("/connect ::1 8001", "connect", (Address("::1", 8001),)),
        ("/connect localhost 8001", "connect", (Address("localhost", 8001),)),
        ("/connect tls://a.example:8443", "connect", (Address("a.example", 8443, tls=True),)),
        ("/connect unix:/run/a b", "connect", (Address(unix=Path("/run/a b")),)),
        ("/connect [::1]", "connect", (Address("::1"),)),
        ("/connect built-in", "connect", (Embedded(),)),
        ("/connect built-in:8000", "connect", (Address("built-in", 8000),)),
        ("/search", "search", ()),
        ("/search  two words ", "search", ("two words",)),
        ("/save my log.txt", "save", ("my log.txt",)),
        ("/theme nord", "set_theme", ("nord",)),
        ("/timestamps since", "set_timestamps", ("since",)),
        ("/quit", "quit", ()),
    ],
)
def test_a_command_runs_an_action(text: str, action: str, values: tuple[object, ...]) -> None:
    assert parsing.parse_command(text, TABLE) == Call(action, values)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("/", "a command follows the slash, /help shows all of them; // shouts it"),
        ("/dleay 1", "there is no command /dleay: did you mean /delay? //dleay 1 shouts it"),
        ("/etc/passwd", "there is no command /etc/passwd: /help shows all commands; //etc/passwd"),
        ("/delay", "/delay SECONDS: set the delay between echoes, 0 to 60 seconds"),
        ("/delay 99", "delay 99 is out of range: give seconds from 0 to 60"),
        ("/delay nan", "delay nan is out of range: give seconds from 0 to 60"),
        ("/delay -1", "delay -1 is out of range"),
        ("/delay soon", "delay 'soon' is no number: give seconds, 0.25 say"),
        ("/mode plain", "mode 'plain' is unknown: choose concurrent or sequential"),
        ("/timestamps x", "timestamps 'x' is unknown: choose none, clock or since"),
        ("/theme gruvbx", "theme 'gruvbx' is unknown: did you mean gruvbox?"),
        ("/connect :80", "':80' has no host"),
        ("/connect a b:80", "port 'b:80' is neither a number"),
        ("/connect host:", "'host:' has no port behind its colon"),
        ("/connect host:0", "port 0 is out of range"),
        ("/connect host:99999999", "port 99999999 is out of range"),
        ("/connect [::1", "'[::1' has brackets that don't match"),
        ("/quit now", "/quit takes nothing: leave 'now' out"),
    ],
)
def test_a_command_that_cannot_be_is_told_why(text: str, hint: str) -> None:
    problem = parsing.parse_command(text, TABLE)
    assert isinstance(problem, Problem)
    assert problem.hint.startswith(hint)


@given(st.text())
def test_what_is_escaped_is_shouted_as_it_is(text: str) -> None:
    lines = tuple(text.removesuffix("\n").split("\n"))
    assert parsing.parse_command(parsing.escaped(text), TABLE) == Shout(lines)


@given(st.text() | st.sampled_from(TABLE).flatmap(lambda e: st.text().map(f"/{e.word} ".__add__)))
def test_nothing_that_is_typed_raises(text: str) -> None:
    parsing.parse_command(text, TABLE)
    parsing.hint(text, TABLE)
    whole = parsing.complete(text, TABLE)
    assert whole == "" or (whole.startswith(text) and whole != text)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("/d", "/delay "),
        ("/disc", "/disconnect"),
        ("/disconnect", ""),
        ("/mode", "/mode "),
        ("/mode ", "/mode concurrent"),
        ("/mode s", "/mode sequential"),
        ("/mode x", ""),
        ("/theme n", "/theme nord"),
        ("/", ""),
        ("//d", ""),
        ("d", ""),
        ("/d\n", ""),
    ],
)
def test_a_command_is_completed_as_one_types(text: str, whole: str) -> None:
    assert parsing.complete(text, TABLE) == whole


def test_a_command_says_what_it_takes_while_it_is_typed() -> None:
    assert parsing.hint("/ti", TABLE) == "/timestamps /timeline"
    assert parsing.hint("/mode", TABLE).endswith("(concurrent, sequential)")
    assert parsing.hint("/mode s", TABLE).endswith("(sequential)")
    assert parsing.hint("/delay 1", TABLE).startswith("/delay SECONDS: ")
    assert parsing.hint("//ti", TABLE) == parsing.hint("ti", TABLE) == ""
    assert parsing.hint("/zz 1", TABLE) == ""


@pytest.mark.parametrize("command", TABLE, ids=lambda command: command.word)
def test_a_hint_has_the_choices_alone_in_brackets(command: Command) -> None:
    assert parsing.hint(f"/{command.word} ", TABLE).count("(") == bool(command.choices)
