"""`assay explain` through the real entry."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assay.cli.explanations import show
from assay.workflows.explain import explain
from tests.cli.conftest import Run
from tests.workflows.workspace import opener

SIGNAL = ("signal", "EURUSD", "--timeframe", "1h")


def test_it_answers_three_questions_and_what_came_of_it(workspace: Path, assay: Run) -> None:
    said = assay(workspace, "explain", _first(workspace))

    heads = ["Why ─", "How do you know ─", "What would change it ─", "What came of it (hindsight"]
    places = [said.out.index(head) for head in heads]
    assert said.code == 0
    assert places == sorted(places)
    assert "together" in said.out
    assert "What drove ridge" in said.out
    assert "the blind view was sealed before" in said.out
    assert max(len(line) for line in said.out.splitlines()) <= 100


def test_the_waterfall_prints_parts_that_add_up(workspace: Path, assay: Run) -> None:
    name = _first(workspace)
    why = assay(workspace, "explain", name, "--json").json["why"]
    text = assay(workspace, "explain", name).out

    for part in why["parts"]:
        if abs(part["part"]) > 0.001:
            assert f"{part['part']:+.4f}" in text
    assert f"{why['log_odds']:+.4f}" in text
    assert f"{why['base_log_odds']:+.4f}" in text


def test_the_json_holds_every_section(workspace: Path, assay: Run) -> None:
    found = assay(workspace, "explain", _first(workspace), "--json").json

    assert found["how"]["journal"]["intact"] is True
    assert found["how"]["seen"]["same"] is True
    assert {source["state"] for source in found["how"]["sources"]} == {"verified"}
    assert found["what_if"]["repool"]["same"] is True
    assert found["since"]["horizon_bars"] == 4


def test_an_unknown_signal_is_the_persons_mistake(workspace: Path, assay: Run) -> None:
    said = assay(workspace, "explain", "sig-nothing", "--json")

    assert said.code == 2
    assert said.err.startswith("assay: No signal begins with 'sig-nothing'; the newest are sig-")
    assert said.json["kind"] == "NotFoundError"


def test_a_damaged_model_is_shown_as_such(own: Path, assay: Run) -> None:
    name = _first(own)
    found = assay(own, "explain", name, "--json").json
    ridge = next(s for s in found["how"]["sources"] if s["member"] == "ridge")
    (own / "models" / ridge["artefact"] / "CARD.md").write_text("another card")

    said = assay(own, "explain", name)

    assert said.code == 0
    assert "damaged" in said.out
    assert "CARD.md" in said.out


def test_damaged_bars_are_one_sentence(own: Path, assay: Run) -> None:
    name = _first(own)
    for file in (own / "bars").rglob("*.parquet"):
        file.write_bytes(b"not parquet")

    said = assay(own, "explain", name)

    assert said.code == 1
    assert said.err.count("\n") == 1
    assert "is damaged" in said.err


@pytest.mark.parametrize("command", [("explain", "{}"), SIGNAL])
def test_a_signal_that_was_altered_is_never_shown_as_issued(
    command: tuple[str, ...], own: Path, assay: Run
) -> None:
    name = assay(own, *SIGNAL, "--json").json["id"]
    with closing(sqlite3.connect(own / "assay.db")) as connection:
        text = "UPDATE signals SET payload = replace(payload, 'LONG', 'SHORT') WHERE id = ?"
        assert connection.execute(text, (name,)).rowcount == 1
        connection.commit()

    found = assay(own, *(word.format(name) for word in command))

    assert found.code == 1
    assert found.out == ""
    assert found.err.count("\n") == 1
    assert f"{name} is not what journal entry" in found.err


def test_a_pool_in_which_nobody_weighed_has_no_figures(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = opener(workspace)(None)
    found = explain(desk, _first(workspace))
    proof = replace(found.how.proof, days=0, gain=0.0, low=-1.14, high=1.14)

    show(replace(found, how=replace(found.how, proof=proof)))

    said = capsys.readouterr().out
    assert "no member has weighed out of sample" in said
    assert "11400" not in said


def _first(home: Path) -> str:
    desk = opener(home)(None)
    name = desk.journal.entry(4).signal_id
    assert name is not None
    return name
