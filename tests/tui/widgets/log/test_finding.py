import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_tui.entry import Kind
from reverb_tui.widgets.log.finding import Found, Search
from reverb_tui.widgets.log.wrapped_lines import MOST_LINES, WrappedLines
from tests.tui.logs import line

letters = st.text(st.sampled_from("aAbéÉİßςΣ世😀\u0301 "), max_size=8)
needles = letters.filter(bool)


def wrapped(texts: list[str], most_lines: int = MOST_LINES) -> WrappedLines:
    lines = WrappedLines(most_lines)
    lines.extend([line(Kind.PLAIN, text) for text in texts])
    return lines


def searched(needle: str, lines: WrappedLines) -> Search:
    search = Search(needle, lines)
    search.look()
    return search


def hits(search: Search) -> list[int]:
    return [number for _, number in found_lines(search)]


def found_lines(search: Search) -> list[tuple[int, int]]:
    """Return the lines found in their order, each after its position."""
    search.show_nearest(0)
    lines = []
    for _ in range(len(search)):
        assert search.current is not None
        lines.append((search.found.position, search.current))
        search.step(1)
    return lines


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
    assert Search(needle, WrappedLines()).places(text) == places


@given(needles, st.lists(letters, max_size=20))
def test_a_line_is_found_exactly_if_there_is_a_place_to_highlight(
    needle: str, texts: list[str]
) -> None:
    search = searched(needle, wrapped(texts))
    expected = [number for number, text in enumerate(texts) if search.places(text)]
    assert found_lines(search) == [*enumerate(expected, 1)]
    for text in texts:
        for begin, end in search.places(text):
            assert end - begin == len(needle)
            assert text[begin:end].casefold()[:1] == needle.casefold()[:1] or "İ" in text + needle


@given(needles, st.lists(letters, max_size=20), st.integers(0, 20), st.integers(1, 25))
def test_looking_in_parts_and_forgetting_the_oldest_finds_the_same(
    needle: str, texts: list[str], cut: int, most_lines: int
) -> None:
    lines = wrapped(texts[:cut], most_lines)
    search = searched(needle, lines)
    lines.extend([line(Kind.PLAIN, text) for text in texts[cut:]])
    search.look()
    everything = hits(searched(needle, wrapped(texts)))
    assert hits(search) == [number for number in everything if number >= lines.first]
    assert search.complete


def test_one_is_to_be_shown_when_all_that_was_there_was_looked_at() -> None:
    lines = wrapped(["x"] * 1000)
    search = Search("x", lines)
    lines.extend([line(Kind.PLAIN, "x")] * 1000)
    shown = []
    while not search.complete:
        shown.append((search.look(1), len(search)))
    assert len(shown) == 20
    assert [found for show, found in shown if show] == [1000]


def test_stepping_joins_the_ends_also_from_a_line_that_was_forgotten() -> None:
    lines = wrapped(["x", "", "x", "", "x"], most_lines=5)
    search = searched("x", lines)

    def step(current: int, steps: int) -> int | None:
        search.current = current
        search.step(steps)
        return search.current

    def nearest(search: Search, line: int) -> int | None:
        search.show_nearest(line)
        return search.current

    assert [step(number, 1) for number in range(5)] == [2, 2, 4, 4, 0]
    assert [step(number, -1) for number in range(5)] == [4, 0, 0, 2, 2]
    assert [nearest(search, number) for number in range(6)] == [0, 2, 2, 4, 4, 4]
    lines.extend([line(Kind.PLAIN, "")])
    assert step(0, 1) == 2
    assert step(0, -1) == 4
    search = searched("y", wrapped(["x"]))
    assert step(0, 1) is None
    assert nearest(search, 0) is None


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
    search = Search(needle, WrappedLines())
    expected = [place for place in search.places(text) if place[1] > begin and place[0] < end]
    assert search.places(text, begin, end) == expected
