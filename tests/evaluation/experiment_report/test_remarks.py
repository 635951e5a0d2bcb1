"""Findings of reports: every rule by an example and by a law, every check of the gate with one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.evaluation.experiment_report import family_remarks, luck, run_remarks
from assay.evaluation.experiment_report.gate_remarks import RULES, gate_remarks
from assay.evaluation.experiment_report.remarks import Remark, Severity, in_order
from assay.evaluation.gate.catalog import CHECKS
from assay.evaluation.gate.contract import Evidence, Tier
from tests.evaluation.experiment_report import made
from tests.evaluation.gate.evidence import (
    DAYS,
    asked,
    changed,
    first_days,
    of_family,
    silent,
    sound,
    with_sharpe,
)

CHECK_NAMES = sorted(name for catalog in CHECKS.values() for name in catalog.names())
FIGURES = st.floats(-3, 3, allow_nan=False)


def codes(told: dict[str, Any]) -> set[str]:
    return {one["code"] for one in told["findings"]}


def line(check: str, allows: str) -> dict[str, Any]:
    passed = {"FAIL": False, "INSUFFICIENT": None}.get(allows, True)
    numbers = dict.fromkeys(("statistic", "threshold", "p", "power"))
    return {"check": check, "passed": passed, "allows": allows, "sentence": "It is so", **numbers}


def test_every_check_of_the_gate_has_a_remedy() -> None:
    assert sorted(RULES) == CHECK_NAMES
    assert all(rule.remedy and not rule.remedy.endswith(".") for rule in RULES.values())


@given(
    allowed=st.lists(
        st.tuples(
            st.sampled_from(CHECK_NAMES),
            st.sampled_from(["FAIL", "INSUFFICIENT", "PAPER", "PILOT", "LIVE"]),
        ),
        unique_by=lambda each: each[0],
    ),
    covered=st.sets(st.sampled_from(CHECK_NAMES)),
)
def test_each_line_that_holds_something_back_has_one_remark(
    allowed: list[tuple[str, str]], covered: set[str]
) -> None:
    found = list(gate_remarks([line(*each) for each in allowed], covered))

    wanted = [name for name, allows in allowed if allows != "LIVE" and name not in covered]
    failed = {name for name, allows in allowed if allows == "FAIL"}
    assert [remark.code for remark in found] == wanted
    assert all(remark.code in failed for remark in found if remark.severity is Severity.CRITICAL)


@given(severities=st.lists(st.sampled_from(Severity)))
def test_the_worst_comes_first_and_equals_stay_in_order(severities: list[Severity]) -> None:
    found = in_order(Remark(each, str(n), "", "") for n, each in enumerate(severities))

    ranks = [(list(Severity).index(remark.severity), int(remark.code)) for remark in found]
    assert ranks == sorted(ranks)


def test_of_a_sound_run_nothing_is_critical_and_nothing_a_warning() -> None:
    assert [one for one in made.run()["findings"] if one["severity"] != "note"] == []


LEAKS: list[tuple[str, Callable[[], Evidence]]] = [
    ("prefix", lambda: changed(sound(), prefix=False)),
    ("too_good", lambda: changed(sound(), scores={"hits": np.full(DAYS, 9.9)})),
    ("unexplained", lambda: changed(sound(), unexplained=0.01)),
    ("one_bar_delay", lambda: changed(sound(), returns={"delayed": with_sharpe(-1.0, seed=9)})),
]


@pytest.mark.parametrize(("check", "evidence"), LEAKS, ids=[name for name, _ in LEAKS])
def test_what_makes_a_result_unbelievable_is_critical(
    check: str, evidence: Callable[[], Evidence]
) -> None:
    found = {one["code"]: one for one in made.run(evidence())["findings"]}

    assert found[check]["severity"] == "critical"
    assert found[check]["remedy"]


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("drift", {"psi": np.array([0.4, 0.5])}),
        ("round_trips", {"counts": {"trades": np.array([12.0])}}),
        ("quantile_coverage", {"inside": np.tile(np.array([1, 0], dtype=np.int8), 200)}),
        ("lock_box", {"registration": {"looks": 9}}),
    ],
)
def test_what_a_result_hangs_on_is_a_warning_with_its_numbers(
    check: str, changes: dict[str, Any]
) -> None:
    [found] = [
        one for one in made.run(changed(sound(), **changes))["findings"] if one["code"] == check
    ]

    assert found["severity"] == "warning"
    assert found["evidence"]


def test_costs_that_eat_the_edge_are_critical_and_stand_for_what_the_gate_says() -> None:
    net = with_sharpe(-0.6)
    by_costs = {"gross": net + 6e-4, "net": net, "double": net - 6e-4}
    dear = changed(sound(), returns=by_costs, family=net[:, None])

    found = {one["code"]: one for one in made.run(dear)["findings"]}

    assert found["costs_eat_the_edge"]["severity"] == "critical"
    assert found["costs_eat_the_edge"]["evidence"]["break_even"] == pytest.approx(
        (6e-4 + net.mean()) / 6e-4
    )
    assert not {"net_return", "doubled_costs"} & set(found)


@given(even=st.one_of(st.none(), st.floats(0.01, 5)), trades=st.integers(0, 3))
def test_costs_are_remarked_when_they_break_even_below_the_margin(
    even: float | None, trades: int
) -> None:
    rows = [{"kind": kind, "total_return": {"value": 0.1}} for kind in ("gross", "net", "double")]
    told = {"costs": {"break_even": even, "rows": rows}, "figures": {"trades": {"1": trades}}}

    found = run_remarks.costs_eat_the_edge(told)

    small = even is not None and even < run_remarks.MARGIN and trades > 0
    assert (found is not None) == small
    if found is not None and even is not None:
        assert (found.severity is Severity.CRITICAL) == (even <= 1.0)


def fold(number: int, seed: int, net: float) -> dict[str, Any]:
    return {"fold": number, "seed": seed, "net_sum": net}


def test_one_fold_of_four_that_made_it_all_is_named() -> None:
    told = {"folds": [fold(1, 1, -0.02), fold(2, 1, 0.3), fold(3, 1, -0.01), fold(4, 1, 0.0)]}

    found = run_remarks.one_fold_carries(told)

    assert found is not None
    assert found.evidence["best_fold"] == 2
    assert found.evidence["rest"] == pytest.approx(-0.03)


@given(nets=st.lists(FIGURES, min_size=1, max_size=8), seeds=st.integers(1, 3))
def test_a_fold_carries_a_profit_that_is_none_without_it(nets: list[float], seeds: int) -> None:
    told = {"folds": [fold(n, seed, net) for n, net in enumerate(nets) for seed in range(seeds)]}

    found = run_remarks.one_fold_carries(told)

    means = [float(np.mean([net] * seeds)) for net in nets]
    total = sum(means)
    carried = len(nets) > 1 and total > 0 and total - max(means) <= 0
    assert (found is not None) == carried


@given(values=st.lists(st.one_of(st.none(), FIGURES), max_size=7), chance=st.randoms())
def test_seeds_disagree_when_some_earn_and_some_lose_in_any_order(
    values: list[float | None], chance: Any
) -> None:
    known = [value for value in values if value is not None]
    ends = {"low": min(known, default=None), "high": max(known, default=None)}

    def remark() -> Remark | None:
        return run_remarks.seeds_disagree(
            {"seeds": {"by_seed": [{"net_sharpe": value} for value in values], **ends}}
        )

    before = remark()
    chance.shuffle(values)

    assert remark() == before
    assert (before is not None) == (bool(known) and min(known) < 0 < max(known))


def test_folds_that_lean_on_other_columns_are_a_warning() -> None:
    weights = {"stability": 0.1, "shared": 0.2}

    found = run_remarks.importance_unstable({"importance": weights})

    assert found is not None
    assert dict(found.evidence) == weights
    assert run_remarks.importance_unstable({"importance": None}) is None


@given(stability=st.floats(-1, 1))
def test_the_less_stable_importance_is_never_the_one_left_out(stability: float) -> None:
    found = run_remarks.importance_unstable({"importance": {"stability": stability, "shared": 0.5}})

    assert (found is not None) == (stability < run_remarks.STABLE)


@given(low=FIGURES, high=FIGURES)
def test_an_interval_is_remarked_when_it_holds_zero(low: float, high: float) -> None:
    low, high = sorted((low, high))
    estimate = {"value": (low + high) / 2, "low": low, "high": high, "days": 500}

    found = run_remarks.interval_holds_zero({"figures": {"net_sharpe": estimate}})

    assert (found is not None) == (low <= 0 <= high)


def test_a_run_that_never_traded_says_so_once() -> None:
    found = codes(made.run(silent(sound())))

    assert "never_traded" in found
    assert not found & {*run_remarks.OF_CERTAINTY, *run_remarks.OF_TRADES}


@given(value=FIGURES)
def test_a_loss_has_one_remark_in_place_of_every_test_of_luck(value: float) -> None:
    found = run_remarks.it_lost({"figures": {"net_sharpe": {"value": value}}})

    assert (found is not None) == (value <= 0)
    assert found is None or set(found.covers) < set(CHECK_NAMES)


def test_what_a_rule_covers_is_a_check() -> None:
    assert {*run_remarks.OF_CERTAINTY, *run_remarks.OF_TRADES} <= set(CHECK_NAMES)


def test_few_days_say_how_seldom_a_good_idea_would_be_seen() -> None:
    found = {one["code"]: one for one in made.run(first_days(sound(), 200))["findings"]}

    assert found["seldom_seen"]["evidence"]["days"] == 200
    assert found["seldom_seen"]["evidence"]["power"] < run_remarks.SEEING


@given(power=st.one_of(st.none(), st.floats(0, 1)))
def test_power_is_remarked_below_a_half(power: float | None) -> None:
    lines = [{**line(run_remarks.FROM_POWER, "LIVE"), "power": power}]

    found = run_remarks.seldom_seen({"verdict_lines": lines, "figures": {"days": 100}})

    assert (found is not None) == (power is not None and power < run_remarks.SEEING)


def test_a_search_that_luck_would_beat_is_told_with_its_hurdle() -> None:
    chance = np.random.default_rng(8)
    tried = chance.normal(0.0, 0.01, (780, 30))
    tried[:, -1] = with_sharpe(0.3, 780)
    evidence = of_family(tried, registered=30)

    found = run_remarks.search_is_not_paid_for({"deflation": luck.deflation(evidence)})

    line_of_gate = asked(Tier.STATISTICS, "deflated_sharpe", evidence)
    assert found is not None
    assert found.evidence["deflated"] == line_of_gate.statistic
    assert found.covers == ("deflated_sharpe",)


@given(own=FIGURES, hurdle=st.floats(0, 3), ideas=st.integers(1, 50))
def test_luck_is_told_of_a_profit_below_its_hurdle(own: float, hurdle: float, ideas: int) -> None:
    told = {"sharpe_of_idea": own, "hurdle_at_ideas": hurdle, "ideas": ideas}

    found = run_remarks.search_is_not_paid_for({"deflation": {**told, "probability_at_ideas": 0.4}})

    assert (found is not None) == (ideas > 1 and 0 < own <= hurdle)


@given(lines=st.one_of(st.none(), st.integers(0, 9)))
def test_code_beyond_its_revision_is_a_note(lines: int | None) -> None:
    found = run_remarks.code_was_not_committed({"uncommitted_lines": lines, "code_version": "1"})

    assert (found is not None) == bool(lines)


def test_a_run_without_a_verdict_says_what_it_waits_for() -> None:
    told = made.run(verdict=None, verdict_lines=[])

    assert "never_judged" in codes(told)


def test_a_family_of_noise_is_told_to_be_noise() -> None:
    chance = np.random.default_rng(1)

    told = made.family(chance.normal(0, 0.01, (800, 12)))

    found = {one["code"]: one for one in told["findings"]}
    assert found["best_is_luck"]["severity"] == "critical"
    assert found["best_is_luck"]["evidence"]["ideas"] == told["noise"]["ideas"]


@given(
    noise=st.fixed_dictionaries(
        {
            "ideas": st.integers(1, 60),
            "best": st.one_of(st.none(), FIGURES),
            "hurdle_at_ideas": st.one_of(st.none(), st.floats(0, 3)),
        }
    )
)
def test_the_best_is_luck_when_it_is_not_above_what_luck_shows(noise: dict[str, Any]) -> None:
    found = family_remarks.best_is_luck({"noise": noise})

    best, hurdle = noise["best"], noise["hurdle_at_ideas"]
    sayable = None not in (best, hurdle) and noise["ideas"] > 1
    assert (found is not None) == (sayable and best <= hurdle)


@given(probability=st.floats(0, 1))
def test_choosing_is_doubtful_as_the_gate_has_it(probability: float) -> None:
    told = {"overfitting": {"probability": probability, "trials": 9}}

    found = family_remarks.choosing_was_fitting(told)

    severity = None if probability <= 0.2 else "warning" if probability <= 0.5 else "critical"
    assert (found and str(found.severity)) == severity


@given(looks=st.integers(0, 8))
def test_looks_are_remarked_when_the_gate_holds_them_against_the_family(looks: int) -> None:
    found = family_remarks.looked_too_often({"looks": [None] * looks})

    gate = asked(Tier.REGISTRATION, "lock_box", changed(sound(), registration={"looks": looks}))
    assert (found is not None) == (str(gate.allows) != "LIVE")


@given(spent=st.floats(0, 0.05))
def test_alpha_is_nearly_spent_from_four_fifths_on(spent: float) -> None:
    found = family_remarks.alpha_is_nearly_spent(
        {"alpha": {"budget": 0.05, "spent": spent, "ideas": 4}}
    )

    assert (found is not None) == (spent >= 0.8 * 0.05)


def test_trials_that_are_one_idea_are_told_to_be() -> None:
    told = made.family(made.ideas(8))

    [found] = [one for one in told["findings"] if one["code"] == "one_idea_many_times"]
    assert found["evidence"] == {"finished": 8, "clusters": 1}


@given(finished=st.integers(0, 40), clusters=st.integers(1, 40))
def test_one_idea_is_told_of_four_trials_or_more_that_are_half_as_many_ideas(
    finished: int, clusters: int
) -> None:
    told = {"noise": {"clusters": clusters}, "counts": {"finished": finished}}

    found = family_remarks.one_idea_many_times(told)

    assert (found is not None) == (finished >= 4 and 2 * clusters <= finished)


@given(left=st.integers(0, 5), same=st.booleans())
def test_trials_without_returns_and_days_that_differ_are_told(left: int, same: bool) -> None:
    told = {"counts": {"unfinished": left}, "same_days": same}

    assert (family_remarks.some_never_finished(told) is not None) == (left > 0)
    assert (family_remarks.days_differ(told) is not None) == (not same)


@given(verdicts=st.lists(st.sampled_from([None, "FAIL", "INSUFFICIENT", "PAPER"])))
def test_that_none_passed_is_said_when_none_did(verdicts: list[str | None]) -> None:
    found = family_remarks.none_passed({"trials": [{"verdict": each} for each in verdicts]})

    judged = [each for each in verdicts if each]
    assert (found is not None) == (bool(judged) and "PAPER" not in judged)
