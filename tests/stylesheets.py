"""Style sheets that are parsed once in a process, and not for every app: half of its start."""

from typing import Any

from textual.css import stylesheet
from textual.css.model import RuleSet
from textual.css.parse import parse
from textual.css.tokenize import tokenize_values


def parse_once() -> None:
    """Keep each style sheet that is parsed, as long as this process lasts."""
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

    vars(stylesheet).update(tokenize_values=tokenized, parse=parsed)
