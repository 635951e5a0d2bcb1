"""Finished runs are judged in the order of registration, and the verdict is kept line by line."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from assay.core.ids import plain
from assay.evaluation.gate.contract import Evidence, Tier, Verdict
from assay.evaluation.gate.judge import Judgement
from assay.evaluation.gate.statistics.family_alpha import AGAIN, share_of
from assay.store.findings import Families, SubjectKind, VerdictRow, Verdicts
from assay.store.tables import RUN_FOLDS
from assay.workflows.desk import Desk
from assay.workflows.experiments.gating import BESIDE_CHECK, BESIDE_KEY, evidence_of, gate
from assay.workflows.experiments.planning import PLACEBOS, Checked
from assay.workflows.experiments.reading import Planned
from assay.workflows.experiments.running import Finished, run_experiments
from tests.workflows.experiments.worlds import Counting, desk_with, pair, planned

pytest.importorskip("scipy", reason="scipy is in the extra research")

FOLDS = {"kind": "expanding", "folds": 2, "tested": "40 %", "embargo": "12 hours"}
MANY_PATHS = {"kind": "combinatorial", "groups": 4, "test_groups": 2, "embargo": "12 hours"}
FAMILY = "small-worlds"


def plans() -> list[Planned]:
    """Return three runs of one family; the third is hardly another than the second."""
    return [
        planned(name="first", model={"name": "momentum"}, splits=FOLDS),
        planned(name="second", splits=FOLDS),
        planned(name="third", splits=FOLDS, trade={"act_on": "21 %"}),
    ]


def run(desk: Desk, *asked: Planned, executor: Counting | None = None) -> list[Finished]:
    return list(run_experiments(desk, asked, executor or Counting()))


def known(desk: Desk, done: Finished) -> Evidence:
    return evidence_of(desk, done.run.checked, done.run.trial, prefix=True)


def again(desk: Desk, done: Finished, checked: Checked | None = None) -> Judgement:
    return gate(desk, checked or done.run.checked, done.run.trial, prefix=True)


def stored(desk: Desk, done: Finished, **asked: Any) -> VerdictRow:
    found = Verdicts(desk.database).latest(SubjectKind.TRIAL, done.run.trial.id, **asked)
    assert found is not None
    return found


def allowed(found: Judgement | None) -> Mapping[str, Verdict]:
    assert found is not None
    return {line.check: line.finding.allows for line in found.lines}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_with(tmp_path_factory.mktemp("gating"), pair())


@pytest.fixture(scope="module")
def done(desk: Desk) -> list[Finished]:
    """Return three judged runs, whose folds were finished in the opposite order."""
    return run(desk, *plans(), executor=Counting(backwards=True))


def test_a_verdict_is_stored_line_by_line(desk: Desk, done: list[Finished]) -> None:
    for each in done:
        row, found = stored(desk, each), each.judgement
        assert found is not None

        assert row.verdict == str(found.verdict)
        assert (row.profile, row.gate_version) == ("standard", "1")
        assert len(row.lines) == len(found.lines) > 25
        for kept, line in zip(row.lines, found.lines, strict=True):
            told = line.finding
            assert (kept.tier, kept.check) == (str(line.tier), line.check)
            assert (kept.passed, kept.sentence) == (told.passed, told.sentence)
            given = (told.statistic, told.threshold, told.p_value, told.power)
            for value, held in zip(
                given, (kept.statistic, kept.threshold, kept.p, kept.power), strict=True
            ):
                assert held == (None if value is None or not np.isfinite(value) else float(value))
            key = each.run.checked.baseline_key if line.check == BESIDE_CHECK else None
            where = {} if key is None else {BESIDE_KEY: key}  # where the baseline's folds lie
            assert kept.detail == {**plain(told.detail), "allows": str(told.allows), **where}


def test_runs_are_judged_in_the_order_of_registration(desk: Desk, done: list[Finished]) -> None:
    rows = Verdicts(desk.database).list(profile="standard")[: len(done)]

    assert [row.subject_id for row in rows] == [each.run.trial.id for each in done]
    assert [each.run.checked.experiment.name for each in done] == ["first", "second", "third"]
    assert [known(desk, each).registration.order for each in done] == [1, 2, 3]


def test_a_run_knows_the_returns_of_those_before_it(desk: Desk, done: list[Finished]) -> None:
    first, second, third = (known(desk, each) for each in done)

    assert [each.family.shape[1] for each in (first, second, third)] == [1, 2, 3]
    assert [each.own for each in (first, second, third)] == [0, 1, 2]
    assert np.array_equal(third.family[:, :2], second.family)
    assert np.array_equal(second.family, np.column_stack([first.net, second.net]))
    earlier = [each.run.trial.metrics or {} for each in done[:2]]
    assert third.registration.earlier.tolist() == [each["p_value"] for each in earlier]


def test_a_run_that_is_hardly_another_spends_the_alpha_of_its_idea(
    desk: Desk, done: list[Finished]
) -> None:
    second, third = (known(desk, each) for each in done[1:])

    assert third.ideas == second.ideas
    assert third.place == second.place
    spent = [stored(desk, each).alpha_spent for each in done]
    assert spent[1] == spent[2]
    assert spent[0] == pytest.approx(0.05 * share_of(1) / AGAIN)


def test_what_came_later_changes_no_line_of_an_earlier_run(
    desk: Desk, done: list[Finished]
) -> None:
    before, now = done[0].judgement, again(desk, done[0])
    assert before is not None

    changed = [
        line.check
        for line, other in zip(before.lines, now.lines, strict=True)
        if line.tier is not Tier.REGISTRATION and repr(line) != repr(other)
    ]

    assert changed == []


def test_the_baseline_stands_beside_every_other_on_the_same_days(
    desk: Desk, done: list[Finished]
) -> None:
    momentum, ridge = (known(desk, each) for each in done[:2])

    assert ridge.beside is None
    assert momentum.beside is not None
    assert momentum.beside.name == "ridge"
    assert np.array_equal(momentum.beside.net, ridge.net)
    assert np.array_equal(momentum.beside.loss, ridge.scores["loss"][:, 0])


def test_a_run_brings_its_placebo_and_its_money_adds_up(desk: Desk, done: list[Finished]) -> None:
    for evidence in (known(desk, each) for each in done):
        assert evidence.placebo is not None
        assert len(evidence.placebo.correlations) == PLACEBOS
        assert evidence.unexplained < 1e-9
        assert evidence.simulated is False
    assert allowed(done[1].judgement)["unexplained"] is Verdict.LIVE
    assert allowed(done[1].judgement)["prefix"] is Verdict.LIVE


def test_another_profile_is_another_verdict_beside_the_first(
    desk: Desk, done: list[Finished]
) -> None:
    (strict,) = run(desk, planned(name="second", splits=FOLDS, gate="strict"))

    row = stored(desk, strict, profile="strict")
    assert row.profile == "strict"
    assert row.alpha_spent == pytest.approx(0.2 * (stored(desk, done[1]).alpha_spent or np.nan))
    assert known(desk, strict).registration.order == 2, "it is the same trial"


def test_a_run_with_a_missing_fold_is_not_complete(tmp_path: Path) -> None:
    desk = desk_with(tmp_path / "home", pair())
    (only,) = run(desk, planned(splits=FOLDS))
    assert allowed(only.judgement)["complete"] is Verdict.LIVE
    lost = sa.delete(RUN_FOLDS).where(
        RUN_FOLDS.c.work_key == only.run.checked.work_key, RUN_FOLDS.c.fold == 1
    )
    with desk.database.write() as connection:
        assert connection.execute(lost).rowcount == 1

    found = again(desk, only)

    assert allowed(found)["complete"] is Verdict.FAIL
    assert found.verdict is Verdict.FAIL
    row = stored(desk, only)
    assert row.verdict == "FAIL"
    (line,) = (line for line in row.lines if line.check == "complete")
    assert line.sentence == "1 of 2 folds are missing, 0 returns no number"


def test_a_run_that_failed_counts_as_an_idea_of_those_after_it(tmp_path: Path) -> None:
    desk = desk_with(tmp_path / "home", pair())

    lost, kept = run(desk, *plans()[:2], executor=Counting(breaks=0))

    assert lost.judgement is None
    evidence = known(desk, kept)
    assert evidence.registration.unseen_runs == 1
    assert evidence.family.shape[1] == 1
    assert (evidence.place, evidence.ideas) == (2, 2)
    assert evidence.registration.earlier.tolist() == [1.0]
    assert stored(desk, kept).alpha_spent == pytest.approx(0.05 * share_of(2) / AGAIN)


def test_looks_into_the_lock_box_are_counted(tmp_path: Path) -> None:
    desk = desk_with(tmp_path / "home", pair())
    (only,) = run(desk, planned(splits=FOLDS))
    for _ in range(4):
        Families(desk.database).look(
            FAMILY, only.run.trial.id, at=desk.clock.now(), reason="to see what a look costs"
        )

    found = again(desk, only)

    assert allowed(only.judgement)["lock_box"] is Verdict.LIVE
    assert allowed(found)["lock_box"] is Verdict.PAPER


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_a_world_without_an_edge_reaches_no_paper(tmp_path: Path, seed: int) -> None:
    desk = desk_with(tmp_path / "home", pair(edge=0.0, seed=seed))

    (found,) = run(desk, planned(splits=FOLDS))

    assert found.judgement is not None
    assert found.judgement.verdict < Verdict.PAPER
    assert allowed(found.judgement)["family_alpha"] < Verdict.PAPER


def test_combinatorial_paths_are_judged_one_by_one(tmp_path: Path) -> None:
    desk = desk_with(tmp_path / "home", pair())

    (found,) = run(desk, planned(splits=MANY_PATHS))

    evidence = known(desk, found)
    assert len(evidence.paths) == 3  # of 4 groups, 2 tested at a time: 6 cuts make 3 histories
    assert np.isfinite(evidence.paths).all()
    assert evidence.registration.folds_found == evidence.registration.folds_wanted == 6
    assert allowed(found.judgement)["paths"] is Verdict.LIVE
    assert (np.diff(evidence.days) > 0).all(), "a day that several cuts test is one day"


def test_a_run_whose_data_are_simulated_says_so(desk: Desk, done: list[Finished]) -> None:
    simulated = replace(done[0].run.checked, simulated=True)

    assert evidence_of(desk, simulated, done[0].run.trial).simulated is True
