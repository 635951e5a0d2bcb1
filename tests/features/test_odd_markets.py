"""Markets that stand still, jump, or have just begun: finite numbers by stated rules."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from assay.core.values.instrument import AssetClass
from assay.features.catalog import FEATURES
from assay.features.contract import Frames, Input
from assay.features.pipeline import Pipeline, make_feature
from assay.features.sets import default_features
from tests.features.promises import swapped
from tests.features.worlds import make_world

NOT_ZERO_WHEN_STILL = {"vol_percentile_20_250": 0.5, "turbulence_200": 0.2}
"""Where nothing moves, a rank is in the middle and a regime at its usual odds; all else is 0."""
PRICES = ("open", "high", "low", "close")


@pytest.fixture(scope="module")
def every() -> Pipeline:
    return Pipeline(tuple(FEATURES.get(name)() for name in FEATURES.names()))


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make_world(900).frames()


def _still(frames: Frames, first: int) -> Frames:
    """Return the frames with every price frozen and no volume from row `first` on."""
    row = pl.int_range(pl.len())
    frozen = [
        pl.when(row >= first).then(pl.col("close").get(first)).otherwise(pl.col(name)).alias(name)
        for name in PRICES
    ]
    silent = pl.when(row >= first).then(0.0).otherwise(pl.col("volume")).alias("volume")
    held = pl.when(row >= first).then(pl.all().get(first)).otherwise(pl.all())
    changed = swapped(frames, Input.BARS, frames.bars.with_columns(*frozen, silent))
    higher = frames.higher.fill_null(strategy="backward").with_columns(frozen)
    changed = swapped(changed, Input.HIGHER, higher)
    return swapped(changed, Input.PEERS, frames.peers.fill_null(1.0).with_columns(held))


def _finite(table: pl.DataFrame) -> None:
    for column in table.drop("time"):
        assert column.drop_nulls().is_finite().all(), column.name


def test_a_market_that_never_moved_is_zero_everywhere(every: Pipeline, frames: Frames) -> None:
    table = every.compute(_still(frames, 0)).slice(every.lookback)

    assert table.null_count().sum_horizontal()[0] == 0
    for feature in every.features:
        if not feature.inputs <= {Input.BARS, Input.HIGHER, Input.PEERS}:
            continue
        for name in feature.names:
            expected = NOT_ZERO_WHEN_STILL.get(name, 0.0)
            apart = np.abs(table[name].to_numpy() - expected)
            assert apart.max() <= 1e-12, (name, table[name].to_list()[:3])


def test_a_feed_that_freezes_stays_finite(every: Pipeline, frames: Frames) -> None:
    table = every.compute(_still(frames, 300))

    _finite(table)
    assert table["atr_14"][-1] < 1e-6


def test_no_volume_is_zero_and_not_missing(every: Pipeline, frames: Frames) -> None:
    silent = swapped(frames, Input.BARS, frames.bars.with_columns(volume=pl.lit(0.0)))

    table = every.compute(silent).slice(every.lookback)

    for name in ("volume_z_50", "signed_volume_20", "volume_move_50", "money_flow_14"):
        assert (table[name] == 0.0).all()
    assert (table["volume_trend_5_50"] == 0.0).all()


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_a_jump_stays_finite_and_within_its_cap(
    every: Pipeline, frames: Frames, factor: float
) -> None:
    row = pl.int_range(pl.len())
    price = pl.col(*PRICES)
    bars = frames.bars.with_columns(pl.when(row >= 500).then(price * factor).otherwise(price))

    table = every.compute(swapped(frames, Input.BARS, bars))

    _finite(table)
    largest = table.drop("time").select(pl.all().abs().max()).row(0)
    assert max(value for value in largest if value is not None) <= 100.0


@pytest.mark.parametrize("rows", [0, 1, 2, 13])
def test_a_young_market_has_nulls_and_no_error(every: Pipeline, frames: Frames, rows: int) -> None:
    table = every.compute(frames.slice(0, rows))

    assert table.height == rows
    _finite(table)


def test_no_news_no_peers_no_figures_leave_no_gap(every: Pipeline) -> None:
    world = make_world(700)
    bare = replace(world, peers={}, stories=None, releases=None).frames()

    table = every.compute(bare).slice(every.lookback)

    assert table.null_count().sum_horizontal()[0] == 0
    for feature in every.features:
        if feature.inputs <= {Input.PEERS, Input.STORIES, Input.MACRO}:
            assert all((table[name] == 0.0).all() for name in feature.names)


def test_without_higher_bars_their_columns_are_null_and_no_other(frames: Frames) -> None:
    bare = swapped(frames, Input.HIGHER, frames.higher.clear(frames.bars.height))
    pipeline = Pipeline(default_features(AssetClass.FX))

    table = pipeline.compute(bare).slice(pipeline.lookback)

    lacking = {column.name for column in table if column.null_count()}
    higher = {n for f in pipeline.features if Input.HIGHER in f.inputs for n in f.names}
    assert lacking == higher


def test_prior_day_is_the_day_before_by_hand(frames: Frames) -> None:
    feature = make_feature("prior_day", {"longest_day": 24})
    table = feature.columns(frames)
    bars = frames.bars.with_columns(
        day=(pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone("America/New_York")
        .dt.offset_by("7h").dt.date()
    )  # fmt: skip
    days = bars.group_by("day", maintain_order=True).agg(pl.col("high").max(), pl.col("low").min())
    expected = days.with_columns(pl.col("high", "low").shift(1))
    joined = bars.join(expected, on="day", how="left", suffix="_before", maintain_order="left")
    true_range = np.fmax(bars["high"], bars["close"].shift(1)) - np.fmin(
        bars["low"], bars["close"].shift(1)
    )

    unit = pl.Series(true_range).rolling_mean(14)
    by_hand = ((bars["close"] - joined["high_before"]) / unit).clip(-20, 20)

    apart = (table[feature.names[0]] - by_hand).slice(60).abs().to_numpy()
    assert apart.max() < 1e-9
