"""Each check of the statistics tier, on both sides of its threshold."""

import numpy as np
import pytest

from assay.evaluation.gate.contract import Evidence, Tier, Verdict
from tests.evaluation.gate.evidence import (
    DAYS,
    DAYS_PER_YEAR,
    asked,
    changed,
    first_days,
    of_family,
    sound,
    with_sharpe,
)

stats = pytest.importorskip("scipy.stats", reason="scipy is the oracle; it is in the extra oracle")

FAIL, INSUFFICIENT, PAPER, PILOT, LIVE = Verdict
YEARS = DAYS / DAYS_PER_YEAR


def alone(annual: float, days: int = DAYS) -> Evidence:
    """Return the evidence of one trial with this Sharpe ratio, the only one of its family."""
    return of_family(with_sharpe(annual, days)[:, None])


def family(*annual: float, days: int = DAYS) -> np.ndarray:
    """Return (days, trials) of independent ideas with these Sharpe ratios."""
    return np.column_stack([with_sharpe(each, days, seed=n) for n, each in enumerate(annual)])


@pytest.mark.parametrize(
    # over six years one error is 0.41: 95 % are 1.64 of them, a ratio of 0.67
    ("annual", "expected"),
    [(0.72, LIVE), (0.62, INSUFFICIENT), (0.01, INSUFFICIENT), (-0.01, FAIL)],
)  # fmt: skip
def test_a_ratio_above_zero_with_95_percent(annual: float, expected: Verdict) -> None:
    found = asked(Tier.STATISTICS, "probabilistic_sharpe", alone(annual))

    assert found.allows is expected
    assert found.p_value == pytest.approx(1.0 - stats.norm.cdf(annual * np.sqrt(YEARS)), abs=0.02)


def test_the_days_that_are_needed_are_those_of_the_published_formula() -> None:
    net = with_sharpe(0.5)
    found = asked(Tier.STATISTICS, "probabilistic_sharpe", alone(0.5))

    s = 0.5 / np.sqrt(DAYS_PER_YEAR)
    skew, kurtosis = stats.skew(net), stats.kurtosis(net, fisher=False)
    bracket = 1.0 - skew * s + (kurtosis - 1.0) / 4.0 * s**2
    days = 1.0 + bracket * (stats.norm.ppf(0.95) / s) ** 2
    assert found.detail["days_needed"] == pytest.approx(days, rel=1e-9)
    assert f"it would take {days / DAYS_PER_YEAR:.1f} years" in found.sentence


def test_the_power_is_told_against_a_true_ratio_of_one() -> None:
    found = asked(Tier.STATISTICS, "probabilistic_sharpe", alone(0.5))

    # the error at a true ratio of 1 (normal returns), and 1.64 of those without skill
    error = np.sqrt((1.0 + 0.5 / DAYS_PER_YEAR) / (DAYS - 1))
    expected = stats.norm.cdf(1.0 / np.sqrt(DAYS_PER_YEAR) / error - stats.norm.ppf(0.95))
    assert found.power == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ["probabilistic_sharpe", "deflated_sharpe", "superior"])
def test_under_twenty_days_nothing_is_said(name: str) -> None:
    assert asked(Tier.STATISTICS, name, alone(2.0, 19)).allows is INSUFFICIENT
    assert asked(Tier.STATISTICS, name, alone(40.0, 20)).allows is LIVE


@pytest.mark.parametrize(("annual", "expected"), [(2.0, LIVE), (1.4, PILOT)])
def test_beating_the_best_of_ten_ideas_without_skill_is_for_money(
    annual: float, expected: Verdict
) -> None:
    others = np.linspace(-0.6, 0.6, 9)
    returns = family(*others, annual)

    found = asked(Tier.STATISTICS, "deflated_sharpe", of_family(returns))

    spread = np.std([*others, annual], ddof=1)
    gamma = 0.5772156649015329
    ends = stats.norm.ppf(1.0 - 1.0 / 10.0), stats.norm.ppf(1.0 - np.exp(-1.0) / 10.0)
    hurdle = spread * ((1.0 - gamma) * ends[0] + gamma * ends[1])
    assert found.allows is expected
    assert found.statistic == pytest.approx(
        stats.norm.cdf((annual - hurdle) * YEARS**0.5), abs=0.03
    )
    assert f"a Sharpe ratio of {hurdle:.2f};" in found.sentence


def test_the_tries_of_a_search_raise_the_hurdle_of_a_lonely_trial() -> None:
    lonely = alone(1.5)
    searched = changed(lonely, registration={"unseen_tries": 100})

    before, after = (asked(Tier.STATISTICS, "deflated_sharpe", each) for each in (lonely, searched))

    assert (before.allows, after.allows) == (LIVE, PILOT)
    # the best of 101 is 2.51 errors up, and an error over six years is 0.41
    assert "The best of 101 ideas without skill would show a Sharpe ratio of 1.0" in after.sentence


@pytest.mark.parametrize(
    ("gain", "days", "expected"),
    [(0.02, DAYS, LIVE), (0.0, DAYS, PAPER), (-0.02, DAYS, PAPER), (0.02, 19, INSUFFICIENT)],
)
def test_money_that_was_made_without_foreseeing_stops_at_paper(
    gain: float, days: int, expected: Verdict
) -> None:
    base = sound().scores["base_loss"][:, 0]
    usual = changed(sound(), scores={"loss": base - gain - with_sharpe(0.0, seed=4)})

    found = asked(Tier.STATISTICS, "forecast_gain", first_days(usual, days))

    assert found.allows is expected
    if days == DAYS:
        assert found.statistic == pytest.approx(gain, abs=1e-12)


def test_a_forecast_is_compared_on_days_with_outcomes_alone() -> None:
    usual = sound()
    weight = usual.scores["weight"][:, 0].copy()
    weight[::3] = 0.0

    found = asked(Tier.STATISTICS, "forecast_gain", changed(usual, scores={"weight": weight}))

    assert found.detail["days"] == int((weight > 0).sum())


@pytest.mark.parametrize(("earlier", "expected"), [(0, LIVE), (40, PAPER)])
def test_the_same_certainty_claims_less_after_many_trials(earlier: int, expected: Verdict) -> None:
    late = changed(alone(1.40), registration={"earlier": np.ones(earlier)})

    found = asked(Tier.STATISTICS, "online_discovery", late)

    # LORD++: a tenth of alpha is there at first, and the j-th test has its share of it
    j = earlier + 1
    level = 0.01 * 0.07720838 * np.log(max(j, 2)) / (j * np.exp(np.sqrt(np.log(j))))
    assert found.threshold == pytest.approx(level, rel=1e-6)
    assert found.p_value == pytest.approx(1 - stats.norm.cdf(1.40 * YEARS**0.5), rel=0.3)
    assert found.allows is expected


def test_an_earlier_discovery_lends_to_the_next() -> None:
    poor, rich = np.ones(5), np.array([1.0, 1.0, 1.0, 1e-9, 1.0])

    levels = [
        asked(
            Tier.STATISTICS, "online_discovery", changed(alone(1.0), registration={"earlier": each})
        ).threshold
        for each in (poor, rich)
    ]

    assert levels[0] is not None
    assert levels[1] is not None
    assert levels[1] > 3 * levels[0]


def turning(trials: int = 16, days: int = 320) -> np.ndarray:
    """Return trials each of which earns in one sixteenth of history alone and loses elsewhere."""
    block = np.arange(days) * trials // days
    each = np.where(block[:, None] == np.arange(trials), 0.05, -0.002)
    return np.asarray(each + 0.001 * np.random.default_rng(1).normal(size=(days, trials)))


def test_a_best_that_never_was_the_best_again_fails() -> None:
    found = asked(Tier.STATISTICS, "overfitting", of_family(turning()))

    assert found.allows is FAIL
    assert found.statistic is not None
    assert found.statistic > 0.9


def test_a_best_that_stays_the_best_is_not_overfitted() -> None:
    found = asked(Tier.STATISTICS, "overfitting", of_family(family(*[0.0] * 11, 4.0)))

    assert found.allows is LIVE
    assert found.statistic == pytest.approx(0.0, abs=0.01)


def test_a_doubtful_best_stops_at_paper() -> None:
    evidence = of_family(np.random.default_rng(6).normal(0.0, 0.01, (DAYS, 12)))
    value = asked(Tier.STATISTICS, "overfitting", evidence).statistic
    assert value is not None
    assert 0 < value < 1

    sides = [
        asked(Tier.STATISTICS, "overfitting", evidence, most=most, doubtful=doubtful).allows
        for most, doubtful in ((value, value), (value - 1e-9, value), (0.0, value - 1e-9))
    ]

    assert sides == [LIVE, PAPER, FAIL]


def test_of_three_trials_there_was_hardly_a_choice_and_of_few_days_nothing_is_known() -> None:
    three, four = (of_family(family(*[0.0] * count)) for count in (3, 4))
    short = of_family(family(*[0.0] * 4, days=79))

    assert asked(Tier.STATISTICS, "overfitting", three).statistic is None
    assert asked(Tier.STATISTICS, "overfitting", three).allows is LIVE
    assert asked(Tier.STATISTICS, "overfitting", four).statistic is not None
    assert asked(Tier.STATISTICS, "overfitting", short).allows is INSUFFICIENT


@pytest.mark.parametrize(
    ("inside", "count", "expected"),
    [(172, 200, LIVE), (168, 200, PAPER), (188, 200, LIVE), (192, 200, PAPER),
     (89, 99, INSUFFICIENT)],
)  # fmt: skip
def test_quantiles_may_be_off_by_five_hundredths(
    inside: int, count: int, expected: Verdict
) -> None:
    hits = (np.arange(count) % count < inside).astype(np.int8)

    found = asked(Tier.STATISTICS, "quantile_coverage", changed(sound(), inside=hits))

    assert found.allows is expected
    if expected is not INSUFFICIENT:
        free, bound = (stats.binom.logpmf(inside, count, rate) for rate in (inside / count, 0.9))
        assert found.p_value == pytest.approx(stats.chi2.sf(2.0 * (free - bound), 1), rel=1e-6)


@pytest.mark.parametrize(
    # two ideas: the larger of two z is above 1.95 in one case of twenty, a ratio of 0.80
    ("annual", "expected"), [(1.1, LIVE), (0.5, INSUFFICIENT), (-1.0, INSUFFICIENT)]
)  # fmt: skip
def test_its_idea_must_be_superior_among_all_that_were_tried(
    annual: float, expected: Verdict
) -> None:
    found = asked(Tier.STATISTICS, "superior", of_family(family(0.0, annual)))

    assert found.allows is expected


def test_an_idea_that_is_nothing_beside_one_that_is_good_is_not_superior() -> None:
    good = family(2.5, 0.1)

    found = asked(Tier.STATISTICS, "superior", of_family(good))

    assert found.allows is INSUFFICIENT
    assert found.detail["family_p_value"] < 0.01


def test_the_same_ratio_says_less_among_many_ideas() -> None:
    few, many = (
        asked(Tier.STATISTICS, "superior", of_family(family(*[0.0] * count, 0.85)))
        for count in (1, 30)
    )

    assert few.p_value is not None
    assert many.p_value is not None
    assert few.p_value < many.p_value
    assert (few.allows, many.allows) == (LIVE, INSUFFICIENT)
