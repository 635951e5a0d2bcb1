"""Whether a stored series is what its calendar expects, and what else is odd about it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.flaw import Flaw
from assay.sources.quality.rules import find_flaws
from assay.sources.splits import Split, find_splits
from assay.workflows.desk import Desk

SHOWN_GAPS = 20


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of expected bars that are missing: closes of its first and last bar, and how many."""

    first: datetime
    last: datetime
    bars: int


@dataclass(frozen=True, slots=True)
class Year:
    """One calendar year (UTC) of a series: a feed that changed shows here.

    `missing` of the `expected` bars are not there; `volume` is the median of those that are.
    """

    year: int
    rows: int
    expected: int
    missing: int
    volume: float

    @property
    def coverage(self) -> float:
        """Return the share of expected bars that are there."""
        return _coverage(self.missing, self.expected)


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC) of a series: bars expected, those of them that are there, and flagged ones."""

    day: date
    expected: int
    there: int
    flagged: int


@dataclass(frozen=True, slots=True)
class Checked:
    """Coverage of a series against its calendar.

    `expected` bars should exist between the first and the last stored; `missing` of them do not,
    in `gaps` (the longest first); `outside` lie where the calendar is closed, the first and the
    last of them at `outside_span`. `holidays` are the days on which nothing or less was expected,
    which is no failure. `splits` are jumps of a share that look like splits nobody adjusted for;
    `flaws` is everything that the rules of bad bars find (splits among it), in order of time;
    `days` hold how many bars were expected, are there and are flagged on each day (UTC).
    `corrections` say when and why stored bars were replaced.
    """

    symbol: str
    timeframe: Timeframe
    source: str
    simulated: bool
    rows: int
    expected: int
    missing: int
    outside: int
    outside_span: tuple[datetime, datetime] | None
    gaps: tuple[Gap, ...]
    years: tuple[Year, ...]
    holidays: tuple[tuple[str, str], ...]
    splits: tuple[Split, ...]
    flaws: tuple[Flaw, ...]
    days: tuple[Day, ...]
    corrections: tuple[str, ...]
    zero_volume: int
    flat: int

    @property
    def coverage(self) -> float:
        """Return the share of expected bars that are there."""
        return _coverage(self.missing, self.expected)

    def to_json(self) -> dict[str, Any]:
        """Return plain data, the longest gaps first."""
        return {
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            "source": self.source,
            "simulated": self.simulated,
            "rows": self.rows,
            "expected": self.expected,
            "missing": self.missing,
            "coverage": self.coverage,
            "outside": self.outside,
            "outside_span": self.outside_span,
            "gaps": [{"first": g.first, "last": g.last, "bars": g.bars} for g in self.gaps],
            "years": [{**asdict(y), "coverage": y.coverage} for y in self.years],
            "holidays": [{"date": d, "name": n} for d, n in self.holidays],
            "splits": [split.to_json() for split in self.splits],
            "flaws": [flaw.to_json() for flaw in self.flaws],
            "corrections": list(self.corrections),
            "zero_volume": self.zero_volume,
            "flat": self.flat,
        }


def check_series(desk: Desk, symbol: str, timeframe: Timeframe) -> Checked:
    """Compare a stored series with the bars its calendar expects; changes nothing."""
    instrument = desk.instrument(symbol)
    bars = desk.bars.read(instrument, timeframe)
    frame, table = bars.frame, calendar(instrument.calendar)
    first, last = frame["time"][0], frame["time"][-1]
    expected = table.expected_closes(timeframe, first, last)
    wanted = pl.DataFrame({"time": expected}).with_row_index("place")
    missing = wanted.join(frame.select("time"), on="time", how="anti").sort("place")
    outside = frame.select("time").join(wanted, on="time", how="anti").sort("time")["time"]
    runs = (
        missing.with_columns(run=(pl.col("place").diff() != 1).fill_null(value=True).cum_sum())
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("time").first().alias("first"),
            pl.col("time").last().alias("last"),
            pl.len().alias("bars"),
        )
        .sort("bars", descending=True)
    )
    info = desk.bars.info(instrument.symbol, timeframe)
    days = table.holidays(first.date(), last.date())
    flaws = find_flaws(frame, instrument, timeframe, table)
    return Checked(
        symbol=instrument.symbol,
        timeframe=timeframe,
        source=info.source,
        simulated=info.simulated,
        rows=frame.height,
        expected=len(expected),
        missing=missing.height,
        outside=len(outside),
        outside_span=(outside[0], outside[-1]) if len(outside) else None,
        gaps=tuple(Gap(r["first"], r["last"], r["bars"]) for r in runs.head(SHOWN_GAPS).to_dicts()),
        years=_years(frame, wanted, missing),
        holidays=tuple((str(d), n) for d, n in days.select("date", "name").iter_rows()),
        splits=find_splits(bars, table),
        flaws=flaws,
        days=_days(frame, wanted, flaws),
        corrections=_corrections(desk, instrument.symbol, timeframe),
        zero_volume=frame.filter(pl.col("volume") == 0).height,
        flat=frame.filter(pl.col("high") == pl.col("low")).height,
    )


def _coverage(missing: int, expected: int) -> float:
    return 1.0 - missing / expected if expected else 0.0


def _corrections(desk: Desk, symbol: str, timeframe: Timeframe) -> tuple[str, ...]:
    return tuple(
        f"{change.known_at:%Y-%m-%d %H:%M} UTC: {change.rows:,} bars up to "
        f"{change.last:%Y-%m-%d %H:%M} UTC were {change.reason}"
        for change in desk.bars.changes(symbol, timeframe)
        if change.kind == "correct"
    )


def _days(frame: pl.DataFrame, wanted: pl.DataFrame, flaws: Sequence[Flaw]) -> tuple[Day, ...]:
    """Return every day on which a bar is expected, there or flagged."""
    flagged = np.zeros(frame.height, dtype=np.bool_)
    for flaw in flaws:
        flagged[flaw.start : flaw.end + 1] = True
    day = (pl.col("time") - pl.duration(microseconds=1)).dt.date().alias("day")
    there = frame.select(day, "time", flagged=pl.Series(flagged))
    counted = (
        wanted.select(day, "time")
        .join(there, on="time", how="full", suffix="_there")
        .select(
            day=pl.coalesce("day", "day_there"),
            expected=pl.col("time").is_not_null(),
            there=(pl.col("time").is_not_null() & pl.col("time_there").is_not_null()),
            flagged=pl.col("flagged").fill_null(value=False),
        )
    )
    found = counted.group_by("day").agg(pl.col("expected", "there", "flagged").sum()).sort("day")
    return tuple(Day(**row) for row in found.to_dicts())


def _years(frame: pl.DataFrame, wanted: pl.DataFrame, missing: pl.DataFrame) -> tuple[Year, ...]:
    year = pl.col("time").dt.year().alias("year")
    found = (
        frame.group_by(year)
        .agg(rows=pl.len(), volume=pl.col("volume").median())
        .join(wanted.group_by(year).agg(expected=pl.len()), on="year", how="full", coalesce=True)
        .join(missing.group_by(year).agg(missing=pl.len()), on="year", how="left")
        .with_columns(pl.col("rows", "expected", "missing").fill_null(0))
        .with_columns(pl.col("volume").fill_null(0.0))
        .sort("year")
    )
    return tuple(Year(**row) for row in found.to_dicts())
