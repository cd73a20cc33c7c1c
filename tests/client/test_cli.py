"""A wrong call of ``reverb-tui`` is told in one sentence."""

import re

import pytest

from reverb_tui.cli import main
from tests.conftest import CallCommand


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "8000"], "port needs a host"),
        (["--delay", "61"], "delay 61 is out of range"),
        (["--delay", "nan"], "delay nan is out of range"),
        (["--delay", "soon"], "soon"),
        (["--mode", "plain"], "plain"),
        (["--host", ""], "the address is empty"),
        (["localhost", "0"], "port 0 is out of range"),
        (["localhost", "80.5"], "port '80.5' is neither a number up to 65535 nor a service"),
        (["localhost", "--control", "off", "--delay", "1"], "--control off"),
        (["localhost", "--control", "off", "--mode", "sequential"], "--control off"),
        (["localhost", "--raw", "--delay", "1"], "--raw"),
        (["localhost:8000", "9000"], "'localhost:8000' has two ports, '8000' and '9000'"),
        (["http://localhost"], "'http://localhost' is for http, which is not spoken here"),
        (["tls://localhost", "--tls-pin", "sha1:ab"], "is no SHA-256 fingerprint"),
        (["localhost", "8000", "stray"], "stray"),
        (["--tls"], "tls needs a host"),
        (["localhost", "--tls-ca", "ca.pem"], "tls-ca needs TLS"),
        (["localhost", "--tls", "--tls-key", "key.pem"], "tls-key needs a certificate"),
        (["localhost", "--unix", "socket"], "host can't stand beside --unix"),
        (["--log", "/nowhere/log"], "log needs a terminal"),
        *(
            ([option, ""], f"{option}: the path is empty: give that of a file")
            for option in ("--log", "--unix", "--tls-ca", "--tls-cert", "--tls-key")
        ),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(
    arguments: list[str], sentence: str, call_command: CallCommand
) -> None:
    done = call_command(main, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"reverb-tui: [^\n]+ \(see reverb-tui --help\)\n", done.stderr)
    assert sentence in done.stderr


def test_without_its_extra_web_says_how_to_get_it(
    call_command: CallCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reverb_tui.cli.find_spec", lambda name: None)
    done = call_command(main, "--web", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "reverb-tui: web needs textual-serve and aiohttp: pip install 'reverb-echo[web]'\n"
    )
