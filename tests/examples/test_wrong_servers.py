"""Each program of ``examples/book/wrong`` names the one promise that it breaks.

That it breaks this one and no other is what tests/check/test_book.py finds out.
"""

from tests.examples.programs import WRONG, breaks

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


def test_every_wrong_program_names_the_promise_it_breaks() -> None:
    assert {name: breaks(name) for name in WRONG} == FAULTS
