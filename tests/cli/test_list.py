"""`assay data list`: one damaged series hides no other."""

from pathlib import Path

from tests.cli.conftest import Run


def test_a_damaged_series_is_named_beside_the_others(own: Path, assay: Run) -> None:
    (own / "bars" / "symbol=EURUSD" / "timeframe=4h" / "manifest.json").write_text("{")

    text, data = assay(own, "data", "list"), assay(own, "data", "list", "--json")

    assert (text.code, data.code) == (1, 1)
    assert "EURUSD" in text.out
    assert text.err.startswith("assay: EURUSD 4h: ")
    assert "manifest.json is damaged" in text.err
    assert [line.get("timeframe") for line in data.json] == ["1h", None]
    assert data.json[1]["problem"].startswith("EURUSD 4h: ")


def test_where_nothing_is_whole_nothing_is_said_to_be_missing(own: Path, assay: Run) -> None:
    for manifest in own.glob("bars/**/manifest.json"):
        manifest.write_text("{")

    said = assay(own, "data", "list")

    assert said.code == 1
    assert said.err.count("is damaged") == 2
    assert "Nothing is stored yet" not in said.out
