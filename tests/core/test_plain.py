from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core.plain import Plain


@given(st.lists(st.binary(max_size=9), max_size=9), st.booleans())
def test_every_byte_comes_back_as_it_was(reads: list[bytes], at_once: bool) -> None:
    plain, said = Plain(), b""
    for now, data in enumerate(reads):
        plain.hear(data, now)
        if at_once:
            said += plain.speak(now)
    plain.end(len(reads))
    while speech := plain.speak(len(reads)):
        said += speech
    assert said == b"".join(reads)
    assert plain.done
    assert plain.held == 0


def test_a_control_line_is_bytes_like_any_other() -> None:
    plain, request = Plain(), b'\x10{"reverb":1,"id":1}\r\n'
    plain.hear(request, 0.0)
    assert plain.speak(0.0) == request


def test_bytes_are_due_when_they_are_heard_and_half_a_line_as_well() -> None:
    plain = Plain()
    assert plain.next_due is None
    assert plain.speak(0.0) == b""
    plain.hear(b"half", 1.0)
    assert plain.next_due is not None
    assert plain.next_due <= 1.0
    assert plain.speak(1.0) == b"half"
    assert plain.next_due is None


def test_it_is_done_only_when_everything_has_left() -> None:
    plain = Plain()
    plain.hear(b"x", 0.0)
    plain.end(1.0)
    assert not plain.done
    assert plain.speak(1.0) == b"x"
    assert plain.done


def test_plain_has_no_shouts_pending() -> None:
    plain = Plain()
    plain.hear(b"a\nb\n", 0.0)
    assert plain.pending == 0


def test_held_is_at_least_what_has_not_left() -> None:
    plain = Plain()
    for now in range(100):
        plain.hear(b"\n" * 20_000, now)
        assert plain.held >= (now + 1) * 20_000
    said = 0
    while speech := plain.speak(100.0):
        said += len(speech)
        assert plain.held >= 2_000_000 - said
    assert said == 2_000_000
    assert plain.held == 0


def test_one_speech_is_256_kib_at_most_and_stays_due_for_the_rest() -> None:
    plain = Plain()
    plain.hear(b"x" * 600_000, 0.0)
    sizes = []
    while speech := plain.speak(1.0):
        sizes.append(len(speech))
        assert (plain.next_due is None) == (sum(sizes) == 600_000)
    assert max(sizes) <= 256 * 1024
    assert sum(sizes) == 600_000
