import base64
import json
from pathlib import Path
from unicodedata import category

from hypothesis import example, given
from hypothesis import strategies as st

from reverb_tui.display import exact, visible_text
from reverb_tui.entry import Entry, Kind
from reverb_tui.files.formats import formatted
from reverb_tui.session.transcript import Transcript

entries = st.lists(
    st.tuples(
        st.sampled_from(Kind), st.text(st.characters()), st.floats(0, 1e10), st.integers(0, 9)
    )
)


@given(st.binary() | st.text().map(str.encode), st.booleans())
@example(b"\\xff \xff \x1b \xe2\x90\x9b \xe2\x9f\xa8FF\xe2\x9f\xa9", True)
def test_every_byte_that_came_can_be_taken_back_from_a_file(data: bytes, goes_on: bool) -> None:
    heard = Transcript(raw=True).hear([data], 1.0, [0] if goes_on else [])
    value = json.loads(formatted(heard, Path("log.jsonl")))
    if "bytes" in value:
        assert base64.b64decode(value["bytes"]) == data
    else:
        assert value["text"].encode() == data
    assert value.get("goes_on", False) == goes_on
    text = formatted(heard, Path("log")).decode().removesuffix("\n")
    assert text.endswith("⟨…⟩") == goes_on
    assert exact(text.removeprefix("< ")) == data


def test_without_colour_what_was_sent_is_told_from_what_came() -> None:
    raw = Transcript(raw=True)
    talk = raw.hear([b"220 ready"], 1.0) + raw.shout(b"QUIT", 2.0)
    assert formatted(talk, Path("log")).decode() == "< 220 ready\n> QUIT\n"
    kinds = [json.loads(line)["kind"] for line in formatted(talk, Path("a.jsonl")).splitlines()]
    assert kinds == ["plain", "shout"]


@given(entries, st.sampled_from(["log", "log.jsonl"]))
@example([(Kind.SHOUT, "\ud800\udcff", 0.0, 0)], "log.jsonl")
def test_no_control_is_ever_in_a_file_but_the_line_ends(lines: list[Entry], name: str) -> None:
    text = formatted(lines, Path(name)).decode()
    assert text.count("\n") == len(lines)
    assert all(category(each) not in ("Cc", "Cf", "Zl", "Zp") or each == "\n" for each in text)
    if name.endswith("l"):
        values = [json.loads(line) for line in text.removesuffix("\n").split("\n") if line]
        for value, line in zip(values, lines, strict=True):
            assert value["text"] in (line[1], visible_text(line[1]))
