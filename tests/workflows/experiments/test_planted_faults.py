"""Faults that make a backtest lie, planted one by one, and the check that refuses each."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.evaluation.cuts import Cut
from assay.evaluation.gate.calibration import evidence_of
from assay.evaluation.gate.contract import Beside, Evidence, Placebo, Tier, Verdict
from assay.evaluation.gate.judge import Judgement, judge
from assay.evaluation.gate.profile import STANDARD
from assay.store.runs import FoldRow
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.fitted import questions_of
from assay.workflows.experiments.folded import FoldResult, run_fold
from assay.workflows.experiments.planning import PLACEBOS
from assay.workflows.experiments.prefixes import changed_columns
from assay.workflows.experiments.summing import Summed, summed
from assay.workflows.experiments.working import permuted
from assay.workflows.gather import Prepared, Series
from tests.evaluation.gate.evidence import changed, sound, with_sharpe
from tests.workflows.chains import END
from tests.workflows.experiments.worlds import cuts_of, experiment, pair, plan, prepared, read

pytest.importorskip("scipy", reason="scipy is in the extra research")

ROWS, EDGE = 30_000, 0.17
"""Nearly five years of hours; over three of them a real edge of this size shows for certain."""
CUT_OFF = 0.7
"""The share of history after which a feature is computed again without the future."""
TESTED = 0.6
CHEAP = {"times": 0.2}
NEXT_BAR = {"kind": "direction", "horizon": "1 bars"}
SANITY = (Tier.SANITY,)
Items = Mapping[Series, Prepared]


@pytest.fixture(scope="module")
def bars() -> Bars:
    return pair(ROWS, edge=EDGE)


@pytest.fixture(scope="module")
def honest(bars: Bars) -> Prepared:
    return prepared(bars)


@pytest.fixture(scope="module")
def empty() -> Prepared:
    """Return a history in which there is nothing to be foreseen."""
    return prepared(pair(ROWS, edge=0.0, seed=29))


def kept(result: FoldResult, cut: Cut, seed: int = 1) -> FoldRow:
    """Return a fold as it is kept."""
    return FoldRow("work", cut.number, seed, "trial", END, 1.0, None, result.metrics,
                   result.arrays, "digest")  # fmt: skip


def evidence(asked: Experiment, items: Items, *, prefix: bool = True) -> Evidence:
    """Return what is known of one run over one cut, the first of its family; see `gating`."""
    own = {key: each for item in items.values() for key, each in read(asked, item).items()}
    (cut,) = cuts_of(next(iter(own.values())), tested=TESTED)
    row = kept(run_fold(asked, own, cut, 1), cut)
    found = summed([row])
    refits = [run_fold(asked, own, cut, 1, changed=permuted(n)) for n in range(PLACEBOS)]
    left = [summed([kept(each, cut)]).correlation[0] for each in refits]
    told = row.metrics
    return replace(
        evidence_of(found.net[:, None]),
        horizon_bars=asked.horizon_bars,
        days=found.days,
        returns=found.returns,
        score_days=found.score_days,
        scores=found.scores,
        inside=found.inside,
        counts=found.counts,
        psi=np.array([np.nan if v is None else v for v in told["psi"].values()]),
        unexplained=0.0 if told["still_open"] else abs(told["left_open"]),
        beside=_beside(asked, own, cut, found),
        placebo=Placebo(np.nan_to_num(np.array(left))),
        is_baseline=asked.model.name == "ridge",
        prefix=prefix,
    )


def _beside(asked: Experiment, own: Items, cut: Cut, found: Summed) -> Beside | None:
    if asked.model.name == "ridge":
        return None
    told = asked.model_dump(mode="json", by_alias=True)
    ridge = Experiment.model_validate({**told, "model": {"name": "ridge"}})
    other = summed([kept(run_fold(ridge, own, cut, 1), cut)])
    assert np.array_equal(other.days, found.days)
    return Beside("ridge", other.net, other.scores["loss"][:, 0], other.scores["weight"][:, 0])


def refusing(found: Judgement) -> set[str]:
    """Return the checks that let the trial go no further than INSUFFICIENT."""
    return {line.check for line in found.lines if line.finding.allows < Verdict.PAPER}


def of(item: Prepared) -> Items:
    return {item.series: item}


def shifted(item: Prepared) -> Prepared:
    """Return `item` with the features of the next bar at every bar."""
    return replace(item, x=np.vstack([item.x[1:], item.x[-1:]]))


def scaled(item: Prepared) -> Prepared:
    """Return `item` with features scaled by the mean and deviation of all its history."""
    away = item.x - np.nanmean(item.x, axis=0)
    return replace(item, x=away / np.nanstd(item.x, axis=0))


def labelled(item: Prepared) -> Prepared:
    """Return `item` with what will have come of each bar in the place of its third feature."""
    (question,) = questions_of(experiment())
    x = item.x.copy()
    x[:, 2] = np.nan_to_num(question.came(item, np.arange(len(item.time)))[0])
    return replace(item, x=x)


def as_it_is(item: Prepared) -> Prepared:
    return item


def holds(bars: Bars, made: Callable[[Prepared], Prepared]) -> bool:
    """Return whether features that are `made` stay when the last bars are taken away."""
    few = replace(bars, frame=bars.frame.head(int(CUT_OFF * len(bars))))
    return not changed_columns(made(prepared(bars)), made(prepared(few)))


def bouncing(bars: Bars, *, same_close: bool, bounce: float = 0.0004, seed: int = 31) -> Bars:
    """Return `bars` whose closes bounce about the price, and whose next open does not.

    With `same_close` the next open is the close: orders fill at the price they were decided on.
    """
    chance = np.random.default_rng(seed)
    price = bars.frame["close"].to_numpy()
    close = price * np.exp(bounce * chance.normal(size=len(price)))
    opens = np.roll(close if same_close else price, 1)
    opens[0] = price[0]
    wick = 1.0 + np.abs(chance.normal(0.0, 3e-4, (2, len(price))))
    told = {
        "open": opens,
        "high": np.maximum(opens, close) * wick[0],
        "low": np.minimum(opens, close) / wick[1],
        "close": close,
    }
    frame = bars.frame.with_columns(pl.Series(name, values) for name, values in told.items())
    return Bars(bars.instrument, bars.timeframe, frame)


@pytest.fixture(scope="module")
def survivors() -> Items:
    """Return one random walk a symbol: of six the one that will have risen most in the test."""
    chosen, rows, candidates = {}, 8_000, 6
    start = int((1.0 - TESTED) * rows)
    for number, symbol in enumerate(("EURUSD", "GBPUSD", "AUDUSD")):
        every = [pair(rows, edge=0.0, seed=1_000 + 20 * number + n) for n in range(candidates)]
        best = max(every, key=lambda b: float(b.frame["close"][-1] / b.frame["close"][start]))
        item = prepared(Bars(instrument(symbol), best.timeframe, best.frame))
        chosen[item.series] = item
    return chosen


def test_a_real_edge_passes_where_costs_are_small(honest: Prepared) -> None:
    found = judge(evidence(experiment(costs=CHEAP), of(honest)), STANDARD)

    assert found.verdict >= Verdict.PAPER, found.summary()


def test_an_edge_of_any_history_is_not_refused_by_its_placebo() -> None:
    every = (prepared(pair(20_000, edge=0.15, seed=seed)) for seed in range(5_006, 5_010))
    told = (judge(evidence(experiment(), of(item)), STANDARD, SANITY) for item in every)

    assert not any("permuted_labels" in refusing(found) for found in told)


def test_the_same_edge_fails_where_costs_eat_it(honest: Prepared) -> None:
    told = evidence(experiment(costs={"times": 4.0}), of(honest))

    found = judge(told, STANDARD)

    assert told.mean_of("gross").sum() > 0.5
    assert found.verdict is Verdict.FAIL
    assert {"net_return", "doubled_costs", "sharpe"} <= refusing(found)


@pytest.mark.parametrize("model", ["ridge", "momentum", "naive"])
def test_where_there_is_nothing_to_be_foreseen_nothing_passes(empty: Prepared, model: str) -> None:
    asked = experiment(costs=CHEAP, model={"name": model})

    found = judge(evidence(asked, of(empty)), STANDARD)

    assert found.verdict < Verdict.PAPER
    assert "family_alpha" in refusing(found)


def test_many_empty_worlds_let_none_through() -> None:
    verdicts = []
    for seed in range(300, 306):
        item = prepared(pair(5_000, edge=0.0, seed=seed))
        verdicts.append(judge(evidence(experiment(costs=CHEAP), of(item)), STANDARD).verdict)

    assert max(verdicts) < Verdict.PAPER
    assert Verdict.FAIL in verdicts


@pytest.mark.parametrize(
    ("label", "also"), [(NEXT_BAR, {"hit_rate"}), (plan()["label"], {"hit_rate"})]
)
def test_a_leak_of_one_bar_is_too_good_and_gone_a_bar_later(
    empty: Prepared, label: dict[str, Any], also: set[str]
) -> None:
    asked = experiment(label=label)
    prefix = holds(empty.bars, shifted)

    found = judge(evidence(asked, of(shifted(empty)), prefix=prefix), STANDARD)

    assert {"too_good", "one_bar_delay", "prefix", *also} <= refusing(found)
    assert found.verdict is Verdict.FAIL


def test_a_scaler_that_knows_the_future_is_seen_by_the_prefix_alone(
    bars: Bars, honest: Prepared
) -> None:
    asked = experiment(costs=CHEAP)

    known, unknown = (
        judge(evidence(asked, of(scaled(honest)), prefix=prefix), STANDARD)
        for prefix in (holds(bars, scaled), True)
    )

    assert holds(bars, as_it_is)
    assert refusing(known) == {"prefix"}
    assert known.verdict is Verdict.FAIL
    assert unknown.verdict >= Verdict.PAPER, "nothing else could have seen it"


def test_a_label_among_the_features_is_too_good_to_be_true(empty: Prepared) -> None:
    found = judge(evidence(experiment(), of(labelled(empty))), STANDARD)

    assert "too_good" in refusing(found)
    assert not holds(empty.bars, labelled), "the prefix sees it too"


def test_fills_at_the_close_that_was_decided_on_do_not_survive_a_bar(empty: Prepared) -> None:
    asked = experiment(costs=CHEAP)

    in_time, too_early = (
        judge(evidence(asked, of(prepared(bouncing(empty.bars, same_close=same)))), STANDARD)
        for same in (False, True)
    )

    assert refusing(too_early) == {"one_bar_delay"}, "nothing else sees it"
    assert too_early.verdict is Verdict.FAIL
    assert "net_return" in refusing(in_time), "at the next open there is nothing to be had"


@pytest.mark.parametrize("act_on", ["20 %", "90 %"])
def test_long_trades_of_survivors_do_not_beat_holding_them(survivors: Items, act_on: str) -> None:
    asked = experiment(costs=CHEAP, trade={"sides": "long", "act_on": act_on})

    told = evidence(asked, survivors)

    assert told.sharpe_of("hold") > 1.5, "they were chosen well"
    assert "beats_hold" in refusing(judge(told, STANDARD))


@pytest.mark.xfail(
    reason="whoever chooses series by what the trial itself will earn on them leaves no trace in "
    "the trial's evidence: the gate sees the chosen series alone"
)
def test_series_chosen_by_what_the_trial_earned_on_them_are_refused() -> None:
    chance = np.random.default_rng(8)
    lucky = 0.01 * chance.standard_t(5, (1_560, 60))
    best = np.argsort(lucky.mean(axis=0))[-15:]
    daily = lucky[:, best].mean(axis=1)
    kinds = dict.fromkeys(("net", "gross", "double", "optimistic", "delayed"), daily)

    told = changed(sound(), returns=kinds, family=daily[:, None])

    assert judge(told, STANDARD).verdict < Verdict.PAPER


def test_a_trial_repeated_with_hardly_another_setting_is_no_new_idea(honest: Prepared) -> None:
    each = [
        evidence(experiment(costs=CHEAP, trade={"act_on": share}), of(honest)).net
        for share in ("20 %", "21 %", "22 %")
    ]
    stranger = with_sharpe(0.0, len(each[0]))

    once, thrice = (evidence_of(np.column_stack([stranger, *some])) for some in (each[:1], each))

    assert once.ideas == thrice.ideas == 2
    assert once.place == thrice.place == 2
