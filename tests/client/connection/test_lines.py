"""Lines of bounded length out of whatever reads bring."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reverb_tui.connection.lines import Lines
from reverb_tui.display import LONGEST


@given(
    st.lists(st.sampled_from([b"\n", b"\r", b"a", b"\x0b\x0c\xc2\x85", b"b" * 5000]), max_size=12),
    st.data(),
)
def test_any_split_gives_the_same_lines(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    lines = Lines()
    heard: list[bytes] = []
    lost = 0
    splits = data.draw(st.sets(st.integers(0, len(whole)), max_size=8)) | {0, len(whole)}
    for begin, end in pairwise(sorted(splits)):
        found, left_out = lines.feed(whole[begin:end])
        heard += found
        lost += sum(left_out.values())
        assert len(lines.unfinished) <= LONGEST
    found, left_out = lines.end()
    heard += found
    lost += sum(left_out.values())
    *ended, last = whole.split(b"\n")
    texts = [text.removesuffix(b"\r") for text in [*ended, *([last] if last else [])]]
    assert heard == [text[:LONGEST] for text in texts]
    at_least = sum(max(0, len(text) - LONGEST) for text in texts)
    assert at_least <= lost <= at_least + len(texts)  # a CR after a cut line may count


def test_a_line_that_never_ends_costs_no_memory_and_is_counted() -> None:
    lines = Lines()
    for _ in range(200):
        assert lines.feed(b"z" * 65_536) == ([], {})
        assert lines.unfinished == b"z" * LONGEST
    assert len(lines._partial) == LONGEST + 1
    assert lines.feed(b"\nnext\n") == (
        [b"z" * LONGEST, b"next"],
        {0: 200 * 65_536 - LONGEST},
    )
