"""Every example of ``docs/testing.md`` is a test that passes."""

import re
from pathlib import Path

import pytest

import reverb_server.pytest_plugin

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_examples_pass(pytester: pytest.Pytester) -> None:
    assert len(EXAMPLES) == PAGE.count("```python") >= 6
    for number, example in enumerate(EXAMPLES):
        pytester.makepyfile(**{f"test_{number}": example})
    result = pytester.runpytest_inprocess(
        *("-p", "no:reverb", "-p", "no:asyncio", "-p", "no:trio", "--strict-markers"),
        *("-W", "error"),
        plugins=[reverb_server.pytest_plugin],
    )
    tests = sum(len(re.findall(r"def test_", example)) for example in EXAMPLES)
    on_two_backends = sum(example.count("@pytest.mark.anyio") for example in EXAMPLES)
    result.assert_outcomes(passed=tests + on_two_backends)
