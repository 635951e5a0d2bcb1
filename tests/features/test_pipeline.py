"""The pipeline: one specification, one order, the same numbers in batch and live."""

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import ArtefactError, DataError, SettingsError
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.features.contract import Frames, Group
from assay.features.library.atr import Atr
from assay.features.library.body import Body
from assay.features.library.log_return import LogReturn
from assay.features.library.rsi import Rsi
from assay.features.pipeline import Pipeline, make_feature, name_of
from assay.features.sets import default_features
from tests.features.worlds import make_world

SMALL = Pipeline((Rsi(), Atr(window=7), LogReturn(horizons=(1, 5), window=30), Body()))


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make_world(1300).frames()


def test_it_says_its_columns_groups_and_warm_up() -> None:
    assert SMALL.columns == ("rsi_14", "atr_7", "log_return_1_by_30", "log_return_5_by_30", "body")
    assert SMALL.groups["atr_7"] is Group.VOLATILITY
    assert SMALL.lookback == 31
    assert SMALL.warm_up == Rsi().warm_up > 250


def test_batch_is_time_and_the_columns_in_order(frames: Frames) -> None:
    table = SMALL.compute(frames)

    assert tuple(table.columns) == ("time", *SMALL.columns)
    assert table["time"].equals(frames.bars["time"])
    assert table.drop("time").dtypes == [pl.Float64] * 5
    assert table.slice(SMALL.lookback - 1).null_count().sum_horizontal()[0] == 0


def test_a_stream_of_everything_equals_the_batch(frames: Frames) -> None:
    pipeline = Pipeline(default_features(AssetClass.FX, timeframe=Timeframe.H1))
    batch = pipeline.compute(frames)

    stream = pipeline.stream(frames.slice(0, 1200))
    live = np.stack([stream.push(frames.slice(row, 1)) for row in range(1200, 1300)])

    expected = batch.slice(1200).drop("time").to_numpy()
    sigma = np.nanstd(batch.drop("time").to_numpy(), axis=0)
    assert np.array_equal(np.isnan(live), np.isnan(expected))
    assert np.nanmax(np.abs(live - expected) / np.where(sigma > 0, sigma, 1.0)) <= 1e-10


def test_a_restart_from_the_warm_up_agrees(frames: Frames) -> None:
    pipeline = Pipeline(default_features(AssetClass.FX, timeframe=Timeframe.H1))
    batch = pipeline.compute(frames).drop("time").to_numpy()

    stream = pipeline.stream(frames.slice(1250 - pipeline.warm_up, pipeline.warm_up))
    live = np.stack([stream.push(frames.slice(row, 1)) for row in range(1250, 1300)])

    sigma = np.nanstd(batch, axis=0)
    apart = np.abs(live - batch[1250:]) / np.where(sigma > 0, sigma, 1.0)
    assert np.nanmax(apart) <= 1e-6


def test_a_stream_begun_with_nothing_warms_up_as_the_batch(frames: Frames) -> None:
    stream = SMALL.stream(frames.slice(0, 0))

    live = np.stack([stream.push(frames.slice(row, 1)) for row in range(60)])

    expected = SMALL.compute(frames).head(60).drop("time").to_numpy()
    assert np.allclose(live, expected, rtol=1e-12, atol=0, equal_nan=True)
    assert np.isnan(live[0]).sum() == 4


def test_a_stream_refuses_what_is_not_the_next_row(frames: Frames) -> None:
    stream = SMALL.stream(frames.slice(0, 100))
    other = make_world(200, timeframe=Timeframe.M15).frames()

    with pytest.raises(DataError, match="one row at a time; found 2"):
        stream.push(frames.slice(100, 2))
    with pytest.raises(DataError, match="order of time"):
        stream.push(frames.slice(99, 1))
    with pytest.raises(DataError, match="EURUSD 15m"):
        stream.push(other.slice(150, 1))
    stream.push(frames.slice(100, 1))
    with pytest.raises(DataError, match="order of time"):
        stream.push(frames.slice(100, 1))


def test_the_specification_makes_the_same_pipeline(frames: Frames) -> None:
    every = Pipeline(default_features(AssetClass.INDEX))

    for pipeline in (SMALL, every):
        again = Pipeline.from_spec(json.loads(json.dumps(pipeline.spec())))

        assert again == pipeline
        assert again.hash == pipeline.hash
    assert_frame_equal(again.compute(frames), every.compute(frames), check_exact=True)


def test_the_hash_knows_settings_and_order() -> None:
    others = [
        Pipeline(SMALL.features[::-1]),
        Pipeline((Rsi(window=15), *SMALL.features[1:])),
        Pipeline(SMALL.features[:3]),
    ]

    assert len({SMALL.hash, *(other.hash for other in others)}) == 4


def _spec(**changed: Any) -> list[dict[str, Any]]:
    first, *rest = SMALL.spec()
    return [first | changed, *rest]


def test_a_specification_that_does_not_fit_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"'rsj'.*rsi"):
        Pipeline.from_spec(_spec(name="rsj"))
    with pytest.raises(SettingsError, match="rsi has no setting windw; there are: window"):
        Pipeline.from_spec(_spec(settings={"windw": 14}))
    with pytest.raises(SettingsError, match="rsi: window is a value like 14; found '14'"):
        Pipeline.from_spec(_spec(settings={"window": "14"}))
    with pytest.raises(SettingsError, match="log_return: horizons is a value like"):
        make_feature("log_return", {"horizons": 3})
    with pytest.raises(ArtefactError, match="rsi: the model was made with version 2"):
        Pipeline.from_spec(_spec(version=2))
    with pytest.raises(ArtefactError, match="rsi: the model was made with lookback 16"):
        Pipeline.from_spec(_spec(lookback=16))
    with pytest.raises(ArtefactError, match="specification has name, settings"):
        Pipeline.from_spec([{"name": "rsi"}])


def test_a_column_may_come_once() -> None:
    with pytest.raises(SettingsError, match="body would be there twice"):
        Pipeline((Body(), Rsi(), Body()))
    with pytest.raises(SettingsError, match="at least one feature"):
        Pipeline(())


def test_a_feature_outside_the_catalogue_has_no_name() -> None:
    class Mine(Rsi):
        pass

    assert name_of(Rsi()) == "rsi"
    with pytest.raises(SettingsError, match="no plug-in"):
        name_of(Mine())
