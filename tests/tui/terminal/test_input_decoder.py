"""What a terminal sends: only what a person typed or pasted is text, however it comes in parts."""

import random
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import AppBlur, AppFocus, CursorPosition, Key, MouseDown, MouseUp, Paste
from textual.message import Message

from reverb_tui.terminal.input_decoder import Decoder
from tests.tui.terminal.sequences import pause, random_sequence

BEGIN, END = "\x1b[200~", "\x1b[201~"

SENT = st.lists(
    st.sampled_from([BEGIN, END, "\x1b", "[20", "0~", "1~", "a\r", "é", "\x1b]1", "\x07", ";5u"])
).map("".join)

WAITS = None
"""Stands between two reads for a pause after which a lone ESC is a key."""


def events(*parts: bytes | str | None) -> list[Message]:
    """Decode reads, with pauses between them."""
    decoder = Decoder()
    found: list[Message] = []
    for part in parts:
        if part is WAITS:
            found += decoder.idle()
        else:
            found += decoder.feed(part.encode() if isinstance(part, str) else part)
    return found


def keys(*parts: bytes | str | None) -> list[str]:
    """Decode reads; return the names of the keys, and what was pasted."""
    return list(_names(events(*parts)))


def _names(found: Iterable[Message]) -> Iterable[str]:
    for event in found:
        if isinstance(event, Key):
            yield event.key
        elif isinstance(event, Paste):
            yield f"paste {event.text!r}"
        else:
            yield type(event).__name__


def typed(*parts: bytes | str | None) -> str:
    """Decode reads; return the text of all keys that are no controls, and of all pastes."""
    found = events(*parts)
    text = [event.character or "" for event in found if isinstance(event, Key)]
    text += [event.text for event in found if isinstance(event, Paste)]
    return "".join(text).translate(dict.fromkeys(range(32)))


# What is typed

REPLIES = [
    "\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
    "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
    "\x1b]52;c;aGVsbG8K\x07",
    "\x1b[?62;22;52c",
    "\x1b[>41;354;0c",
    "\x1b[0n",
    "\x1b[?997;1n",
    "\x1b[12;40R",
    "\x1b[?12;40;1R",
    "\x1b[?2026;2$y",
    "\x1b[?2048;2$y",
    "\x1b[?1016;0$y",
    "\x1b[4;1$y",
    "\x1b[48;24;80;480;800t",
    "\x1b[48;0;0;0;0t",
    "\x1b[48;99999;99999;1;1t",
    "\x1b[8;24;80t",
    "\x1b[?1;2;4S",
    "\x1b[?15u",
    "\x1b[I",
    "\x1b[O",
    "\x1bP>|xterm(390)\x1b\\",
    "\x1bP1+r524742=38\x1b\\",
    "\x1bP0+r\x1b\\",
    "\x1bP1$r0m\x1b\\",
    "\x1bP!|00000000\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b^private\x1b\\",
    "\x1bXstring\x1b\\",
    "\x1b[M !!",
    "\x1b[M#\u0101\u0102",
    "\x1b[32;10;10M",
    "\x1b[<0;12;5M",
    "\x1b[<0;12;5m",
    "\x1b[<35;100000;100000M",
    "\x1b[<0;-3;-4M",
    "\x1b[<64;1;1M",
    "\x9b?62;22;52c",
    "\x9d11;rgb:1e1e/1e1e/1e1e\x9c",
    "\x90>|xterm\x9c",
]


@pytest.mark.parametrize("reply", REPLIES)
def test_no_reply_of_a_terminal_is_text_wherever_it_is_split(reply: str) -> None:
    data = reply.encode()
    assert typed(data, "x") == "x"
    assert typed(data, data, "x") == "x"
    for place in range(1, len(data)):
        assert typed(data[:place], data[place:], "x") == "x"


@pytest.mark.parametrize("reply", [reply for reply in REPLIES if "[M" not in reply])
def test_the_second_half_of_a_reply_may_be_late(reply: str) -> None:
    data = reply.encode()
    for place in range(4, len(data)):
        assert typed(data[:place], WAITS, data[place:], "x") == "x"


@pytest.mark.parametrize("reply", REPLIES)
def test_a_key_behind_half_a_reply_is_typed(reply: str) -> None:
    data = reply.encode()
    for place in range(1, len(data) - 1):
        assert typed(data[:place], WAITS, "x") == "x"


def test_the_bytes_of_8_bit_controls_begin_a_reply() -> None:
    assert typed(b"\x9b?62;22;52c", b"\x9d11;rgb:1e/1e/1e\x07", b"\x901$r0m\x1b\\", "x") == "x"


def test_a_string_without_an_end_swallows_nothing_that_is_typed() -> None:
    assert typed("\x1b]11;rgb:", WAITS, "h", "i") == "hi"
    assert typed("\x1b]11;rgb:", WAITS, "hi", WAITS) == "hi"
    assert keys("\x1b]11;rgb:", "\x1b[A") == ["up"]
    assert keys("\x1b]11;rgb:", WAITS, "\r") == ["enter"]
    assert keys("\x1bPq" + "x" * 100_000, WAITS, "h") == ["h"]


def test_bytes_that_are_not_utf8_end_nothing() -> None:
    assert typed(b"a\x9bb\xff\xc3", b"\xa9") == "a\ufffdb\ufffdé"
    assert typed(b"\x9b", WAITS) == "\ufffd"


def test_characters_that_nobody_sees_are_typed() -> None:
    unseen = "\u00a0\u3000\u200d\u00ad\ue000\U000e0100\u2028"
    assert typed(unseen) == unseen
    assert typed("".join(f"\x1b[0;;{ord(character)}u" for character in unseen)) == unseen


# Keys

KEYS = {
    "\r": "enter",
    "\n": "enter",
    "\x08": "backspace",
    "\x7f": "backspace",
    "\t": "tab",
    "\x1b[Z": "shift+tab",
    "\x1b[A": "up",
    "\x1bOA": "up",
    "\x1b[1;5C": "ctrl+right",
    "\x1b[1;3D": "alt+left",
    "\x1b[3~": "delete",
    "\x1b[3;5~": "ctrl+delete",
    "\x1b[3$": "shift+delete",
    "\x1b[[A": "f1",
    "\x1bOR": "f3",
    "\x1b[13~": "f3",
    "\x1b[13u": "enter",
    "\x1b[13;2u": "shift+enter",
    "\x1b[27;2;13~": "shift+enter",
    "\x1b[27;5;113~": "ctrl+q",
    "\x1b[57414u": "enter",
    "\x1b[127;2u": "shift+backspace",
    "\x1b[127;3u": "alt+backspace",
    "\x1b[127;5u": "ctrl+backspace",
    "\x1b\x7f": "alt+backspace",
    "\x1b\x08": "alt+backspace",
    "\x1b\r": "alt+enter",
    "\x1bb": "alt+b",
    "\x1b3": "alt+3",
    "\x1b[98;3u": "alt+b",
    "\x1b[98;3;98u": "alt+b",
    "\x1b[98:66:98;4u": "alt+shift+b",
    "\x1b[104;5u": "backspace",
    "\x1b[106;5u": "enter",
    "\x1b[105;5u": "tab",
    "\x1b[109;5u": "enter",
    "\x1b[91;5u": "escape",
    "\x1b[119;69u": "ctrl+w",
    "\x1b[97;1:1u": "a",
    "\x1b[97;1:2u": "a",
    "\x1b[97;;97u": "a",
    "\x1b[97;2;65u": "A",
    "\x1b[97:65;2u": "A",
    "\x1b[97;65u": "A",
    "\x1b[113;7;64u": "at",
    "\x1b[57404;1;53u": "5",
    "\x1b[32;2;32u": "space",
    "\x1b[1089::99;5u": "ctrl+c",
    "\x1b[1078::59;;1078u": "ж",
    "\x1b[1078::59;u": "ж",
    "\x1b[228:196:39;3u": "alt+ä",
}


@pytest.mark.parametrize("sent", KEYS)
def test_a_key_has_one_name_however_it_is_sent(sent: str) -> None:
    assert keys(sent, WAITS) == [KEYS[sent]]


@pytest.mark.parametrize(
    "sent",
    [
        "\x1b[97;1:3u",
        "\x1b[3;1:3~",
        "\x1b[1;1:3A",
        "\x1b[97;1:9u",
        "\x1b[57441;2u",
        "\x1b[57358u",
        "\x1b[55296u",
        "\x1b[9999999u",
        "\x1b[97;999u",
        "\x1b[0;1;55296u",
        "\x1b[1;1;7u",
        "\x1b[" + "9" * 5000 + "u",
        "\x1b[<" + "9" * 5000 + ";1;1M",
    ],
)
def test_releases_and_nonsense_are_no_keys(sent: str) -> None:
    assert keys(sent) == []


def test_a_key_with_control_or_alt_is_no_text() -> None:
    assert typed("\x1b[97;5u", "\x1b[97;3u", "\x1b[97;3;97u", "\x1ba", "\x1b[97;9u") == ""


def test_option_and_altgr_type_what_they_find() -> None:
    assert typed("\x1b[97;3;229u", "\x1b[101;7;8364u") == "å€"


@pytest.mark.parametrize("character", "[]OP_^X")
def test_alt_with_what_also_begins_a_sequence_is_a_key(character: str) -> None:
    for then in ("a", "M"):
        first, second = keys("\x1b" + character, WAITS, then)
        assert first.startswith("alt+")
        assert second == then


def test_escape_is_known_after_a_pause() -> None:
    assert keys("\x1b") == []
    assert keys("\x1b", WAITS, "a") == ["escape", "a"]
    assert keys("\x1b", WAITS, "\x1b", WAITS) == ["escape", "escape"]
    assert keys("\x1b", WAITS, WAITS, "[A") == ["escape", "left_square_bracket", "A"]
    assert keys("\x1b\x1b[A") == ["escape", "up"]
    assert keys("\x1b\x11") == ["escape", "ctrl+q"]


def test_nothing_is_waited_for_without_need() -> None:
    decoder = Decoder()
    assert decoder.wait is None
    decoder.feed(b"a\x1b[A")
    assert decoder.wait is None
    decoder.feed(b"\x1b")
    assert decoder.wait is not None
    for _ in range(2):
        decoder.idle()
    assert decoder.wait is None


# The mouse, the focus, the cursor


def test_clicks_the_focus_and_the_cursor_are_told_of() -> None:
    down, up = events("\x1b[<0;12;5M\x1b[<0;12;5m")
    assert isinstance(down, MouseDown)
    assert isinstance(up, MouseUp)
    assert (down.x, down.y) == (11, 4)
    position, focus, blur = events("\x1b[3;7R\x1b[I", "\x1b[O")
    assert isinstance(position, CursorPosition)
    assert isinstance(focus, AppFocus)
    assert isinstance(blur, AppBlur)


def test_a_flood_of_focus_reports_counts_once_and_keys_keep_their_places() -> None:
    first, key, last = events("\x1b[I\x1b[O" * 1000 + "a" + "\x1b[O\x1b[I" * 1000)
    assert isinstance(first, AppBlur)
    assert isinstance(key, Key)
    assert isinstance(last, AppFocus)


def test_buttons_that_lead_back_and_forth_are_no_clicks() -> None:
    assert events("\x1b[<128;5;5M\x1b[<129;5;5m") == []


# Pastes


def test_nothing_in_a_paste_is_a_key() -> None:
    pasted = f"a\x1b]52;c;x\x07\r/quit\r\0{BEGIN}"
    assert keys(f"{BEGIN}{pasted}{END}\x1b[A") == [f"paste {pasted!r}", "up"]


def test_a_paste_without_an_end_is_shown_and_keys_are_keys() -> None:
    assert keys(f"{BEGIN}abc", WAITS, "d") == ["paste 'abc'", "d"]
    assert keys(f"{BEGIN}abc", WAITS, "\x1b[A") == ["paste 'abc'", "up"]
    assert keys(f"{BEGIN}abc", WAITS, f"d\re{END}f") == ["paste 'abc'", "paste 'd\\re'", "f"]


def test_pasted_bytes_that_are_not_utf8_are_replaced() -> None:
    (paste,) = events(BEGIN.encode() + b"caf\xe9" + END.encode())
    assert isinstance(paste, Paste)
    assert paste.text == "caf\ufffd"


# Anything


@given(SENT, st.lists(st.integers(0, 40)).map(sorted))
def test_any_split_gives_the_same(sent: str, places: list[int]) -> None:
    data = sent.encode()
    parts = [data[begin:end] for begin, end in pairwise([0, *places, len(data)])]
    assert keys(*parts) == keys(data)


@given(st.lists(st.binary(max_size=12) | st.none()))
def test_nothing_that_comes_raises_or_swallows_for_long(parts: list[bytes | None]) -> None:
    decoder = Decoder()
    for part in parts:
        decoder.idle() if part is None else decoder.feed(part)
    pause(decoder)
    assert [event.key for event in decoder.feed(b"z") if isinstance(event, Key)][-1:] == ["z"]


def test_random_sequences_are_no_text_and_the_key_behind_them_is() -> None:
    chance = random.Random(11)
    decoder = Decoder()
    for _ in range(3_000):
        parts = random_sequence(chance)
        found = [event for part in parts for event in decoder.feed(part)] + pause(decoder)
        found += decoder.feed(b"z")
        text = [event.character for event in found if isinstance(event, Key)]
        assert "".join(filter(str.isprintable, filter(None, text))) == "z", parts
        assert not any(isinstance(event, Paste) for event in found), parts
