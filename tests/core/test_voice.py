import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core.voice import LOUD, NORMAL, QUIET, VOICES, indent, loud, normal, quiet

TEXT = st.text(st.characters(exclude_characters="\n"), max_size=8).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)
ODD = st.sampled_from(
    [
        "ΣΑΣ".encode(),
        "ß".encode(),
        "ǅ".encode(),
        "İı".encode(),
        "\u0307".encode(),
        "ΑΣ'".encode(),
        b"\xff\xfe",
        b"\xc3",
        b"\xed\xa0\x80",
        b"",
        b"Plain",
    ]
)
LINE = st.one_of(TEXT, ODD, st.binary(max_size=8).map(lambda raw: raw.replace(b"\n", b"")))


def test_the_voices_are_loud_normal_quiet_in_this_order() -> None:
    assert (LOUD, NORMAL, QUIET) == (0, 1, 2)
    assert (loud, normal, quiet) == VOICES


@pytest.mark.parametrize(
    ("text", "upper", "lower"),
    [
        ("Hello?", "HELLO?", "hello?"),
        ("Straße", "STRASSE", "straße"),
        ("élan VITAL", "ÉLAN VITAL", "élan vital"),
        ("ΟΔΟΣ", "ΟΔΟΣ", "οδος"),
        ("ﬁ", "FI", "ﬁ"),
        ("\t\x0b\x85\u2028", "\t\x0b\x85\u2028", "\t\x0b\x85\u2028"),
        ("日本", "日本", "日本"),
    ],
)
def test_letters_are_mapped_in_every_script(text: str, upper: str, lower: str) -> None:
    block = f"{text}\n".encode()
    assert loud(block).decode() == f"{upper}\n"
    assert normal(block) == block
    assert quiet(block).decode() == f"{lower}\n"


@pytest.mark.parametrize("invalid", [b"\xff", b"\xc3", b"\x80\x81", b"\xed\xa0\x80", b"\xf8"])
def test_bytes_that_are_not_utf8_pass_unchanged_and_the_others_do_not(invalid: bytes) -> None:
    block = b"a" + invalid + "Bé".encode() + invalid + b"\n"
    assert loud(block) == b"A" + invalid + "BÉ".encode() + invalid + b"\n"
    assert quiet(block) == b"a" + invalid + "bé".encode() + invalid + b"\n"


@given(st.lists(LINE, min_size=1, max_size=6))
def test_a_block_sounds_like_its_lines_one_by_one(lines: list[bytes]) -> None:
    block = b"".join(line + b"\n" for line in lines)
    for voice in VOICES:
        assert voice(block) == b"".join(voice(line + b"\n") for line in lines)
        assert voice(indent(block)) == b"".join(b"\t " + voice(line) + b"\n" for line in lines)


@pytest.mark.parametrize(
    ("block", "indented"),
    [
        (b"\n", b"\t \n"),
        (b"\n\n", b"\t \n\t \n"),
        (b"a\nb\n", b"\t a\n\t b\n"),
        (b"\ta\r\x0c\n", b"\t \ta\r\x0c\n"),
    ],
)
def test_every_line_is_indented_by_tab_and_space(block: bytes, indented: bytes) -> None:
    assert indent(block) == indented
