"""What is printed after an error is short, and safe for the terminal."""

from reverb_tui.terminal.crash import LONGEST_TRACEBACK, plain


def test_a_traceback_keeps_its_lines() -> None:
    assert plain("Traceback:\n  line 1\nError: x\n") == "Traceback:\n  line 1\nError: x\n"


def test_what_an_error_quotes_does_nothing_to_the_terminal() -> None:
    assert "\x1b" not in plain("ValueError: \x1b]0;title\x07\n")


def test_of_a_long_traceback_the_end_is_printed() -> None:
    text = plain("x" * 10 * LONGEST_TRACEBACK + "\nValueError: too long\n")
    assert len(text) <= LONGEST_TRACEBACK
    assert text.endswith("ValueError: too long\n")
