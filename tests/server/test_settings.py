"""Settings check themselves, each wrong value with its own sentence."""

import dataclasses
import math
from typing import Any

import pytest

from reverb_server import Settings


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
        ({"backend": "curio"}, "backend 'curio' is unknown: choose asyncio or trio"),
        ({"host": ""}, "host is empty: give an address or a name, for example localhost"),
    ],
)
def test_a_wrong_value_gives_its_sentence(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))) as error:
        Settings(**wrong)
    assert str(error.value) == sentence


@pytest.mark.parametrize("port", [80.5, True, "8000", None])
def test_a_port_that_is_no_integer_is_a_wrong_value(port: Any) -> None:
    with pytest.raises(ValueError, match="port"):
        Settings(port=port)


@pytest.mark.parametrize("delay", ["1", True, None])
def test_a_delay_that_is_no_number_is_a_wrong_value(delay: Any) -> None:
    with pytest.raises(ValueError, match="delay"):
        Settings(delay=delay)


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
        "backend": "asyncio",
        "unix": None,
        "max_line": 65_536,
        "max_pending": 1_048_576,
        "max_connections": None,
        "idle_timeout": 0,
        "write_timeout": 30,
        "drain_timeout": 10,
        "tls_cert": None,
        "tls_key": None,
        "tls_client_ca": None,
        "log_level": "info",
    }
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        Settings("localhost")  # type: ignore[call-arg]
