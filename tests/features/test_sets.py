"""Default sets, groups and descriptions."""

import inspect

import pytest

from assay.core.errors import SettingsError
from assay.core.ids import canonical
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.features.catalog import FEATURES
from assay.features.contract import Group
from assay.features.describe import described
from assay.features.pipeline import Pipeline, name_of
from assay.features.sets import _LEFT_OUT, default_features, kind_of


@pytest.mark.parametrize("asset_class", AssetClass)
def test_each_market_starts_with_forty_features_of_every_group(asset_class: AssetClass) -> None:
    features = default_features(asset_class)

    assert len(features) >= 40
    assert {feature.group for feature in features} == set(Group)
    names = [name_of(feature) for feature in features]
    assert names == sorted(names)
    assert Pipeline(features).columns


def test_what_a_market_lacks_is_left_out_by_a_name_that_exists() -> None:
    left_out = frozenset().union(*_LEFT_OUT.values())

    assert left_out <= set(FEATURES.names())
    assert "money_flow" not in {name_of(f) for f in default_features(AssetClass.FX)}
    assert "break_gap" not in {name_of(f) for f in default_features(AssetClass.CRYPTO)}


def test_groups_select() -> None:
    features = default_features(AssetClass.FX, {Group.MACRO, Group.CANDLE})

    assert {feature.group for feature in features} == {Group.MACRO, Group.CANDLE}
    assert len(features) < len(default_features(AssetClass.FX))
    with pytest.raises(SettingsError, match="No feature for fx"):
        default_features(AssetClass.FX, ())


@pytest.mark.parametrize(("timeframe", "bars"), [("1m", 1440), ("5m", 288), ("4h", 6), ("1d", 1)])
def test_the_timeframe_says_how_many_bars_a_day_has(timeframe: str, bars: int) -> None:
    features = default_features(AssetClass.FX, timeframe=Timeframe(timeframe))

    assert f"prior_high_distance_{bars}_by_14" in Pipeline(features).columns


def test_each_group_is_of_one_kind() -> None:
    kinds = {group: kind_of(group) for group in Group}

    assert [group for group, kind in kinds.items() if kind == "news"] == [Group.SENTIMENT]
    assert [group for group, kind in kinds.items() if kind == "macro"] == [Group.MACRO]


def test_every_feature_is_described() -> None:
    every = described()

    assert {one.name for one in every} == set(FEATURES.names())
    order = list(Group)
    assert [order.index(one.group) for one in every] == sorted(order.index(o.group) for o in every)
    rsi = next(one for one in every if one.name == "rsi")
    text = inspect.getdoc(FEATURES.get("rsi")) or ""
    assert rsi.summary == text.splitlines()[0]
    assert (rsi.settings, rsi.inputs, rsi.columns) == ({"window": 14}, ("bars",), ("rsi_14",))
    assert (rsi.lookback, rsi.kind) == (15, "price")
    assert canonical([one.settings for one in every])
    assert {one.group for one in described({Group.MACRO})} == {Group.MACRO}
