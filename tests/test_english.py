"""The prose of the code is plain English: the thing first, then what it does."""

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import reverb_check
import reverb_server
import reverb_tui

FOREIGN_BEGINNING = re.compile(
    r'r?"""(What|Who|Whoever|There|Take that|Tell|Say|Give|Be told|Let)\b'
)
"""A docstring begins with a verb for what it does, or with a noun: not with these."""
FOREIGN_WORDS = re.compile(
    r"\b(anew|as far as|thereby|is made of|by itself|by themselves|has to do with|have to do with"
    r"|let go of|lets go of|for ever|all along|stands in|stands here|stands there|stands under)\b",
    re.IGNORECASE,
)
"""Turns of phrase that a native speaker would not use here; each has a plainer one."""


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each comment and docstring of a module, with its line."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT or token.string.lstrip("r").startswith('"""'):
                yield token.start[0], token.string


FOLDERS = [
    *(Path(package.__path__[0]) for package in (reverb_server, reverb_tui, reverb_check)),
    Path(__file__).parents[1] / "examples",
]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda each: each.name)
def test_comments_and_docstrings_are_plain_english(folder: Path) -> None:
    modules = sorted(folder.rglob("*.py"))
    assert modules
    found = [
        f"{path.relative_to(folder)}:{line}: {text[:60]}"
        for path in modules
        for line, text in prose(path)
        if FOREIGN_BEGINNING.match(text) or FOREIGN_WORDS.search(text)
    ]
    assert found == []
