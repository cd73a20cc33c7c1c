"""What is typed before the client can act on it: nothing of it is lost, and its order is kept."""

from textual.events import Key, Paste

from reverb_tui.type_ahead import TypeAhead


def keys(text: str) -> list[Key]:
    return [Key("enter" if each == "\n" else each, each) for each in text]


def names(events: list[Key | Paste]) -> str:
    return "".join(event.text if isinstance(event, Paste) else event.key[0] for event in events)


def test_what_is_typed_before_there_is_a_prompt_comes_then() -> None:
    ahead = TypeAhead()
    assert all(ahead.keeps(key) for key in keys("ab"))
    assert names(ahead.begin()) == "ab"
    assert not ahead.keeps(Key("c", "c"))
    assert ahead.open(connected=True) == []


def test_a_line_waits_for_the_connection_and_what_follows_waits_behind_it() -> None:
    ahead = TypeAhead()
    for key in keys("a\nb"):
        assert ahead.keeps(key)
    assert names(ahead.begin()) == "a"
    assert ahead.keeps(Key("c", "c"))
    assert not ahead.keeps(Key("ctrl+c", None))
    assert names(ahead.open(connected=True)) == "ebc"
    assert not ahead.keeps(Key("d", "d"))


def test_without_a_connection_several_lines_come_as_a_paste_and_one_as_it_was_typed() -> None:
    for typed, then in (("a\nb\n", "\nb"), ("a\n", "e")):
        ahead = TypeAhead()
        for key in keys(typed):
            assert ahead.keeps(key)
        ahead.begin()
        assert names(ahead.open(connected=False)) == then
