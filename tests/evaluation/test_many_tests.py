"""Corrections against their definitions, and error rates against simulation."""

import numpy as np
import pytest

from assay.evaluation.many_tests import day_t, false_discovery

stats = pytest.importorskip("scipy.stats", reason="scipy is the oracle; it is in the extra oracle")


def test_false_discovery_is_scipys() -> None:
    p = np.random.default_rng(8).random(40) ** 2

    assert np.allclose(false_discovery(p), stats.false_discovery_control(p))


def test_nothing_known_is_not_significant() -> None:
    assert false_discovery(np.array([np.nan, 0.01]))[0] == 1.0


def test_without_lags_it_is_the_z_test_of_daily_sums() -> None:
    values = np.random.default_rng(2).normal(0.1, 1.0, 400)

    t, p = day_t(values, np.arange(400), lags=0)

    assert np.isclose(t, values.mean() / (values.std() / 20))
    assert np.isclose(p, stats.norm.sf(t))


def test_what_hangs_together_within_a_day_is_one_observation() -> None:
    chance = np.random.default_rng(4)
    rejected = 0
    for _ in range(400):
        level = np.repeat(chance.normal(0, 1, 120), 8)
        _, p = day_t(level + chance.normal(0, 0.3, 960), np.repeat(np.arange(120), 8))
        rejected += p < 0.05

    assert 8 <= rejected <= 36  # 5 % of 400, five standard errors either way


def test_too_few_days_say_nothing() -> None:
    t, p = day_t(np.ones(20), np.arange(20))

    assert np.isnan(t)
    assert np.isnan(p)
