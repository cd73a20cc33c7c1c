"""What ``docs/lesson.md`` says of the programs is how they are."""

import re

from tests.examples.programs import BOOK, RIGHT, WRONG, breaks

LESSON = (BOOK.parents[1] / "docs" / "lesson.md").read_text()


def test_the_lesson_runs_only_programs_that_exist() -> None:
    named = re.findall(r"examples/book/([\w/]+)\.py", LESSON)
    assert set(named) <= {*RIGHT, *(f"wrong/{name}" for name in WRONG)}


def test_the_lesson_tells_the_teacher_every_broken_promise() -> None:
    table = re.findall(r"^\| `(\w+)\.py` \| `([\w-]+)` \|", LESSON, re.MULTILINE)
    assert sorted(table) == [(name, breaks(name)) for name in WRONG]
