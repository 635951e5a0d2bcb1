"""What is said of one column: against numpy and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from assay.evaluation.distribution import (
    Floats,
    distribution,
    first_autocorrelation,
    histogram,
    percentile,
)

FINITE = arrays(np.float64, st.integers(1, 80), elements=st.floats(-1e6, 1e6))


@given(FINITE)
def test_every_known_value_is_in_a_bin(known: Floats) -> None:
    edges, counts, outside = histogram(known)

    assert counts.sum() == len(known)
    assert (np.diff(edges) > 0).all()
    assert 0 <= outside <= len(known)


@given(FINITE)
def test_the_percentile_is_that_of_scipy(known: Floats) -> None:
    found = percentile(known, float(known[-1]))

    assert found == pytest.approx(stats.percentileofscore(known, known[-1], kind="mean"))


def test_figures_are_those_of_the_known_values() -> None:
    column = np.random.default_rng(2).gamma(2.0, size=4_000)
    column[:400] = np.nan

    found = distribution(column)

    known = column[400:]
    assert found.null_share == pytest.approx(0.1)
    assert (found.mean, found.deviation) == pytest.approx((known.mean(), known.std(ddof=1)))
    assert (found.least, found.most, found.present) == (known.min(), known.max(), known[-1])
    expected = np.corrcoef(known[:-1], known[1:])[0, 1]
    assert found.autocorrelation == pytest.approx(expected)


def test_pairs_with_an_unknown_end_are_left_out() -> None:
    column = np.array([1.0, 2.0, np.nan, 4.0, 3.0, 5.0, 4.0, 7.0])

    found = first_autocorrelation(column)

    pairs = np.array([(1, 2), (4, 3), (3, 5), (5, 4), (4, 7)], dtype=float)
    assert found == pytest.approx(np.corrcoef(pairs.T)[0, 1])


@pytest.mark.parametrize("column", [np.full(9, np.nan), np.zeros(0)])
def test_what_is_never_known_has_no_figures(column: Floats) -> None:
    found = distribution(column)

    assert found.known == 0
    assert found.null_share == 1.0
    assert (found.mean, found.percentile, found.counts) == (None, None, ())


def test_a_column_that_stands_still_has_a_histogram_and_no_memory() -> None:
    found = distribution(np.ones(50))

    assert sum(found.counts) == 50
    assert found.autocorrelation is None
    assert found.percentile == 50.0
