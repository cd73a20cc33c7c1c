"""Addresses as people type them are understood, or refused with what was understood."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reverb_server.address_syntax import Address, BadAddress, parse_address, parse_port


def services(name: str) -> int:
    """Stand in for a machine's list of services."""
    try:
        return {"smtp": 25, "http": 80, "z39.50": 210}[name]
    except KeyError:
        raise OSError from None


def parsed(text: str, port: str | None = None) -> Address:
    return parse_address(text, port, service=services)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost", Address("localhost")),
        ("localhost:8000", Address("localhost", 8000)),
        ("localhost 8000", Address("localhost", 8000)),
        ("  localhost:8000\n", Address("localhost", 8000)),
        ("host:smtp", Address("host", 25)),
        ("host HTTP", Address("host", 80)),
        ("host:z39.50", Address("host", 210)),
        ("127.0.0.1:0", Address("127.0.0.1", 0)),
        ("0 80", Address("0", 80)),
        ("::", Address("::")),
        ("::1", Address("::1")),
        ("::1 8000", Address("::1", 8000)),
        ("[::1]", Address("::1")),
        ("[::1]:8000", Address("::1", 8000)),
        ("[::1] 8000", Address("::1", 8000)),
        ("::ffff:1.2.3.4", Address("1.2.3.4")),
        ("[::ffff:7f00:1]:80", Address("127.0.0.1", 80)),
        ("fe80::1%eth0", Address("fe80::1%eth0")),
        ("[fe80::1%eth0]:80", Address("fe80::1%eth0", 80)),
        ("example.org.:80", Address("example.org.", 80)),
        ("under_score:080", Address("under_score", 80)),
        ("münchen.de:80", Address("münchen.de", 80)),
        ("हिन्दी.example:80", Address("हिन्दी.example", 80)),
        ("*", Address("*")),
        ("*:80", Address("*", 80)),
        ("tls://host:80", Address("host", 80, tls=True)),
        ("TLS://[::1]:http/", Address("::1", 80, tls=True)),
        ("tls://::1 80", Address("::1", 80, tls=True)),
        ("tcp://10.3.104.46:80", Address("10.3.104.46", 80, tls=False)),
        ("unix:/run/reverb", Address(unix=Path("/run/reverb"))),
        ("unix:///run/reverb", Address(unix=Path("/run/reverb"))),
        ("unix:a socket:80", Address(unix=Path("a socket:80"))),
    ],
)
def test_an_address_is_understood(text: str, address: Address) -> None:
    assert parsed(text) == address
    assert parsed(str(address)) == address


def test_a_port_may_be_given_apart() -> None:
    assert parsed("::1", "8000") == parsed("[::1]", " 8000 ") == Address("::1", 8000)
    assert parsed("tls://host", "smtp") == Address("host", 25, tls=True)
    assert parsed("8", "8000") == Address("8", 8000)


def test_a_socket_may_be_in_the_home_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert parsed("unix:~/reverb") == Address(unix=Path("/home/me/reverb"))


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("", "the address is empty"),
        (" \t", "the address is empty"),
        (":8000", "no host"),
        ("tls://", "no host"),
        ("8000", "a port without a host"),
        ("host:", "no port behind its colon"),
        ("[::1]:", "no port behind its colon"),
        ("host:0x50", "port '0x50' is neither a number up to 65535 nor a service"),
        ("host:80.5", "port '80.5'"),
        ("host:+80", "port '+80'"),
        ("host:-1", "port '-1'"),
        ("host:\uff18\uff10", "port '\uff18\uff10'"),
        ("host:nosuchservice", "port 'nosuchservice'"),
        ("host:65536", "port 65536 is out of range"),
        ("host:" + "9" * 5000, "…"),
        ("host:80 90", "two ports, '80' and '90'"),
        ("one two three", "has 3 words"),
        ("a:b:c", "more than one colon and is no IPv6 address"),
        ("fe80::1%eth0:80", "more than one colon"),
        ("1::2::3", "more than one colon"),
        ("fe80::1 80", "add the interface, as in fe80::1%eth0"),
        ("[FE80::1]", "add the interface"),
        ("224.0.0.1", "224.0.0.1 means many machines"),
        ("[ff02::1%eth0]:80", "ff02::1%eth0 means many machines"),
        ("::ffff:224.0.0.1", "many machines"),
        ("255.255.255.255:80", "many machines"),
        ("[::1", "brackets that don't match"),
        ("[::1]80", "brackets that don't match"),
        ("[127.0.0.1]:80", "no IPv6 address in its brackets"),
        ("[]:80", "no IPv6 address in its brackets"),
        ("[fe80::1%]:80", "no IPv6 address in its brackets"),
        ("me@host:80", "a user"),
        ("/run/reverb", "a path: give host:port, tls://host:port or unix:path"),
        ("host/path:80", "a path"),
        ("host\uff1a80", "':' in its host"),
        ("host,80", "',' in its host"),
        ("ho\0st", r"'\x00' in its host"),
        ("\x1b[31m:80", r"'\x1b' in its host"),
        ("\udcff:80", r"'\udcff' in its host"),
        ("http://host/", "is for http, which is not spoken here"),
        ("ssl://host:80", "is for ssl"),
        ("unix:", "no path"),
        ("unix:a\0b", "a NUL in its path"),
        ("unix://host/path", "has a host: write unix:/path"),
        ("unix:~no such user/reverb", "the home directory of nobody here"),
    ],
)
def test_what_cannot_be_an_address_is_refused_with_what_was_understood(
    text: str, understood: str
) -> None:
    with pytest.raises(BadAddress, match=r"^[^\n]+$") as refusal:
        parsed(text)
    assert understood in str(refusal.value)
    assert len(str(refusal.value)) < 300


def test_a_port_can_be_given_once_only() -> None:
    with pytest.raises(BadAddress, match=r"'host:80' has two ports, '80' and '90'"):
        parsed("host:80", "90")
    with pytest.raises(BadAddress, match=r"'unix:/x' is a Unix socket, which has no port '90'"):
        parsed("unix:/x", "90")


PIECES = st.sampled_from(
    [
        "unix:",
        "tls://",
        "tcp://",
        "//",
        "[",
        "]",
        "::1",
        "%eth0",
        ":",
        " ",
        "80",
        "smtp",
        "host",
        "@",
    ]
)


@given(st.text() | st.lists(PIECES | st.text(max_size=2), max_size=8).map("".join), st.data())
@example("[::1%0]", None)
def test_no_text_ends_in_anything_but_an_address_or_one_sentence(
    text: str, data: st.DataObject | None
) -> None:
    port = data.draw(st.none() | st.text(max_size=6)) if data else None
    refusal: ValueError | None = None
    address = Address()
    try:
        address = parsed(text, port)
    except ValueError as error:
        refusal = error
    if refusal is not None:
        assert type(refusal) is BadAddress
        assert "\n" not in str(refusal)
        return
    assert (address.unix is None) == bool(address.host)
    if address.host:
        assert address.port is None or 0 <= address.port <= 65_535
        assert parsed(str(address)) == address or address.host.isdigit()


def test_the_machines_own_services_are_asked() -> None:
    with pytest.raises(BadAddress, match="port 'no-such-service-anywhere' is neither"):
        parse_port("no-such-service-anywhere")
