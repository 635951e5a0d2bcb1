"""Which columns are meant: by name of a column or a feature, and whether members read them."""

from collections.abc import Sequence
from functools import cache

from assay.core.names import unknown
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.features.catalog import FEATURES
from assay.features.contract import Feature
from assay.features.pipeline import name_of
from assay.features.sets import STANDARD, default_features
from assay.workflows.gather import pipeline_of


def chosen(
    names: Sequence[str], asset_class: AssetClass, timeframe: Timeframe
) -> dict[str, Feature]:
    """Return the columns called `names`, each with its feature, in the order asked.

    A feature's name stands for all its columns. Settings are those of the market and timeframe,
    whose columns may have other names than the defaults that `features list` shows: both are known.
    A feature that the market leaves out has its defaults. An unknown name is a `NotFoundError`.
    """
    every = features_by_name(asset_class, timeframe)
    columns = {name: (name, feature) for feature in every.values() for name in feature.names}
    for name, feature in every.items():
        usual = FEATURES.get(name)().names
        if len(usual) == len(feature.names):
            for listed, own in zip(usual, feature.names, strict=True):
                columns.setdefault(listed, (own, feature))
    found: dict[str, Feature] = {}
    for asked in names:
        name = asked.strip().lower()
        if name in every:
            found |= dict.fromkeys(every[name].names, every[name])
        elif name in columns:
            own, feature = columns[name]
            found[own] = feature
        else:
            known = [*every, *columns]
            raise unknown("feature or column", asked, known, listed_by="assay features list")
    return found


def features_by_name(asset_class: AssetClass, timeframe: Timeframe) -> dict[str, Feature]:
    """Return every feature that is installed, as a market of this class and timeframe has it."""
    own = {name_of(one): one for one in pipeline_of(asset_class, timeframe, "full").features}
    return {name: own.get(name) or FEATURES.get(name)() for name in FEATURES.names()}


@cache
def full_set() -> frozenset[str]:
    """Return the names of the features that some market reads in the full set."""
    return frozenset(
        name_of(feature) for kind in AssetClass for feature in default_features(kind, which="full")
    )


def set_of(name: str) -> str | None:
    """Return the smallest set the feature called `name` is in, None for one that is in none."""
    if name in STANDARD:
        return "standard"
    return "full" if name in full_set() else None
