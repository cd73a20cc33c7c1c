"""Steps before a connection is served end in time, and sooner once the server drains."""

import math

import anyio
import pytest

from reverb_server.net.time_limit import TimeLimit
from tests.virtual import anyio_backend as anyio_backend
from tests.virtual import stand_still


async def elapsed(limit: TimeLimit) -> float:
    """Let a step that never ends run into its limit; return how long that took."""
    begin = anyio.current_time()
    with pytest.raises(TimeoutError):
        await limit.within(anyio.sleep_forever)
    return anyio.current_time() - begin


async def test_a_step_in_time_gives_its_result() -> None:
    async def step() -> str:
        await anyio.sleep(9)
        return "done"

    assert await TimeLimit(10).within(step) == "done"
    assert await TimeLimit(math.inf).within(step) == "done"


async def test_a_step_ends_at_its_limit() -> None:
    assert await elapsed(TimeLimit(10)) == pytest.approx(10)


@pytest.mark.parametrize("seconds", [10, math.inf])
async def test_a_hurry_leaves_a_second_to_steps_that_run_and_to_later_ones(seconds: float) -> None:
    limit = TimeLimit(seconds)
    took: list[float] = []

    async def run() -> None:
        took.append(await elapsed(limit))

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        await anyio.sleep(5)
        limit.hurry()
    await run()
    assert took == pytest.approx([6, 1])


async def test_a_hurry_gives_nobody_more_time() -> None:
    limit = TimeLimit(0.5)
    limit.hurry()
    assert await elapsed(limit) == pytest.approx(0.5)


async def test_after_the_process_stood_still_a_step_has_its_time_once_more() -> None:
    async def late() -> None:
        await anyio.sleep(1)
        stand_still(60)

    limit = TimeLimit(10)
    async with anyio.create_task_group() as group:
        group.start_soon(late)
        assert await elapsed(limit) == pytest.approx(71)
