"""Networks in words, and the addresses that are in them."""

import pytest

from reverb_server.networks import BadNetwork, is_in, parse_networks


@pytest.mark.parametrize(
    ("text", "host", "expected"),
    [
        ("127.0.0.0/8", "127.0.0.1", True),
        ("127.0.0.0/8", "128.0.0.1", False),
        ("127.0.0.0/8", "::ffff:127.0.0.1", True),
        ("127.0.0.0/8", "::1", False),
        ("127.0.0.0/8, ::1", "::1", True),
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::/10,", "fe80::1%eth0", True),
        ("10.0.0.0/255.0.0.0", "10.1.2.3", True),
        ("0.0.0.0/0,::/0", "2001:db8::1", True),
        ("0.0.0.0/0,::/0", "localhost", False),
    ],
)
def test_an_address_is_in_a_list_of_networks_or_not(text: str, host: str, expected: bool) -> None:
    assert is_in(host, parse_networks(text)) is expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty: give networks, for example 10.0.0.0/8,::1"),
        (" , ", "is empty: give networks, for example 10.0.0.0/8,::1"),
        ("localhost", "'localhost' is no network: write one as 10.0.0.0/8 or ::1"),
        ("::1,10.0.0.0/33", "'10.0.0.0/33' is no network: write one as 10.0.0.0/8 or ::1"),
        ("10.0.0.1/8", "'10.0.0.1/8' is an address within a network: write 10.0.0.0/8"),
    ],
)
def test_what_is_no_network_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadNetwork) as refusal:
        parse_networks(text)
    assert str(refusal.value) == sentence
