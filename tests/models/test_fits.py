"""The small fits agree with the libraries and formulas they stand for."""

import numpy as np
import pytest
from scipy import optimize, stats
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import Ridge as RidgeOracle

from assay.core.errors import DataError, SettingsError
from assay.models.contract import Samples
from assay.models.empirical import (
    LEVELS,
    distribution_table,
    probability_below,
    smoothed_rates,
    weighted_quantiles,
)
from assay.models.isotonic import fit_isotonic
from assay.models.location_scale import fit_location_scale, row_dot
from assay.models.ordered import fit_ordered, ladder
from assay.models.runtimes.linear import Linear
from assay.models.scores import brier, hit_rate, information_coefficient, pinball
from assay.models.shrunk import PENALTIES
from assay.models.standard import fit_standard
from assay.models.zoo.momentum import Momentum
from assay.models.zoo.ridge import Ridge
from tests.factories import make_samples

CHANCE = np.random.default_rng(4)


def test_even_weights_give_the_quantiles_of_hazen() -> None:
    values = CHANCE.normal(size=501)

    ours = weighted_quantiles(values, np.full(501, 0.25), LEVELS)

    np.testing.assert_allclose(ours, np.quantile(values, LEVELS, method="hazen"), atol=1e-12)


def test_a_weight_of_two_is_nearly_two_rows() -> None:
    values, weight = CHANCE.normal(size=400), CHANCE.integers(1, 4, 400)

    weighed = weighted_quantiles(values, weight.astype(float), LEVELS)
    repeated = weighted_quantiles(np.repeat(values, weight), np.ones(weight.sum()), LEVELS)

    np.testing.assert_allclose(weighed, repeated, atol=0.02)


def test_the_table_knows_the_normal_distribution() -> None:
    table = distribution_table(CHANCE.normal(size=200_000), np.ones(200_000))
    at = np.linspace(-2, 2, 41)

    np.testing.assert_allclose(probability_below(table, at), stats.norm.cdf(at), atol=0.01)


def test_rates_never_reach_zero() -> None:
    rates = smoothed_rates(np.array([2, 2, 2], dtype=np.int8), np.ones(3))

    np.testing.assert_allclose(rates, [1 / 9, 1 / 9, 7 / 9])


def test_pooling_gives_the_map_of_scikit_learn() -> None:
    at = np.round(CHANCE.random(3000), 2)
    value = (CHANCE.random(3000) < at).astype(float)
    weight = CHANCE.random(3000) + 0.1
    new = np.linspace(-0.1, 1.1, 500)

    x, y = fit_isotonic(at, value, weight)

    oracle = IsotonicRegression(out_of_bounds="clip").fit(at, value, sample_weight=weight)
    np.testing.assert_allclose(np.interp(new, x, y), oracle.predict(new), atol=1e-12)


def test_the_ladder_is_fitted_as_by_a_general_optimiser() -> None:
    z = CHANCE.normal(size=(1500, 2))
    hidden = z @ [0.6, -0.3] + stats.logistic.rvs(size=1500, random_state=CHANCE)
    label = (1 + (hidden > 0.8) - (hidden < -0.5)).astype(np.int8)
    weight = CHANCE.random(1500) + 0.2

    found = fit_ordered(label, weight, z, shrink=1.0)

    def loss(at: np.ndarray) -> float:
        classes = ladder(np.array([at[0], at[0] + np.exp(at[1])]), z @ at[2:])
        middle = ladder(np.array([at[0], at[0] + np.exp(at[1])]), np.zeros(1))[0]
        likelihood = np.sum(weight * np.log(classes[np.arange(1500), label]))
        return float(-likelihood - 0.5 * np.log(middle).sum() + 0.5 * np.sum(at[2:] ** 2))

    oracle = optimize.minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-7}).x
    np.testing.assert_allclose(found.slope, oracle[2:], atol=1e-5)
    np.testing.assert_allclose(found.cuts, [oracle[0], oracle[0] + np.exp(oracle[1])], atol=1e-5)


def test_centre_and_width_are_found_again() -> None:
    u, v = CHANCE.normal(size=(40_000, 1)), CHANCE.normal(size=(40_000, 1))
    target = 0.2 + 0.5 * u[:, 0] + np.exp(0.3 * v[:, 0]) * CHANCE.normal(size=40_000)

    found = fit_location_scale(target, np.ones(40_000), u, v)

    np.testing.assert_allclose(found.location, [0.2, 0.5], atol=0.03)
    assert found.spread[1] == pytest.approx(0.3, abs=0.02)
    wide = found.quantiles(np.zeros((1, 1)), np.ones((1, 1)))[0]
    np.testing.assert_allclose(wide, 0.2 + np.exp(0.3) * stats.norm.ppf(LEVELS), atol=0.06)


def test_widths_stay_within_bounds_far_outside_what_was_seen() -> None:
    v = CHANCE.normal(size=(2000, 1))
    found = fit_location_scale(np.exp(v[:, 0]) * CHANCE.normal(size=2000), np.ones(2000), v, v)

    far = found.width(np.array([[1e9], [-1e9]]))

    np.testing.assert_allclose(far, np.exp(found.spread[0] + np.array([2.0, -2.0])))


def test_sums_by_row_do_not_hang_on_the_batch() -> None:
    x, slope = CHANCE.normal(size=(999, 45)), CHANCE.normal(size=45)

    whole = row_dot(x, slope, 0.1)

    np.testing.assert_allclose(whole, 0.1 + x @ slope, atol=1e-12)
    assert all(row_dot(x[i : i + 1], slope, 0.1)[0] == whole[i] for i in range(0, 999, 37))


def test_scores_skip_unknown_values_and_constant_columns() -> None:
    x = np.array([[1.0, 5.0, np.nan], [3.0, 5.0, np.nan], [np.nan, 5.0, np.nan]])

    z = fit_standard(x, np.ones(3), np.arange(3)).scores(x)

    np.testing.assert_allclose(z, [[-1, 0, 0], [1, 0, 0], [0, 0, 0]])


def complete(samples: Samples) -> Samples:
    return samples.take(np.asarray(np.isfinite(samples.x).all(axis=1))).labelled


def test_ridge_has_the_coefficients_of_scikit_learn() -> None:
    train, stop = complete(make_samples(3000, edge=0.3)), complete(make_samples(900, edge=0.3))

    weights = Ridge().fit(train, stop, seed=0, threads=1)

    z = (train.x - weights.arrays["mean"]) / weights.arrays["deviation"]
    z = np.clip(z, -6, 6)
    alpha = weights.params["penalty"] * train.weight.sum()
    oracle = RidgeOracle(alpha=alpha).fit(z, train.scaled, sample_weight=train.weight)
    assert weights.params["penalty"] in PENALTIES
    np.testing.assert_allclose(weights.arrays["location"][1:], oracle.coef_, atol=1e-10)
    assert weights.arrays["location"][0] == pytest.approx(oracle.intercept_, abs=1e-10)


def test_ridge_shrinks_to_nearly_nothing_where_there_is_nothing() -> None:
    weights = Ridge().fit(make_samples(600, columns=40, seed=1), make_samples(2000, seed=2,
        columns=40), seed=0, threads=1)  # fmt: skip

    assert weights.params["penalty"] >= 10


@pytest.mark.parametrize("band", [None, 0.5])
def test_ridge_puts_its_cuts_where_the_label_has_them(band: float | None) -> None:
    train, stop = make_samples(8000, band=0.5), make_samples(2000, seed=9)

    weights = Ridge(band=band).fit(train, stop, seed=0, threads=1)

    tolerance = 1e-12 if band is not None else 0.03
    np.testing.assert_allclose(weights.arrays["cuts"], [-0.5, 0.5], atol=tolerance)
    classes = Linear.load(weights, train.columns).predict(train.asked).classes
    rates = smoothed_rates(train.labelled.label, train.labelled.weight)
    np.testing.assert_allclose(np.nanmean(classes, axis=0), rates, atol=0.02)


def test_momentum_reads_the_column_it_is_told() -> None:
    train, stop = make_samples(3000, edge=0.3), make_samples(500, edge=0.3)

    weights = Momentum(column="slow").fit(train, stop, seed=0, threads=1)

    assert weights.params["column"] == "slow"
    assert weights.arrays["slope"][0] > 0.1
    assert list(weights.arrays["used"]) == [1]


def test_momentum_without_its_column_says_which_it_wants() -> None:
    with pytest.raises(SettingsError, match="nothing_12"):
        Momentum(column="nothing_12").chosen(("a", "b"))


def test_members_of_one_series_refuse_several() -> None:
    panel = make_samples(400, series=3)

    with pytest.raises(DataError, match="S0, S1, S2"):
        Ridge().fit(panel, panel, seed=0, threads=1)


def test_scores_on_a_worked_example() -> None:
    classes = np.array([[0.2, 0.3, 0.5], [0.6, 0.2, 0.2], [0.4, 0.2, 0.4]])
    label, even = np.array([2, 2, 0]), np.ones(3)

    assert brier(classes, label, even) == pytest.approx((0.38 + 1.04 + 0.56) / 3)
    assert hit_rate(classes, label, even) == pytest.approx((1 + 0 + 0.5) / 3)
    assert hit_rate(classes, np.ones(3, dtype=int), even) is None
    scaled = np.array([0.3, -0.1, 0.3])
    oracle = stats.spearmanr(classes[:, 2] - classes[:, 0], scaled).statistic
    assert information_coefficient(classes, scaled) == pytest.approx(oracle)


def test_pinball_is_least_at_the_true_quantiles() -> None:
    drawn = CHANCE.normal(size=20_000)
    truth = np.tile(stats.norm.ppf(LEVELS), (20_000, 1))

    at_truth = pinball(truth, drawn, np.ones(20_000))

    assert at_truth < pinball(truth * 1.1, drawn, np.ones(20_000))
    assert at_truth < pinball(truth + 0.1, drawn, np.ones(20_000))
