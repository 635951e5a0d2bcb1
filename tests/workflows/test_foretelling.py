"""Coefficients of stored series: no look ahead, the train span alone, the edge that is there."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from assay.core.errors import HistoryError, SettingsError
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import Span, SplitPlan, walk_forward
from assay.features.contract import Group
from assay.workflows.data import resample_series
from assay.workflows.desk import Desk
from assay.workflows.foretelling import foretelling, ranks_of
from assay.workflows.gather import HORIZON_BARS, Series, prepare
from tests.factories import make_bars
from tests.workflows.workspace import open_at, trending_bars

H1 = Timeframe.H1
EURUSD = Series("EURUSD", H1)


def stored(home: Path, bars: Bars) -> Desk:
    desk = open_at(home, bars.last_time + timedelta(hours=1))
    desk.bars.append(bars, source="test", known_at=desk.clock.now())
    return desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return stored(tmp_path_factory.mktemp("foretelling"), trending_bars())


def test_momentum_is_found_where_drift_persists(desk: Desk) -> None:
    found = foretelling(desk)

    first = found["columns"][0]
    assert first["survives"]
    assert first["group"] in ("momentum", "trend", "returns", "range", "volatility", "candle")
    assert first["ic"] > 0.1
    assert first["suspicious"]
    assert "suspicious" in found["summary"]
    assert f"{found['survive']} of {found['tested']} columns keep" in found["summary"]


def test_adjusted_values_are_those_of_scipy_over_all_columns(desk: Desk) -> None:
    whole = foretelling(desk)["columns"]
    trend = foretelling(desk, groups=[Group.TREND])["columns"]

    oracle = stats.false_discovery_control([one["p"] for one in whole])
    assert [one["adjusted"] for one in whole] == pytest.approx(oracle.tolist())
    assert {one["group"] for one in trend} == {"trend"}
    assert trend == [one for one in whole if one["group"] == "trend"], "a group is no smaller test"


def test_each_coefficient_is_spearmans_with_the_outcome_of_the_label(desk: Desk) -> None:
    found = {one["column"]: one["ic"] for one in foretelling(desk, span="all")["columns"]}

    item = prepare(desk, EURUSD)
    close = np.log(item.bars.frame["close"].to_numpy())
    ahead = (close[HORIZON_BARS:] - close[:-HORIZON_BARS]) / item.volatility[:-HORIZON_BARS]
    x = item.x[:-HORIZON_BARS, item.columns.index("rsi_14")]
    known = np.isfinite(x) & np.isfinite(ahead)
    oracle = stats.spearmanr(x[known], ahead[known]).statistic
    assert found["rsi_14"] == pytest.approx(oracle, abs=0.02), "but for rows across the daily roll"


def test_what_comes_after_the_train_span_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    bars = trending_bars()
    later = pl.int_range(pl.len()) >= 3_100
    prices = [pl.when(later).then(pl.col(n) * 1.7).otherwise(pl.col(n)) for n in ("open", "close")]
    wide = [
        pl.when(later).then(pl.col("high") * 1.8).otherwise(pl.col("high")),
        pl.when(later).then(pl.col("low") * 1.6).otherwise(pl.col("low")),
    ]
    other = stored(tmp_path, Bars(bars.instrument, H1, bars.frame.with_columns(*prices, *wide)))

    assert foretelling(other)["columns"] == foretelling(desk)["columns"]
    assert foretelling(other, span="all")["columns"] != foretelling(desk, span="all")["columns"]


def test_the_train_span_ends_where_a_backtest_begins_to_test(desk: Desk) -> None:
    found = foretelling(desk)

    info = desk.bars.info("EURUSD", H1)
    first = walk_forward(info.first, info.last, SplitPlan())[0]
    assert first.test is not None
    (told,) = found["series"]
    assert told["end"] < first.test.start.isoformat()
    assert found["span"] == "train"
    assert "whole history" not in found["summary"]
    assert "whole history" in foretelling(desk, span="all")["summary"]


def test_the_last_rows_of_a_span_are_not_used(desk: Desk) -> None:
    item = prepare(desk, EURUSD)
    times = item.bars.frame["time"].to_list()
    noon = next(time for time in times[3_000:] if time.hour == 12)  # far from the daily roll
    span = Span(item.bars.first_time - timedelta(hours=1), noon)
    last = item.rows(span)[-1]
    x = item.x.copy()
    x[last - HORIZON_BARS + 1 : last + 1] = 1e6

    before, after = ranks_of(item, span), ranks_of(replace(item, x=x), span)
    x[last - HORIZON_BARS] = 1e6
    one_more = ranks_of(replace(item, x=x), span)

    assert np.array_equal(before.sums, after.sums)
    assert not np.array_equal(before.sums, one_more.sums)


def test_outcomes_that_overlap_are_not_counted_twice(desk: Desk) -> None:
    found = foretelling(desk)

    rows = max(one["rows"] for one in found["columns"])
    (told,) = found["series"]
    assert told["outcomes"] == pytest.approx(rows / HORIZON_BARS, rel=0.3)


def test_two_series_are_pooled_and_told_apart(tmp_path: Path) -> None:
    desk = stored(tmp_path, trending_bars())
    pounds = make_bars(6_000, symbol="GBPUSD", gaps=False)
    desk.bars.append(pounds, source="test", known_at=desk.clock.now())

    found = foretelling(desk)

    assert [one["series"] for one in found["series"]] == ["EURUSD 1h", "GBPUSD 1h"]
    one = next(one for one in found["columns"] if one["column"] == "rsi_14")
    apart = one["series"]
    assert set(apart) == {"EURUSD 1h", "GBPUSD 1h"}
    assert apart["GBPUSD 1h"]["ic"] < one["ic"] < apart["EURUSD 1h"]["ic"]
    assert one["rows"] == sum(each["rows"] for each in apart.values())


def test_two_timeframes_are_refused(tmp_path: Path) -> None:
    desk = stored(tmp_path, trending_bars())
    resample_series(desk, "EURUSD", H1, Timeframe.H4)

    with pytest.raises(SettingsError, match="--timeframe 1h"):
        foretelling(desk)
    assert foretelling(desk, timeframe=Timeframe.H4, span="all")["timeframe"] == "4h"


def test_too_few_days_are_one_sentence(tmp_path: Path) -> None:
    desk = stored(tmp_path, make_bars(1_200))

    with pytest.raises(HistoryError, match=r"EURUSD 1h: .*(days|warm up)"):
        foretelling(desk)
