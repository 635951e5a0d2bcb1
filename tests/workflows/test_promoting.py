"""The gate after a training: what passes weighs, what does not is shown and is quiet."""

from pathlib import Path

import pytest

from assay.core.errors import SettingsError
from assay.core.values.timeframe import Timeframe
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts, GateVerdict
from assay.store.findings import SubjectKind, Verdicts
from assay.workflows.desk import Desk
from assay.workflows.explain import explain
from assay.workflows.issue import fusion_of, issue
from assay.workflows.promoting import promote, retire, standing
from assay.workflows.train import train
from tests.workflows.workspace import LIGHT, open_at


def _members(desk: Desk, timeframe: Timeframe = Timeframe.H1) -> dict[str, ArtefactRow]:
    rows = Artefacts(desk.database).list(kind=ArtefactKind.MEMBER, timeframe=timeframe)
    return {row.member: row for row in rows}


def _newest(desk: Desk, row: ArtefactRow) -> GateVerdict:
    return Artefacts(desk.database).verdicts(row.id)[-1].verdict


def test_every_member_is_put_before_the_gate_and_the_verdict_is_kept(workspace: Path) -> None:
    desk = open_at(workspace)
    members = _members(desk)

    verdicts = {
        name: Verdicts(desk.database).latest(SubjectKind.ARTEFACT, row.id)
        for name, row in members.items()
    }

    assert set(verdicts) == set(LIGHT)
    for name, row in members.items():
        found = verdicts[name]
        assert found is not None
        assert found.profile == "training"
        passed = any(line.passed for line in found.lines)
        assert (found.verdict == "PAPER") is passed
        assert _newest(desk, row) is (GateVerdict.PROMOTED if passed else GateVerdict.REFUSED)
        assert all("EURUSD" in line.sentence for line in found.lines)


def test_the_planted_edge_passes_and_climatology_does_not(workspace: Path) -> None:
    desk = open_at(workspace)
    members = _members(desk)

    assert _newest(desk, members["ridge"]) is GateVerdict.PROMOTED
    assert _newest(desk, members["naive"]) is GateVerdict.REFUSED


def test_what_has_not_passed_weighs_nothing_and_says_so(own: Path) -> None:
    desk = open_at(own)
    fitted = fusion_of(desk, desk.instrument("EURUSD"), Timeframe.H1)
    signal = issue(desk, "EURUSD", Timeframe.H1)

    assert fitted.promoted is not None
    silent = [m for m in signal.payload["members"] if m["artefact"] not in fitted.promoted]

    assert silent
    assert all(m["weight"] == 0.0 for m in silent)
    assert {m["reason"] for m in silent if m["classes"]} == {"not_promoted"}
    assert all(m["weight"] >= 0 for m in signal.payload["members"])
    assert signal.payload["fusion"]["promoted"] == sorted(fitted.promoted)


def test_one_that_is_retired_is_shown_and_weighs_nothing(own: Path) -> None:
    desk = open_at(own)
    before = issue(desk, "EURUSD", Timeframe.H1)
    ridge = _members(desk)["ridge"]
    weighed = next(m for m in before.payload["members"] if m["artefact"] == ridge.id)

    retire(desk, ridge.id[:10], reason="its feed stopped")
    after = issue(desk, "EURUSD", Timeframe.H1)

    quiet = next(m for m in after.payload["members"] if m["artefact"] == ridge.id)
    assert weighed["weight"] > 0
    assert quiet["weight"] == 0.0
    assert quiet["reason"] == "not_promoted"
    assert quiet["classes"] is not None
    assert after.id != before.id
    fitted = fusion_of(desk, desk.instrument("EURUSD"), Timeframe.H1)
    assert ridge.id not in (standing(desk, fitted) or ())


def test_an_older_signal_is_explained_with_those_who_weighed_then(own: Path) -> None:
    desk = open_at(own)
    before = issue(desk, "EURUSD", Timeframe.H1)

    retire(desk, _members(desk)["ridge"].id, reason="its feed stopped")

    assert explain(desk, before.id).what_if.repool.same


def test_a_retired_one_may_be_promoted_again_and_gives_the_old_signal(own: Path) -> None:
    desk = open_at(own)
    before = issue(desk, "EURUSD", Timeframe.H1)
    ridge = _members(desk)["ridge"]

    retire(desk, ridge.id, reason="a mistake")
    promote(desk, ridge.id, reason="it was a mistake")

    assert issue(desk, "EURUSD", Timeframe.H1).id == before.id
    assert [v.verdict for v in Artefacts(desk.database).verdicts(ridge.id)] == [
        GateVerdict.PROMOTED,
        GateVerdict.WITHDRAWN,
        GateVerdict.PROMOTED,
    ]


def test_what_the_gate_refused_cannot_be_promoted(own: Path) -> None:
    desk = open_at(own)

    with pytest.raises(SettingsError, match="has not passed the gate"):
        promote(desk, _members(desk)["naive"].id, reason="I like it")


def test_a_fusion_is_no_member(own: Path) -> None:
    desk = open_at(own)
    fusion = fusion_of(desk, desk.instrument("EURUSD"), Timeframe.H1)

    with pytest.raises(SettingsError, match="promotes members"):
        retire(desk, fusion.id, reason="no")


def test_training_what_is_there_gives_no_new_verdict_and_keeps_a_retirement(own: Path) -> None:
    desk = open_at(own)
    ridge = _members(desk, Timeframe.H4)["ridge"]
    retire(desk, ridge.id, reason="its feed stopped")
    held = len(Verdicts(desk.database).list())

    train(desk, ["EURUSD"], (Timeframe.H4,), members=LIGHT)

    assert _members(desk, Timeframe.H4)["ridge"].id == ridge.id
    assert len(Verdicts(desk.database).list()) == held
    assert _newest(desk, ridge) is GateVerdict.WITHDRAWN
