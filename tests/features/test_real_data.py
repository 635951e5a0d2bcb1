"""Real bars, when the data folder is there: no surprise in what the market itself can do."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.instruments import instrument
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.timeframe import Timeframe
from assay.features.contract import Frames, Input
from assay.features.join import frames
from assay.features.pipeline import Pipeline
from assay.features.sets import default_features

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("ASSAY_SHARED_DATA", ROOT.parent / "shared" / "data"))
FILES = {
    "EURUSD 1h": ("fx/EURUSD_1h_2020-2022.parquet", "EURUSD", Timeframe.H1),
    "XAUUSD 1m, no volume": ("fx/XAUUSD_1m_2018-2019.parquet", "XAUUSD", Timeframe.M1),
    "BTCUSDT 1h": ("crypto/BTCUSDT_1h_2017-2022.parquet", "BTCUSDT", Timeframe.H1),
}
MOST_ROWS = 20_000


def _frames(name: str) -> Frames:
    path, symbol, timeframe = FILES[name]
    if not (DATA / path).exists():
        pytest.skip(f"the shared data are not here: {DATA / path}")
    stamp = pl.col("timestamp").cast(pl.Datetime("us", "UTC")) + timeframe.length
    table = pl.read_parquet(DATA / path).head(MOST_ROWS).with_columns(time=stamp)
    table = table.select(pl.col(column).cast(kind) for column, kind in BAR_SCHEMA.items())
    bars = Bars(instrument(symbol), timeframe, table)
    columns = calendar(bars.instrument.calendar).calendar_columns(table["time"], timeframe)
    return frames(
        bars, higher=None, peers={}, stories=None, releases=None, calendar_columns=columns
    )


@pytest.mark.parametrize("name", FILES)
def test_real_bars_give_finite_columns_without_a_look_ahead(name: str) -> None:
    known = _frames(name)
    features = default_features(known.instrument.asset_class, timeframe=known.timeframe)
    pipeline = Pipeline(tuple(f for f in features if Input.HIGHER not in f.inputs))

    table = pipeline.compute(known)

    settled = table.slice(pipeline.lookback - 1).drop("time")
    assert settled.null_count().sum_horizontal()[0] == 0
    assert np.isfinite(settled.to_numpy()).all()
    moving = settled.select(pl.col("rsi_14", "atr_14", "log_return_1_by_50").std())
    assert min(moving.row(0)) > 1e-6
    for cut in (pipeline.lookback, 7777):
        then = pipeline.compute(known.slice(0, cut))
        assert_frame_equal(then, table.head(cut), check_exact=True)
    rows = table.height
    stream = pipeline.stream(known.slice(rows - 20 - pipeline.warm_up, pipeline.warm_up))
    live = np.stack([stream.push(known.slice(row, 1)) for row in range(rows - 20, rows)])
    sigma = settled.to_numpy().std(axis=0)
    apart = np.abs(live - settled.tail(20).to_numpy()) / np.where(sigma > 0, sigma, 1.0)
    assert apart.max() <= 1e-6
