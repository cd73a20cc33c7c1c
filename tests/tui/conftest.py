"""A terminal with all colours, and time to look at a client without a connection."""

from collections.abc import Iterator
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.parse import parse
from textual.css.tokenize import tokenize_values


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> Iterator[None]:
    """Parse a style sheet once, and not for every app: it took half of an app's start."""
    tokens: dict[object, Any] = {}
    rules: dict[object, list[RuleSet]] = {}

    def tokenized(variables: dict[str, str]) -> Any:
        key = tuple(variables.items())
        if key not in tokens:
            tokens[key] = tokenize_values(variables)
        return tokens[key]

    def parsed(*sheet: Any, **rest: Any) -> list[RuleSet]:
        variables = id(rest["variable_tokens"])  # kept above: nothing else has their identity
        key = sheet, variables, rest["is_default_rules"], rest["tie_breaker"]
        if key not in rules:
            rules[key] = list(parse(*sheet, **rest))
        return rules[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual.css.stylesheet.tokenize_values", tokenized)
        patch.setattr("textual.css.stylesheet.parse", parsed)
        yield


@pytest.fixture(autouse=True)
def colourful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the terminal have all colours, whichever one the tests are run in."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client not connect again by itself before a test has seen that it is going to."""
    monkeypatch.setattr("reverb_tui.session.session.FIRST_WAIT", 60.0)
