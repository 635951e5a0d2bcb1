"""Whose account may be shown: the table, the world it comes from, and what withholds one."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from assay.models import faithfulness
from assay.models.catalog import MEMBERS
from assay.models.contract import Samples
from assay.models.faithfulness import (
    LEAST_AGREEMENT,
    SEEDS,
    Planted,
    correlation,
    held_against,
    judged,
    planted,
    table,
    withheld,
)
from assay.models.fitting import SPANS, Fitted, fit_member, refuse_leaks
from assay.models.planted import COLUMNS, MEMORY, PLANTED, planted_world

QUICK = ("momentum", "ridge", "lightgbm")
FOUND: Mapping[str, Any] = {"passed": True, "named": 0.5, "any": 0.1}
ROUNDED = 5e-4
"""The table holds three places."""


def spans_of(world: Mapping[str, Samples]) -> dict[str, Samples]:
    return {span: world[span] for span in SPANS}


@cache
def fitted(name: str, seed: int = SEEDS[0]) -> Fitted:
    return fit_member(MEMBERS.get(name)(), spans_of(planted_world(seed)), seed=seed)


def test_the_table_has_a_line_for_every_member_and_no_other() -> None:
    lines = table()

    assert sorted(lines) == sorted(MEMBERS.names())
    for line in lines.values():
        assert set(line) == {"method", "recall", "agreement", "passed"}
        whole = line["recall"] == 1.0 and line["agreement"] >= LEAST_AGREEMENT
        assert line["passed"] == whole


@pytest.mark.parametrize("name", QUICK)
def test_one_world_of_the_table_comes_out_again(name: str) -> None:
    line, found = table()[name], held_against(fitted(name), SEEDS[0])

    assert found.method == line["method"]
    assert found.recall >= line["recall"] - ROUNDED
    assert found.agreement >= line["agreement"] - ROUNDED


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cnn_lstm", "patchtst"])
def test_one_world_of_the_table_comes_out_again_for_a_net(name: str) -> None:
    line, found = table()[name], planted(name, SEEDS[0])

    assert found.method == line["method"]
    assert found.recall >= line["recall"]
    assert found.agreement >= line["agreement"] - 0.02


def test_the_worst_of_several_worlds_is_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    each = {1: Planted("native", 1.0, 0.9), 2: Planted("native", 0.5, 0.95)}
    each[3] = Planted("native", 1.0, 0.7126)
    monkeypatch.setattr(faithfulness, "planted", lambda name, seed: each[seed])

    line = judged("ridge")
    each[2] = each[1]

    assert line == {"method": "native", "recall": 0.5, "agreement": 0.713, "passed": False}
    assert judged("ridge")["passed"]


@pytest.mark.parametrize("name", QUICK)
def test_the_account_of_a_member_that_was_fitted_on_planted_columns_is_shown(name: str) -> None:
    own = fitted(name).metrics["explanation"]

    assert withheld(name, own) is None
    assert own["leans_on"][0][0] in ("log_return_12_by_50", "column_5")


def test_a_member_that_was_never_tested_is_withheld() -> None:
    assert withheld("oracle", FOUND) == (
        "members called oracle were never put to the test of planted columns"
    )


def test_a_member_that_failed_the_planted_columns_is_withheld() -> None:
    said = withheld("naive", FOUND)

    assert said is not None
    assert "in planted worlds the accounts of naive found 0 % of the columns" in said
    assert f"by 0.00 where {LEAST_AGREEMENT} is asked" in said


def test_a_model_that_failed_its_own_test_is_withheld() -> None:
    own = {"passed": False, "named": 0.1234, "any": 0.2}

    said = withheld("ridge", own)

    assert said is not None
    assert "moved its answers by 0.123, any others by 0.200" in said


def test_a_model_that_nothing_moved_is_withheld() -> None:
    assert (
        withheld("ridge", None)
        == "nothing it read moved its answers, or it was never put to the test"
    )


def test_an_account_that_passed_both_tests_is_shown() -> None:
    passed = {name for name in MEMBERS.names() if withheld(name, FOUND) is None}

    assert passed == {name for name, line in table().items() if line["passed"]}


def shuffled(rows: Samples, seed: int) -> Samples:
    order = np.random.default_rng(seed).permutation(len(rows))
    return replace(rows, scaled=rows.scaled[order], label=rows.label[order])


@pytest.mark.parametrize("name", ["ridge", "lightgbm"])
def test_shuffled_outcomes_leave_nothing_to_follow(name: str) -> None:
    found = []
    for seed in SEEDS:
        given = {span: shuffled(rows, seed) for span, rows in spans_of(planted_world(seed)).items()}
        found.append(held_against(fit_member(MEMBERS.get(name)(), given, seed=seed), seed))

    assert min(each.agreement for each in found) < LEAST_AGREEMENT
    assert min(each.recall for each in found) < 1.0


@pytest.mark.parametrize("name", QUICK)
def test_where_outcomes_are_turned_round_the_account_goes_against_the_columns(name: str) -> None:
    given = {
        span: replace(rows, scaled=-rows.scaled, label=(2 - rows.label).astype(np.int8))
        for span, rows in spans_of(planted_world(SEEDS[0])).items()
    }

    found = held_against(fit_member(MEMBERS.get(name)(), given, seed=SEEDS[0]), SEEDS[0])

    assert found.recall == 1.0
    assert found.agreement < -0.9


def test_a_rank_correlation_is_that_of_the_known_rows_and_0_of_a_constant() -> None:
    one = np.array([1.0, 2.0, np.nan, 4.0, 30.0])

    assert correlation(one, np.exp(one / 10)) == pytest.approx(1.0)
    assert correlation(one, -one) == pytest.approx(-1.0)
    assert correlation(one, np.ones(5)) == 0.0


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest) -> dict[str, Samples]:
    return planted_world(request.param)


def test_the_spans_of_a_planted_world_are_in_order_and_purged(world: dict[str, Samples]) -> None:
    ordered = [world[span] for span in (*SPANS, "test")]

    refuse_leaks(spans_of(world))
    for rows in ordered:
        assert (np.diff(rows.time) > 0).all()
        assert (rows.t1 > rows.time).all()
    for earlier, later in pairwise(ordered):
        assert earlier.t1.max() < later.time.min()


def test_its_columns_are_noise_of_unit_variance_that_remembers(world: dict[str, Samples]) -> None:
    x = world["train"].x
    rows = len(x)

    variance = x.var(axis=0)
    follows = [np.corrcoef(x[1:, c], x[:-1, c])[0, 1] for c in range(COLUMNS)]

    error = np.sqrt(2 / rows * (1 + MEMORY**2) / (1 - MEMORY**2))
    assert np.abs(variance - 1).max() < 5 * error
    assert np.abs(np.array(follows) - MEMORY).max() < 5 * np.sqrt((1 - MEMORY**2) / rows)
    assert np.abs(np.corrcoef(x.T) - np.eye(COLUMNS)).max() < 5 * np.sqrt(
        (1 + MEMORY**2) / (1 - MEMORY**2) / rows
    )


def test_planted_columns_go_with_what_comes_and_no_other_does(world: dict[str, Samples]) -> None:
    rows, edge = world["train"], 0.35
    others = [column for column in range(COLUMNS) if column not in PLANTED]

    found = np.array([np.corrcoef(rows.x[:, c], rows.scaled)[0, 1] for c in range(COLUMNS)])

    error = np.sqrt((1 + MEMORY**2) / (1 - MEMORY**2) / len(rows))
    expected = edge / np.sqrt(1 + len(PLANTED) * edge**2)
    assert np.abs(found[list(PLANTED)] - expected).max() < 5 * error
    assert np.abs(found[others]).max() < 5 * error
    assert abs(rows.scaled.std() - 1) < 5 / np.sqrt(len(rows))
    assert set(np.unique(rows.label)) == {0, 1, 2}


def test_without_an_edge_nothing_goes_with_what_comes() -> None:
    rows = planted_world(4, edge=0.0)["train"]

    found = [abs(np.corrcoef(rows.x[:, c], rows.scaled)[0, 1]) for c in range(COLUMNS)]

    assert max(found) < 5 / np.sqrt(len(rows))
