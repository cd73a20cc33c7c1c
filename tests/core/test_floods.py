"""What much input costs the core: memory, time, and how much it says at once."""

import time
import tracemalloc

import pytest

from reverb_server.core import control
from tests.core.conversations import FOREVER, MODES, new, speak_all
from tests.core.oracle import read, voices

MAX_SPEECH = 256 * 1024


def test_a_line_without_end_costs_no_memory() -> None:
    reverb = new()
    read_of_zeros = bytes(65_536)
    for now in range(1_600):
        reverb.hear(read_of_zeros, now / 16)
        reverb.speak(now / 16)
        assert reverb.held <= 65_537


@pytest.mark.parametrize("mode", MODES)
def test_one_speech_is_256_kib_at_most_and_stays_due_for_the_rest(mode: control.ReverbMode) -> None:
    reverb = new(delay=1.0, mode=mode)
    lines = [b"%d" % number * 1_000 for number in range(3_000)]
    reverb.hear(b"".join(line + b"\n" for line in lines[:1_500]), 0.0)
    reverb.hear(b"".join(line + b"\n" for line in lines[1_500:]), 0.5)
    reverb.end(0.5)
    speeches = []
    now = 1e5
    while speech := reverb.speak(now):
        assert len(speech) <= MAX_SPEECH
        speeches.append(speech)
        assert reverb.done or (reverb.next_due is not None and reverb.next_due <= now)
    assert reverb.done
    assert min(map(len, speeches[:-1])) > MAX_SPEECH / 4
    said = b"".join(speeches)
    assert len(said) == sum(3 * (len(line) + 3) for line in lines)
    if mode == "sequential":
        assert said == b"".join((b"\t " + line + b"\n") * 3 for line in lines)
    else:
        assert sorted(said.split(b"\n")[:-1]) == sorted([b"\t " + line for line in lines] * 3)


def test_what_is_heard_between_two_parts_of_a_speech_comes_after_what_was_due() -> None:
    reverb = new(delay=0.0)
    reverb.hear(b"x" * 1_000 + b"\n", 0.0)
    reverb.hear((b"y" * 1_000 + b"\n") * 500, 1.0)
    said = reverb.speak(2.0)
    reverb.hear(b"later\n", 3.0)
    said += speak_all(reverb, 3.0)
    assert read(said)[-3:] == voices(b"later")
    assert len(read(said)) == 3 * 502


@pytest.mark.parametrize("mode", MODES)
def test_a_flood_of_blank_lines_is_echoed_three_times(mode: control.ReverbMode) -> None:
    reverb = new(delay=0.0, mode=mode)
    reverb.hear(b"\n" * 20_000, 0.0)
    assert reverb.pending == 20_000
    assert reverb.held < 1_048_576 / 3
    assert speak_all(reverb, 0.0) == b"\t \n" * 60_000
    assert (reverb.pending, reverb.held, reverb.echoes) == (0, 0, 60_000)


@pytest.mark.parametrize("mode", MODES)
def test_many_lines_take_no_time(
    mode: control.ReverbMode,
) -> None:
    reverb = new(delay=0.0, mode=mode)
    reads = 200 if mode == "concurrent" else 5
    read_of_lines = b"Yooo-hooo!\n" * 5_000
    begun, said = time.process_time(), 0
    for now in range(reads):
        reverb.hear(read_of_lines, now)
        said += len(speak_all(reverb, now))
    assert said == 3 * reads * 5_000 * len(b"\t Yooo-hooo!\n")
    assert reverb.shouts == reads * 5_000
    # Several times what it takes, on a busy machine as well.
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("mode", MODES)
def test_held_covers_the_memory_of_shouts_heard_one_by_one(mode: control.ReverbMode) -> None:
    reverb = new(delay=60.0, mode=mode)
    tracemalloc.start()
    try:
        for number in range(5_000):
            reverb.hear(b"%04d\n" % number, number / 1_024)
            reverb.speak(number / 1_024)
        really_held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reverb.held >= 5_000 * len(b"\t 0000\n")
    assert really_held < 2 * reverb.held
    reverb.end(5.0)
    speak_all(reverb, FOREVER)
    assert (reverb.done, reverb.held) == (True, 0)


def test_two_reverbs_joined_to_each_other_stay_within_the_bound() -> None:
    """Whoever honours the bound can't be driven over it, not even by another reverb."""
    bound, read_size = 1_048_576, 65_536
    sides = (new(delay=0.0), new(delay=0.0))
    wires = [control.request(1) + b"hello\n", b""]  # to each side, not read yet
    for step in range(2_000):
        now = step / 8
        for number, side in enumerate(sides):
            if side.held < bound and wires[number]:
                side.hear(wires[number][:read_size], now)
                wires[number] = wires[number][read_size:]
            if len(wires[1 - number]) < read_size:
                wires[1 - number] += side.speak(now)
            assert side.held < bound + 4 * read_size * 3
