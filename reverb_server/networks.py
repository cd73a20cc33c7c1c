"""Networks of IP addresses, written as people write them."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from reverb_server.errors import ReverbError

Network = IPv4Network | IPv6Network


class BadNetwork(ReverbError, ValueError):
    """A text names no networks; the sentence says which word is wrong, and what to write."""


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks in a list with commas, each an address or ADDRESS/BITS.

    Raises BadNetwork.
    """
    words = [word for part in text.split(",") if (word := part.strip())]
    if not words:
        raise BadNetwork("is empty: give networks, for example 10.0.0.0/8,::1")
    return tuple(_network(word) for word in words)


def _network(word: str) -> Network:
    try:
        network = ip_network(word, strict=False)
    except ValueError:
        raise BadNetwork(f"{word!r} is no network: write one as 10.0.0.0/8 or ::1") from None
    if "/" in word and ip_address(word.partition("/")[0]) != network.network_address:
        raise BadNetwork(f"{word!r} is an address within a network: write {network}")
    return network


def is_in(host: str, networks: tuple[Network, ...]) -> bool:
    """Return whether an address, as a socket tells it, is in one of the networks."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return is_in(str(address.ipv4_mapped), networks)
    return any(address in network for network in networks)
