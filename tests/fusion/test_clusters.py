import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from assay.fusion.clusters import cluster, correlation, effective_members, shrunk
from assay.fusion.evidence import Floats

UNHURRIED = settings(deadline=None, max_examples=50)


def signals(seed: int, count: int, rows: int = 400) -> Floats:
    chance = np.random.default_rng(seed)
    mix = chance.normal(size=(3, count)) * 2.0
    return chance.normal(size=(rows, 3)) @ mix + chance.normal(size=(rows, count)) * 0.7


@UNHURRIED
@given(seed=st.integers(0, 10_000), count=st.integers(2, 12), cut=st.floats(0.3, 0.95))
def test_clusters_are_those_of_scipys_average_linkage(seed: int, count: int, cut: float) -> None:
    matrix = correlation(signals(seed, count))

    label, share = cluster(matrix, cut)

    tree = hierarchy.linkage(squareform(1.0 - matrix, checks=False), "average")
    oracle = hierarchy.fcluster(tree, 1.0 - cut, "distance")
    same, theirs = label[:, None] == label, oracle[:, None] == oracle
    assert (same == theirs).all()
    assert np.bincount(label, share) == pytest.approx(np.ones(label.max() + 1))


def test_correlation_is_numpys_where_all_is_known() -> None:
    values = signals(1, 5)

    assert correlation(values) == pytest.approx(np.corrcoef(values, rowvar=False))


def test_correlation_uses_the_rows_both_know() -> None:
    values = signals(2, 3, rows=4000)
    holes = values.copy()
    holes[np.random.default_rng(0).random(values.shape) < 0.3] = np.nan

    assert correlation(holes) == pytest.approx(correlation(values), abs=0.05)


def test_a_constant_correlates_with_nobody() -> None:
    values = signals(3, 2)
    values[:, 1] = 0.4

    assert correlation(values) == pytest.approx(np.eye(2))


@UNHURRIED
@given(seed=st.integers(0, 10_000), copies=st.integers(1, 5))
def test_copies_divide_one_share(seed: int, copies: int) -> None:
    values = signals(seed, 4)
    more = np.column_stack([values, *[values[:, :1]] * copies])

    label, share = cluster(correlation(values), 0.8)
    many, parts = cluster(correlation(more), 0.8)

    assert (many[:4] == label).all()
    assert (many[4:] == label[0]).all()
    assert parts[1:4] == pytest.approx(share[1:])
    assert parts[0] + parts[4:].sum() == pytest.approx(share[0])


@UNHURRIED
@given(seed=st.integers(0, 10_000), count=st.integers(1, 12), blocks=st.integers(1, 1000))
def test_no_pool_counts_as_more_than_it_has(seed: int, count: int, blocks: int) -> None:
    weights = np.random.default_rng(seed).dirichlet(np.ones(count))

    effective = effective_members(weights, shrunk(correlation(signals(seed, count)), blocks))

    assert 1.0 <= effective <= count + 1e-9


def test_independent_equals_count_and_equal_ones_count_once() -> None:
    weights = np.full(4, 0.25)

    assert effective_members(weights, np.eye(4)) == pytest.approx(4.0)
    assert effective_members(weights, np.ones((4, 4))) == pytest.approx(1.0)
