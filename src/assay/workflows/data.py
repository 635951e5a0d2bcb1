"""The verbs on bars: import, list, show, check, resample."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.errors import NotFoundError, SettingsError
from assay.core.instruments import KNOWN, equity, index
from assay.core.instruments import instrument as known_instrument
from assay.core.resample import resample
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File
from assay.sources.contract import Note
from assay.store.series import SeriesInfo
from assay.workflows.desk import Desk

SHOWN_GAPS = 20


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import read and stored; `rows` were in the file, `added` are new in the store."""

    symbol: str
    timeframe: Timeframe
    file: Path
    bars: int
    added: int
    first: datetime
    last: datetime
    notes: tuple[Note, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            "file": str(self.file),
            "bars": self.bars,
            "added": self.added,
            "first": self.first,
            "last": self.last,
            "notes": [{"code": n.code, "sentence": n.sentence, "line": n.line} for n in self.notes],
        }


def import_file(
    desk: Desk,
    file: Path,
    symbol: str,
    timeframe: Timeframe,
    *,
    stamp: str | None = None,
    asset_class: AssetClass | None = None,
    venue_calendar: str | None = None,
) -> Imported:
    """Read `file` and store its bars as `symbol`; running it again adds only what is new.

    A symbol nobody knows needs `asset_class` equity or index, and is remembered.
    """
    instrument = resolve(desk, symbol, asset_class, venue_calendar)
    fetched = File(file, stamp=stamp).bars(instrument, timeframe)
    added = desk.bars.append(fetched.bars, source=f"file:{file.name}", known_at=desk.clock.now())
    first = fetched.bars.frame["time"][0]
    assert isinstance(first, datetime)
    return Imported(
        instrument.symbol,
        timeframe,
        file,
        len(fetched.bars),
        added,
        first,
        fetched.bars.last_time,
        fetched.notes,
    )


def resolve(
    desk: Desk, symbol: str, asset_class: AssetClass | None, venue_calendar: str | None
) -> Instrument:
    """Return the instrument called `symbol`, defining it where the class says what it is."""
    from assay.store.instruments import Instruments

    if asset_class is None:
        try:
            return desk.instrument(symbol)
        except NotFoundError as error:
            raise NotFoundError(
                f"{error}; a share or an index is imported with --class equity or --class index"
            ) from None
    if symbol.strip().upper() in KNOWN:
        return known_instrument(symbol)
    if asset_class not in (AssetClass.EQUITY, AssetClass.INDEX):
        raise SettingsError(
            f"{symbol!r} cannot be defined as {asset_class}: only shares and indices are defined "
            f"by their users; the known currencies, metals and coins are {', '.join(KNOWN)}"
        )
    make = equity if asset_class is AssetClass.EQUITY else index
    made = make(symbol, venue_calendar) if venue_calendar else make(symbol)
    calendar(made.calendar)
    Instruments(desk.database).add(made)
    return made


def list_series(desk: Desk) -> list[SeriesInfo]:
    """Return what is stored, by symbol and timeframe."""
    return sorted(desk.bars.series(), key=lambda info: (info.symbol, info.timeframe.minutes))


def show_bars(desk: Desk, symbol: str, timeframe: Timeframe, rows: int) -> pl.DataFrame:
    """Return the newest `rows` bars."""
    return desk.bars.tail(desk.instrument(symbol), timeframe, rows).frame


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of expected bars that are missing: closes of its first and last bar, and how many."""

    first: datetime
    last: datetime
    bars: int


@dataclass(frozen=True, slots=True)
class Checked:
    """Coverage of a series against its calendar.

    `expected` bars should exist between the first and the last stored; `missing` of them do not,
    in `gaps` (the longest first); `outside` lie where the calendar is closed. `holidays` are the
    days on which nothing was expected, which is no failure.
    """

    symbol: str
    timeframe: Timeframe
    rows: int
    expected: int
    missing: int
    outside: int
    gaps: tuple[Gap, ...]
    holidays: tuple[tuple[str, str], ...]
    zero_volume: int
    flat: int

    @property
    def coverage(self) -> float:
        """Return the share of expected bars that are there."""
        return 1.0 - self.missing / self.expected if self.expected else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain data, the longest gaps first."""
        return {
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            "rows": self.rows,
            "expected": self.expected,
            "missing": self.missing,
            "coverage": self.coverage,
            "outside": self.outside,
            "gaps": [{"first": g.first, "last": g.last, "bars": g.bars} for g in self.gaps],
            "holidays": [{"date": d, "name": n} for d, n in self.holidays],
            "zero_volume": self.zero_volume,
            "flat": self.flat,
        }


def check_series(desk: Desk, symbol: str, timeframe: Timeframe) -> Checked:
    """Compare a stored series with the bars its calendar expects; changes nothing."""
    instrument = desk.instrument(symbol)
    frame = desk.bars.read(instrument, timeframe).frame
    table = calendar(instrument.calendar)
    first, last = frame["time"][0], frame["time"][-1]
    expected = table.expected_closes(timeframe, first, last)
    wanted = pl.DataFrame({"time": expected}).with_row_index("place")
    missing = wanted.join(frame.select("time"), on="time", how="anti").sort("place")
    outside = frame.select("time").join(wanted, on="time", how="anti").height
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
    days = table.holidays(first.date(), last.date())
    return Checked(
        symbol=instrument.symbol,
        timeframe=timeframe,
        rows=frame.height,
        expected=len(expected),
        missing=missing.height,
        outside=outside,
        gaps=tuple(Gap(r["first"], r["last"], r["bars"]) for r in runs.head(SHOWN_GAPS).to_dicts()),
        holidays=tuple((str(d), n) for d, n in days.select("date", "name").iter_rows()),
        zero_volume=frame.filter(pl.col("volume") == 0).height,
        flat=frame.filter(pl.col("high") == pl.col("low")).height,
    )


def resample_series(desk: Desk, symbol: str, source: Timeframe, to: Timeframe) -> int:
    """Make `to` bars out of stored `source` bars and store them; return how many were new."""
    instrument = desk.instrument(symbol)
    bars = desk.bars.read(instrument, source)
    info = next(
        i for i in desk.bars.series() if i.symbol == instrument.symbol and i.timeframe is source
    )
    made = resample(bars, to, calendar(instrument.calendar))
    return desk.bars.append(
        made, source=f"resampled:{source}", known_at=desk.clock.now(), simulated=info.simulated
    )
