"""Where the command line and the environment let a server listen."""

from pathlib import Path
from typing import Any

import pytest

from reverb_server import Settings
from reverb_server.options import FromEnvironment, ServerOptions


def place(settings: Settings) -> tuple[str, int] | Path:
    return settings.unix or (settings.host, settings.port)


def listening(env: dict[str, str], **typed: Any) -> tuple[str, int] | Path:
    variables = {name: FromEnvironment(text) for name, text in env.items()}
    return place(ServerOptions(**{**variables, **typed}).settings)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({}, ("localhost", 8000)),
        ({"port": "0"}, ("localhost", 0)),
        ({"host": "::1"}, ("::1", 8000)),
        ({"host": "[::1]:80"}, ("::1", 80)),
        ({"host": "localhost:80"}, ("localhost", 80)),
        ({"host": "localhost 80"}, ("localhost", 80)),
        ({"host": "::1", "port": "80"}, ("::1", 80)),
        ({"host": "*", "port": "80"}, ("*", 80)),
        ({"host": "tcp://localhost:80"}, ("localhost", 80)),
        ({"host": "unix:/run/reverb"}, Path("/run/reverb")),
        ({"unix": "/run/reverb"}, Path("/run/reverb")),
        ({"unix": "//run/reverb"}, Path("//run/reverb")),
        ({"unix": "unix:/run/reverb"}, Path("/run/reverb")),
    ],
)
def test_every_form_of_an_address_is_understood_wherever_it_stands(
    typed: dict[str, str], expected: object
) -> None:
    assert listening({}, **typed) == listening(typed) == expected


@pytest.mark.parametrize(
    ("env", "typed", "expected"),
    [
        ({"host": "::1", "port": "80"}, {"port": "90"}, ("::1", 90)),
        ({"host": "::1", "port": "80"}, {"host": "localhost"}, ("localhost", 80)),
        ({"host": "::1", "port": "80"}, {"host": "localhost:90"}, ("localhost", 90)),
        ({"host": "[::1]:80"}, {"port": "90"}, ("::1", 90)),
        ({"host": "[::1]:80"}, {"host": "localhost"}, ("localhost", 8000)),
        ({"host": "[::1]:80"}, {"unix": "x"}, Path("x")),
        ({"unix": "x"}, {"host": "localhost"}, ("localhost", 8000)),
        ({"unix": "x"}, {"port": "90"}, ("localhost", 90)),
        ({"unix": "x"}, {"host": "unix:y"}, Path("y")),
        ({"port": "nonsense"}, {"host": "localhost:90"}, ("localhost", 90)),
    ],
)
def test_each_part_of_the_command_line_goes_before_the_environment(
    env: dict[str, str], typed: dict[str, str], expected: object
) -> None:
    assert listening(env, **typed) == expected


@pytest.mark.parametrize(
    "link", ["tcp://10.3.104.46:80", "udp://[fd00::1]:53", "sctp://10.0.0.1:1"]
)
def test_a_port_that_was_set_for_another_program_is_left_alone(link: str) -> None:
    options = ServerOptions(port=FromEnvironment(link))
    assert (place(options.settings), options.left_alone) == (("localhost", 8000), link)
    assert listening({"port": link, "host": "::1"}) == ("::1", 8000)
    assert ServerOptions(host="::1", port="80").left_alone is None
    with pytest.raises(ValueError, match=r"port 'tcp://10\.3\.104\.46:80' is neither"):
        ServerOptions(port="tcp://10.3.104.46:80")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"max_line": 0}, "--max-line 0 is too small: give at least 1"),
        ({"delay": 61.0}, "--delay 61.0 is out of range: give seconds from 0 to 60"),
        (
            {"proxy_from": "::1"},
            "--proxy-from needs --proxy-protocol accept or require",
        ),
        ({"tls_key": Path("k")}, "--tls-key needs a certificate: give --tls-cert as well"),
    ],
)
def test_what_the_settings_refuse_is_told_by_the_names_of_options(
    wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=r"^--") as refusal:
        ServerOptions(**wrong)
    assert str(refusal.value) == sentence
