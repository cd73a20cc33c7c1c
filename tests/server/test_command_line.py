"""A wrong call of ``reverb-server`` is told in one sentence."""

import gc
import re

import pytest
from cyclopts import App

from reverb_server.cli import main
from reverb_server.command_line import run_command
from tests.conftest import CallCommand
from tests.process.commands import assert_one_sentence


@pytest.mark.parametrize(
    ("arguments", "variables", "word"),
    [
        (["--delay", "61"], {}, "61"),
        (["--delay=-1"], {}, "-1"),
        (["--delay", "nan"], {}, "nan"),
        (["--delay", "soon"], {}, "soon"),
        (["--mode", "loud"], {}, "loud"),
        (["--backend", "curio"], {}, "curio"),
        (["--port", "65536"], {}, "65536"),
        (["--port", "no-such-service"], {}, "no-such-service"),
        (["--port", "80.5"], {}, "80.5"),
        (["--port"], {}, "--port"),
        (["--host", ""], {}, "host"),
        (["--loud"], {}, "--loud"),
        (["localhost", "0", "stray"], {}, "stray"),
        (["8000"], {}, "'8000' is a port without a host"),
        (["localhost:0", "--port", "0"], {}, "two ports"),
        (["http://localhost"], {}, "http"),
        (["tls://localhost:0"], {}, "tls://localhost:0 needs a certificate: give --tls-cert"),
        (["tcp://localhost:0", "--tls-cert", "c"], {}, "without TLS"),
        (["unix:"], {}, "no path"),
        (["--unix", ""], {}, "--unix is empty"),
        (["localhost", "--unix", "x"], {}, "--host can't stand beside --unix"),
        (["--max-line", "9" * 5000], {}, "max-line"),
        ([], {"REVERB_PORT": "abc"}, "REVERB_PORT"),
        ([], {"REVERB_HOST": "[::1"}, "REVERB_HOST: '[::1' has brackets"),
        ([], {"REVERB_PORT": "0", "REVERB_UNIX": "x"}, "REVERB_PORT and REVERB_UNIX: "),
        ([], {"REVERB_DELAY": "61"}, "--delay 61"),
        ([], {"REVERB_MODE": "loud"}, "loud"),
    ],
)
def test_a_wrong_call_is_told_in_one_sentence_with_status_2(
    arguments: list[str], variables: dict[str, str], word: str, call_command: CallCommand
) -> None:
    done = call_command(main, *arguments, **variables)
    assert_one_sentence(done.stderr)
    assert word in done.stderr
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--max-line", "0"],
        ["--max-pending", "100"],
        ["--max-connections", "0"],
        ["--idle-timeout", "-1"],
        ["--write-timeout", "nan"],
        ["--drain-timeout", "inf"],
        ["--tls-key", "key.pem"],
        ["--log-level", "loud"],
    ],
)
def test_a_wrong_limit_is_one_sentence_with_status_2(
    arguments: list[str], call_command: CallCommand
) -> None:
    done = call_command(main, *arguments)
    assert re.fullmatch(rf"reverb-server: [^\n]*{arguments[0]}[^\n]+\n", done.stderr)
    assert done.returncode == 2


def test_a_command_that_runs_collects_garbage_though_its_start_did_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = App(name="reverb-test")
    collects: list[bool] = []

    @app.default
    def run() -> int:
        collects.append(gc.isenabled())
        return 0

    monkeypatch.setattr("sys.argv", ["reverb-test"])
    gc.disable()
    try:
        with pytest.raises(SystemExit):
            run_command(app)
    finally:
        gc.unfreeze()
        gc.enable()
    assert collects == [True]
