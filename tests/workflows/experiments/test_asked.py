"""What tells one trial from another, and what an experiment may not say."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from assay.core.ids import digest, plain
from assay.models.catalog import MEMBERS
from assay.workflows.experiments.asked import (
    APART,
    Costs,
    Data,
    Direction,
    Experiment,
    Features,
    Model,
    Quantiles,
    Search,
    Splits,
    ThreeClass,
    Trade,
    TripleBarrier,
)
from assay.workflows.experiments.fitted import member_of, questions_of
from tests.workflows.experiments.worlds import LABELS, experiment, plan

PARTS: Mapping[str, type[BaseModel]] = {
    "data": Data,
    "features": Features,
    "model": Model,
    "trade": Trade,
    "costs": Costs,
    "splits": Splits,
    "search": Search,
}
LABEL_KINDS: Mapping[str, type[BaseModel]] = {
    "direction": Direction,
    "three_class": ThreeClass,
    "quantiles": Quantiles,
    "triple_barrier": TripleBarrier,
}
SPACE = {"keep": {"whole": [2, 5]}}
ANOTHER: Mapping[str, Any] = {
    "name": "other",
    "hypothesis": "Something else is thought to be true of these markets.",
    "family": "other-worlds",
    "primary_metric": "log_loss_gain",
    "seeds": [4, 5],
    "gate": "strict",
    "lock_box": {"from": "2021-06-01"},
    "data.instruments": ["GBPUSD"],
    "data.timeframe": "4h",
    "data.from": "2020-02-01",
    "data.to": "2021-02-01",
    "features.set": "full",
    "features.groups": ["volatility"],
    "features.only": ["rsi"],
    "features.without": ["rsi"],
    "model.name": "momentum",
    "model.settings": {"keep": 3},
    "trade.act_on": "21 %",
    "trade.sides": "long",
    "trade.stop": "2.000001 atr",
    "trade.profit_target": "4 atr",
    "trade.holding_period": "5 bars",
    "trade.cost_multiple": 1.0,
    "trade.sizing": "volatility_target",
    "trade.sizing_settings": {"cap": 0.011},
    "costs.times": 2.0,
    "costs.fee": "1 bps",
    "costs.half_spread": "1 bps",
    "costs.slippage": "1 bps",
    "splits.kind": "rolling",
    "splits.folds": 5,
    "splits.tested": "41 %",
    "splits.embargo": "13 hours",
    "splits.groups": 9,
    "splits.test_groups": 3,
    "search.tries": 21,
    "search.space": {"keep": {"whole": [2, 6]}},
    "search.inner_folds": 4,
    "search.pruned": False,
    "direction.horizon": "5 bars",
    "three_class.horizon": "5 bars",
    "three_class.band": "0.3 sigma",
    "quantiles.horizon": "5 bars",
    "triple_barrier.profit_target": "3.5 atr",
    "triple_barrier.stop": "1.5 atr",
    "triple_barrier.holding_period": "13 bars",
}
"""Another value for every key there is; a key that is added needs one here."""


def keys() -> Iterator[str]:
    """Yield every key of an experiment file: of parts with a dot, of labels by their kind."""
    for name in Experiment.model_fields:
        if name not in (*PARTS, "label"):
            yield name
    for part, kind in {**PARTS, **LABEL_KINDS}.items():
        for name, told in kind.model_fields.items():
            if name != "kind" or part not in LABEL_KINDS:
                yield f"{part}.{told.alias or name}"


def before_and_after(key: str) -> tuple[Experiment, Experiment]:
    """Return two experiments that differ in `key` alone."""
    part, _, name = key.partition(".")
    told = plan(label=dict(LABELS[part])) if part in LABEL_KINDS else plan()
    if part == "search":
        told["search"] = {"space": SPACE}
    if key == "lock_box":  # one that locks away what is not looked at anyway
        told["data"] = {**told["data"], "to": "2021-02-01"}
    changed = json.loads(json.dumps(told))
    if not name:
        changed[key] = ANOTHER[key]
    else:
        changed.setdefault("label" if part in LABEL_KINDS else part, {})
        changed["label" if part in LABEL_KINDS else part][name] = ANOTHER[key]
    return Experiment.model_validate(told), Experiment.model_validate(changed)


@pytest.mark.parametrize("key", sorted(keys()))
def test_whatever_differs_makes_another_trial_but_for_names_words_seeds_and_gate(key: str) -> None:
    before, after = before_and_after(key)

    assert before != after
    same = digest(before.configuration()) == digest(after.configuration())
    assert same == (key in APART)


def test_another_kind_of_label_is_another_trial() -> None:
    told = [digest(experiment(label=dict(each)).configuration()) for each in LABELS.values()]

    assert len(set(told)) == len(LABELS)


@pytest.mark.parametrize("label", sorted(LABELS))
@pytest.mark.parametrize("member", MEMBERS.names())
def test_the_experiment_of_a_configuration_is_the_same_trial(member: str, label: str) -> None:
    asked = experiment(label=dict(LABELS[label]), model={"name": member})
    apart = {name: getattr(asked, name) for name in APART}

    told = json.loads(json.dumps(plain(asked.configuration())))
    again = Experiment.of_configuration(told, **apart)

    assert again.configuration() == asked.configuration()
    assert {name: getattr(again, name) for name in APART} == apart
    assert (again.stop_atr, again.target_atr) == (asked.stop_atr, asked.target_atr)
    assert (again.limit_bars, again.horizon_bars) == (asked.limit_bars, asked.horizon_bars)


@given(
    stop=st.integers(1, 50_000_000).map(lambda n: f"{n / 1e6:.6f} atr"),
    act_on=st.integers(1, 10**6).map(lambda n: f"{n / 1e4:.4f} %"),
    embargo=st.integers(0, 10**5).map(lambda n: f"{n} minutes"),
    fee=st.integers(0, 10**6).map(lambda n: f"{n / 1e4:.4f} bps"),
)
def test_no_digit_is_lost_on_the_way_to_the_ledger_and_back(
    stop: str, act_on: str, embargo: str, fee: str
) -> None:
    asked = experiment(
        trade={"stop": stop, "act_on": act_on}, splits__embargo=embargo, costs={"fee": fee}
    )

    again = Experiment.of_configuration(
        asked.configuration(), **{name: getattr(asked, name) for name in APART}
    )

    assert again.splits.embargo == asked.splits.embargo
    assert again.trade.stop == pytest.approx(asked.trade.stop, rel=1e-12)
    assert again.trade.act_on == pytest.approx(asked.trade.act_on, rel=1e-9)
    assert again.configuration() == asked.configuration()


def test_what_is_left_out_is_the_same_trial_as_what_is_written_out() -> None:
    short = experiment(label=dict(LABELS["triple_barrier"]))
    full = experiment(
        label={
            "kind": "triple_barrier",
            "profit_target": "3 atr",
            "stop": "2 atr",
            "holding_period": "12 bars",
        },
        trade={"stop": "2 atr", "profit_target": "3 atr", "holding_period": "12 bars"},
        model={"name": "ridge", "settings": {"rows_needed": 200}},
    )

    assert short.configuration() == full.configuration()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "Has Spaces"}, "pattern"),
        ({"hypothesis": "too short"}, "at least 20"),
        ({"family": "X"}, "pattern"),
        ({"primary_metric": "sharpe"}, "net_sharpe"),
        ({"seeds": []}, "at least 1"),
        ({"seeds": [1, 1]}, "names a seed twice: 1, 1"),
        ({"seeds": [-1]}, "greater than or equal to 0"),
        ({"gate": ""}, "pattern"),
        ({"nonsense": 1}, "Extra inputs"),
        ({"data__instruments": []}, "at least 1"),
        ({"data__instruments": ["EURUSD", "EURUSD"]}, "names EURUSD twice"),
        ({"data__timeframe": "7h"}, "1h"),
        ({"data__from": "yesterday"}, "date"),
        (
            {"data": {"instruments": ["EURUSD"], "timeframe": "1h", "from": "2021-01-02",
                      "to": "2021-01-01"}},
            "ends on 2021-01-01, before it begins on 2021-01-02",
        ),
        ({"features__set": "some"}, "standard"),
        ({"features__groups": ["no_group"]}, "volatility"),
        ({"features__only": ["rsj"]}, "names no feature: 'rsj'"),
        ({"features__without": ["rsj"]}, "names no feature: 'rsj'"),
        ({"label": {"kind": "oracle", "horizon": "4 bars"}}, "direction"),
        ({"label": {"kind": "direction"}}, "Field required"),
        ({"label": {"kind": "direction", "horizon": 4}}, "has no unit (4)"),
        ({"label": {"kind": "direction", "horizon": "4 bars", "band": "1 sigma"}}, "Extra inputs"),
        ({"label": {"kind": "three_class", "horizon": "4 bars", "band": "9 sigma"}}, "equal to 3"),
        ({"label": {"kind": "triple_barrier", "stop": "0 atr"}}, "greater than 0"),
        ({"label": {"kind": "triple_barrier", "profit_target": "51 atr"}}, "equal to 50"),
        ({"label": {"kind": "triple_barrier", "holding_period": "0 bars"}}, "1 or more"),
        ({"model": {"name": "rigde"}}, "names no model: 'rigde'; did you mean ridge?"),
        ({"model": {"name": "ridge", "settings": {"kep": 3}}}, "ridge has no setting 'kep'"),
        ({"model": {"name": "ridge", "settings": {"keep": "many"}}}, "ridge.keep is 'many'"),
        ({"model": {"name": "ridge", "settings": {"keep": True}}}, "ridge.keep is True"),
        ({"model": {"name": "ridge", "settings": {"keep": 0}}}, "keep is 1 column or more"),
        ({"trade": {"act_on": "0 %"}}, "greater than 0"),
        ({"trade": {"act_on": "101 %"}}, "equal to 1"),
        ({"trade": {"sides": "none"}}, "both"),
        ({"trade": {"stop": "2 sigma"}}, "is in 'sigma', but is measured in atr"),
        ({"trade": {"profit_target": "-1 atr"}}, "greater than 0"),
        ({"trade": {"holding_period": "1.5 bars"}}, "whole number of bars"),
        ({"trade": {"cost_multiple": -1}}, "greater than or equal to 0"),
        ({"trade": {"sizing": "all_in"}}, "names no sizing rule: 'all_in'"),
        ({"trade": {"sizing_settings": {"nonsense": 1.0}}}, "has no setting 'nonsense'"),
        ({"costs": {"times": 0}}, "greater than 0"),
        ({"costs": {"fee": "1 %"}}, "is in '%', but is measured in bps"),
        ({"costs": {"half_spread": "-1 bps"}}, "greater than or equal to 0"),
        ({"costs": {"slippage": "2000 bps"}}, "equal to 1000"),
        ({"splits__kind": "random"}, "expanding"),
        ({"splits__folds": 0}, "greater than or equal to 1"),
        ({"splits__tested": "100 %"}, "less than 1"),
        ({"splits__embargo": "-1 days"}, "is a time of 0 or more"),
        ({"splits__groups": 2}, "greater than or equal to 3"),
        ({"splits": {"groups": 3, "test_groups": 3}}, "tests 3 of 3 groups"),
        ({"search": {"space": {}}}, "at least 1"),
        ({"search": {"tries": 1, "space": SPACE}}, "greater than or equal to 2"),
        ({"search": {"space": SPACE, "inner_folds": 1}}, "greater than or equal to 2"),
        ({"search": {"space": {"kep": {"whole": [1, 2]}}}}, "searches 'kep', but ridge has no"),
        ({"search": {"space": {"keep": {}}}}, "is one of whole, number or choice; found none"),
        ({"search": {"space": {"keep": {"whole": [3, 2]}}}}, "goes from 3 to 2"),
        ({"search": {"space": {"keep": {"whole": [0, 2], "log": True}}}}, "must be above 0"),
        ({"search": {"space": {"keep": {"choice": [2]}}}}, "at least 2"),
        (
            {"search": {"space": {"keep": {"whole": [1, 2], "number": [1.0, 2.0]}}}},
            "found whole, number",
        ),
        (
            {"label": {"kind": "triple_barrier"}, "trade": {"stop": "1 atr"}},
            "trades a stop of 1 atr, but the label was made with 2 atr",
        ),
        (
            {"label": {"kind": "triple_barrier"}, "trade": {"profit_target": "1 atr"}},
            "trades a profit_target of 1 atr, but the label was made with 3 atr",
        ),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_with_the_reason(changes: Mapping[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=r"[\s\S]*") as caught:
        experiment(**changes)

    assert why in str(caught.value)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
@pytest.mark.parametrize("key", ["costs.times", "trade.cost_multiple"])
def test_a_number_that_is_none_is_refused(key: str, number: float) -> None:
    part, _, name = key.partition(".")

    with pytest.raises(ValidationError):
        experiment(**{part: {name: number}})


@pytest.mark.parametrize("label", sorted(LABELS))
@pytest.mark.parametrize("member", MEMBERS.names())
def test_the_experiment_of_a_configuration_fits_the_same_member(member: str, label: str) -> None:
    asked = experiment(label=dict(LABELS[label]), model={"name": member})
    apart = {name: getattr(asked, name) for name in APART}

    again = Experiment.of_configuration(asked.configuration(), **apart)

    members = [[member_of(each, q) for q in questions_of(each)] for each in (asked, again)]
    assert members[0] == members[1]


def test_a_band_that_was_chosen_is_kept() -> None:
    asked = experiment(model={"name": "ridge", "settings": {"band": 0.7}})

    (question,) = questions_of(asked)

    assert member_of(asked, question).settings()["band"] == 0.7
    assert member_of(experiment(), question).settings()["band"] == 0.0
