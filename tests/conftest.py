"""What all tests share: the same environment, backend and examples on every machine."""

import gc
import os
import re
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import suppress
from subprocess import CompletedProcess

import pytest
from hypothesis import settings

# The same examples in every run and no deadlines: a failure can be reproduced anywhere, and none
# comes from a busy machine. CI tries eight times as many; `--hypothesis-profile search` looks for
# others, and for longer.
EXAMPLES = 200 if os.environ.get("CI") else 25
settings.register_profile(
    "reverb", derandomize=True, database=None, deadline=None, max_examples=EXAMPLES
)
settings.register_profile("search", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile("reverb")


@pytest.fixture
def backend() -> str:
    """Name asyncio: the client never runs on anything else."""
    return "asyncio"


@pytest.fixture
def anyio_backend(backend: str) -> str:
    """Run asynchronous tests on the backend of their folder, in real time."""
    return backend


CallCommand = Callable[..., CompletedProcess[str]]


@pytest.fixture
def call_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CallCommand:
    """Call a command to its end within this process: a process of its own takes half a second."""

    def call(
        main: Callable[[], object], *arguments: str, **variables: str
    ) -> CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["command", *arguments])
        monkeypatch.delenv("PYTEST_VERSION", raising=False)  # cyclopts warns of it
        for name in [each for each in os.environ if each.startswith("REVERB_")]:
            monkeypatch.delenv(name)
        for name, text in variables.items():
            monkeypatch.setenv(name, text)
        before = signal.getsignal(signal.SIGINT)
        with pytest.raises(SystemExit) as end:
            main()
        signal.signal(signal.SIGINT, before)
        gc.unfreeze()  # a command freezes what its start has made; Hypothesis looks for referrers
        gc.enable()
        assert isinstance(end.value.code, int)
        return CompletedProcess(arguments, end.value.code, *capsys.readouterr())

    return call


FOREIGN = re.compile(
    "REVERB_|LISTEN_|NOTIFY_SOCKET|WATCHDOG_|XDG_|TEXTUAL|ESCDELAY$|.*COLOR|TERM|TTY_|TMUX|LANG|LC_"
)
"""Variables by which a user's machine would have its say in the tests."""


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Have the same environment everywhere, for the tests and for the processes that they start."""
    gc.disable()  # nothing that is collected is garbage: a sixth of the time until the first test
    with suppress(ImportError):
        import readline  # noqa: F401  # it sets COLUMNS and LINES, once
    for name in ["COLUMNS", "LINES", *filter(FOREIGN.match, os.environ)]:
        os.environ.pop(name, None)
        os.unsetenv(name)  # what a library has set is not in os.environ
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")
    os.environ["HOME"] = f"{os.devnull}/home"  # nothing is there, and nothing can be
    # Without the compiled modules every process would compile them again: a second for each.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False  # nor should every worker rewrite every assert again


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Have three workers more than cores: much of a worker's time is waiting."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(8, (cores or 1) + 3)


def pytest_collection_finish() -> None:
    """Collect garbage less often: it took over a tenth of the time of the client's tests."""
    gc.enable()
    gc.set_threshold(20_000, 50, 50)


def pytest_sessionfinish() -> None:
    """Look through what is left once: pytest would five times, for a second in each worker."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a skipped test fail in CI, where every tool must be there."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let a skipped module fail in CI."""
    report = yield
    if os.environ.get("CI") and report.skipped:
        report.outcome = "failed"
    return report
