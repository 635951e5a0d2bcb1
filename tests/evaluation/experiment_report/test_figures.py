"""Figures of reports: those that the gate reckons are the gate's, the others follow their laws."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.evaluation.experiment_report import conditions, curves, family_figures, luck
from assay.evaluation.experiment_report.weights import importance
from assay.evaluation.gate.contract import Tier
from assay.evaluation.gate.statistics.family_alpha import AGAIN, share_of
from tests.evaluation.experiment_report import made
from tests.evaluation.gate.evidence import DAYS_PER_YEAR, asked, of_family, sound

PARTS = st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1), min_size=1)


def test_deflation_at_its_ideas_is_what_the_gate_says() -> None:
    evidence = of_family(made.ideas(3, 4), registered=9)

    found = luck.deflation(evidence)

    line = asked(Tier.STATISTICS, "deflated_sharpe", evidence)
    assert found["probability_at_ideas"] == line.statistic
    assert found["ideas"] == evidence.ideas == 2
    assert {found["ideas"], found["registered"]} <= set(found["trials"])


def test_more_trials_never_make_a_run_more_certain() -> None:
    found = luck.deflation(of_family(made.ideas(2, 2, 2)))

    assert np.all(np.diff(found["probability"]) <= 1e-12)
    assert np.all(np.diff(found["hurdle"]) >= -1e-12)


def test_overfitting_is_what_the_gate_says_and_its_histogram_holds_every_partition() -> None:
    evidence = of_family(np.random.default_rng(4).normal(0, 0.01, (400, 7)))

    found = luck.overfit(evidence.family)

    assert found is not None
    line = asked(Tier.STATISTICS, "overfitting", evidence)
    assert found["probability"] == line.statistic
    assert sum(found["counts"]) == found["partitions"] == 12_870
    below = sum(
        count
        for count, end in zip(found["counts"], found["edges"][1:], strict=True)
        if end <= 1e-12
    )
    assert below / found["partitions"] == found["probability"]


@pytest.mark.parametrize("trials", [1, 3])
def test_without_a_choice_there_is_no_overfitting(trials: int) -> None:
    assert luck.overfit(made.ideas(trials)) is None


def test_kinds_of_days_are_those_of_the_gate() -> None:
    evidence = sound()

    found = conditions.kinds_of_days(evidence)

    sums = asked(Tier.PERFORMANCE, "regimes", evidence).detail["sums"]
    assert {one["kind"]: one["net"] for one in found} == pytest.approx(sums)


def test_costs_are_those_of_the_gate() -> None:
    evidence = sound()

    rows = {row["kind"]: row["total_return"]["value"] for row in conditions.costs(evidence)["rows"]}

    assert rows["net"] == asked(Tier.PERFORMANCE, "net_return", evidence).statistic
    assert rows["double"] == asked(Tier.PERFORMANCE, "doubled_costs", evidence).statistic


@given(gross=st.floats(1e-6, 1e-2), paid=st.floats(1e-6, 1e-2))
def test_at_the_multiple_where_it_breaks_even_nothing_is_left(gross: float, paid: float) -> None:
    even = conditions.break_even([gross, gross - paid, gross - 2 * paid])

    assume(gross / paid < 1e3)
    assert even == pytest.approx(gross / paid, rel=1e-6)


@given(gross=st.floats(-1, 0), paid=st.floats(0, 1))
def test_what_earns_nothing_before_costs_breaks_even_nowhere(gross: float, paid: float) -> None:
    assert conditions.break_even([gross, gross - paid, gross - 2 * paid]) is None


def test_equity_ends_where_the_returns_lead_and_years_make_the_whole() -> None:
    evidence = sound()

    found = curves.equity(evidence)

    own = np.prod(1 + evidence.net)
    assert found["curves"][curves.OWN][-1] == pytest.approx(own)
    *years, whole = found["years"]["rows"][curves.OWN]
    assert np.prod(1 + np.array(years)) == pytest.approx(own) == pytest.approx(1 + whole)
    assert found["low"][-1] < own < found["high"][-1]


@given(count=st.integers(1, 3_000), most=st.integers(2, 500))
def test_thinned_rows_keep_the_first_and_the_last(count: int, most: int) -> None:
    rows = curves.shown_rows(count, most)

    assert len(rows) <= most
    assert (rows[0], rows[-1]) == (0, count - 1)
    assert np.all(np.diff(rows) > 0)


@given(each=PARTS, folds=st.integers(2, 5))
def test_the_same_importance_in_every_fold_is_stable(each: dict[str, float], folds: int) -> None:
    assume(len(set(each.values())) > 1)

    found = importance([{"fold": n, "seed": 1, "importance": each} for n in range(folds)])

    assert found is not None
    assert found["stability"] == pytest.approx(1.0)
    assert found["shared"] == 1.0
    assert all(one["low"] == one["high"] for one in found["columns"])


@given(by_fold=st.lists(PARTS, min_size=1, max_size=5))
def test_importance_names_every_column_once_the_weightiest_first(
    by_fold: list[dict[str, float]],
) -> None:
    found = importance(
        [{"fold": n, "seed": 1, "importance": each} for n, each in enumerate(by_fold)]
    )

    assert found is not None
    names = [one["column"] for one in found["columns"]]
    means = [one["mean"] for one in found["columns"]]
    assert sorted(names) == sorted({name for each in by_fold for name in each})
    assert means == sorted(means, reverse=True)
    assert all(one["low"] <= one["mean"] + 1e-12 <= one["high"] + 2e-12 for one in found["columns"])


def test_a_member_without_an_account_has_no_importance() -> None:
    assert importance([{"fold": 1, "seed": 1, "importance": {}}]) is None
    assert importance([]) is None


def test_the_best_curve_of_a_family_is_the_first_and_gaps_stay_gaps() -> None:
    returns = made.ideas(1, 1, 1)
    returns[:100, 0] = np.nan

    found = family_figures.family_curves(["a", "b", "c"], np.arange(800), returns, DAYS_PER_YEAR)

    assert found["best"] == next(iter(found["curves"])) == "c"
    assert found["curves"]["a"][0] is None
    assert found["total"]["c"] == pytest.approx(np.prod(1 + returns[:, 2]) - 1)


def test_noise_counts_what_left_no_returns_as_ideas() -> None:
    returns = made.ideas(3, 3)

    few = family_figures.noise(returns, DAYS_PER_YEAR, registered=6, unseen=0)
    more = family_figures.noise(returns, DAYS_PER_YEAR, registered=10, unseen=4)

    assert few is not None
    assert more is not None
    assert (few["ideas"], few["clusters"], more["ideas"]) == (2, 2, 6)
    assert more["hurdle_at_ideas"] > few["hurdle_at_ideas"]
    assert family_figures.noise(np.zeros((100, 2)), 260, registered=2, unseen=0) is None


def test_ideas_hold_each_trial_once_in_the_order_of_the_map() -> None:
    names = [f"t{n}" for n in range(6)]

    found = family_figures.ideas_of(names, made.ideas(3, 3)[:, [0, 3, 1, 4, 2, 5]], DAYS_PER_YEAR)

    assert [one["trials"] for one in found["groups"]] == [["t0", "t2", "t4"], ["t1", "t3", "t5"]]
    assert found["order"] == ["t0", "t2", "t4", "t1", "t3", "t5"]
    assert found["borders"] == [3]
    assert np.allclose(np.diag(found["correlations"]), 1.0)


@given(places=st.lists(st.integers(1, 12), min_size=1, max_size=30))
def test_alpha_is_spent_once_an_idea_and_never_more_than_the_whole(places: list[int]) -> None:
    def line(place: int) -> dict[str, Any]:
        return {"threshold": 0.05 * share_of(place) / AGAIN, "p": 0.3, "detail": {"idea": place}}

    found = family_figures.alpha_spent([(f"t{n}", line(each)) for n, each in enumerate(places)])

    wanted = 0.05 * sum(share_of(place) for place in set(places))
    assert found["spent"] == pytest.approx(wanted)
    assert found["budget"] == pytest.approx(0.05)
    assert found["spent"] <= found["budget"]
    assert np.all(np.diff([row["spent"] for row in found["rows"]]) >= 0)
