"""Headers of the PROXY protocol, good ones and bad ones, whole and cut anywhere."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core.proxy_header import (
    V2,
    V2_LONGEST,
    BadHeader,
    Endpoint,
    ProxyHeader,
    begins_header,
    parse_header,
)

IPV4 = bytes([192, 0, 2, 1, 198, 51, 100, 2]) + struct.pack("!HH", 56324, 443)
IPV6 = bytes.fromhex("20010db8" + 22 * "0" + "01" + "20010db8" + 22 * "0" + "02") + IPV4[8:]
TLV = b"\x04\x00\x02\xff\xff"


def v2(kind: int, data: bytes = b"", *, command: int = 1, version: int = 2) -> bytes:
    return V2 + struct.pack("!BBH", version * 16 + command, kind, len(data)) + data


def unix(source: bytes, destination: bytes) -> bytes:
    return v2(0x31, source.ljust(108, b"\0") + destination.ljust(108, b"\0"))


GOOD: list[tuple[bytes, Endpoint | None, Endpoint | None]] = [
    (b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n", ("192.0.2.1", 56324), None),
    (b"PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n", ("255.255.255.255", 65535), None),
    (b"PROXY TCP6 2001:DB8::1 2001:db8::2 1 2\r\n", ("2001:db8::1", 1), ("2001:db8::2", 2)),
    (b"PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", ("192.0.2.1", 1), ("::1", 2)),
    (b"PROXY TCP6 " + 2 * (b"ffff:" * 7 + b"ffff ") + b"65535 65535\r\n", None, None),
    (b"PROXY UNKNOWN\r\n", None, None),
    (b"PROXY UNKNOWN \xff anything \r at all\r\n", None, None),
    (b"PROXY UNKNOWN " + 2 * (b"ffff:" * 7 + b"ffff ") + b"65535 65535\r\n", None, None),
    (v2(0x11, IPV4), ("192.0.2.1", 56324), ("198.51.100.2", 443)),
    (v2(0x12, IPV4), ("192.0.2.1", 56324), ("198.51.100.2", 443)),
    (v2(0x11, IPV4 + TLV), ("192.0.2.1", 56324), ("198.51.100.2", 443)),
    (v2(0x11, IPV4 + b"\x03\xff\xff"), ("192.0.2.1", 56324), None),  # a TLV that is none
    (v2(0x11, IPV4 + bytes(V2_LONGEST - 28)), ("192.0.2.1", 56324), None),
    (v2(0x21, IPV6), ("2001:db8::1", 56324), ("2001:db8::2", 443)),
    (unix(b"/run/client", b"/run/server"), "/run/client", "/run/server"),
    (unix(b"", b"\0abstract"), "", "@abstract"),
    (unix(b"/a\n\xff", b"x" * 108), "/a\n\\xff", "x" * 108),
    (v2(0x00), None, None),
    (v2(0x00, TLV), None, None),
    (v2(0x10, b"x"), None, None),
    (v2(0x01, b"x"), None, None),
]
LOCAL = [
    v2(0x00, command=0),
    v2(0x11, IPV4, command=0),  # a balancer's health check with addresses that mean nothing
    v2(0x11, b"x", command=0),
    v2(0xFF, TLV, command=0),
]


@pytest.mark.parametrize(("header", "source", "destination"), GOOD)
def test_a_good_header_names_both_ends_and_its_size(
    header: bytes, source: Endpoint | None, destination: Endpoint | None
) -> None:
    parsed = parse_header(header + b"Hello?\n")
    assert parsed is not None
    assert (parsed.size, parsed.local) == (len(header), False)
    if source is not None:
        assert parsed.source == source
    if destination is not None:
        assert parsed.destination == destination


@pytest.mark.parametrize("header", [header for header, source, _ in GOOD if source is None][1:])
def test_an_unknown_client_has_no_addresses(header: bytes) -> None:
    assert parse_header(header) == ProxyHeader(len(header))


@pytest.mark.parametrize("header", LOCAL)
def test_the_addresses_of_a_local_connection_are_skipped(header: bytes) -> None:
    assert parse_header(header + b"Hello?\n") == ProxyHeader(len(header), local=True)


@pytest.mark.parametrize("header", [*(header for header, _, _ in GOOD), *LOCAL])
def test_a_header_that_is_cut_anywhere_needs_more(header: bytes) -> None:
    assert [parse_header(header[:size]) for size in range(len(header))] == [None] * len(header)


BAD = [
    (b"Hello?\n", "without a PROXY header"),
    (b"proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "without a PROXY header"),
    (b"PROXY\r\n", "without a PROXY header"),
    (b"\r\n\r\n\r\n", "without a PROXY header"),
    (b"\x16\x03\x01", "without a PROXY header"),
    (b"PROXY \r\n", "not TCP4 or TCP6"),
    (b"PROXY unknown\r\n", "not TCP4 or TCP6"),
    (b"PROXY UNKNOWNX\r\n", "not TCP4 or TCP6"),
    (b"PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", "not TCP4 or TCP6"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", "not TCP4 or TCP6"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n", "not TCP4 or TCP6"),
    (b"PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n", "not TCP4 or TCP6"),
    (b"PROXY TCP4\t192.0.2.1 192.0.2.2 1 2\r\n", "not TCP4 or TCP6"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", "LF without CR"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n\r\n", "LF without CR"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2" + 80 * b" ", "longer than 107 bytes"),
    (b"PROXY " + 1_000_000 * b"x", "longer than 107 bytes"),
    (b"PROXY UNKNOWN" + 93 * b"x" + b"\r\n", "longer than 107 bytes"),
    (b"PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n", "'192.0.2.01' for an IPv4 address"),
    (b"PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n", "'192.0.2.256' for an IPv4 address"),
    (b"PROXY TCP4 ::1 ::1 1 2\r\n", "'::1' for an IPv4 address"),
    (b"PROXY TCP4 192.0.2.1 example.org 1 2\r\n", "'example.org' for an IPv4 address"),
    (b"PROXY TCP4 \xff\x1b 192.0.2.2 1 2\r\n", "'\\xff\\x1b' for an IPv4 address"),
    (b"PROXY TCP6 192.0.2.1 ::1 1 2\r\n", "'192.0.2.1' for an IPv6 address"),
    (b"PROXY TCP6 fe80::1%x=1 ::1 1 2\r\n", "'fe80::1%x=1' for an IPv6 address"),
    (b"PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n", "'1:2:3:4:5:6:7' for an IPv6 address"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n", "'65536' for a port"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 080 2\r\n", "'080' for a port"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 +80 2\r\n", "'+80' for a port"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 8_0 2\r\n", "'8_0' for a port"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2  2\r\n", "'' for a port"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 -2\r\n", "'-2' for a port"),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 \xb2\r\n", "'\\xb2' for a port"),
    (v2(0x11, IPV4, version=1), "version 1, not 2"),
    (v2(0x11, IPV4, version=3), "version 3, not 2"),
    (v2(0x11, IPV4, command=2), "command 2, neither"),
    (v2(0x41, IPV4), "address family 4, protocol 1"),
    (v2(0x13, IPV4), "address family 1, protocol 3"),
    (v2(0x11), "0 bytes where its addresses have more"),
    (v2(0x11, IPV4[:-1]), "11 bytes where its addresses have more"),
    (v2(0x21, IPV6[:-1]), "35 bytes where its addresses have more"),
    (v2(0x31, bytes(215)), "215 bytes where its addresses have more"),
    (v2(0x11, bytes(V2_LONGEST - 15)), "4097 bytes, more than 4096"),
    (v2(0x00, bytes(65_535), command=0), "65551 bytes, more than 4096"),
]


@pytest.mark.parametrize(("data", "why"), BAD, ids=range(len(BAD)))
def test_a_bad_header_is_refused_with_a_printable_sentence(data: bytes, why: str) -> None:
    with pytest.raises(BadHeader) as refusal:
        parse_header(data)
    sentence = str(refusal.value)
    assert why in sentence
    assert sentence.isascii()
    assert sentence.isprintable()


def test_a_length_that_is_too_great_is_refused_before_any_of_it_comes() -> None:
    with pytest.raises(BadHeader, match="65551 bytes"):
        parse_header(v2(0x11, bytes(65_535))[:16])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", None),
        (b"P", None),
        (b"PROXY", None),
        (b"\r\n\r\n", None),
        (b"PROXY ", True),
        (V2, True),
        (b"PROXY\n", False),
        (b"Please", False),
        (b"\r\nHello?\n", False),
    ],
)
def test_the_first_bytes_tell_whether_a_header_begins(data: bytes, expected: bool | None) -> None:
    assert begins_header(data) is expected


@given(st.binary(max_size=300), st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", V2, V2 + b"\x21"]))
def test_whatever_comes_is_decided_by_as_few_bytes_as_there_are(data: bytes, start: bytes) -> None:
    data = start + data
    outcomes: list[ProxyHeader | str] = []
    for size in range(len(data) + 1):
        try:
            parsed = parse_header(data[:size])
        except BadHeader:
            outcomes.append("bad")
        else:
            if parsed is not None:
                assert parsed.size == size or outcomes
                outcomes.append(parsed)
    assert len(set(outcomes)) <= 1  # once it is decided, more bytes change nothing
