from pathlib import Path
from typing import Any

import pytest

from reverb_server.address_syntax import Address
from reverb_tui.connection.targets import Embedded, Target, TLSOptions, UnixTarget
from reverb_tui.options import Options

PATH = Path("file")
PIN = "sha256:" + 32 * "a7"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"host": ""}, "the address is empty"),
        ({"host": "*"}, "\\* is an address to listen on"),
        ({"host": "a:80", "port": "81"}, "'a:80' has two ports"),
        ({"host": "tcp://a", "tls": True}, "tcp://a is without TLS"),
        ({"host": "unix:a", "tls": True}, "unix:a is a Unix socket, which has no TLS"),
        ({"host": "tls://a", "tls_name": ""}, "tls-name is empty"),
        ({"host": "tls://a", "tls_pin": PIN, "tls_ca": PATH}, "tls-pin trusts one certificate"),
        ({"host": "a", "tls_pin": PIN}, "tls-pin needs TLS: give --tls as well"),
        ({"host": "a", "tls_name": "b"}, "tls-name needs TLS: give --tls as well"),
        *(
            ({"host": "tls://a", "tls_pin": wrong}, "tls-pin '.*' is no SHA-256 fingerprint: give")
            for wrong in (
                "",
                "sha256:",
                "sha1:" + 40 * "a",
                PIN[:-2],
                PIN + "00",
                "md5" + PIN,
                43 * "A" + "=",
            )
        ),
        ({"host": "a\0b"}, "'a.*' has .* in its host"),
        ({"host": "a", "port": "0"}, "port 0 is out of range"),
        ({"host": "a", "port": "65536"}, "port 65536 is out of range"),
        ({"port": "8000"}, "port needs a host"),
        ({"delay": 61}, "delay 61 is out of range: give seconds from 0 to 60"),
        ({"delay": -1}, "delay -1 is out of range"),
        ({"delay": float("nan")}, "delay nan is out of range"),
        ({"compare": True, "raw": True}, "compare needs control lines: leave --raw out"),
        ({"compare": True, "control": "off"}, "compare needs control lines: leave --control off"),
        ({"compare": True, "mode": "sequential"}, "compare has both modes, not sequential alone"),
        ({"mode": "plain"}, "mode 'plain' is unknown: choose concurrent or sequential"),
        ({"host": "a", "delay": 1, "control": "off"}, "delay can't be asked for with --control"),
        ({"host": "a", "mode": "sequential", "control": "off"}, "mode can't be asked for with"),
        ({"host": "a", "delay": 1, "raw": True}, "delay can't be asked for with --raw"),
        ({"unix": PATH, "host": "a"}, "host can't stand beside --unix"),
        ({"unix": PATH, "port": "8000"}, "port can't stand beside --unix"),
        ({"unix": PATH, "tls": True}, "tls can't stand beside --unix"),
        ({"unix": PATH, "tls_ca": PATH}, "tls-ca needs TLS: give --tls as well"),
        ({"unix": PATH, "delay": 1, "raw": True}, "delay can't be asked for with --raw"),
        ({"tls": True}, "tls needs a host: give --host as well"),
        ({"host": "a", "tls_ca": PATH}, "tls-ca needs TLS: give --tls as well"),
        ({"host": "a", "tls_cert": PATH}, "tls-cert needs TLS: give --tls as well"),
        ({"host": "a", "tls_key": PATH}, "tls-key needs TLS: give --tls as well"),
        ({"host": "a", "tls": True, "tls_key": PATH}, "tls-key needs a certificate: give --tls-c"),
        ({"control": "yes"}, "control 'yes' is unknown: choose auto, on or off"),
        ({"host": "a", "raw": True, "control": "on"}, "control on needs a reverb: leave --raw out"),
    ],
)
def test_what_can_not_be_is_one_sentence(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match="^" + sentence.replace("(", r"\(")):
        Options(**wrong)


@pytest.mark.parametrize(
    "pin",
    [
        32 * "a7",
        32 * "A7",
        f"SHA256:{':'.join(32 * ['A7'])}",
        f" sha256 Fingerprint={':'.join(32 * ['A7'])}\n",
    ],
)
def test_a_fingerprint_may_be_written_as_it_is_found(pin: str) -> None:
    assert Options("tls://a", tls_pin=pin).pin == PIN


@pytest.mark.parametrize(
    ("options", "address", "encrypted"),
    [
        (Options("localhost:8001"), Address("localhost", 8001), False),
        (Options("[::1]:8001"), Address("::1", 8001), False),
        (Options("::1", "8001"), Address("::1", 8001), False),
        (Options("a 8001"), Address("a", 8001), False),
        (Options("tls://a:8443"), Address("a", 8443, tls=True), True),
        (Options("a", "8443", tls=True), Address("a", 8443), True),
        (Options("unix:/run/reverb"), Address(unix=Path("/run/reverb")), False),
        (Options(unix=Path("/run/reverb")), Address(unix=Path("/run/reverb")), False),
    ],
)
def test_an_address_is_understood_as_it_is_typed(
    options: Options, address: Address, encrypted: bool
) -> None:
    assert options.address == address
    assert options.encrypted == encrypted
    assert not options.embedded


def test_an_embedded_server_has_a_delay_and_a_mode_without_being_asked() -> None:
    options = Options(delay=0.5, mode="sequential", control="off")
    assert not options.sends_control_lines


@pytest.mark.parametrize("silent", [{"raw": True}, {"control": "off"}])
def test_no_control_lines_where_they_are_not_wanted(silent: dict[str, Any]) -> None:
    assert Options(host="a").sends_control_lines
    assert not Options(host="a", **silent).sends_control_lines


def test_only_without_a_host_and_a_socket_the_server_is_embedded() -> None:
    assert Options().embedded
    assert not Options(host="a").embedded
    assert not Options(unix=PATH).embedded


def test_every_server_says_where_it_is() -> None:
    assert str(Target("localhost")) == "localhost:8000"
    assert str(Target("::1", 8443, TLSOptions())) == "[::1]:8443 (TLS)"
    assert str(UnixTarget(Path("/run/reverb"))) == "/run/reverb"
    assert str(Embedded()) == "built-in server"
