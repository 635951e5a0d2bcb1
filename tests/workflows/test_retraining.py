"""What is due is trained again, and of the old and the new model the better one is heard."""

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.evaluation.drift import Verdict
from assay.evaluation.splits import SplitPlan, live_fold
from assay.models.loading import load
from assay.store.artefacts import ArtefactRow, Artefacts, GateVerdict
from assay.workflows.champions import champions
from assay.workflows.desk import Desk
from assay.workflows.gather import Series, micros, moment_of, prepare
from assay.workflows.issue import fusion_of, issue
from assay.workflows.learn import plans_of
from assay.workflows.monitoring import monitor, monitored
from assay.workflows.promoting import retire
from assay.workflows.retraining import SAME_BARS, Retrained, retrain
from assay.workflows.train import train
from assay.workflows.tuning import start_of
from tests.workflows.workspace import open_at, trending_bars

MEMBERS = ("naive", "ridge", "lightgbm")
EURUSD = Series("EURUSD", Timeframe.H1)
FIRST, WHOLE = 6_000, 7_000
MONTH = timedelta(days=30)


def stored(home: Path, bars: Bars) -> Desk:
    """Return a desk on the workspace, with these bars stored and the clock behind them."""
    desk = open_at(home, bars.last_time + timedelta(hours=1))
    desk.bars.append(bars, source="test", known_at=desk.clock.now())
    return desk


def first(bars: Bars, rows: int) -> Bars:
    return Bars(bars.instrument, bars.timeframe, bars.frame.head(rows))


def turned(bars: Bars, known: int) -> Bars:
    """Return `bars` that undo their last moves from row `known` on, where they went on before."""
    chance = np.random.default_rng(6)
    close = bars.frame["close"].to_numpy().copy()
    moves = np.diff(np.log(close), prepend=np.log(close[0]))
    for row in range(known, len(close)):
        moves[row] = 0.001 * chance.normal() - 0.5 * moves[row - 6 : row].mean() * 4
    close = np.concatenate([close[:known], close[known - 1] * np.exp(np.cumsum(moves[known:]))])
    opened = np.concatenate([[close[0]], close[:-1]])
    frame = bars.frame.with_columns(
        open=pl.Series(opened),
        close=pl.Series(close),
        high=pl.Series(np.maximum(opened, close) * 1.0003),
        low=pl.Series(np.minimum(opened, close) / 1.0003),
    )
    past = bars.frame.head(known)
    return Bars(bars.instrument, bars.timeframe, pl.concat([past, frame.slice(known)]))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that was trained, before later bars come."""
    home = tmp_path_factory.mktemp("trained") / "home"
    desk = stored(home, first(trending_bars(WHOLE), FIRST))
    train(desk, members=MEMBERS)
    desk.close()
    return home


@pytest.fixture
def before(trained: Path, tmp_path: Path) -> Desk:
    """Return a desk on a copy of the workspace that no later bar has come to."""
    home = shutil.copytree(trained, tmp_path / "home")
    return open_at(home, trending_bars(FIRST).last_time + timedelta(hours=1))


@pytest.fixture
def later(before: Desk) -> Desk:
    """Return the desk once later bars of the same market have come."""
    return stored(before.home, trending_bars(WHOLE))


@pytest.fixture(scope="module")
def done(
    trained: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Desk, Retrained, Retrained]:
    """Return a desk that was retrained anew and, of a copy, by fine-tuning."""
    homes = [tmp_path_factory.mktemp(name) / "home" for name in ("anew", "tuned")]
    desks = [stored(shutil.copytree(trained, home), trending_bars(WHOLE)) for home in homes]
    anew = retrain(desks[0], members=MEMBERS)
    return desks[0], anew, retrain(desks[1], members=MEMBERS, fine_tune=True)


def rows_of(desk: Desk) -> dict[str, ArtefactRow]:
    return {row.id: row for row in Artefacts(desk.database).list()}


def end_of(row: ArtefactRow, part: str) -> datetime:
    return datetime.fromisoformat(row.spans[part]["end"])


def test_right_after_a_training_nothing_is_due_and_nothing_changes(before: Desk) -> None:
    had = rows_of(before)

    found = retrain(before, members=MEMBERS)

    assert [(each.series, each.is_due) for each in found.due] == [(EURUSD, False)]
    assert "0 of 30 days" in found.due[0].reason
    assert (found.members, found.fusions) == ((), ())
    assert rows_of(before) == had


def test_what_is_due_is_said_before_anything_is_done(later: Desk) -> None:
    had = rows_of(later)

    found = retrain(later, members=MEMBERS, plan_only=True)
    long = retrain(later, members=MEMBERS, plan_only=True, every=timedelta(days=400))

    assert (found.due[0].is_due, long.due[0].is_due) == (True, False)
    assert "days of bars came since it was fitted, 30 are allowed" in found.due[0].reason
    assert rows_of(later) == had


def test_of_champion_and_challenger_one_is_heard(done: tuple[Desk, Retrained, Retrained]) -> None:
    desk, found, _ = done
    fitted = fusion_of(desk, desk.instrument("EURUSD"), Timeframe.H1)

    assert fitted.id == found.fusions[0].id
    assert {each.member for each in fitted.contests} == set(MEMBERS)
    heard = {producer.member: producer.artefact for producer in fitted.producers}
    assert len(fitted.producers) == len(MEMBERS)
    for contest in fitted.contests:
        stands, other = contest.champion, contest.challenger
        if contest.found.won:
            stands, other = other, stands
        assert heard[contest.member] == stands
        assert other not in {producer.artefact for producer in fitted.producers}
        assert contest.found.won is (contest.found.gain >= 0)


def test_neither_has_learned_from_what_decides_between_them(
    done: tuple[Desk, Retrained, Retrained],
) -> None:
    desk, found, _ = done
    known, [fitted] = rows_of(desk), found.fusions

    for contest in fitted.contests:
        for artefact in (contest.champion, contest.challenger):
            assert end_of(known[artefact], "calibrate") < moment_of(fitted.first)


def test_the_gate_says_of_who_lost_that_another_stands(
    done: tuple[Desk, Retrained, Retrained],
) -> None:
    desk, found, _ = done
    registry = Artefacts(desk.database)

    for contest in found.fusions[0].contests:
        both = (contest.champion, contest.challenger)
        lost = both[0] if contest.found.won else both[1]
        newest = registry.verdicts(lost)[-1]
        assert newest.verdict is GateVerdict.REFUSED
        assert newest.reason == "another version of it stands on 1 series"


def test_nobody_is_chosen_twice_on_the_same_outcomes(
    done: tuple[Desk, Retrained, Retrained],
) -> None:
    desk, _, _ = done
    had = rows_of(desk)

    again = retrain(desk, members=MEMBERS)
    forced = retrain(desk, members=MEMBERS, force=True, fine_tune=True)

    assert not again.due[0].is_due
    assert not forced.due[0].is_due
    assert forced.due[0].reason == SAME_BARS
    assert rows_of(desk) == had
    assert issue(desk, "EURUSD", Timeframe.H1).as_of == trending_bars(WHOLE).last_time


@pytest.mark.parametrize(("at", "reused"), [("Training members", 1), ("Fitting fusions", 0)])
def test_a_run_that_was_stopped_is_ended_by_the_next(later: Desk, at: str, reused: int) -> None:
    def stop(what: str, done: int, total: int) -> None:
        if what == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retrain(later, members=MEMBERS, tick=stop)
    found = retrain(later, members=MEMBERS)

    fitted = fusion_of(later, later.instrument("EURUSD"), Timeframe.H1)
    registry = Artefacts(later.database)
    assert found.reused == reused  # the fusion was there already where nothing was due any more
    assert fitted.last > micros(trending_bars(FIRST).last_time)
    assert all(registry.verdicts(producer.artefact) for producer in fitted.producers)


def test_fine_tuning_makes_a_new_artefact_with_a_parent(
    done: tuple[Desk, Retrained, Retrained],
) -> None:
    _, anew, tuned = done
    of = {row.member: row for row in tuned.members}
    fresh = {row.member: row for row in anew.members}
    told = {one["member"]: one for one in tuned.to_json()["members"]}

    assert of["lightgbm"].id != fresh["lightgbm"].id
    assert of["ridge"].id == fresh["ridge"].id
    assert told["lightgbm"]["went_on_from"] is not None
    assert told["ridge"]["fitted_anew"] == "it is fitted in one step"


def test_the_parent_is_in_the_artefact_and_saw_nothing_of_what_judges(later: Desk) -> None:
    found = retrain(later, members=MEMBERS, fine_tune=True)
    [row] = [each for each in found.members if each.member == "lightgbm"]

    [parent] = load(later.models / row.path).parents

    assert end_of(rows_of(later)[parent], "stop") < datetime.fromisoformat(
        row.spans["calibrate"]["start"]
    )


def test_weights_that_saw_the_span_that_judges_are_not_gone_on_from(before: Desk) -> None:
    item = prepare(before, EURUSD)
    [plan] = plans_of(["lightgbm"])
    known = champions(before, {EURUSD: item})
    row, split = known.before(plan, [item]), SplitPlan()
    assert row is not None
    same = live_fold(item.bars.first_time, item.bars.last_time, split)
    seen = end_of(row, "stop")
    early = replace(same, calibrate=replace(same.calibrate, start=seen + split.embargo / 2))
    other = replace(plan, settings={"leaves": 5})

    assert not isinstance(start_of(before, plan, [item], same, split, row), str)
    assert "into what will judge it" in str(start_of(before, plan, [item], early, split, row))
    assert "others now" in str(start_of(before, other, [item], same, split, row))
    assert "no earlier weights" in str(start_of(before, plan, [item], same, split, None))


def test_a_champion_that_was_retired_or_damaged_meets_nobody(later: Desk) -> None:
    fitted = fusion_of(later, later.instrument("EURUSD"), Timeframe.H1)
    of = {producer.member: producer.artefact for producer in fitted.producers}
    retire(later, of["ridge"], reason="a test")
    (later.models / of["lightgbm"] / "arch.json").write_text("{}")

    found = retrain(later, members=MEMBERS)

    assert {contest.member for contest in found.fusions[0].contests} == {"naive"}
    assert any("was retired (a test)" in each for each in found.problems)
    assert any("arch.json" in each for each in found.problems)
    assert {producer.member for producer in found.fusions[0].producers} == set(MEMBERS)


def test_a_rolling_window_learns_from_the_last_days_alone(later: Desk) -> None:
    later.history_days = 200

    found = retrain(later, members=("naive", "ridge"))

    starts = {datetime.fromisoformat(row.spans["train"]["start"]) for row in found.members}
    assert starts == {trending_bars(WHOLE).last_time - timedelta(days=200)}


def test_monitors_are_quiet_where_the_market_is_the_same(later: Desk) -> None:
    [told] = monitor(later)["series"]

    assert told["verdict"] in (Verdict.STEADY, Verdict.MOVED)
    assert told["outcomes"] > 100
    assert {one["watch"] for one in told["readings"]} == {
        "log_loss", "coverage", "population_stability",
    }  # fmt: skip
    assert told["rolled"]


def test_a_market_that_turned_round_is_seen_and_trained_again_before_its_time(
    before: Desk,
) -> None:
    desk = stored(before.home, turned(trending_bars(WHOLE), FIRST))
    item = prepare(desk, EURUSD)
    prepared = {EURUSD: item}

    [found] = monitored(desk, prepared, champions(desk, prepared), only=[EURUSD])
    due = retrain(desk, members=MEMBERS, plan_only=True, every=timedelta(days=400)).due

    assert found.verdict is Verdict.DRIFTED
    assert "was let in with" in found.sentence
    assert due[0].is_due
    assert due[0].reason == found.sentence


def test_monitors_look_at_nothing_that_was_fitted_on(before: Desk) -> None:
    [told] = monitor(before)["series"]

    assert (told["verdict"], told["outcomes"], told["readings"]) == ("unknown", 0, [])
