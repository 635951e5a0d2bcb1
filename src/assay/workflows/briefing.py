"""What the analyst may see of one moment: bars, recent stories and the calendar; no forecast."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

import polars as pl

from assay.analyst.blind import BlindBrief, CalendarFacts, build_blind_brief
from assay.core.calendars.calendar import calendar
from assay.core.values.timeframe import Timeframe
from assay.store.seen import seen_between
from assay.workflows.desk import SCORER
from assay.workflows.gather import HORIZON_BARS, Prepared, Series

SESSIONS = ("sydney", "tokyo", "london", "new_york")
NO_STORIES = pl.DataFrame(
    schema={
        "seen_at": pl.Datetime("us", "UTC"),
        "source": pl.String,
        "text": pl.String,
        "score": pl.Float64,
    }
)
STORY_DAYS = 2


def brief_at(
    at: datetime,
    series: Series,
    frames: Mapping[Timeframe, Prepared],
    stories: pl.DataFrame | None,
) -> BlindBrief:
    """Return the blind brief of a decision on `series` at `at` (UTC).

    `frames` are the instrument's timeframes; `stories` the scored ones in order of first-seen time,
    of which the last two days up to `at` are shown.
    """
    instrument = frames[series.timeframe].instrument
    return build_blind_brief(
        {each: item.bars for each, item in frames.items()},
        _recent(stories, at),
        at,
        calendar_facts(instrument.calendar, at),
        instrument,
        horizon=(series.timeframe, HORIZON_BARS),
        scorer=SCORER,
    )


def _recent(stories: pl.DataFrame | None, at: datetime) -> pl.DataFrame:
    if stories is None:
        return NO_STORIES
    return seen_between(stories, at - timedelta(days=STORY_DAYS), at)


@lru_cache(maxsize=64)
def calendar_facts(market: str, at: datetime) -> CalendarFacts:
    """Return what a market's calendar says at `at`; scheduled events come with their own calendar.

    Instruments of one market ask it at the same moment.
    """
    table = calendar(market)
    now = pl.Series("time", [at], dtype=pl.Datetime("us", "UTC"))
    row = table.calendar_columns(now, Timeframe.M1).row(0, named=True)
    is_open = table.is_open(at)
    named = table.holidays(at.date(), at.date())
    return CalendarFacts(
        market_open=is_open,
        sessions=tuple(name for name in SESSIONS if row[f"session_{name}"]),
        holiday=str(named["name"][0]) if named.height else None,
        minutes_to_close=int(row["minutes_to_close"]) if is_open else None,
    )
