"""Features of a history that is cut off equal those of the whole one, or are named."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assay.core.ids import digest
from assay.core.values.bars import Bars
from assay.store.runs import Runs
from assay.store.trials import Trials
from assay.workflows.desk import Desk
from assay.workflows.experiments import built
from assay.workflows.experiments.planning import Checked, check_all
from assay.workflows.experiments.prefixes import EARLIEST, LATEST, changed_columns, prefix_holds
from assay.workflows.experiments.sharing import share, shared
from assay.workflows.gather import Prepared
from tests.workflows.experiments.worlds import desk_with, pair, planned, prepared

ROWS = 2_500


@pytest.fixture(scope="module")
def bars() -> Bars:
    return pair(ROWS)


@pytest.fixture(scope="module")
def whole(bars: Bars) -> Prepared:
    return prepared(bars)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, bars: Bars) -> tuple[Desk, Checked]:
    """Return a workspace with one run that could be run, and its series ready."""
    desk = desk_with(tmp_path_factory.mktemp("prefixes"), bars)
    (checked,) = check_all(desk, [planned()])
    return desk, checked


def trial_of(desk: Desk, checked: Checked) -> str:
    """Return the id of a newly registered trial."""
    row = Trials(desk.database).start(
        "experiment:small-worlds",
        checked.experiment.configuration(),
        data_fingerprint=checked.fingerprint,
        seed=1,
        at=desk.clock.now(),
    )
    return row.id


def with_column(item: Prepared, values: np.ndarray) -> Prepared:
    x = item.x.copy()
    x[:, 2] = values
    return replace(item, x=x)


def beginning(bars: Bars, rows: int) -> Prepared:
    return prepared(replace(bars, frame=bars.frame.head(rows)))


@pytest.mark.parametrize("rows", [900, 1_700, 2_499])
def test_honest_features_stay_to_the_bit(bars: Bars, whole: Prepared, rows: int) -> None:
    assert changed_columns(whole, beginning(bars, rows)) == []


def test_one_bar_of_the_future_is_seen_at_the_last_bar(bars: Bars, whole: Prepared) -> None:
    cut = beginning(bars, 1_700)

    def leaky(item: Prepared) -> Prepared:
        return with_column(item, np.append(item.x[1:, 2], np.nan))

    assert changed_columns(leaky(whole), leaky(cut)) == [whole.columns[2]]


def test_a_scaler_of_the_whole_history_is_seen(bars: Bars, whole: Prepared) -> None:
    cut = beginning(bars, 1_700)

    def scaled(item: Prepared) -> Prepared:
        column = item.x[:, 2]
        return with_column(item, (column - np.nanmean(column)) / np.nanstd(column))

    assert changed_columns(scaled(whole), scaled(cut)) == [whole.columns[2]]


def test_a_number_where_none_was_is_a_change(bars: Bars, whole: Prepared) -> None:
    cut = beginning(bars, 1_700)
    filled = with_column(whole, np.nan_to_num(whole.x[:, 2], nan=0.0))
    assert np.isnan(whole.x[:, 2]).any()

    assert changed_columns(filled, cut) == [whole.columns[2]]


@pytest.mark.parametrize("name", ["volatility", "atr"])
def test_what_sizes_a_trade_is_compared_too(bars: Bars, whole: Prepared, name: str) -> None:
    cut = beginning(bars, 1_700)
    values = getattr(cut, name).copy()
    values[-1] *= 1.0 + 1e-12

    assert changed_columns(whole, replace(cut, **{name: values})) == [name]


def test_bars_that_came_and_went_are_a_change_of_time(bars: Bars, whole: Prepared) -> None:
    holed = replace(bars, frame=bars.frame.head(1_700).gather_every(2))

    assert changed_columns(whole, prepared(holed)) == ["time"]


def test_all_features_of_the_library_stay_when_a_workspace_is_cut_off(
    ground: tuple[Desk, Checked],
) -> None:
    desk, checked = ground

    assert prefix_holds(desk, checked, trial_of(desk, checked))


def test_a_shared_series_that_knows_more_than_the_store_is_refused(
    ground: tuple[Desk, Checked], tmp_path: Path
) -> None:
    desk, checked = ground
    (path,) = checked.paths
    item = shared(path)
    leaky = replace(item, x=np.vstack([item.x[1:], item.x[-1:]]))
    place = share(tmp_path, leaky)
    tampered = replace(checked, paths=(place.path,), fingerprint=place.fingerprint)

    assert not prefix_holds(desk, tampered, trial_of(desk, tampered))


def test_the_answer_is_kept_for_the_same_data_and_code(ground: tuple[Desk, Checked]) -> None:
    desk, checked = ground
    first = prefix_holds(desk, checked, trial_of(desk, checked))
    elsewhere = replace(checked, paths=(Path("nowhere"),))

    again = prefix_holds(desk, elsewhere, trial_of(desk, checked))

    assert first == again, "nothing was read again"


def test_where_a_history_is_cut_off_is_kept_and_hangs_on_the_data_alone(
    ground: tuple[Desk, Checked], tmp_path: Path, bars: Bars
) -> None:
    desk, checked = ground
    prefix_holds(desk, checked, trial_of(desk, checked))
    other = desk_with(tmp_path / "other", bars)
    (same,) = check_all(other, [planned(name="renamed")])
    prefix_holds(other, same, trial_of(other, same))

    told = [cut_off(each, run) for each, run in ((desk, checked), (other, same))]

    assert told[0] == told[1]
    assert EARLIEST <= told[0]["EURUSD 1h"] / (ROWS - 1) <= LATEST


def cut_off(desk: Desk, checked: Checked) -> dict[str, int]:
    """Return the bars at which series were cut off, as it is kept."""
    key = digest(["prefix", checked.fingerprint, built.code_digest()])
    (row,) = Runs(desk.database).folds(key)
    return dict(row.metrics["cut_off"])
