"""Which features each kind of market starts with, and what kind of information they carry."""

from collections.abc import Collection
from typing import Literal

from assay.core.errors import SettingsError
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.features.catalog import FEATURES
from assay.features.contract import Feature, Group
from assay.features.pipeline import make_feature

Kind = Literal["price", "news", "macro"]

_LEFT_OUT: dict[AssetClass, frozenset[str]] = {
    # FX and metal publish ticks, not volume: signed and money-weighted volume would be made up
    AssetClass.FX: frozenset({"signed_volume", "money_flow"}),
    AssetClass.METAL: frozenset({"signed_volume", "money_flow"}),
    # crypto never closes: no gaps, no breaks, no holidays
    AssetClass.CRYPTO: frozenset({"bar_gap", "break_gap", "day_flags"}),
    AssetClass.EQUITY: frozenset({"sessions"}),  # one exchange, one session: the day's clock tells
    AssetClass.INDEX: frozenset(),
}

SEQUENCE = frozenset(
    {
        "body",
        "close_location",
        "higher_return",
        "log_return",
        "peer_lead",
        "peer_return",
        "range_expansion",
        "rsi",
        "surprise",
        "time_of_week",
        "tone",
        "tone_decay",
        "vol_ratio",
        "vol_shock",
        "volume_move",
        "volume_z",
        "wicks",
    }
)
"""What nets read: known in every market, so that one net serves all, and few, for a net sees every
bar of its window and makes its own averages."""


def default_features(
    asset_class: AssetClass,
    groups: Collection[Group] | None = None,
    *,
    timeframe: Timeframe | None = None,
) -> tuple[Feature, ...]:
    """Return the features a market of this class starts with, sorted by name.

    `groups` keeps those of some groups only; `timeframe` fits the settings that count the bars of
    a day to it. `SettingsError` if nothing is left.
    """
    wanted = frozenset(Group) if groups is None else frozenset(groups)
    names = [name for name in _own() if name not in _LEFT_OUT[asset_class]]
    features = (_fitted(name, timeframe) for name in names)
    found = tuple(feature for feature in features if feature.group in wanted)
    if not found:
        raise SettingsError(
            f"No feature for {asset_class} is in the groups {sorted(wanted)}; "
            f"there are {', '.join(Group)}"
        )
    return found


def kind_of(group: Group) -> Kind:
    """Return which kind of information a group carries; sentiment is news, all but macro price."""
    if group is Group.SENTIMENT:
        return "news"
    return "macro" if group is Group.MACRO else "price"


def _own() -> tuple[str, ...]:
    """Return the names of the library's own features: what else is installed changes no default."""
    own = "assay.features.library."
    return tuple(n for n in FEATURES.names() if FEATURES.get(n).__module__.startswith(own))


def _fitted(name: str, timeframe: Timeframe | None) -> Feature:
    if name == "prior_day" and timeframe is not None:
        bars_a_day = Timeframe.D1.minutes // timeframe.minutes
        return make_feature(name, {"longest_day": bars_a_day})
    return make_feature(name, {})
