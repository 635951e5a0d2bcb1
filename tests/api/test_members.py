"""Trained models over HTTP: the list, the cards, and what is not to be trusted."""

from pathlib import Path

from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.core.values.timeframe import Timeframe
from assay.store.artefacts import ArtefactKind, Artefacts
from tests.workflows.workspace import LIGHT


def every(client: TestClient, **asked: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    after: dict[str, str] = {}
    while True:
        page = client.get("/api/v1/members", params={"limit": "3"} | asked | after).json()
        found += page["items"]
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


def test_the_pages_hold_every_model_once(client: TestClient, parts: Parts) -> None:
    rows = Artefacts(parts.desk.database).list()

    found = every(client)

    assert [one["artefact"] for one in found] == [row.id for row in rows]
    assert {one["member"] for one in found} == {*LIGHT, "fusion"}


def test_a_list_of_one_timeframe_holds_no_other(client: TestClient) -> None:
    found = every(client, symbol="EURUSD", timeframe="4h")

    assert {one["timeframe"] for one in found} == {"4h"}


def test_a_members_card_has_its_spans_its_calibration_and_the_gate(
    client: TestClient, parts: Parts
) -> None:
    row = Artefacts(parts.desk.database).list(member="ridge", timeframe=Timeframe.H1)[0]

    card = client.get(f"/api/v1/members/{row.id[:12]}").json()

    assert card["artefact"] == row.id
    assert card["pooled"] is None
    spans = card["trained"]["spans"]
    assert spans["train"]["end"] <= spans["stop"]["start"]
    assert spans["stop"]["end"] <= spans["calibrate"]["start"]
    assert card["trained"]["calibration"]["method"] == "temperature"
    assert card["trained"]["features"]["columns"]
    assert card["gate"] == (card["verdicts"][-1]["verdict"] if card["verdicts"] else None)


def test_a_fusions_card_has_its_members_and_its_proof(client: TestClient, parts: Parts) -> None:
    row = Artefacts(parts.desk.database).list(kind=ArtefactKind.FUSION)[0]

    card = client.get(f"/api/v1/members/{row.id}").json()

    assert card["trained"] is None
    assert {one["member"] for one in card["pooled"]["producers"]} == set(LIGHT)
    assert 0 <= card["pooled"]["proof"]["p_value"] <= 1


def test_an_altered_model_is_a_conflict_and_nothing_of_it_is_shown(
    client: TestClient, parts: Parts
) -> None:
    row = Artefacts(parts.desk.database).list(member="ridge", timeframe=Timeframe.H1)[0]
    folder = parts.desk.models / row.path
    file = next(one for one in sorted(folder.rglob("*")) if one.is_file() and is_content(one))
    file.write_bytes(file.read_bytes()[:-1] + b"x")

    found = client.get(f"/api/v1/members/{row.id}")

    assert found.status_code == 409
    assert "trained" not in found.json()


def is_content(file: Path) -> bool:
    return file.suffix in {".safetensors", ".onnx", ".txt", ".npz"}


def test_an_id_nobody_has_is_not_found(client: TestClient) -> None:
    found = client.get("/api/v1/members/ffffffffffff")

    assert found.status_code == 404
    assert "ffffffffffff" in found.json()["detail"]
