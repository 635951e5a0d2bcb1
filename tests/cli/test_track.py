"""`assay track` resolves, shows, and writes a table."""

import csv
import json
from pathlib import Path

from tests.cli.conftest import Run


def test_it_resolves_first_and_says_what_it_did(own: Path, assay: Run) -> None:
    first = assay(own, "track", "--sample", "all")
    second = assay(own, "track", "--sample", "all")

    assert first.code == second.code == 0
    assert "Resolved now: 6 horizons" in first.out
    assert "Resolved now: 0 horizons and 0 trades. Open: none." in second.out
    assert "replay" in first.out
    assert " few" in first.out


def test_json_holds_every_figure_and_no_nan(own: Path, assay: Run) -> None:
    said = assay(own, "track", "--by", "member", "--sample", "all", "--json")

    groups = {one["name"]: one for one in said.json["groups"]}
    assert {"naive 1h", "momentum 1h", "ridge 1h"} <= set(groups)
    assert groups["ridge 1h"]["record"]["count"] == 6
    assert groups["ridge 1h"]["too_few"] is True
    assert groups["ridge 1h"]["record"]["hit_rate"]["low"] is None
    assert said.json["resolving"]["horizons"] == 6
    json.dumps(said.json, allow_nan=False)


def test_signals_are_listed_with_what_came_of_them(own: Path, assay: Run) -> None:
    table = assay(own, "track", "--signals", "3")
    told = assay(own, "track", "--signals", "3", "--json").json

    assert table.code == 0
    assert "EURUSD 1h" in table.out
    assert len(told) == 3
    for one in told:
        assert one["horizon"]["found"]["outcome"] in ("up", "flat", "down", None)
        assert (one["open"], one["why_open"]) == (False, None)


def test_the_table_is_written_to_a_file(own: Path, assay: Run, tmp_path: Path) -> None:
    place = tmp_path / "signals.csv"

    said = assay(own, "track", "--csv", str(place))

    with place.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert "6 signals" in said.err
    assert [row["symbol"] for row in rows] == ["EURUSD"] * 6


def test_gap_and_calibration_answer_where_there_is_too_little(own: Path, assay: Run) -> None:
    gap = assay(own, "track", "--gap", "--sample", "all")
    bins = assay(own, "track", "--calibration", "--sample", "all")
    told = assay(own, "track", "--calibration", "--sample", "all", "--json").json

    assert "no backtest of this series has finished" in " ".join(gap.out.split())
    assert "too few" in bins.out
    assert [one["bins"] for one in told] == [None]


def test_an_empty_workspace_has_no_record(tmp_path: Path, assay: Run) -> None:
    said = assay(tmp_path / "new", "track", "--json")

    assert (said.code, said.json["groups"], said.json["open"]) == (0, [], 0)


def test_a_mistake_is_said_in_a_sentence(own: Path, assay: Run) -> None:
    unknown = assay(own, "track", "--symbol", "NOTHING")
    backwards = assay(own, "track", "--from", "2022-02-02", "--to", "2022-01-01")

    assert (unknown.code, backwards.code) == (2, 2)
    assert "NOTHING" in unknown.err
    assert "give the earlier time first" in backwards.err
