"""Features as a table over time: what members read, or any columns by name."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from assay.core.errors import HistoryError
from assay.core.values.timeframe import Timeframe
from assay.features.pipeline import Pipeline
from assay.features.sets import Which
from assay.workflows.columns import chosen
from assay.workflows.desk import Desk
from assay.workflows.gather import Series, frames_of, pipeline_of


def feature_frame(
    desk: Desk,
    symbol: str,
    timeframe: Timeframe,
    names: Sequence[str] = (),
    *,
    which: Which | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> pl.DataFrame:
    """Return `time` (closes, UTC) and one column a feature column; null where it is not known.

    `names` are columns or features; none means the whole set `which`, by default the workspace's.
    Every stored bar up to `end` is read, whatever `start` is, so that a value does not depend on
    it. Fewer bars than a feature needs for its first value are a `HistoryError`.
    """
    instrument = desk.instrument(symbol)
    series = Series(instrument.symbol, timeframe)
    kind = instrument.asset_class
    if names:
        columns = chosen(names, kind, timeframe)
        pipeline = Pipeline(tuple(dict.fromkeys(columns.values())))
        kept = list(columns)
    else:
        pipeline = pipeline_of(kind, timeframe, which or desk.features)
        kept = list(pipeline.columns)
    frames = frames_of(desk, series, until=end)
    rows, needed = frames.bars.height, max(one.lookback for one in pipeline.features)
    if rows < needed:
        raise HistoryError(
            f"{series}: {rows:,} bars are stored up to then, but the features need {needed:,} for "
            "their first values; import more history, or name fewer features"
        )
    table = pipeline.compute(frames).tail(rows).select(kept)
    found = table.with_columns(frames.bars["time"]).select("time", *kept)
    return found if start is None else found.filter(pl.col("time") >= start)
