"""The verbs on bars: import, list, show, resample."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.errors import NotFoundError, SettingsError
from assay.core.instruments import KNOWN, equity, index
from assay.core.resample import resample
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File
from assay.sources.contract import Note
from assay.sources.splits import Split, split_notes
from assay.store.series import SeriesInfo
from assay.workflows.adjust import store_adjusted, store_as_it_is
from assay.workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import read and stored.

    `bars` were in the file, `added` are new in the store; `renewed` were stored as prices before a
    split and are now stored as prices after it. `splits` are the jumps that look like one.
    """

    symbol: str
    timeframe: Timeframe
    file: Path
    bars: int
    added: int
    renewed: int
    first: datetime
    last: datetime
    splits: tuple[Split, ...]
    splits_adjusted: bool
    notes: tuple[Note, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            "file": str(self.file),
            "bars": self.bars,
            "added": self.added,
            "renewed": self.renewed,
            "first": self.first,
            "last": self.last,
            "splits": [split.to_json() for split in self.splits],
            "splits_adjusted": self.splits_adjusted,
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
    adjust_splits: bool = False,
) -> Imported:
    """Read `file` and store its bars as `symbol`; running it again adds only what is new.

    A symbol nobody knows needs `asset_class` equity or index, and is remembered once the file has
    been read. With `adjust_splits` the bars of a share are stored as if its splits had always been,
    those that are stored already too (as a newer version); without, a jump that looks like a split
    is noted and stored as it is.
    """
    instrument = resolve(desk, symbol, asset_class, venue_calendar)
    if adjust_splits and instrument.asset_class is not AssetClass.EQUITY:
        raise SettingsError(
            f"Only shares split: {instrument.symbol} is of class {instrument.asset_class}; leave "
            "out --adjust-splits"
        )
    fetched = File(file, stamp=stamp).bars(instrument, timeframe)
    _remember(desk, instrument)
    store = store_adjusted if adjust_splits else store_as_it_is
    stored = store(desk, fetched.bars, f"file:{file.name}")
    notes = split_notes(stored.splits, were_adjusted=adjust_splits)
    if adjust_splits and not stored.splits:
        said = "No jump from one session to the next looks like a split: nothing was adjusted"
        notes = (Note("no_split", said),)
    return Imported(
        symbol=instrument.symbol,
        timeframe=timeframe,
        file=file,
        bars=len(fetched.bars),
        added=stored.added,
        renewed=stored.renewed,
        first=fetched.bars.first_time,
        last=fetched.bars.last_time,
        splits=stored.splits,
        splits_adjusted=adjust_splits,
        notes=(*notes, *fetched.notes),
    )


def resolve(
    desk: Desk, symbol: str, asset_class: AssetClass | None, venue_calendar: str | None
) -> Instrument:
    """Return the instrument called `symbol`, or the one that the class and calendar make of it.

    Nothing is remembered here. A symbol that is defined otherwise already is refused.
    """
    from assay.store.instruments import Instruments

    try:
        held = desk.instrument(symbol)
    except NotFoundError as error:
        if asset_class is None:
            said = str(error).partition(";")[0]
            raise NotFoundError(
                f"{said}; a share or an index is imported with --class equity or --class index"
            ) from None
        held = None
    if held is not None and (asset_class is None or held.symbol in KNOWN):
        return held
    if asset_class not in (AssetClass.EQUITY, AssetClass.INDEX):
        raise SettingsError(
            f"{symbol!r} cannot be defined as {asset_class}: only shares and indices are defined "
            f"by their users; the known currencies, metals and coins are {', '.join(KNOWN)}"
        )
    make = equity if asset_class is AssetClass.EQUITY else index
    made = make(symbol, venue_calendar) if venue_calendar else make(symbol)
    calendar(made.calendar)
    if held is not None:
        Instruments(desk.database).add(made)
    return made


def _remember(desk: Desk, instrument: Instrument) -> None:
    """Define an instrument for this workspace; those everybody knows need none."""
    from assay.store.instruments import Instruments

    if instrument.symbol not in KNOWN:
        Instruments(desk.database).add(instrument)


def list_series(desk: Desk, problems: list[str] | None = None) -> list[SeriesInfo]:
    """Return what is stored, by symbol and timeframe.

    A damaged series is a `StoreError`; with `problems` given it is left out and named there.
    """
    found = desk.bars.series(problems)
    return sorted(found, key=lambda info: (info.symbol, info.timeframe.minutes))


def show_bars(desk: Desk, symbol: str, timeframe: Timeframe, rows: int) -> pl.DataFrame:
    """Return the newest `rows` bars."""
    return desk.bars.tail(desk.instrument(symbol), timeframe, rows).frame


@dataclass(frozen=True, slots=True)
class Resampled:
    """How many longer bars were new, and how many were made again of corrected shorter ones."""

    added: int
    renewed: int


def resample_series(desk: Desk, symbol: str, source: Timeframe, to: Timeframe) -> Resampled:
    """Make `to` bars out of stored `source` bars and store those that are new.

    Where the stored `source` bars were corrected after the `to` bars had been made of them, those
    that differ are stored as a newer version.
    """
    instrument = desk.instrument(symbol)
    bars = desk.bars.read(instrument, source)
    made = resample(bars, to, calendar(instrument.calendar))
    simulated = desk.is_simulated(instrument.symbol, source)
    renewed = _made_again(desk, made, source)
    added = desk.bars.append(
        made, source=f"resampled:{source}", known_at=desk.clock.now(), simulated=simulated
    )
    return Resampled(added, renewed)


def _made_again(desk: Desk, made: Bars, source: Timeframe) -> int:
    """Correct the stored bars that were made of `source` bars which were corrected since."""
    symbol, to = made.instrument.symbol, made.timeframe
    if not desk.has(symbol, to) or not len(made):
        return 0
    info = desk.bars.info(symbol, to)
    reasons = [
        change.reason
        for change in desk.bars.changes(symbol, source)
        if change.kind == "correct" and change.known_at > info.known_at
    ]
    if info.source != f"resampled:{source}" or not reasons:
        return 0
    return desk.bars.correct(
        made.until(info.last),
        reason=f"made again of {source} bars, which were {'; '.join(filter(None, reasons))}",
        known_at=desk.clock.now(),
    )
