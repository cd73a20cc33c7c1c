"""The admin address as it is typed, and when it is that of the echoes."""

from pathlib import Path

import pytest

from reverb_server import Settings
from reverb_server.address_syntax import Address, BadAddress
from reverb_server.admin_address import echoes_at, parse_admin
from reverb_server.options import ServerOptions


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("9100", Address("localhost", 9100)),
        (" 0 ", Address("localhost", 0)),
        ("127.0.0.1:9100", Address("127.0.0.1", 9100)),
        ("[::1]:9100", Address("::1", 9100)),
        ("*:9100", Address("*", 9100)),
        ("tcp://localhost:9100", Address("localhost", 9100, tls=False)),
        ("unix:/run/admin", Address(unix=Path("/run/admin"))),
    ],
)
def test_an_admin_address_is_a_port_or_an_address_with_one(typed: str, address: Address) -> None:
    assert parse_admin(typed) == address


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "empty"),
        ("localhost", "no port"),
        ("65536", "out of range"),
        ("tls://localhost:9100", "TLS"),
        ("http://localhost:9100", "not spoken here"),
        ("localhost:9100/metrics", "neither"),
        ("unix:", "no path"),
        ("1 2 3", "words"),
    ],
)
def test_what_is_no_admin_address_is_one_sentence(typed: str, word: str) -> None:
    with pytest.raises(BadAddress, match=word) as refusal:
        parse_admin(typed)
    assert "\n" not in str(refusal.value)


SAME = [
    ("8000", {}),
    ("127.0.0.1:8000", {}),
    ("[::1]:8000", {}),
    ("LOCALHOST.:8000", {}),
    ("*:8000", {}),
    ("0.0.0.0:8000", {"host": "127.0.0.1"}),
    ("127.0.0.1:8000", {"host": "0.0.0.0"}),
    ("[::1]:8000", {"host": "::"}),
    ("8000", {"host": "*"}),
    ("some.name:8000", {"host": "Some.Name"}),
    ("some.name:8000", {"host": "0.0.0.0"}),
    ("unix:x", {"unix": Path("x")}),
    (f"unix:{Path.cwd()}/x", {"unix": Path("x")}),
]
OTHER = [
    ("9100", {}),
    ("127.0.0.2:8000", {}),
    ("127.0.0.1:8000", {"host": "::1"}),
    ("127.0.0.1:8000", {"host": "::"}),
    ("[::1]:8000", {"host": "0.0.0.0"}),
    ("0", {"port": 0}),
    ("unix:x", {}),
    ("8000", {"unix": Path("x")}),
    ("unix:x", {"unix": Path("y")}),
    ("8000", {"fds": (3,)}),
]


@pytest.mark.parametrize(
    ("typed", "settings", "same"),
    [(*each, True) for each in SAME] + [(*each, False) for each in OTHER],
)
def test_it_is_known_whether_the_echoes_are_there(
    typed: str, settings: dict[str, object], same: bool
) -> None:
    assert echoes_at(parse_admin(typed), Settings(**settings)) == same  # type: ignore[arg-type]


def test_the_address_of_the_echoes_is_wrong_usage() -> None:
    with pytest.raises(ValueError, match="--admin 80 is where the echoes are: give another port"):
        ServerOptions(host="0.0.0.0", port="80", admin="80").settings_with(())
    assert ServerOptions(host="0.0.0.0", port="80", admin="81").settings_with(()).port == 80
    assert ServerOptions(admin="8000").settings_with((3,)).fds == (3,)
