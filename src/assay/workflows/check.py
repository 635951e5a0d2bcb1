"""Whether a stored series is what its calendar expects, and what else is odd about it."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.flaw import Flaw
from assay.sources.splits import Split, find_splits
from assay.workflows.covered import Gap, covered
from assay.workflows.desk import Desk
from assay.workflows.flagged import flagged_times, flaws_of, score, score_words
from assay.workflows.thin import thin_of

SHOWN_GAPS = 20


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
    `flaws` is everything that the rules of bad bars find (splits among it), in order of time, and
    `flagged` in how many bars they mislead; `days` hold how many bars were expected, are there and
    are flagged on each day (UTC). `corrections` say when and why stored bars were replaced, `thin`
    why the volume means little, if it does.
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
    flagged: int
    days: tuple[Day, ...]
    corrections: tuple[str, ...]
    thin: str | None
    zero_volume: int
    flat: int

    @property
    def coverage(self) -> float:
        """Return the share of expected bars that are there."""
        return _coverage(self.missing, self.expected)

    @property
    def score(self) -> float:
        """Return how good the series is, 0 to 100: see `score`."""
        return score(self.coverage, self.flagged, self.rows)

    @property
    def score_words(self) -> str:
        """Return how the score was reached."""
        return score_words(self.coverage, self.flagged, self.rows)

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
            "flagged": self.flagged,
            "score": self.score,
            "score_words": self.score_words,
            "thin": self.thin,
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
    found = covered(bars)
    times = pl.DataFrame({"time": found.expected}).cast({"time": frame.schema["time"]})
    missing = times.filter(pl.Series(~found.there))
    outside = frame.select("time").join(times, on="time", how="anti").sort("time")["time"]
    gaps = sorted(found.gaps(), key=lambda gap: gap.bars, reverse=True)
    info = desk.bars.info(instrument.symbol, timeframe)
    days = table.holidays(first.date(), last.date())
    thin = thin_of(desk, instrument.symbol, timeframe)
    flaws = flaws_of(desk, bars)
    marked = flagged_times(bars, flaws)
    return Checked(
        symbol=instrument.symbol,
        timeframe=timeframe,
        source=info.source,
        simulated=info.simulated,
        rows=frame.height,
        expected=len(found.expected),
        missing=missing.height,
        outside=len(outside),
        outside_span=(outside[0], outside[-1]) if len(outside) else None,
        gaps=tuple(gaps[:SHOWN_GAPS]),
        years=_years(frame, times, missing),
        holidays=tuple((str(d), n) for d, n in days.select("date", "name").iter_rows()),
        splits=find_splits(bars, table),
        flaws=flaws,
        flagged=len(marked),
        days=tuple(Day(**row) for row in found.by_day(marked).to_dicts()),
        corrections=_corrections(desk, instrument.symbol, timeframe),
        thin=str(thin) if thin is not None else None,
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
