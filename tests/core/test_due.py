from reverb_server.core.due import concurrent_due, sequential_begin, sequential_due

NEVER = float("-inf")


def test_the_echoes_of_a_concurrent_shout_are_due_one_delay_apart() -> None:
    assert [concurrent_due(3.0, stage, 0.5, NEVER) for stage in range(3)] == [3.0, 3.5, 4.0]


def test_no_concurrent_echo_is_due_before_the_change_that_pulled_it_forward() -> None:
    assert [concurrent_due(3.0, stage, 0.5, 3.75) for stage in (1, 2)] == [3.75, 4.0]


def test_a_change_does_not_hold_a_loud_echo_up() -> None:
    assert concurrent_due(3.0, 0, 0.5, 3.75) == 3.0


def test_many_delays_add_up_without_drift() -> None:
    assert concurrent_due(1e6, 2, 0.1, NEVER) == 1e6 + 2 * 0.1


def test_a_sequential_shout_begins_when_it_is_heard_or_all_before_it_have_ended() -> None:
    assert sequential_begin(3.0, 2.0) == 3.0
    assert sequential_begin(3.0, 5.0) == 5.0


def test_a_sequential_echo_is_due_one_delay_after_the_one_before() -> None:
    assert sequential_due(5.0, 0.5, NEVER) == 5.5
    assert sequential_due(5.0, 0.5, 6.0) == 6.0
