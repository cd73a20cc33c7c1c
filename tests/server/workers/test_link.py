"""Parent and worker understand each other, whatever the figures, the names and the sizes."""

import math
import socket
from dataclasses import fields
from typing import get_args

import anyio
from hypothesis import given
from hypothesis import strategies as st

from reverb_server import ConnectionState, End, Figures
from reverb_server.core.lateness import NOTHING, Histogram
from reverb_server.settings import Mode
from reverb_server.workers.link import (
    Link,
    Message,
    pack_figures,
    pack_states,
    unpack_figures,
    unpack_states,
)

NUMBERS = st.integers(0, 2**60)
FIGURES = st.builds(
    Figures,
    **{each.name: NUMBERS for each in fields(Figures) if each.type is int},
    ended=st.fixed_dictionaries(dict.fromkeys(End, NUMBERS)),
    lateness=st.builds(
        Histogram,
        st.lists(NUMBERS, min_size=len(NOTHING), max_size=len(NOTHING)),
        st.floats(0, 1e9),
    ),
)
STATES = st.builds(
    ConnectionState,
    seconds=st.floats(0, 1e9),
    mode=st.sampled_from(get_args(Mode)),
    delay=st.none() | st.floats(0, 60),
    client=st.text(),
)


async def both_ways(message: Message) -> Message | None:
    """Send a message over a pair of sockets, and return what comes out."""
    received: list[Message | None] = []
    ours, theirs = map(Link, socket.socketpair())

    async def receive() -> None:
        received.append(await theirs.receive())

    async with anyio.create_task_group() as group:
        group.start_soon(receive)
        await ours.send(message)
    ours.close()
    assert await theirs.receive() is None
    theirs.close()
    return received[0]


def seen(figures: Figures) -> list[object]:
    """Return all that figures say; two histograms are no equals."""
    said = {each.name: getattr(figures, each.name) for each in fields(Figures)}
    late = said.pop("lateness")
    return [said, late.counts, late.sum]


@given(FIGURES, st.lists(STATES, max_size=3))
def test_what_is_packed_comes_out_as_it_was(
    figures: Figures, states: list[ConnectionState]
) -> None:
    packed: Message = {"figures": pack_figures(figures), "states": pack_states(states)}
    got = anyio.run(both_ways, packed)
    assert got is not None
    assert seen(unpack_figures(got["figures"])) == seen(figures)
    assert unpack_states(got["states"]) == states


def test_what_another_version_adds_or_leaves_out_does_no_harm() -> None:
    packed = pack_figures(Figures.sum_of(()))
    packed["ended"] = {"vanished": 3, "finished": 2}
    packed["moons"] = 1
    del packed["held"]
    figures = unpack_figures(packed)
    assert (figures.held, figures.ended[End.FINISHED]) == (0, 2)
    (state,) = unpack_states([{"peer": "unix", "seconds": 1.0, "moons": 1}])
    assert (state.peer, state.seconds) == ("unix", 1.0)


@given(st.lists(FIGURES, max_size=4))
def test_several_servers_have_the_figures_of_one(several: list[Figures]) -> None:
    total = Figures.sum_of(several)
    for name in ("connections", "accepted", "pending", "held", "shouts", "echoes", "lost"):
        assert getattr(total, name) == sum(getattr(each, name) for each in several)
    assert total.ended == {end: sum(each.ended[end] for each in several) for end in End}
    every = [bound for bound, _ in total.lateness.cumulative()]
    assert every[-1] == math.inf
    for place, (_, count) in enumerate(total.lateness.cumulative()):
        assert count == sum(each.lateness.cumulative()[place][1] for each in several)


async def test_a_message_larger_than_any_buffer_arrives_whole(backend: str) -> None:
    message: Message = {"states": ["x" * 1000] * 10_000}
    assert await both_ways(message) == message
