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
Which = Literal["standard", "full"]

STANDARD = frozenset(
    {
        "adx",
        "aroon",
        "atr",
        "bar_gap",
        "body",
        "bollinger",
        "break_gap",
        "cci",
        "channel_position",
        "close_location",
        "day_edges",
        "day_flags",
        "day_share",
        "donchian_width",
        "downside_share",
        "drawdown",
        "efficiency_ratio",
        "ema_distance",
        "higher_candle",
        "higher_position",
        "higher_return",
        "higher_trend",
        "hull",
        "inside_outside",
        "log_return",
        "macd",
        "money_flow",
        "parkinson",
        "peer_correlation",
        "peer_dispersion",
        "peer_lead",
        "peer_return",
        "prior_day",
        "range_expansion",
        "rate_of_change",
        "realised_vol",
        "regression_slope",
        "relative_return",
        "release_count",
        "release_freshness",
        "return_autocorrelation",
        "rsi",
        "sessions",
        "sign_run",
        "signed_volume",
        "sma_distance",
        "stochastic",
        "story_burst",
        "story_freshness",
        "surprise",
        "time_of_week",
        "tone",
        "tone_decay",
        "tone_spread",
        "variance_ratio",
        "vol_percentile",
        "vol_ratio",
        "vol_shock",
        "volume_move",
        "volume_trend",
        "volume_z",
        "wicks",
        "williams_r",
    }
)
"""What members read unless a workspace asks for all: the set that the published figures were made
with. More columns are more chances to fit noise; `full` takes every feature of the library."""

_OF_VOLUME = frozenset(
    {
        "amihud",
        "bulk_volume",
        "chaikin_money_flow",
        "chaikin_oscillator",
        "ease_of_movement",
        "force_index",
        "money_flow",
        "signed_volume",
    }
)
_WITHIN_A_DAY = frozenset({"day_vwap", "fixing", "opening_range", "session_range"})
"""Nothing to say where a bar is a day."""
_LONGEST_WEEK = 1500
"""Bars; a longer week is left out, for its features would look back at two of them."""

_LEFT_OUT: dict[AssetClass, frozenset[str]] = {
    # FX and metal publish ticks, not volume: signed and money-weighted volume would be made up
    AssetClass.FX: _OF_VOLUME,
    AssetClass.METAL: _OF_VOLUME,
    # crypto never closes: no gaps, no breaks, no holidays
    AssetClass.CRYPTO: frozenset({"bar_gap", "break_gap", "day_flags"}),
    AssetClass.EQUITY: frozenset({"sessions"}),  # one exchange, one session: the day's clock tells
    AssetClass.INDEX: frozenset(),
}

THIN_WITHOUT = frozenset({Group.VOLUME})
"""What a thin feed does without: the volume of one small venue says little of its market's."""

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
    which: Which = "standard",
    thin: bool = False,
) -> tuple[Feature, ...]:
    """Return the features a market of this class starts with, sorted by name.

    `which` is `standard` or `full`; `groups` keeps those of some groups only; `timeframe` fits the
    settings that count the bars of a day or a week to it, and leaves out what they cannot fit.
    `thin` says that the feed prints a small part of its market's volume: `THIN_WITHOUT` is left
    out then. `SettingsError` if nothing is left.
    """
    wanted = frozenset(Group) if groups is None else frozenset(groups)
    wanted -= THIN_WITHOUT if thin else frozenset()
    every = _own() if which == "full" else sorted(STANDARD)
    names = [name for name in every if name not in _LEFT_OUT[asset_class]]
    features = (_fitted(name, asset_class, timeframe) for name in names)
    found = tuple(each for each in features if each is not None and each.group in wanted)
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


def _fitted(name: str, kind: AssetClass, timeframe: Timeframe | None) -> Feature | None:
    """Return the feature, its days and weeks as long as the market's; None if it does not fit."""
    if timeframe is None:
        return make_feature(name, {})
    if name in _WITHIN_A_DAY and timeframe is Timeframe.D1:
        return None
    defaults = FEATURES.get(name)().settings()
    bars_a_day = Timeframe.D1.minutes // timeframe.minutes
    bars_a_week = bars_a_day * (7 if kind is AssetClass.CRYPTO else 5)
    settings = {"longest_day": bars_a_day, "longest_week": bars_a_week}
    if "longest_week" in defaults and bars_a_week > _LONGEST_WEEK:
        return None
    if name == "opening_range":
        settings["bars"] = max(1, min(defaults["bars"], bars_a_day // 4))
    return make_feature(name, {key: settings[key] for key in settings if key in defaults})
