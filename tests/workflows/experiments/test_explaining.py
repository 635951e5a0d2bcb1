"""What is too good to be true fails until it is explained, and then goes to PAPER at most."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.core.errors import DataError, SettingsError
from assay.evaluation.gate.contract import Finding, Verdict
from assay.evaluation.gate.explanation import Explanation, explained
from assay.store.explanations import Explanations
from assay.store.findings import SubjectKind, VerdictLine, VerdictRow, Verdicts
from assay.workflows.desk import Desk
from assay.workflows.experiments.explaining import explain
from assay.workflows.experiments.gating import gate
from assay.workflows.experiments.running import Finished, run_experiments
from tests.workflows.experiments.worlds import Counting, desk_with, pair, planned

pytest.importorskip("scipy", reason="scipy is in the extra research")

SAID = {"why": "the drift was planted", "by": "A. Quant"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk with an edge that no honest market has."""
    return desk_with(tmp_path / "home", pair(edge=3.0))


def run(desk: Desk, **changes: object) -> Finished:
    [done] = run_experiments(desk, [planned(**changes)], Counting())
    return done


def stored(desk: Desk, done: Finished) -> VerdictRow:
    found = Verdicts(desk.database).latest(SubjectKind.TRIAL, done.run.trial.id)
    assert found is not None
    return found


def line(row: VerdictRow, check: str = "too_good") -> VerdictLine:
    [found] = [each for each in row.lines if each.check == check]
    return found


def test_an_explanation_lifts_the_suspicion_to_paper_and_leaves_the_rest(desk: Desk) -> None:
    done = run(desk)
    before = stored(desk, done)

    after = explain(desk, done.run.trial.id, **SAID)

    assert (line(before).passed, line(after).passed) == (False, True)
    assert line(after).detail["allows"] == "PAPER"
    assert "A. Quant" in line(after).sentence
    assert "the drift was planted" in line(after).sentence
    others = [tuple(x for x in row.lines if x.check != "too_good") for row in (before, after)]
    assert others[0] == others[1]
    assert after.verdict == str(min(Verdict[x.detail["allows"]] for x in after.lines))
    assert len(Verdicts(desk.database).list(subject_id=done.run.trial.id)) == 2


def test_the_same_result_again_is_explained_and_another_is_not(desk: Desk) -> None:
    done = run(desk)
    explain(desk, done.run.trial.id, **SAID)

    same, other = run(desk), run(desk, label__horizon="5 bars")

    assert same.run.trial.id != done.run.trial.id
    assert line(stored(desk, same)).passed
    assert line(stored(desk, other)).passed is False


def test_a_new_judgement_keeps_the_explanation(desk: Desk) -> None:
    done = run(desk)
    explain(desk, done.run.trial.id, **SAID)

    found = gate(desk, done.run.checked, done.run.trial, prefix=True)

    [own] = [each for each in found.lines if each.check == "too_good"]
    assert own.finding.allows is Verdict.PAPER


def test_what_is_not_suspected_or_was_measured_is_not_explained_away(desk: Desk) -> None:
    done = run(desk)
    explain(desk, done.run.trial.id, **SAID)

    with pytest.raises(SettingsError, match="not under suspicion: too_good passed"):
        explain(desk, done.run.trial.id, **SAID)
    with pytest.raises(SettingsError, match="net_return measures"):
        explain(desk, done.run.trial.id, check="net_return", **SAID)


@pytest.mark.parametrize("empty", ["why", "by"])
def test_an_explanation_needs_a_name_and_a_reason(desk: Desk, empty: str) -> None:
    done = run(desk)

    with pytest.raises(DataError, match=f"{empty} was empty"):
        explain(desk, done.run.trial.id, **{**SAID, empty: " "})

    assert not Explanations(desk.database).of(done.run.trial)
    assert line(stored(desk, done)).passed is False


@pytest.mark.parametrize("allows", list(Verdict))
def test_an_explanation_never_takes_anything_away(allows: Verdict) -> None:
    said = Explanation("A. Quant", datetime(2026, 3, 2, tzinfo=UTC), "the drift was planted")

    found = explained(Finding(allows, "As it was"), said)

    assert found.allows is (Verdict.PAPER if allows is Verdict.FAIL else allows)
