"""The promises of `Feature`, kept by every feature there is; each finds them by itself."""

import inspect
import re
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import polars as pl
import pytest

from assay.core.errors import SettingsError
from assay.features.catalog import FEATURES
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.pipeline import Pipeline
from tests.features import promises
from tests.features.worlds import make_world

NAMES = FEATURES.names()


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make_world(1500).frames()


@pytest.fixture(params=NAMES)
def feature(request: pytest.FixtureRequest) -> Feature:
    return FEATURES.get(request.param)()


def test_values_stay_when_the_future_arrives(feature: Feature, frames: Frames) -> None:
    promises.stays_when_the_future_arrives(feature, frames)


def test_nulls_are_where_the_inputs_are_and_nothing_is_infinite(
    feature: Feature, frames: Frames
) -> None:
    promises.has_nulls_only_where_inputs_have(feature, frames)


def test_streaming_equals_batch(feature: Feature, frames: Frames) -> None:
    promises.streams_as_in_batch(feature, frames.slice(0, 700), 600)


@pytest.mark.parametrize("begin", [0, 1])
def test_a_stream_may_begin_with_nothing(feature: Feature, frames: Frames, begin: int) -> None:
    promises.streams_as_in_batch(feature, frames.slice(0, 60), begin)


def test_a_restart_from_the_warm_up_agrees(feature: Feature, frames: Frames) -> None:
    promises.restarts_from_its_warm_up(feature, frames)


def test_a_window_depends_on_its_lookback_alone(feature: Feature, frames: Frames) -> None:
    promises.depends_on_its_lookback_alone(feature, frames)


def test_declared_inputs_are_the_inputs(feature: Feature, frames: Frames) -> None:
    promises.declares_its_inputs(feature, frames)


def test_inputs_are_left_alone(feature: Feature, frames: Frames) -> None:
    promises.leaves_its_input_alone(feature, frames)


def test_prices_times_ten_change_nothing(feature: Feature, frames: Frames) -> None:
    promises.knows_no_price_level(feature, frames)


def test_it_says_what_it_is_and_where_it_comes_from(feature: Feature) -> None:
    text = inspect.getdoc(type(feature)) or ""
    assert re.search(r"Source:\s\S", text), "a feature names its source"
    assert len(text.splitlines()) >= 2
    assert 1 <= feature.lookback <= feature.warm_up
    assert feature.inputs
    assert len(set(feature.names)) == len(feature.names)


def test_every_setting_refuses_what_is_no_positive_number(feature: Feature) -> None:
    for name, default in feature.settings().items():
        for bad in (0, -3, float("nan"), float("inf"), True):
            value = (bad,) if isinstance(default, tuple) else bad
            with pytest.raises(SettingsError, match=name):
                type(feature)(**{name: value})


def test_other_settings_give_other_names(feature: Feature) -> None:
    for name, default in feature.settings().items():
        other = tuple(n + 1 for n in default) if isinstance(default, tuple) else default + 1
        changed = type(feature)(**{name: other})
        assert not set(changed.names) & set(feature.names), f"{name} is not in the names"


def test_there_are_forty_and_each_group_has_some() -> None:
    groups = Counter(FEATURES.get(name).group for name in NAMES)
    assert sum(groups.values()) >= 40
    assert set(groups) == set(Group)


def test_no_two_give_the_same_column() -> None:
    columns = Counter(column for name in NAMES for column in FEATURES.get(name)().names)
    assert [column for column, count in columns.items() if count > 1] == []


@dataclass(frozen=True, slots=True)
class _MeanOfAll(Feature):
    """Leaks: the mean runs over the whole frame."""

    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        return ("leak",)

    def columns(self, frames: Frames) -> pl.DataFrame:
        return frames.bars.select(leak=pl.col("close") / pl.col("close").mean() - 1.0)


@dataclass(frozen=True, slots=True)
class _Tomorrow(_MeanOfAll):
    """Leaks: it is the next close."""

    def columns(self, frames: Frames) -> pl.DataFrame:
        ahead = pl.col("close").shift(-1) / pl.col("close") - 1.0
        return frames.bars.select(leak=ahead)


@dataclass(frozen=True, slots=True)
class _RowNumber(_MeanOfAll):
    """No leak, and yet not the same after a restart: it counts from the frame's begin."""

    def columns(self, frames: Frames) -> pl.DataFrame:
        return frames.bars.select(leak=pl.int_range(pl.len()).cast(pl.Float64))


@dataclass(frozen=True, slots=True)
class _Sneak(_MeanOfAll):
    """Reads the stories and does not say so; and knows the price level."""

    def columns(self, frames: Frames) -> pl.DataFrame:
        return pl.DataFrame({"leak": frames.stories["score_sum"] + frames.bars["close"]})


@dataclass(frozen=True, slots=True)
class _Infinite(_MeanOfAll):
    """Divides without a guard."""

    def columns(self, frames: Frames) -> pl.DataFrame:
        return frames.bars.select(leak=1.0 / (pl.col("close") - pl.col("close")))


@dataclass(frozen=True, slots=True)
class _Plain(_MeanOfAll):
    """Honest, over polars expressions, with the batch form alone: the live form is inherited."""

    @property
    def lookback(self) -> int:
        return 6

    def columns(self, frames: Frames) -> pl.DataFrame:
        return frames.bars.select(leak=(pl.col("close") / pl.col("close").shift(5)).log())


def test_a_feature_may_give_its_batch_form_alone(frames: Frames) -> None:
    plain = _Plain()

    promises.stays_when_the_future_arrives(plain, frames)
    promises.has_nulls_only_where_inputs_have(plain, frames)
    promises.streams_as_in_batch(plain, frames.slice(0, 60), 0)
    promises.restarts_from_its_warm_up(plain, frames)
    promises.declares_its_inputs(plain, frames)
    promises.knows_no_price_level(plain, frames)
    row = Pipeline((plain,)).stream(frames.slice(0, 900)).push(frames.slice(900, 1))
    assert row[0] == plain.columns(frames)["leak"][900]


@pytest.mark.parametrize("leak", [_MeanOfAll(), _Tomorrow()], ids=["mean of all", "tomorrow"])
def test_a_feature_that_sees_the_future_is_caught(leak: Feature, frames: Frames) -> None:
    with pytest.raises(AssertionError):
        promises.stays_when_the_future_arrives(leak, frames)


@pytest.mark.parametrize("leak", [_MeanOfAll(), _RowNumber()], ids=["mean of all", "row number"])
def test_a_feature_that_needs_more_than_its_warm_up_is_caught(
    leak: Feature, frames: Frames
) -> None:
    with pytest.raises(AssertionError):
        promises.restarts_from_its_warm_up(leak, frames)


def test_an_undeclared_input_is_caught(frames: Frames) -> None:
    with pytest.raises(AssertionError):
        promises.declares_its_inputs(_Sneak(), frames)


def test_a_price_level_is_caught(frames: Frames) -> None:
    with pytest.raises(AssertionError):
        promises.knows_no_price_level(_Sneak(), frames)


@pytest.mark.parametrize("bad", [_Infinite(), _Tomorrow()], ids=["infinite", "null at the end"])
def test_a_number_that_is_none_is_caught(bad: Feature, frames: Frames) -> None:
    with pytest.raises(AssertionError):
        promises.has_nulls_only_where_inputs_have(bad, frames)
