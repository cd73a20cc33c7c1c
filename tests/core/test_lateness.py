"""Lateness is counted in buckets, finely enough, and for any number of echoes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_server.core.lateness import BUCKETS_A_DOUBLING, LARGEST_LATENESS, SMALLEST, Histogram

STEP = 2 ** (1 / BUCKETS_A_DOUBLING)
LATENESS = st.floats(0, LARGEST_LATENESS) | st.just(0.0)


def test_without_echoes_nothing_is_late() -> None:
    assert Histogram().quantile(0.5) == 0
    assert Histogram().quantile(1) == 0


@given(st.lists(LATENESS, min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_quantile_is_right_to_a_bucket(values: list[float], share: float) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value, 1)
    rank = share * len(values)
    exact = next(each for number, each in enumerate(sorted(values), 1) if number >= rank)
    got = histogram.quantile(share)
    if exact <= SMALLEST:
        assert got == 0
    else:
        assert exact / 1.000001 <= got <= exact * STEP * 1.000001


def test_many_echoes_at_once_count_as_many() -> None:
    histogram = Histogram()
    histogram.add(0, 50)
    histogram.add(0.001, 49)
    histogram.add(1.0, 1)
    assert histogram.quantile(0.5) == 0
    assert histogram.quantile(0.99) == pytest.approx(0.001, rel=STEP - 1)
    assert histogram.quantile(0.995) == pytest.approx(1, rel=STEP - 1)


def test_more_than_an_hour_is_the_last_bucket() -> None:
    histogram = Histogram()
    histogram.add(1e9, 1)
    assert LARGEST_LATENESS <= histogram.quantile(1) <= LARGEST_LATENESS * STEP * STEP


@given(st.lists(LATENESS | st.just(1e9), max_size=50))
def test_the_cumulative_counts_are_true_for_every_bound(values: list[float]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value, 2)
    buckets = histogram.cumulative()
    assert [bound for bound, _ in buckets][-1] == math.inf
    assert buckets == tuple(
        (bound, 2 * sum(each <= bound for each in values)) for bound, _ in buckets
    )
    assert histogram.sum == pytest.approx(2 * math.fsum(values))
