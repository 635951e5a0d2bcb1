"""`assay features`: all of them, one of them, their newest values."""

from pathlib import Path

import numpy as np
import pytest

from assay.core.values.timeframe import Timeframe
from assay.features.catalog import FEATURES
from assay.features.contract import Group
from assay.workflows.gather import Series, prepare
from tests.cli.conftest import Run
from tests.workflows.workspace import open_at


def test_every_feature_is_listed(tmp_path: Path, assay: Run) -> None:
    found = assay(tmp_path, "features", "list", "--json").json
    text = assay(tmp_path, "features", "list").out

    assert sorted(one["name"] for one in found) == sorted(FEATURES.names())
    assert all(one["summary"] and one["columns"] and one["inputs"] for one in found)
    assert f"{len(found)} features make" in text


@pytest.mark.parametrize("group", list(Group))
def test_a_group_has_its_own_features_alone(tmp_path: Path, assay: Run, group: Group) -> None:
    found = assay(tmp_path, "features", "list", "--group", group.value, "--json").json

    assert found
    assert {one["group"] for one in found} == {group.value}


def test_a_group_nobody_knows_names_the_nearest(tmp_path: Path, assay: Run) -> None:
    said = assay(tmp_path, "features", "list", "--group", "momentm")

    assert said.code == 2
    assert "momentum" in said.err


def test_a_feature_is_found_by_its_name_and_by_its_column(tmp_path: Path, assay: Run) -> None:
    by_name = assay(tmp_path, "features", "show", "adx", "--json").json
    by_column = assay(tmp_path, "features", "show", "adx_14", "--json").json
    text = assay(tmp_path, "features", "show", "adx").out

    assert by_name == by_column
    assert by_name["settings"] == {"window": 14}
    assert by_name["lookback"] == 28
    assert "Wilder" in by_name["text"]
    assert "fx" in by_name["default_for"]
    assert "after 28 bars" in text


def test_a_feature_left_out_of_a_market_says_so(tmp_path: Path, assay: Run) -> None:
    found = assay(tmp_path, "features", "show", "signed_volume", "--json").json

    assert "fx" not in found["default_for"]
    assert "crypto" in found["default_for"]


def test_an_unknown_feature_names_the_nearest(tmp_path: Path, assay: Run) -> None:
    near, far = (assay(tmp_path, "features", "show", name) for name in ("adxx", "nope"))

    assert (near.code, far.code) == (2, 2)
    assert near.err == (
        "assay: No feature is called 'adxx' (did you mean adx or adx_14?); assay features list "
        "names them all\n"
    )
    assert far.err == "assay: No feature is called 'nope'; assay features list names them all\n"


def test_values_are_those_of_the_last_bar_of_the_whole_history(workspace: Path, assay: Run) -> None:
    found = assay(workspace, "features", "values", "EURUSD", "--timeframe", "1h", "--json").json
    whole = prepare(open_at(workspace), Series("EURUSD", Timeframe.H1))

    values = {one["column"]: one["value"] for one in found["values"]}

    assert set(values) == set(whole.columns)
    assert found["as_of"] == whole.bars.last_time.isoformat()
    for place, name in enumerate(whole.columns):
        expected = whole.x[-1, place]
        if np.isfinite(expected):
            assert values[name] == pytest.approx(expected, rel=1e-5, abs=1e-6)
        else:
            assert values[name] is None


def test_values_are_shown_by_group(workspace: Path, assay: Run) -> None:
    text = assay(workspace, "features", "values", "EURUSD", "--timeframe", "4h").out

    assert text.index("returns") < text.index("trend") < text.index("volatility")
    assert "EURUSD 4h, bar of " in text


def test_too_little_history_says_how_much_is_needed(tmp_path: Path, assay: Run) -> None:
    from tests.factories import make_bars

    desk = open_at(tmp_path)
    desk.bars.append(make_bars(50), source="test", known_at=desk.clock.now())

    said = assay(tmp_path, "features", "values", "EURUSD", "--timeframe", "1h")

    assert said.code == 2
    assert "warm up" in said.err


def test_a_series_that_is_not_stored_is_named(workspace: Path, assay: Run) -> None:
    said = assay(workspace, "features", "values", "GBPUSD", "--timeframe", "1h")

    assert said.code == 2
    assert "GBPUSD 1h" in said.err
