"""With and without one thing: what helps is found, what does not is not, and silence is said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assay.core.errors import NotFoundError, SettingsError
from assay.core.values.bars import Bars
from assay.core.values.forecast import PROBABILITIES
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import Part
from assay.evaluation.statistics.paired import holm
from assay.sources.simulation.plan import Kind, plan_of
from assay.store.runs import Runs
from assay.store.trials import Trials
from assay.workflows.desk import FOREVER, Desk
from assay.workflows.experiments.ablating import Ablations, Change, ablate
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.fitted import fit_cut
from assay.workflows.experiments.folded import run_fold
from assay.workflows.experiments.pairing import paired
from assay.workflows.experiments.planning import baseline_of
from assay.workflows.experiments.reading import Planned
from assay.workflows.experiments.running import result_of
from assay.workflows.simulate import MarketPlan, simulate
from tests.factories import make_bars
from tests.workflows.experiments.worlds import (
    Counting,
    cuts_of,
    desk_with,
    experiment,
    pair,
    planned,
    prepared,
    read,
)
from tests.workflows.workspace import open_at

ROWS, EVERY, LASTS = 3_000, 6, 3
GOOD, BAD = "Euro surges on strong growth", "Euro plunges on weak growth"
SYLLABLES = ("ba", "do", "ki", "lu", "me", "na", "po", "ri", "su", "ta")
SENTIMENT = Change.without("sentiment")
NEWS = {
    "features": {"only": ["log_return", "tone", "tone_decay"]},
    "label": {"kind": "direction", "horizon": "2 bars"},
    "splits": {"kind": "expanding", "folds": 2, "tested": "40 %", "embargo": "12 hours"},
    "primary_metric": "log_loss_gain",
}


def moved_by_stories(strength: float = 0.8, seed: int = 4) -> tuple[Bars, list[Story]]:
    """Return hourly EURUSD in which each story's tone moves the price for the hours after it."""
    chance = np.random.default_rng(seed)
    plain = make_bars(ROWS, gaps=False)
    tone = np.zeros(ROWS)
    at = np.sort(chance.choice(np.arange(10, ROWS - 10), ROWS // EVERY, replace=False))
    tone[at] = chance.choice((-1.0, 1.0), size=len(at))
    drift = np.convolve(tone, np.ones(LASTS))[:ROWS]
    moves = 0.001 * (chance.normal(size=ROWS) + strength * np.append(0.0, drift[:-1]))
    close = 1.2 * np.exp(np.cumsum(moves))
    opened = np.append(1.2, close[:-1])
    wick = 1 + np.abs(chance.normal(0, 3e-4, (2, ROWS)))
    frame = plain.frame.with_columns(
        open=pl.Series(opened),
        high=pl.Series(np.maximum(opened, close) * wick[0]),
        low=pl.Series(np.minimum(opened, close) / wick[1]),
        close=pl.Series(close),
    )
    times = plain.frame["time"]
    stories = [
        Story(times[int(n)], times[int(n)], "Wire", _words(tone[n], chance), ("EURUSD",))
        for n in at
    ]
    return Bars(plain.instrument, plain.timeframe, frame), stories


def _words(tone: float, chance: np.random.Generator) -> str:
    """Return a headline whose tone is read from its first words; the rest tell it from copies."""
    made = ["".join(chance.choice(SYLLABLES, 3)) for _ in range(8)]
    return f"{GOOD if tone > 0 else BAD}, {' '.join(made)}"


def world(home: Path, stories: Sequence[Story], bars: Bars) -> Desk:
    desk = desk_with(home, bars)
    desk.documents.add_stories(stories, simulated=False)
    return desk


def asked(**changes: object) -> Planned:
    return planned(**{**NEWS, **changes})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    bars, stories = moved_by_stories()
    return world(tmp_path / "home", stories, bars)


def run(desk: Desk, *changes: Change, executor: Counting | None = None) -> Ablations:
    return ablate(desk, [asked()], changes or [SENTIMENT], executor or Counting())


def test_news_that_move_the_price_are_found_to_help_by_two_runs_of_the_ledger(desk: Desk) -> None:
    (found,) = run(desk).each

    assert found.verdict == "helps"
    assert found.sentence.startswith("Sentiment helps here")
    assert found.paired is not None
    assert found.informed is not None
    assert found.informed.tested_informed == pytest.approx(found.informed.tested / EVERY, rel=0.2)
    rows = Runs(desk.database).list()
    assert [row.facts.title for row in rows] == ["small", "small (without sentiment)"]
    assert [found.run_with, found.run_without] == [row.trial.id for row in rows]
    assert found.tried == 2
    gain = found.paired.measures["log_loss"].gain
    assert 0 < gain.low < gain.value < gain.high
    assert found.paired.measures["hit_rate"].gain.low > 0
    assert found.paired.measures["mae_percent"].gain.value > 0


def test_the_gain_is_that_of_the_whole_sums_on_the_same_rows(desk: Desk) -> None:
    (found,) = run(desk).each

    keys = [row.facts.work_key for row in Runs(desk.database).list()]
    own, other = (result_of(desk, key, (1,)) for key in keys)
    assert found.paired is not None
    assert (own.score_days == other.score_days).all()
    assert (own.scores["rows"] == other.scores["rows"]).all()
    assert found.paired.days_apart == 0
    expected = (other.total("loss") - own.total("loss"))[0] / own.total("weight")[0]
    assert found.paired.measures["log_loss"].gain.value == pytest.approx(expected, rel=1e-12)
    missed = 100 * (1 - own.total("miss") / other.total("miss"))[0]
    assert found.paired.measures["mae_percent"].gain.value == pytest.approx(missed, rel=1e-9)


def test_asked_again_nothing_is_fitted_or_registered_and_the_answer_is_the_same(
    desk: Desk,
) -> None:
    first = run(desk)
    before, executor = Trials(desk.database).list(), Counting()

    again = run(desk, executor=executor)

    assert (first.fitted, again.fitted, executor.done) == (2, 0, [])
    assert Trials(desk.database).list() == before
    assert again.each == first.each


def test_words_that_changed_places_do_not_help(tmp_path: Path) -> None:
    bars, stories = moved_by_stories()
    order = np.random.default_rng(1).permutation(len(stories))
    mixed = [replace(one, text=stories[n].text) for one, n in zip(stories, order, strict=True)]

    (found,) = run(world(tmp_path / "home", mixed, bars)).each

    assert found.verdict == "no difference"
    assert "would have shown in 80 % of such samples" in found.sentence


@pytest.mark.parametrize("features", [NEWS["features"], {"set": "full"}])
def test_where_there_is_no_news_nothing_is_fitted_and_that_is_said(
    tmp_path: Path, features: dict[str, object]
) -> None:
    bars, _ = moved_by_stories()
    desk, executor = desk_with(tmp_path / "home", bars), Counting()

    (found,) = ablate(desk, [asked(features=features)], [SENTIMENT], executor).each

    assert found.verdict == "nothing to ablate"
    assert "nothing was fitted: a story first seen in the bar is there in 0 of" in found.sentence
    assert executor.done == []
    assert Runs(desk.database).list() == []


def test_news_that_only_come_in_the_test_are_nothing_to_learn_from(tmp_path: Path) -> None:
    bars, stories = moved_by_stories()
    late = [one for one in stories if one.seen_at > bars.frame["time"][-200]]

    (found,) = run(world(tmp_path / "home", late, bars)).each

    assert found.informed is not None
    assert found.informed.learned_informed == 0 < found.informed.tested_informed
    assert found.verdict == "nothing to ablate"


def test_another_member_in_its_place_is_the_run_with_the_thing(desk: Desk) -> None:
    (found,) = run(desk, Change.member("momentum")).each

    by_id = {row.trial.id: row.trial.configuration for row in Runs(desk.database).list()}
    assert found.run_with is not None
    assert found.run_without is not None
    assert by_id[found.run_with]["model"]["name"] == "momentum"
    assert by_id[found.run_without]["model"]["name"] == "ridge"
    assert found.informed is None
    assert found.verdict == "hurts"  # momentum reads no news, and these move the price
    assert found.sentence.startswith("Momentum instead of ridge hurts here")


def test_several_are_corrected_for_each_other(desk: Desk) -> None:
    found = run(desk, SENTIMENT, Change.without("log_return"), SENTIMENT)

    both = [one.paired.measures["log_loss"].gain for one in found.each if one.paired]
    assert found.corrected_for == len(both) == 2
    assert [one.adjusted for one in found.each] == pytest.approx(
        holm(np.array([gain.p_value for gain in both])).tolist()
    )
    alone = run(desk).each[0].paired
    assert alone is not None
    assert alone.measures["log_loss"].gain.detectable < both[0].detectable


def test_a_run_that_fails_is_said_and_the_other_is_kept(desk: Desk) -> None:
    (found,) = run(desk, executor=Counting(breaks=0)).each

    assert found.verdict == "failed"
    assert "the disk of the worker broke" in found.sentence
    assert run(desk).each[0].verdict == "helps"


def test_what_cannot_be_changed_is_refused_in_a_sentence(desk: Desk) -> None:
    without = asked(features={"groups": ["returns"], "without": ["sentiment"]})

    with pytest.raises(NotFoundError, match="did you mean sentiment"):
        Change.without("sentimnt")
    with pytest.raises(NotFoundError, match="ridge"):
        Change.member("rigde")
    with pytest.raises(SettingsError, match="already: there is nothing to change"):
        ablate(desk, [without], [SENTIMENT], Counting())
    with pytest.raises(SettingsError, match="already: there is nothing to change"):
        run(desk, Change.member("ridge"))
    with pytest.raises(SettingsError, match="reads no feature of 'macro'"):
        run(desk, Change.without("macro"))
    with pytest.raises(SettingsError, match="--without, --sentiment or --member"):
        ablate(desk, [asked()], [], Counting())


def test_days_on_which_other_rows_were_judged_are_left_out_and_counted(desk: Desk) -> None:
    run(desk)
    keys = [row.facts.work_key for row in Runs(desk.database).list()]
    own, other = (result_of(desk, key, (1,)) for key in keys)
    rows = other.scores["rows"].copy()
    rows[3] += 1.0

    found = paired(
        own,
        replace(other, scores={**other.scores, "rows": rows}),
        horizon_days=2,
        days_per_year=260,
    )

    assert found.days_apart == 1
    assert found.days == len(own.score_days) - 1


def test_the_error_of_the_middle_forecast_is_that_of_its_median() -> None:
    whole = experiment(label={"kind": "quantiles", "horizon": "4 bars"})
    items = read(whole, prepared(pair()))
    (item,) = items.values()
    (cut,) = cuts_of(item)
    rows = np.concatenate([item.rows(span) for span in cut.parts[Part.TEST]])

    found = run_fold(whole, items, cut, 1)

    (said,) = fit_cut(whole, [item], cut, 1).said(item, rows)
    scaled, kind, weight, _ = said.question.came(item, rows)
    middle = said.raw.quantiles[:, PROBABILITIES.index(0.5)]
    known = (kind >= 0) & np.isfinite(scaled) & np.isfinite(middle)
    expected = np.abs(scaled - middle)[known] @ weight[known]
    assert found.arrays["miss"].sum() == pytest.approx(expected, rel=1e-9)


def test_the_baseline_makes_do_with_as_few_rows_and_is_the_same_when_taken_up_again() -> None:
    usual = experiment(model={"name": "momentum"})
    few = experiment(model={"name": "lightgbm", "settings": {"stop_rows_needed": 30}})

    def again(one: Experiment) -> Experiment:
        apart = {"name": one.name, "hypothesis": one.hypothesis, "family": one.family}
        return Experiment.of_configuration(one.configuration(), **apart)

    for one, stop_rows in ((usual, 50), (few, 30)):
        beside, resumed = baseline_of(one), baseline_of(again(one))
        assert beside is not None
        assert resumed is not None
        assert beside.configuration() == resumed.configuration()
        assert beside.model.make().settings()["stop_rows_needed"] == stop_rows
        assert beside.model.make().settings()["rows_needed"] == 200


def test_a_change_keeps_all_else_of_an_experiment() -> None:
    whole = experiment(**NEWS)

    without, member = SENTIMENT.made(whole), Change.member("lightgbm").made(whole)

    assert without is not None
    assert member is not None
    left = without.configuration() | {"features": whole.configuration()["features"]}
    assert left == whole.configuration()
    assert without.features.without == ("sentiment",)
    assert member.configuration() | {"model": whole.configuration()["model"]} == left


@pytest.mark.slow
@pytest.mark.parametrize("shuffled", [False, True])
def test_in_the_simulated_market_news_help_where_they_were_planted_and_not_when_mixed_up(
    tmp_path: Path, *, shuffled: bool
) -> None:
    symbols = ["GBPCHF", "CADJPY", "GBPJPY", "EURCHF"]
    desk = open_at(tmp_path / "home", datetime(2022, 1, 3, tzinfo=UTC))
    simulate(
        desk,
        MarketPlan(7, 4.0, (Timeframe.H1,), datetime(2017, 1, 2, tzinfo=UTC), tuple(symbols)),
    )
    told = desk.documents.stories(None, FOREVER, simulated=True)
    if shuffled:
        desk = _mixed(desk, told, tmp_path / "mixed")
    plan = asked(data={"instruments": symbols, "timeframe": "1h"}, features=NEWS["features"])

    (found,) = ablate(desk, [plan], [SENTIMENT], Counting()).each

    assert all(plan_of(7, desk.instrument(s)).kind is Kind.NEWS for s in symbols)
    assert found.simulated
    if shuffled:
        assert found.verdict in ("no difference", "hurts")  # noise can cost, and never helps
    else:
        assert found.verdict == "helps"


def _mixed(desk: Desk, told: pl.DataFrame, home: Path) -> Desk:
    """Return the desk of the same market, each story with the words of another."""
    other = open_at(home, desk.clock.now())
    for info in desk.bars.series():
        bars = desk.bars.read(desk.instrument(info.symbol), info.timeframe)
        other.bars.append(bars, source="s", known_at=other.clock.now(), simulated=True)
    order = np.random.default_rng(3).permutation(told.height)
    rows = told.to_dicts()
    other.documents.add_stories(
        [
            Story(
                one["event_at"],
                one["seen_at"],
                one["source"],
                rows[n]["text"],
                tuple(rows[n]["instruments"]),
            )
            for one, n in zip(rows, order, strict=True)
        ],
        simulated=True,
    )
    return other
