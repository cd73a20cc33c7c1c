"""What a terminal sends: split anywhere, it comes out the same."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reverb_tui.terminal.typed_text import BEGIN, END, Decoder

SENT = st.lists(st.sampled_from([BEGIN, END, "\x1b", "[20", "0~", "1~", "a\r", "\0", "é"])).map(
    "".join
)


def read(*parts: bytes) -> str:
    decoder = Decoder()
    return "".join(map(decoder.decode, parts)) + decoder.decode(b"", final=True)


def test_typed_text_is_passed_on_as_it_is() -> None:
    keys = "Yooo-hooo!\r\x1b[A\x1b\x1b[<0;1;1M\0"
    assert read(keys.encode()) == keys


def test_a_key_is_passed_on_at_once() -> None:
    decoder = Decoder()
    assert decoder.decode(b"\x1b") == "\x1b"
    assert decoder.decode(b"[2") == "[2"


def test_bytes_that_are_not_utf8_end_nothing() -> None:
    assert read(b"a\x9bb\xff\xc3", b"\xa9") == "a\ufffdb\ufffdé"
    assert read(b"\xc3") == "\ufffd"


def test_nothing_in_a_paste_is_a_key() -> None:
    pasted = f"{BEGIN}a\x1b]52;c;x\x07\r/quit\r\0{BEGIN}{END}\x1b[A"
    assert read(pasted.encode()) == f"{BEGIN}a␛]52;c;x\x07\r/quit\r␀␛[200~{END}\x1b[A"


@given(SENT, st.lists(st.integers(0, 40)).map(sorted))
def test_any_split_gives_the_same(sent: str, places: list[int]) -> None:
    data = sent.encode()
    parts = [data[begin:end] for begin, end in pairwise([0, *places, len(data)])]
    assert read(*parts) == read(data)
