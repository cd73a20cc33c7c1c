"""A worker that keeps dying is started again, ever more rarely."""

from itertools import pairwise

from reverb_server.workers.parent import FIRST_WAIT, LONGEST_WAIT, wait_before_start


def test_waits_grow_from_the_first_to_the_longest() -> None:
    waits = [wait_before_start(deaths) for deaths in range(2000)]
    assert (waits[0], waits[-1]) == (FIRST_WAIT, LONGEST_WAIT)
    assert all(before <= after <= 2 * before for before, after in pairwise(waits))
