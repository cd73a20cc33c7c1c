"""The pytest plugin, in suites of others: with their plugins, and with nothing configured."""

import subprocess
import sys
import tomllib
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest

import reverb_server.pytest_plugin
from reverb_server.testing import WatchedServer
from reverb_server.testing.watched_server import ARGUMENTS

PLUGIN: Final = reverb_server.pytest_plugin.__name__
REPOSITORY: Final = Path(__file__).parents[2]

OPTIONS: Final = [
    *("-p", "no:reverb", "-p", "no:asyncio", "-p", "no:trio"),
    *("--strict-markers", "-W", "error"),
]
"""Options of their run; the plugin is given to it, whether it is installed or not."""

OTHERS: Final = """
import socket
import anyio
import pytest

def shout(reverb):
    with socket.create_connection((reverb.host, reverb.port)) as client:
        client.sendall(b"Hello?\\n")
        return reverb.wait_heard(b"Hello?")
"""
"""The beginning of somebody's test module."""


def run(pytester: pytest.Pytester, module: str) -> pytest.RunResult:
    """Run somebody's tests in this process."""
    pytester.makepyfile(OTHERS + dedent(module))
    return pytester.runpytest_inprocess(*OPTIONS, plugins=[reverb_server.pytest_plugin])


def test_a_test_has_a_server_of_its_own(pytester: pytest.Pytester) -> None:
    module = """
    @pytest.mark.parametrize("number", range(2))
    def test_it(reverb, number):
        assert reverb.heard == []
        assert reverb.server.settings.delay == 0.05
        assert shout(reverb).text == b"Hello?"
    """
    run(pytester, module).assert_outcomes(passed=2)


def test_the_nearest_marker_wins(pytester: pytest.Pytester) -> None:
    module = """
    pytestmark = pytest.mark.reverb(delay=1, mode="plain")

    @pytest.mark.reverb(mode="sequential", max_line=100)
    class TestIt:
        @pytest.mark.reverb(delay=2, backend="trio")
        def test_it(self, reverb):
            settings = reverb.server.settings
            assert (settings.delay, settings.mode) == (2, "sequential")
            assert settings.max_line == 100
            shout(reverb)

        def test_its_neighbour(self, reverb):
            assert reverb.server.settings.delay == 1
    """
    run(pytester, module).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("dely=1", "@pytest.mark.reverb can't take 'dely': give one of delay, mode, tls, *"),
        ("1", "@pytest.mark.reverb can't take 1: give one of delay, mode, tls, unix, *"),
        ("delay=61", "*reverb can't start: delay 61 is out of range: give seconds from 0 to 60"),
        ("tls='yes'", "*reverb can't start: tls 'yes' can't be: give True or False"),
        ("backend='curio'", "*reverb can't start: backend 'curio' is unknown: choose *"),
    ],
)
def test_a_wrong_argument_is_one_sentence(
    pytester: pytest.Pytester, arguments: str, sentence: str
) -> None:
    module = f"""
    @pytest.mark.reverb({arguments})
    def test_it(reverb):
        pass
    """
    result = run(pytester, module)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ERROR at setup of test_it*", sentence, "*short test summary*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_failed_wait_says_what_was_heard(pytester: pytest.Pytester) -> None:
    module = """
    def test_it(reverb):
        shout(reverb)
        reverb.wait_heard(b"Hullo?", timeout=0)
    """
    result = run(pytester, module)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*NotHeard: b'Hullo?' was not heard*instead: b'Hello?'"])


def test_async_tests_of_anyio_have_it_on_both_backends(pytester: pytest.Pytester) -> None:
    module = """
    @pytest.fixture
    async def client(reverb):
        async with await anyio.connect_tcp(reverb.host, reverb.port) as client:
            yield client

    @pytest.mark.anyio
    async def test_it(reverb, client):
        await client.send(b"Hello?\\n")
        await reverb.heard_soon(b"Hello?")
        reverb.set_delay(0)
        reverb.reset_all()
        assert (await reverb.ended_soon())[0].shouts == 1
    """
    run(pytester, module).assert_outcomes(passed=2)


def test_workers_of_xdist_have_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # half of the time
    module = """
    def test_it(reverb):
        shout(reverb)
    """
    pytester.makepyfile(OTHERS + dedent(module))
    result = pytester.runpytest_subprocess(*OPTIONS, "-p", PLUGIN, "-p", "xdist", "-n", "1")
    result.assert_outcomes(passed=1)


def test_a_suite_that_does_not_use_it_imports_nothing_for_it() -> None:
    """Every suite around loads the plugin: in a millisecond, where anyio would take a hundred."""
    code = (
        "import sys, pytest; before = set(sys.modules); "
        f"import {PLUGIN}; print(*sorted(set(sys.modules) - before))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert answer.stdout.split() == ["reverb_server", PLUGIN]


def test_it_is_an_entry_point_and_this_suite_does_without() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["pytest11"] == {"reverb": PLUGIN}
    assert "no:reverb" in project["tool"]["pytest"]["ini_options"]["addopts"]


def test_all_that_helps_tests_is_documented() -> None:
    page = (REPOSITORY / "docs" / "testing.md").read_text()
    public = [name for name in dir(WatchedServer) if not name.startswith("_")]
    assert [name for name in public if f"`{name}" not in page] == []
    assert [name for name in ARGUMENTS if f"`{name}`" not in page] == []
