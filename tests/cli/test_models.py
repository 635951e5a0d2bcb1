"""`assay models`: what was trained, checked before it is shown."""

from functools import partial
from pathlib import Path

import pytest

from assay.store.artefacts import Artefacts, GateVerdict, Promotion
from assay.workflows.retraining import retrain
from tests.cli.conftest import Run
from tests.workflows.workspace import LIGHT, open_at


def _named(home: Path, assay: Run, member: str) -> str:
    found = assay(home, "models", "list", "--timeframe", "1h", "--json").json
    return str(next(one["artefact"] for one in found if one["member"] == member))


def test_the_list_is_narrowed_by_timeframe(workspace: Path, assay: Run) -> None:
    every = assay(workspace, "models", "list", "--json").json
    hourly = assay(workspace, "models", "list", "--timeframe", "1h", "--json").json

    assert len(every) == 8
    assert {one["member"] for one in hourly} == {"naive", "momentum", "ridge", "fusion"}
    assert {one["timeframe"] for one in hourly} == {"1h"}
    assert all(one["symbols"] == ["EURUSD"] for one in every)
    assert "ridge" in assay(workspace, "models", "list", "--symbol", "eurusd").out


def test_a_symbol_nobody_knows_is_named(workspace: Path, assay: Run) -> None:
    said = assay(workspace, "models", "list", "--symbol", "EURUSX")

    assert said.code == 2
    assert "EURUSD" in said.err


def test_a_symbol_without_models_says_what_to_run(workspace: Path, assay: Run) -> None:
    said = assay(workspace, "models", "list", "--symbol", "GBPUSD")

    assert said.code == 0
    assert "assay train" in said.out


def test_a_card_holds_spans_scores_and_calibration(workspace: Path, assay: Run) -> None:
    name = _named(workspace, assay, "ridge")

    card = assay(workspace, "models", "show", name[:8], "--json").json
    text = assay(workspace, "models", "show", name[:8]).out

    assert card["artefact"] == name
    assert card["verified"] is True
    assert card["spans"]["train"]["rows"] > 1000
    assert card["calibration"]["method"] == "temperature"
    assert card["metrics"]["calibrate"]["calibrated"]["log_loss"] > 0
    assert card["features"]["columns"]
    assert "every hash holds" in text
    assert "log-loss" in text


def test_a_fusions_card_holds_its_proof_and_weights(workspace: Path, assay: Run) -> None:
    name = _named(workspace, assay, "fusion")

    card = assay(workspace, "models", "show", name, "--json").json
    text = assay(workspace, "models", "show", name).out

    assert sum(one["weight"] for one in card["producers"]) > 0.999
    assert 0 <= card["proof"]["p_value"] <= 1
    assert "over climatology" in text


def test_a_verdict_of_the_gate_is_shown(own: Path, assay: Run) -> None:
    name = _named(own, assay, "ridge")
    desk = open_at(own)
    Artefacts(desk.database).judge(
        Promotion(name, GateVerdict.REFUSED, desk.clock.now(), "too few outcomes")
    )
    desk.database.close()

    assert "refused" in assay(own, "models", "list").out
    assert "too few outcomes" in assay(own, "models", "show", name).out


def test_an_altered_model_is_refused_with_the_name_of_the_file(own: Path, assay: Run) -> None:
    name = _named(own, assay, "ridge")
    (own / "models" / name / "calibration.json").write_text("{}")

    said = assay(own, "models", "show", name, "--json")

    assert said.code == 1
    assert "calibration.json" in said.err
    assert said.err.count("\n") == 1
    assert said.json["kind"] == "ArtefactError"


def test_a_model_whose_folder_is_gone_is_ours_to_mend(own: Path, assay: Run) -> None:
    name = _named(own, assay, "naive")
    (own / "models" / name).rename(own / "elsewhere")

    said = assay(own, "models", "show", name)

    assert said.code == 1
    assert "is missing" in said.err


def test_an_altered_fusion_is_refused(own: Path, assay: Run) -> None:
    name = _named(own, assay, "fusion")
    path = own / "models" / "fusion" / f"{name}.json"
    path.write_text(path.read_text().replace('"kappa":', '"kappa":9', 1))

    said = assay(own, "models", "show", name)

    assert said.code == 1
    assert said.err.count("\n") == 1


def test_an_unknown_artefact_names_the_nearest(workspace: Path, assay: Run) -> None:
    name = _named(workspace, assay, "ridge")
    typo = name[:9] + ("0" if name[9] != "0" else "1") + name[10:12]

    said = assay(workspace, "models", "show", typo)

    assert said.code == 2
    assert name[:12] in said.err
    assert "ridge 1h" in said.err
    assert assay(workspace, "models", "show", "nothing at all").code == 2


def test_a_member_that_passed_is_retired_and_promoted_again(own: Path, assay: Run) -> None:
    name = _named(own, assay, "ridge")

    retired = assay(own, "models", "retire", name[:8], "--reason", "its feed stopped")
    listed = assay(own, "models", "list", "--timeframe", "1h", "--json").json
    promoted = assay(own, "models", "promote", name[:8], "--json").json

    assert "is retired" in retired.out
    assert next(one["gate"] for one in listed if one["artefact"] == name) == "withdrawn"
    assert promoted["verdict"] == "promoted"
    assert "its feed stopped" in assay(own, "models", "show", name).out


def test_the_gate_is_shown_line_by_line_and_what_it_refused_stays_refused(
    own: Path, assay: Run
) -> None:
    name = _named(own, assay, "naive")

    card = assay(own, "models", "show", name, "--json").json
    text = assay(own, "models", "show", name).out
    said = assay(own, "models", "promote", name)

    assert card["gate_lines"]
    assert all("EURUSD" in line["sentence"] for line in card["gate_lines"])
    assert "EURUSD 1h" in text
    assert said.code == 2
    assert "has not passed the gate" in said.err


def test_what_is_due_is_trained_again_and_its_contests_are_shown(
    own: Path, assay: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.workflows.retraining.retrain", partial(retrain, members=LIGHT))
    dry = assay(own, "retrain", "--dry-run", "--json").json
    monitored = assay(own, "models", "monitor", "--json").json
    done = assay(own, "retrain", "--force", "--timeframe", "1h")

    assert {one["series"] for one in dry["due"]} == {"EURUSD 1h", "EURUSD 4h"}
    assert (dry["members"], dry["fusions"]) == ([], [])
    assert {one["series"] for one in monitored["series"]} == {"EURUSD 1h", "EURUSD 4h"}
    assert done.code == 0
    assert "Challengers beside their champions" in done.out
    assert "it was asked for" in done.out
    assert "Nothing is due" in assay(own, "retrain", "--timeframe", "1h").out
