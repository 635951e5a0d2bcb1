"""Folds add up to days, sums and figures; nothing is counted twice, and nothing is invented."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from assay.evaluation.metrics import sharpe, total_return
from assay.store.runs import FoldRow
from assay.workflows.experiments.folded import run_fold
from assay.workflows.experiments.scored import SUMS
from assay.workflows.experiments.summing import (
    COUNTS,
    RETURNS,
    Summed,
    figures,
    listed,
    primary,
    summed,
)
from tests.workflows.experiments.worlds import (
    EURUSD,
    cuts_of,
    experiment,
    pair,
    prepared,
    read,
)

Arrays = Mapping[str, NDArray[np.float64]]
AT = datetime(2021, 1, 4, tzinfo=UTC)


def row(fold: int, days: list[int], *, seed: int = 1, arrays: Arrays | None = None) -> FoldRow:
    """Return a finished fold that tested `days`, its numbers drawn unless given."""
    drawn = np.random.default_rng([fold, seed])
    told: dict[str, Any] = {"day": np.array(days), "score_day": np.array(days)}
    told |= {name: 0.01 * drawn.normal(size=len(days)) for name in RETURNS}
    told |= {name: drawn.uniform(0.5, 1.0, len(days)) for name in SUMS}
    told |= {name: 0.1 * drawn.normal(size=len(days)) for name in ("edge", "came", "edge_came")}
    told |= {name: np.ones(len(days)) for name in ("edge_edge", "came_came")}
    told["inside"] = np.ones(len(days), dtype=np.int8)
    counts = dict.fromkeys(COUNTS, fold * 10 + seed)
    return FoldRow(
        "key", fold, seed, "trial", AT, 1.0, None, counts, told | dict(arrays or {}), "digest"
    )


def test_folds_one_after_another_are_the_days_in_order() -> None:
    rows = [row(1, [10, 11, 12]), row(2, [13, 14])]

    found = summed(rows)

    assert found.days.tolist() == [10, 11, 12, 13, 14]
    for name in RETURNS:
        expected = np.concatenate([each.arrays[name] for each in rows])
        assert found.returns[name][:, 0].tobytes() == expected.tobytes()
    assert found.counts["trades"].tolist() == [32]


def test_a_day_that_several_cuts_test_is_their_mean_and_its_scores_their_sum() -> None:
    rows = [row(1, [10, 11]), row(2, [11, 12]), row(3, [11])]

    found = summed(rows)

    net = [rows[0].arrays["net"][1], rows[1].arrays["net"][0], rows[2].arrays["net"][0]]
    assert found.returns["net"][1, 0] == pytest.approx(np.mean(net))
    hits = [rows[0].arrays["hits"][1], rows[1].arrays["hits"][0], rows[2].arrays["hits"][0]]
    assert found.scores["hits"][1, 0] == pytest.approx(np.sum(hits))


@given(order=st.permutations(range(6)))
def test_the_order_of_the_folds_changes_no_day(order: list[int]) -> None:
    rows = [
        row(fold, [10 * fold, 10 * fold + 1], seed=seed) for fold in (1, 2, 3) for seed in (1, 2)
    ]

    found, again = summed(rows), summed([rows[place] for place in order])

    assert found.seeds == again.seeds == (1, 2)
    assert found.days.tobytes() == again.days.tobytes()
    for name in RETURNS:
        assert found.returns[name].tobytes() == again.returns[name].tobytes()
    for name in SUMS:
        assert found.scores[name].tobytes() == again.scores[name].tobytes()


def test_each_seed_has_its_column_and_a_trial_is_their_mean() -> None:
    rows = [row(1, [10, 11], seed=seed) for seed in (7, 3)]

    found = summed(rows)

    assert found.seeds == (3, 7)
    assert found.returns["net"][:, 1].tobytes() == rows[0].arrays["net"].tobytes()
    assert found.net == pytest.approx((rows[0].arrays["net"] + rows[1].arrays["net"]) / 2)
    assert found.counts["trades"].tolist() == [13, 17]
    assert len(found.inside) == 2


def test_scores_are_ratios_of_sums_and_nothing_where_nothing_moved() -> None:
    two = {"hits": np.array([1.0, 2.0]), "moved": np.array([2.0, 2.0])}
    gains = {"loss": np.array([1.0, 1.0]), "base_loss": np.array([1.5, 2.0])}
    still = {"moved": np.zeros(2), "hits": np.zeros(2), "weight": np.zeros(2)}
    rows = [
        row(1, [10, 11], seed=1, arrays={"weight": np.array([2.0, 3.0]), **two, **gains}),
        row(1, [10, 11], seed=2, arrays=still),
    ]

    found = summed(rows)

    assert found.hit_rate[0] == 0.75
    assert found.loss_gain[0] == pytest.approx(1.5 / 5.0)
    assert np.isnan([found.hit_rate[1], found.loss_gain[1]]).all()
    assert listed(found.hit_rate, found.seeds) == {"1": 0.75, "2": None}


@given(seed=st.integers(0, 500), count=st.integers(5, 80))
def test_the_correlation_of_sums_is_the_weighted_correlation_of_rows(seed: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    edge, noise, weight = chance.normal(size=(3, count))
    weight = np.abs(weight) + 0.1
    came = 0.4 * edge + noise
    sums = {
        "rows": np.ones(count),
        "weight": np.ones(count),
        "all_weight": weight,
        "edge": edge * weight,
        "came": came * weight,
        "edge_came": edge * came * weight,
        "edge_edge": edge**2 * weight,
        "came_came": came**2 * weight,
    }

    found = summed([row(1, list(range(count)), arrays=sums)]).correlation[0]

    matrix = np.cov(edge, came, aweights=weight)
    oracle = matrix[0, 1] / np.sqrt(matrix[0, 0] * matrix[1, 1])
    assert found == pytest.approx(oracle, rel=1e-9)


def run_of(days: int = 80) -> Summed:
    """Return a run of two seeds over `days`."""
    return summed([row(1, list(range(days)), seed=seed) for seed in (1, 2)])


def test_figures_are_those_of_the_mean_over_seeds_and_plain_data() -> None:
    run = run_of()

    told = figures(run, experiment(), 260)

    assert told["days"] == 80
    assert told["net_sharpe"]["value"] == pytest.approx(float(sharpe(run.net[None], 260)[0]))
    assert told["net_return"]["value"] == pytest.approx(float(total_return(run.net[None])[0]))
    assert told["net_sharpe"]["low"] <= told["net_sharpe"]["value"] <= told["net_sharpe"]["high"]
    assert set(told["sharpe"]) == set(RETURNS)
    assert told["sharpe"]["net"] == told["net_sharpe"]["value"]
    by_seed = sharpe(run.returns["net"].T, 260).tolist()
    assert list(told["net_sharpe_by_seed"].values()) == pytest.approx(by_seed)
    assert figures(run, experiment(), 260) == told


@pytest.mark.parametrize("metric", ["net_sharpe", "net_return", "log_loss_gain",
                                    "information_coefficient"])  # fmt: skip
def test_the_primary_metric_is_one_of_the_figures(metric: str) -> None:
    asked = experiment(primary_metric=metric)

    told = figures(run_of(), asked, 260)

    one = told[metric]
    expected = one["value"] if "value" in one else np.median(list(one.values()))
    assert told["primary"] == pytest.approx(expected)


def test_a_primary_metric_that_no_seed_has_is_none() -> None:
    asked = experiment(primary_metric="log_loss_gain")

    assert primary({"log_loss_gain": {"1": None, "2": None}}, asked) is None
    assert primary({"log_loss_gain": {"1": None, "2": 0.4}}, asked) == 0.4


def test_a_fold_that_was_run_adds_up_to_its_own_sums() -> None:
    asked, item = experiment(), prepared(pair())
    results = [
        run_fold(asked, read(asked, item), cut, 1) for cut in cuts_of(item, "expanding", folds=2)
    ]

    rows = [
        replace(row(number, [1]), metrics=each.metrics, arrays=each.arrays)
        for number, each in enumerate(results, 1)
    ]
    found = summed(rows)

    whole = [float(each.arrays["net"].sum()) for each in results]
    assert float(found.net.sum()) == pytest.approx(sum(whole))
    told = figures(found, asked, item.instrument.days_per_year)
    assert told["trades"]["1"] == sum(each.metrics["trades"] for each in results)
    assert 0 < told["inside"] <= 1
    ranks = [each.metrics["rank_ic"][str(EURUSD)] for each in results]
    assert told["information_coefficient"]["1"] == pytest.approx(np.mean(ranks), abs=0.1)
