"""Columns over time beneath the price, each with its spread over the whole stored history."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import HistoryError
from assay.core.values.timeframe import Timeframe
from assay.evaluation.distribution import Distribution, distribution
from assay.features.contract import Feature
from assay.features.describe import describe
from assay.features.pipeline import Pipeline
from assay.workflows.columns import chosen, set_of
from assay.workflows.desk import Desk
from assay.workflows.gather import Series, frames_of

LEAST_BARS = 2
RARE, UNUSUAL, SIDE = 1.0, 5.0, 25.0
"""Percent at one end below which a value is very rare, rare, or to one side."""


def plotted(
    desk: Desk,
    symbol: str,
    timeframe: Timeframe,
    names: Sequence[str],
    *,
    bars: int = 500,
    until: datetime | None = None,
) -> dict[str, Any]:
    """Return the last `bars` bars up to `until` (UTC) of the columns called `names`, as plain data.

    Distributions are over every stored bar up to then. A feature that needs more bars than are
    stored is a `HistoryError`.
    """
    instrument = desk.instrument(symbol)
    series = Series(instrument.symbol, timeframe)
    columns = chosen(names, instrument.asset_class, timeframe)
    frames = frames_of(desk, series, until=until)
    features = tuple(dict.fromkeys(columns.values()))
    rows = frames.bars.height
    needy = max(features, key=lambda one: one.lookback)
    if rows < max(LEAST_BARS, needy.lookback):
        raise HistoryError(
            f"{series}: {rows:,} bars are stored up to then, but {describe(needy).name} needs "
            f"{max(LEAST_BARS, needy.lookback):,} for its first value; import more history"
        )
    table = Pipeline(features).compute(frames).tail(rows)
    times = frames.bars["time"]
    shown = min(bars, rows)
    return {
        "symbol": series.symbol,
        "timeframe": timeframe.value,
        "simulated": desk.is_simulated(series.symbol, timeframe),
        "rows": rows,
        "first": times[0],
        "last": times[-1],
        "shown": shown,
        "times": times.tail(shown).to_list(),
        "close": frames.bars["close"].tail(shown).to_list(),
        "columns": [
            _column(name, feature, table[name].fill_null(np.nan).to_numpy(), shown)
            for name, feature in columns.items()
        ],
    }


def _column(name: str, feature: Feature, values: NDArray[np.float64], shown: int) -> dict[str, Any]:
    told, found = describe(feature), distribution(values)
    return {
        "column": name,
        "feature": told.name,
        "group": told.group.value,
        "set": set_of(told.name),
        "settings": told.settings,
        "lookback": told.lookback,
        "text": told.text,
        "values": [float(v) if np.isfinite(v) else None for v in values[-shown:]],
        "distribution": asdict(found) | {"null_share": found.null_share},
        "words": in_words(found),
    }


def in_words(found: Distribution) -> str:
    """Return one sentence on where the present value stands among all that are known."""
    if not found.known:
        return "It is never known here, so there is nothing to compare"
    if found.present is None or found.percentile is None:
        return "It is not known at the last bar"
    if found.least == found.most:
        return f"It has been {found.present:.4g} at every bar on which it is known"
    place, value = found.percentile, f"{found.present:.4g}"
    counted = f"of {found.known:,} values {place:.0f} in 100 lie below it"
    if found.present == found.most:
        return f"Now {value}, the highest value it ever had here; {counted}"
    if found.present == found.least:
        return f"Now {value}, the lowest value it ever had here; {counted}"
    return f"Now {value}, {_standing(place)}; {counted}"


def _standing(place: float) -> str:
    side = "low" if place < 50 else "high"
    end = min(place, 100.0 - place)
    if end < RARE:
        return f"extremely {side}"
    if end < UNUSUAL:
        return f"unusually {side}"
    return f"on the {side} side" if end < SIDE else "in the middle half"
