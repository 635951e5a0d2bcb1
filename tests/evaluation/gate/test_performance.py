"""Each check of the performance tier, on both sides of its threshold."""

from typing import Any

import numpy as np
import pytest

from assay.evaluation.gate.contract import Beside, Evidence, Finding, Tier, Verdict
from assay.evaluation.gate.performance.regimes import MEMORY_DAYS, regimes
from assay.evaluation.statistics.sharpe import default_lags
from tests.evaluation.gate.evidence import DAYS, asked, changed, first_days, sound, with_sharpe

LIVE, FAIL, INSUFFICIENT = Verdict.LIVE, Verdict.FAIL, Verdict.INSUFFICIENT
SIMPLE = ("beats_hold", "beats_momentum", "beats_naive")


def found(name: str, evidence: Evidence | None = None, **changes: Any) -> Finding:
    return asked(Tier.PERFORMANCE, name, changed(evidence or sound(), **changes))


def days_of(*each: float, days: int = 100) -> np.ndarray:
    """Return (days,) returns that repeat `each`."""
    return np.resize(np.array(each), days)


def seeds(count: int, earning: int) -> np.ndarray:
    """Return (days, count) net returns, of which the first `earning` columns earn."""
    return np.column_stack(
        [with_sharpe(1.0 if n < earning else -1.0, seed=n) for n in range(count)]
    )


@pytest.mark.parametrize("name", SIMPLE)
@pytest.mark.parametrize(("rival", "expected"), [(1.99, LIVE), (2.01, FAIL)])
def test_it_must_beat_what_needs_no_skill(name: str, rival: float, expected: Verdict) -> None:
    kind = name.removeprefix("beats_")

    told = found(name, returns={"net": with_sharpe(2.0), kind: with_sharpe(rival, seed=1)})

    assert told.allows is expected
    assert told.statistic == pytest.approx(2.0)
    assert told.threshold == pytest.approx(rival)


def test_the_p_value_is_that_of_the_mean_difference_at_one_volatility() -> None:
    ols = pytest.importorskip("statsmodels.api", reason="statsmodels is the oracle").OLS
    own, rival = with_sharpe(1.2), 3.0 * with_sharpe(0.4, seed=1)
    gain = own / own.std() - rival / rival.std()
    kept = {"maxlags": default_lags(DAYS), "use_correction": False}
    fitted = ols(gain, np.ones(DAYS)).fit(cov_type="HAC", cov_kwds=kept)

    told = found("beats_hold", returns={"net": own, "hold": rival})

    assert told.p_value == pytest.approx(fitted.pvalues[0] / 2, rel=1e-9)


@pytest.mark.parametrize(("rival", "expected"), [(1.99, LIVE), (2.01, FAIL)])
def test_the_baseline_is_compared_on_the_days_it_has(rival: float, expected: Verdict) -> None:
    net = np.full(DAYS, np.nan)
    net[400:] = with_sharpe(rival, DAYS - 400, seed=1)
    own = np.concatenate([-np.ones(400), with_sharpe(2.0, DAYS - 400)])

    beside = Beside("ridge", net, net, net)
    told = found("beats_ridge", returns={"net": own}, beside=beside, is_baseline=False)

    assert told.allows is expected


def test_the_baseline_itself_has_none_to_beat_and_one_without_days_says_nothing() -> None:
    nothing = np.full(DAYS, np.nan)

    assert found("beats_ridge", beside=None).allows is LIVE
    assert found("beats_ridge", beside=None, is_baseline=False).allows is INSUFFICIENT
    beside = Beside("ridge", nothing, nothing, nothing)
    without = found("beats_ridge", beside=beside, is_baseline=False)
    assert without.allows is INSUFFICIENT
    assert without.sentence == "0 days beside ridge on the same folds say nothing of a Sharpe ratio"


def test_a_rival_that_never_moves_is_beaten_by_any_gain() -> None:
    still = np.zeros(DAYS)

    gain, loss = (
        found("beats_naive", returns={"net": with_sharpe(annual), "naive": still})
        for annual in (0.01, -0.01)
    )

    assert (gain.allows, loss.allows) == (LIVE, FAIL)


@pytest.mark.parametrize(
    # a tenth won and a tenth lost is a hundredth lost: what counts is what compounds
    ("daily", "expected"), [((0.10, -0.10), FAIL), ((0.10, -0.09), LIVE)]
)  # fmt: skip
@pytest.mark.parametrize(("name", "kind"), [("net_return", "net"), ("doubled_costs", "double")])
def test_what_compounds_must_be_above_zero(
    name: str, kind: str, daily: tuple[float, float], expected: Verdict
) -> None:
    told = found(name, returns={kind: np.resize(daily, DAYS), "gross": np.resize(0.001, DAYS)})

    made = ((1 + daily[0]) * (1 + daily[1])) ** (DAYS // 2) - 1
    assert told.allows is expected
    assert told.statistic == pytest.approx(made)


def test_the_net_return_is_told_beside_the_gross_one() -> None:
    daily = {"net": [-0.01, *np.zeros(DAYS - 1)], "gross": [0.05, *np.zeros(DAYS - 1)]}

    assert found("net_return", returns=daily).sentence == (
        "It made -1.0 % after costs and 5.0 % before them"
    )


@pytest.mark.parametrize("name", ["net_return", "doubled_costs", "regimes", "sharpe", *SIMPLE])
def test_who_never_traded_is_not_refused_by_results(name: str) -> None:
    still = np.zeros(DAYS)

    told = found(name, returns={"net": still, "gross": still, "double": still})

    assert told.allows is INSUFFICIENT


@pytest.mark.parametrize(
    ("share", "expected"), [(0.495, LIVE), (0.494, FAIL), (0.60, LIVE), (0.601, FAIL)]
)
def test_the_share_of_moves_foretold_has_two_ends(share: float, expected: Verdict) -> None:
    moved = np.zeros(DAYS)
    moved[0] = 1_000.0

    told = found("hit_rate", scores={"moved": moved, "hits": share * moved})

    assert told.allows is expected
    assert told.sentence == f"It foretold {100 * share:.1f} % of 1,000 moves"


def test_where_nothing_moved_nothing_could_be_hit() -> None:
    assert found("hit_rate", scores={"moved": np.zeros(DAYS)}).allows is INSUFFICIENT


@pytest.mark.parametrize(
    ("good", "count", "expected"),
    [(8, 9, LIVE), (7, 9, FAIL), (5, 5, LIVE), (4, 5, FAIL), (0, 0, LIVE)],
)
def test_eight_of_nine_paths_must_earn(good: int, count: int, expected: Verdict) -> None:
    paths = np.where(np.arange(count) < good, 0.4, -0.2)

    assert found("paths", paths=paths).allows is expected


def test_a_path_without_a_ratio_has_not_earned() -> None:
    assert found("paths", paths=np.array([*[0.5] * 7, np.nan, np.nan])).allows is FAIL


def three_markets() -> np.ndarray:
    """Return (300,) returns of a market that is quiet, usual and stormy for 100 days each."""
    signs = days_of(1.0, -1.0, days=300)
    return np.asarray(signs * np.repeat([0.001, 0.01, 0.03], 100))


@pytest.mark.parametrize(
    ("earned", "expected"),
    [((1, 1, 1), LIVE), ((1, 1, -1), LIVE), ((-1, 1, -1), FAIL), ((-1, -1, -1), FAIL)],
)
def test_it_must_earn_in_two_kinds_of_days_of_three(
    earned: tuple[int, int, int], expected: Verdict
) -> None:
    kind = regimes(three_markets())
    net = np.where(kind >= 0, np.array([*earned, 0])[kind], 0) * 1e-3

    told = found("regimes", first_days(sound(), 300), returns={"net": net, "hold": three_markets()})

    assert told.allows is expected
    assert told.statistic == sum(side > 0 for side in earned)
    sums = told.detail["sums"]
    counts = [int((kind == number).sum()) for number in range(3)]
    assert list(sums.values()) == pytest.approx(
        [side * count * 1e-3 for side, count in zip(earned, counts, strict=True)]
    )


def test_the_kind_of_a_day_is_told_by_the_days_before_it() -> None:
    market = three_markets()
    kind = regimes(market)

    assert set(kind[:MEMORY_DAYS]) == {-1}
    assert set(kind[40:100]) == {0}
    assert set(kind[140:200]) == {1}
    assert set(kind[240:]) == {2}
    # a storm of one day is seen from the next day on, not on the day itself
    market[60] = 0.5
    assert regimes(market)[60] == 0
    assert regimes(market)[61] == 2


def test_sixty_days_are_needed_to_show_regimes() -> None:
    assert found("regimes", first_days(sound(), 59)).allows is INSUFFICIENT
    assert found("regimes", first_days(sound(), 60)).allows is not INSUFFICIENT


@pytest.mark.parametrize(
    ("count", "earning", "expected"),
    [(5, 3, LIVE), (5, 2, FAIL), (6, 3, FAIL), (6, 4, LIVE), (4, 4, INSUFFICIENT)],
)
def test_most_of_five_seeds_must_earn(count: int, earning: int, expected: Verdict) -> None:
    told = found(
        "seeds",
        seeds=tuple(range(count)),
        is_random=True,
        returns={"net": seeds(count, earning)},
    )

    assert told.allows is expected


def test_one_seed_is_all_there_is_where_nothing_is_random() -> None:
    assert found("seeds", seeds=(1,), is_random=False).allows is LIVE


@pytest.mark.parametrize(
    ("each", "expected"),
    [((0.50,), LIVE), ((0.49,), FAIL), ((-1.0, 0.51, 3.0), LIVE), ((-1.0, 0.49, 3.0), FAIL)],
)
def test_half_a_sharpe_ratio_by_the_median_seed_is_worth_the_risk(
    each: tuple[float, ...], expected: Verdict
) -> None:
    net = np.column_stack([with_sharpe(v + 1e-12, seed=n) for n, v in enumerate(each)])

    told = found("sharpe", seeds=tuple(range(len(each))), returns={"net": net})

    assert told.allows is expected
    assert told.statistic == pytest.approx(float(np.median(each)))
