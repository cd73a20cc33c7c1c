"""Each program of ``examples/book/wrong`` has the one fault that it names, and no other."""

from collections import Counter

import pytest

from tests.examples.programs import (
    WRONG,
    Step,
    breaks,
    conversation,
    echoes,
    said,
    server,
)
from tests.virtual import anyio_backend as anyio_backend

FAULTS = {
    "await_in_the_loop": "overlap",
    "close_at_end_of_input": "half-close",
    "count_in_the_task": "half-close",
    "done_before_the_write": "half-close",
    "echoes_reset_the_timer": "idle",
    "send_in_pieces": "whole-lines",
    "shared_variable": "own-line",
    "timer_never_reset": "idle",
}


def breaking(promise: str) -> list[str]:
    return [name for name, broken in FAULTS.items() if broken == promise]


def keeping(promise: str) -> list[str]:
    return [name for name, broken in FAULTS.items() if broken != promise]


def test_every_wrong_program_names_the_promise_it_breaks() -> None:
    assert {name: breaks(name) for name in WRONG} == FAULTS


@pytest.mark.parametrize("name", FAULTS)
async def test_a_single_shout_sounds_right(name: str) -> None:
    heard = await conversation(server(name), (0, b"Hello?\r\n"), (3, None))
    assert heard == [(0, "\t HELLO?\n"), (1, "\t Hello?\n"), (2, "\t hello?\n"), (3, "")]


@pytest.mark.parametrize("name", FAULTS)
async def test_two_shouts_overlap_except_where_the_loop_awaits(name: str) -> None:
    shouts: list[Step] = [(0, b"Is there anybody there?\n"), (0.75, b"Yooo-hooo!\n"), (5, None)]
    heard = await conversation(server(name), *shouts)
    assert Counter(said(heard)) == Counter(echoes("Is there anybody there?", "Yooo-hooo!"))
    loud = next(at for at, text in heard if text == "\t YOOO-HOOO!\n")
    assert loud == (2 if name in breaking("overlap") else 0.75)


@pytest.mark.parametrize("name", FAULTS)
async def test_each_echo_has_its_own_text_except_in_a_shared_variable(name: str) -> None:
    heard = await conversation(server(name), (0, b"one\ntwo\n"), (5, None))
    expected = echoes("two", "two") if name in breaking("own-line") else echoes("one", "two")
    assert Counter(said(heard)) == Counter(expected)


@pytest.mark.parametrize("name", FAULTS)
async def test_lines_are_whole_except_when_sent_in_pieces(name: str) -> None:
    shouts = [f"{number} {'long ' * 9}" for number in range(20)]
    heard = await conversation(
        server(name), (0, "".join(f"{shout}\n" for shout in shouts).encode()), (45, None)
    )
    torn = set(said(heard)) - set(echoes(*shouts))
    assert bool(torn) == (name in breaking("whole-lines"))


LOST = {"close_at_end_of_input": 4, "count_in_the_task": 4, "done_before_the_write": 1}
"""Echoes of two shouts that are lost when the input ends between the loud and the normal ones."""


@pytest.mark.parametrize("name", FAULTS)
async def test_no_echo_is_lost_at_the_end_of_input_except_where_it_ends_all(name: str) -> None:
    assert set(LOST) == set(breaking("half-close"))
    heard = await conversation(server(name), (0, b"one\ntwo\n"), (0.5, None))
    assert len(said(heard)) == 6 - LOST.get(name, 0)


@pytest.mark.parametrize("name", keeping("half-close"))
async def test_the_last_line_needs_no_lf(name: str) -> None:
    heard = await conversation(server(name), (0, b"Hello?"), (0, None))
    assert said(heard) == echoes("Hello?")


async def test_a_timer_that_is_never_reset_ends_a_client_that_shouts() -> None:
    program = server("timer_never_reset")
    assert await conversation(program) == [(10, "")]
    heard = await conversation(program, (0, b"one\n"), (6, b"two\n"))
    assert heard[-1] == (10, "")


async def test_a_timer_that_echoes_reset_ends_a_silent_client_too_late() -> None:
    program = server("echoes_reset_the_timer")
    assert await conversation(program) == [(10, "")]
    assert (await conversation(program, (0, b"one\n")))[-1] == (12, "")
    assert (await conversation(program, (0, b"one\n"), (6, b"two\n")))[-1] == (18, "")
