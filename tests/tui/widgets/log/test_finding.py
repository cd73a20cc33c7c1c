import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_tui.entry import Kind
from reverb_tui.widgets.log.finding import Found, Search
from tests.tui.logs import line

letters = st.text(st.sampled_from("aAbéÉİßςΣ世😀\u0301 "), max_size=8)
needles = letters.filter(bool)


def searched(needle: str, texts: list[str], first: int = 0) -> Search:
    search = Search(needle)
    search.look(first, [line(Kind.PLAIN, text) for text in texts])
    return search


def hits(search: Search) -> list[int]:
    found = search.nearest(0)
    numbers = [] if found is None else [found]
    while len(numbers) < len(search):
        found = search.step(numbers[-1], 1)
        assert found is not None
        numbers.append(found)
    return numbers


@pytest.mark.parametrize(
    ("needle", "text", "places"),
    [
        ("hello", "Hello? HELLO? hello?", [(0, 5), (7, 12), (14, 19)]),
        ("Hello", "Hello? HELLO? hello?", [(0, 5)]),
        ("É", "é É", [(2, 3)]),
        ("é", "é É", [(0, 1), (2, 3)]),
        ("aa", "aaaaa", [(0, 2), (2, 4)]),
        ("x", "İİx", [(2, 3)]),
        ("[/red]", "a [/RED] b", [(2, 8)]),
        ("i", "İ", [(0, 1)]),
    ],
)
def test_case_counts_only_if_the_needle_has_upper_case(
    needle: str, text: str, places: list[tuple[int, int]]
) -> None:
    assert Search(needle).places(text) == places


@given(needles, st.lists(letters, max_size=20))
def test_a_line_is_found_exactly_if_there_is_a_place_to_highlight(
    needle: str, texts: list[str]
) -> None:
    search = searched(needle, texts, first=5)
    expected = [number for number, text in enumerate(texts, 5) if search.places(text)]
    assert hits(search) == expected
    assert [search.position(number) for number in expected] == [*range(1, len(expected) + 1)]
    for text in texts:
        for begin, end in search.places(text):
            assert end - begin == len(needle)
            assert text[begin:end].casefold()[:1] == needle.casefold()[:1] or "İ" in text + needle


@given(needles, st.lists(letters, max_size=20), st.integers(0, 20), st.integers(0, 25))
def test_looking_in_parts_and_forgetting_the_oldest_finds_the_same(
    needle: str, texts: list[str], cut: int, first: int
) -> None:
    cut, first = min(cut, len(texts)), min(first, len(texts))
    search = searched(needle, texts[:cut])
    search.forget(first)
    search.look(search.next, [line(Kind.PLAIN, text) for text in texts[search.next :]])
    assert hits(search) == [number for number in hits(searched(needle, texts)) if number >= first]
    assert search.next == len(texts)


def test_stepping_joins_the_ends_also_from_a_line_that_was_forgotten() -> None:
    search = searched("x", ["x", "", "x", "", "x"])
    assert [search.step(number, 1) for number in range(5)] == [2, 2, 4, 4, 0]
    assert [search.step(number, -1) for number in range(5)] == [4, 0, 0, 2, 2]
    assert [search.nearest(number) for number in range(6)] == [0, 2, 2, 4, 4, 4]
    search.forget(1)
    assert search.step(0, 1) == 2
    assert search.step(0, -1) == 4
    assert searched("y", ["x"]).step(0, 1) is None
    assert searched("y", ["x"]).nearest(0) is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Found(3, 17), "3 of 17"),
        (Found(0, 1234), "1,234"),
        (Found(1, 2, complete=False), "1 of 2 …"),
        (Found(0, 0), "nothing found"),
        (Found(0, 0, complete=False), "searching …"),
    ],
)
def test_what_was_found_is_said_in_words(found: Found, words: str) -> None:
    assert str(found) == words


@given(needles, letters, st.integers(0, 8), st.integers(0, 8))
def test_in_a_part_are_the_places_that_it_has_something_of(
    needle: str, text: str, begin: int, end: int
) -> None:
    search = Search(needle)
    expected = [place for place in search.places(text) if place[1] > begin and place[0] < end]
    assert search.places(text, begin, end) == expected
