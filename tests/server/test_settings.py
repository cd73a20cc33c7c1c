"""Settings check themselves, each wrong value with its own sentence."""

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest

from reverb_server import BadSettings, ReverbError, Settings


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"delay": 61}, "delay 61 is out of range: give seconds from 0 to 60"),
        ({"delay": -0.1}, "delay -0.1 is out of range: give seconds from 0 to 60"),
        ({"delay": math.nan}, "delay nan is out of range: give seconds from 0 to 60"),
        ({"delay": math.inf}, "delay inf is out of range: give seconds from 0 to 60"),
        ({"port": -1}, "port -1 is out of range: give a number from 0 to 65535"),
        ({"port": 65_536}, "port 65536 is out of range: give a number from 0 to 65535"),
        ({"mode": "loud"}, "mode 'loud' is unknown: choose concurrent, sequential or plain"),
        ({"max_line": 0}, "max_line 0 is too small: give at least 1"),
        (
            {"max_pending": 100, "max_line": 1000},
            "max_pending 100 is too small: give at least 8000 bytes, eight times the longest line",
        ),
        ({"max_connections": 0}, "max_connections 0 is too small: give at least 1"),
        ({"idle_timeout": -1}, "idle_timeout -1 is out of range: give seconds, 0 or more"),
        ({"tls_key": Path("key")}, "tls_key needs a certificate: give tls_cert as well"),
        (
            {"proxy_protocol": "on"},
            "proxy_protocol 'on' is unknown: choose off, accept or require",
        ),
        (
            {"proxy_from": "10.0.0.0/8"},
            "proxy_from needs proxy_protocol accept or require",
        ),
        (
            {"proxy_from": "balancer", "proxy_protocol": "require"},
            "proxy_from 'balancer' is no network: write one as 10.0.0.0/8 or ::1",
        ),
        ({"unix": "socket"}, "unix 'socket' is no path: give a pathlib.Path"),
        ({"host": ""}, "host '' can't be: give an address or a name, for example localhost"),
    ],
)
def test_a_wrong_value_gives_its_sentence(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))) as error:
        Settings(**wrong)
    assert str(error.value) == sentence
    assert isinstance(error.value, BadSettings)
    assert isinstance(error.value, ReverbError)


@pytest.mark.parametrize("port", [80.5, True, "8000", None])
def test_a_port_that_is_no_integer_is_a_wrong_value(port: Any) -> None:
    with pytest.raises(ValueError, match="port"):
        Settings(port=port)


@pytest.mark.parametrize("delay", ["1", True, None])
def test_a_delay_that_is_no_number_is_a_wrong_value(delay: Any) -> None:
    with pytest.raises(ValueError, match="delay"):
        Settings(delay=delay)


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": 8000},
        {"host": None},
        {"max_line": "many"},
        {"max_pending": 1e7},
        {"max_connections": True},
        {"idle_timeout": "soon"},
        {"write_timeout": None},
        {"drain_timeout": math.nan},
        {"mode": ["plain"]},
        {"proxy_protocol": True},
        {"proxy_from": ["::1"]},
        {"tls_cert": b"cert.pem"},
        {"unix": Path("a\0b")},
        {"tls_cert": Path()},
    ],
)
def test_a_value_of_another_kind_is_a_wrong_value(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadSettings, match=next(iter(wrong))):
        Settings(**wrong)


@pytest.mark.parametrize(
    "right",
    [{"delay": 0}, {"delay": 60}, {"delay": 0.001}, {"port": 0}, {"port": 65_535}, {"host": "::"}],
)
def test_the_ends_of_the_ranges_are_right(right: dict[str, Any]) -> None:
    assert dataclasses.asdict(Settings(**right)).items() >= right.items()


def test_settings_are_one_frozen_value_given_by_name() -> None:
    settings = Settings()
    assert dataclasses.asdict(settings) == {
        "host": "localhost",
        "port": 8000,
        "mode": "concurrent",
        "delay": 1,
        "unix": None,
        "fds": (),
        "max_line": 65_536,
        "max_pending": 1_048_576,
        "max_connections": None,
        "idle_timeout": 0,
        "write_timeout": 30,
        "lame_duck": 0,
        "drain_timeout": 10,
        "tls_cert": None,
        "tls_key": None,
        "tls_client_ca": None,
        "proxy_protocol": "off",
        "proxy_from": "127.0.0.0/8,::1",
    }
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        Settings("localhost")  # type: ignore[call-arg]
