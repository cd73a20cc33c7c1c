import re
from unicodedata import category

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from reverb_tui import display
from reverb_tui.display import (
    GOES_ON,
    MOST_MARKS,
    copied,
    exact,
    reversible,
    typed,
    visible,
    visible_text,
)

PLANES = range(0x30000)
TAGS = range(0xE0000, 0xE0200)
MARKS = ("Mn", "Me", "Mc", "Lo")  # Lo: the vowels and final consonants of Hangul


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b"Hello?", "Hello?"),
        (b"", ""),
        ("Grüße, мир, 世界 😀".encode(), "Grüße, мир, 世界 😀"),
        (b"\x1b]0;owned\x07", "␛]0;owned␇"),
        (b"a\tb\rc\x00\x7f", "a␉b␍c␀␡"),
        ("\x85\x9b2J".encode(), "⟨U+0085⟩⟨U+009B⟩2J"),
        ("abc\u202edef\u2066".encode(), "abc⟨U+202E⟩def⟨U+2066⟩"),
        ("a\u2028b\u2029c".encode(), "a⟨U+2028⟩b⟨U+2029⟩c"),
        ("a\u200db\u200cc\u200bd\ufeff".encode(), "a⟨U+200D⟩b⟨U+200C⟩c⟨U+200B⟩d⟨U+FEFF⟩"),
        ("❤\ufe0f".encode(), "❤⟨U+FE0F⟩"),
        ("\u3164\U000e0041\U000e0100".encode(), "⟨U+3164⟩⟨U+E0041⟩⟨U+E0100⟩"),
        ("\ue000\uffff".encode(), "⟨U+E000⟩⟨U+FFFF⟩"),
        (b"caf\xe9 \xff\xed\xa0\x80", "caf⟨E9⟩ ⟨FF⟩⟨ED⟩⟨A0⟩⟨80⟩"),
        (b"[/red] [bold]\\[/]", "[/red] [bold]\\[/]"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(text: bytes, shown: str) -> None:
    assert visible(text) == shown


def test_pasted_surrogates_are_shown_by_number() -> None:
    assert visible_text("a\ud800\udc1bb") == "a⟨U+D800⟩⟨U+DC1B⟩b"


@given(st.binary() | st.text().map(str.encode))
@example(bytes(range(256)))
def test_nothing_invisible_ever_comes_out(text: bytes) -> None:
    assert not [
        character
        for character in visible(text)
        if category(character)[0] == "C" or category(character) in ("Zl", "Zp")
    ]


def test_every_character_comes_out_visible_or_as_a_mark_on_a_visible_one() -> None:
    shown = visible_text("".join(f"a{chr(code)}" for code in [*PLANES, *TAGS]))
    for character in set(shown):
        kind = category(character)
        assert kind[0] != "C"
        assert kind not in ("Zl", "Zp")
        assert kind in MARKS or get_character_cell_size(character) > 0


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_printable_ascii_comes_out_as_it_is(text: str) -> None:
    assert visible(text.encode()) == text


@given(st.binary())
def test_what_is_safe_once_is_safe_as_it_is(text: bytes) -> None:
    assert visible_text(visible(text)) == visible(text)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_controls_neither_swallow_nor_join_their_neighbours(left: bytes, right: bytes) -> None:
    assert visible(left + b"\x1b" + right).startswith(visible(left) + "␛")


def test_marks_stack_only_so_high_and_keep_to_one_cell() -> None:
    zalgo = "e" + "\u0301" * 300
    shown = visible(zalgo.encode())
    assert shown.startswith("e" + "\u0301" * MOST_MARKS + "⟨U+0301⟩")
    assert cell_len(shown) == 1 + (300 - MOST_MARKS) * len("⟨U+0301⟩")
    assert visible(("\u1112\u1161\u11ab" + "\u1161" * 9).encode()).endswith("⟨U+1161⟩")


def test_marks_of_living_scripts_stay() -> None:
    for word in ("e\u0301", "ที่", "हिन्दी", "שָׁלוֹם", "Việt", "\u1112\u1161\u11ab"):
        assert visible(word.encode()) == word


def test_a_mark_that_begins_a_line_sits_on_nothing() -> None:
    assert visible("\u0301a".encode()) == "⟨U+0301⟩a"


@given(st.binary() | st.text().map(str.encode), st.booleans())
@example(bytes(range(256)), False)
@example("␛ \x1b ⟨FF⟩ \\xff ⟨…⟩ ⟨U+202E⟩ \u202e".encode() + b"\xff", True)
def test_every_byte_can_be_taken_back_from_what_is_shown(text: bytes, ended: bool) -> None:
    assert exact(visible(text) + GOES_ON * (not ended)) == text


@pytest.mark.parametrize(
    ("hidden", "literal"),
    [
        (b"\xff", rb"\xff"),
        (b"\xff", "⟨FF⟩"),
        (b"\x1b", "␛"),
        ("\u202e", "⟨U+202E⟩"),
        (b"\x7f", "␡"),
    ],
)
def test_no_text_looks_like_what_is_hidden(hidden: bytes | str, literal: bytes | str) -> None:
    first, second = (
        visible(each if isinstance(each, bytes) else each.encode()) for each in (hidden, literal)
    )
    assert first != second


@pytest.mark.parametrize(
    "text", ["अरे वहाँ कोई है? ", "e\u0301\u0301\u0301\u0301\u0301\u0301", "мир "]
)
def test_each_character_is_looked_up_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = []

    def counted(character: str) -> str:
        looked_up.append(character)
        return category(character)

    for table in (display._SHOWN, display._STACKS):
        table.clear()
    monkeypatch.setattr(display, "category", counted)
    visible_text(text * 1000)
    assert looked_up
    assert len(looked_up) <= 2 * len(set(text + "⟨U+0301⟩"))


def test_a_table_of_characters_stays_small() -> None:
    visible_text("".join(map(chr, range(0x4E00, 0x4E00 + 2 * display.REMEMBERED))))
    assert len(display._SHOWN) <= display.REMEMBERED


def test_markup_is_left_to_the_widgets() -> None:
    assert re.fullmatch(r"\[/red\]", visible(b"[/red]"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("two\nlines\tand \x1b and \u202e and 👍🏽 and \U0010ffff")
@example("e" + "\u0301" * 9)
@example("␛ and ⟨U+202E⟩")
def test_a_paste_is_sent_as_it_was(text: str) -> None:
    assert typed(reversible(text)) == text


@given(st.text())
def test_what_is_safe_to_show_stays_as_it_is(text: str) -> None:
    assert visible_text(visible_text(text)) == visible_text(text)


def test_numbers_that_stand_for_nothing_hidden_are_sent_as_typed() -> None:
    for text in ("⟨U+0041⟩", "⟨U+D800⟩", "⟨U+202e⟩", "⟨U+99999999⟩", "⟨U+⟩", "⟨U+00041⟩"):
        assert typed(text) == text


@pytest.mark.parametrize("text", ["👩\u200d🚀", "❤\ufe0f", "👍🏽", "क्\u200cष", "Hello?", "␛"])
def test_what_is_copied_is_what_came(text: str) -> None:
    assert copied(visible(text.encode())) == text


@given(st.binary() | st.text().map(str.encode))
@example("\x1b\x85\u202e\u2066\u200b\u200e\u2028\ufeff\U000e0041".encode())
def test_no_control_is_ever_copied(text: bytes) -> None:
    harmless = copied(visible(text)).replace("\u200c", "").replace("\u200d", "")
    assert not [
        each for each in harmless if category(each) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
    ]
