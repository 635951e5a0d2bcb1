"""Each check of the sanity tier, on both sides of its threshold."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from assay.evaluation.gate.contract import Placebo, Tier, Verdict
from tests.evaluation.gate.evidence import asked, changed, first_days, sound, with_sharpe

LIVE, FAIL, PAPER, INSUFFICIENT = Verdict.LIVE, Verdict.FAIL, Verdict.PAPER, Verdict.INSUFFICIENT


def verdict(name: str, **changes: Any) -> Verdict:
    return asked(Tier.SANITY, name, changed(sound(), **changes)).allows


@pytest.mark.parametrize(("ambiguous", "expected"), [(20.0, LIVE), (21.0, FAIL)])
def test_one_trade_in_twenty_may_end_in_an_ambiguous_bar(
    ambiguous: float, expected: Verdict
) -> None:
    counts = {"trades": [400.0], "ambiguous": [ambiguous]}

    assert verdict("ambiguous_bars", counts=counts) is expected


def test_a_result_that_turns_with_what_came_first_in_a_bar_fails() -> None:
    losing = {"net": with_sharpe(-0.1), "optimistic": with_sharpe(0.1)}

    found = asked(Tier.SANITY, "ambiguous_bars", changed(sound(), returns=losing))

    assert found.allows is FAIL
    assert "the result turns" in found.sentence


@pytest.mark.parametrize(
    ("found", "answered", "expected"),
    [(10, 50.0, LIVE), (9, 50.0, FAIL), (10, 49.0, FAIL), (10, 0.0, FAIL)],
)
def test_a_fold_or_half_the_answers_missing_fails(
    found: int, answered: float, expected: Verdict
) -> None:
    ledger = {"folds_wanted": 10, "folds_found": found}
    counts = {"asked": [100.0], "answered": [answered]}

    assert verdict("complete", registration=ledger, counts=counts) is expected


def test_a_return_that_is_no_number_is_not_complete() -> None:
    holed = sound().returns["double"][:, 0].copy()
    holed[[3, 70]] = np.nan

    found = asked(Tier.SANITY, "complete", changed(sound(), returns={"double": holed}))

    assert found.allows is FAIL
    assert found.sentence == "0 of 1 folds are missing, 2 returns no number"


@pytest.mark.parametrize(
    ("psi", "expected"),
    [
        ([0.25], LIVE),
        ([0.26], PAPER),
        ([0.1, np.nan, 0.4], LIVE),
        ([0.1, np.nan, 0.5], PAPER),
        ([np.nan], INSUFFICIENT),
        ([], INSUFFICIENT),
    ],
)
def test_a_lean_that_moved_by_the_median_index_stops_at_paper(
    psi: list[float], expected: Verdict
) -> None:
    assert verdict("drift", psi=np.array(psi)) is expected


@pytest.mark.parametrize(
    ("own", "late", "expected"),
    [(2.0, 1.01, LIVE), (2.0, 0.99, FAIL), (2.0, -1.0, FAIL), (-1.0, -3.0, LIVE)],
)
def test_half_the_sharpe_ratio_must_survive_a_bar(
    own: float, late: float, expected: Verdict
) -> None:
    returns = {"net": with_sharpe(own), "delayed": with_sharpe(late, seed=1)}

    found = asked(Tier.SANITY, "one_bar_delay", changed(sound(), returns=returns))

    assert found.allows is expected
    if own > 0:
        assert found.statistic == pytest.approx(late / own)


REFITS = np.array([0.03, -0.02, 0.01, -0.04, 0.02, 0.05, -0.03, -0.02])


@pytest.mark.parametrize(("p", "expected"), [(0.006, LIVE), (0.004, FAIL), (0.996, LIVE)])
def test_a_placebo_that_foretells_time_and_again_fails(p: float, expected: Verdict) -> None:
    middle = REFITS - REFITS.mean()
    t = stats.t.isf(p, len(middle) - 1)
    moved = middle + t * middle.std(ddof=1) / np.sqrt(len(middle))

    found = asked(Tier.SANITY, "permuted_labels", changed(sound(), placebo=Placebo(moved)))

    assert found.allows is expected
    oracle = stats.ttest_1samp(moved, 0.0, alternative="greater")
    assert found.p_value == pytest.approx(oracle.pvalue)


@pytest.mark.parametrize(
    ("placebo", "expected"),
    [
        (None, INSUFFICIENT),
        (Placebo(np.zeros(8)), LIVE),
        (Placebo(np.full(8, 0.02)), FAIL),
        (Placebo(np.zeros(3)), INSUFFICIENT),
        (Placebo(np.array([0.1, -0.1, 0.2, -0.2, 0.15, -0.15, 0.1, -0.1])), LIVE),
    ],
)
def test_a_placebo_that_was_hardly_run_says_nothing_and_one_with_either_sign_is_fine(
    placebo: Placebo | None, expected: Verdict
) -> None:
    assert verdict("permuted_labels", placebo=placebo) is expected


@pytest.mark.parametrize(("held", "expected"), [(True, LIVE), (False, FAIL), (None, INSUFFICIENT)])
def test_a_feature_that_changes_with_the_future_fails(
    *, held: bool | None, expected: Verdict
) -> None:
    assert verdict("prefix", prefix=held) is expected


@pytest.mark.parametrize(
    ("trades", "expected"),
    [([100.0], LIVE), ([99.0], INSUFFICIENT), ([10.0, 100.0, 500.0], LIVE)],
)
def test_a_hundred_round_trips_by_the_median_seed_are_enough(
    trades: list[float], expected: Verdict
) -> None:
    assert verdict("round_trips", counts={"trades": trades}) is expected


@pytest.mark.parametrize(
    ("annual", "expected"),
    # z is about the ratio times the root of six years: 2.33 is one in a hundred
    [(0.90, LIVE), (1.00, FAIL), (-3.0, LIVE)],
)
def test_orders_that_earn_for_certain_at_another_time_fail(
    annual: float, expected: Verdict
) -> None:
    drawn = with_sharpe(annual, seed=8)

    found = asked(Tier.SANITY, "time_shift", changed(sound(), returns={"shifted": drawn}))

    assert found.allows is expected
    assert found.statistic == pytest.approx(annual)


def test_a_few_days_of_shifted_orders_say_nothing() -> None:
    found = asked(Tier.SANITY, "time_shift", first_days(sound(), 19))

    assert found.allows is INSUFFICIENT
    assert found.sentence.startswith("19 days")


@pytest.mark.parametrize(
    ("hits", "correlation", "annual", "expected"),
    [
        (0.599, 0.149, 4.99, LIVE),
        (0.601, 0.149, 4.99, FAIL),
        (0.599, 0.151, 4.99, FAIL),
        (0.599, 0.149, 5.01, FAIL),
    ],
)
def test_what_no_honest_member_does_is_a_leak_until_it_is_explained(
    hits: float, correlation: float, annual: float, expected: Verdict
) -> None:
    rows = sound().scores["rows"][:, 0]
    # lean and outcome have mean 0 and square 1 in `sound`: the mean product is the correlation
    scores = {"hits": hits * rows, "edge_came": correlation * rows}

    found = asked(
        Tier.SANITY,
        "too_good",
        changed(sound(), scores=scores, returns={"net": with_sharpe(annual)}),
    )

    assert found.allows is expected


def test_a_correlation_is_taken_from_the_means_of_lean_and_outcome() -> None:
    chance = np.random.default_rng(2)
    edge, came = 0.3 + chance.normal(size=(2, 500))
    came += 0.4 * edge
    expected = np.corrcoef(edge, came)[0, 1]
    scores = {
        "all_weight": np.ones(500), "edge": edge, "came": came, "edge_came": edge * came,
        "edge_edge": edge**2, "came_came": came**2, "hits": 0.5 * np.ones(500),
        "moved": np.ones(500),
    }  # fmt: skip

    found = [
        asked(
            Tier.SANITY, "too_good", changed(sound(), scores=scores),
            most_correlation=expected + away,
        ).allows
        for away in (1e-9, -1e-9)
    ]  # fmt: skip

    assert found == [LIVE, FAIL]


@pytest.mark.parametrize(("left", "expected"), [(1e-9, LIVE), (2e-9, FAIL), (np.nan, FAIL)])
def test_money_that_no_fill_explains_fails(left: float, expected: Verdict) -> None:
    assert verdict("unexplained", unexplained=left) is expected
