"""The verbs on stored bars: list, show, resample."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.resample import resample
from assay.core.values.bars import Bars
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.store.series import SeriesInfo
from assay.workflows.desk import Desk

INSTANT = timedelta(microseconds=1)
"""The least that times lie apart."""


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
    that differ are stored as a newer version, in one write. Else a calendar year is read, made and
    stored at a time, so that memory does not grow with the series.
    """
    instrument = desk.instrument(symbol)
    pieces = _made(desk, instrument, source, to)
    simulated = desk.is_simulated(instrument.symbol, source)
    reasons = _corrected_since(desk, instrument.symbol, source, to)
    renewed = 0
    if reasons:
        made = Bars(instrument, to, pl.concat([piece.frame for piece in pieces]))
        renewed = _made_again(desk, made, source, reasons)
        pieces = iter([made])
    added = sum(
        desk.bars.append(
            piece, source=f"resampled:{source}", known_at=desk.clock.now(), simulated=simulated
        )
        for piece in pieces
    )
    return Resampled(added, renewed)


def _made(desk: Desk, instrument: Instrument, source: Timeframe, to: Timeframe) -> Iterator[Bars]:
    """Yield the `to` bars of each year of `source` bars: together those of the whole series.

    What a year leaves over, bars of a `to` bar that was not over yet, is read again with the next.
    Days are made of all at once: into which of them a bar goes, its time alone does not say.
    """
    market, info = calendar(instrument.calendar), desk.bars.info(instrument.symbol, source)
    if not to.is_intraday:
        yield resample(desk.bars.read(instrument, source), to, market)
        return
    start = None
    for year in range(info.first.year, info.last.year + 1):
        end = datetime(year + 1, 1, 1, tzinfo=UTC) - INSTANT
        made = resample(desk.bars.read(instrument, source, start, end), to, market)
        start = made.last_time + INSTANT if len(made) else start
        yield made


def _corrected_since(desk: Desk, symbol: str, source: Timeframe, to: Timeframe) -> list[str]:
    """Return why `source` bars were corrected since `to` bars were made of them and stored."""
    if not desk.has(symbol, to):
        return []
    info = desk.bars.info(symbol, to)
    if info.source != f"resampled:{source}":
        return []
    return [
        change.reason or ""
        for change in desk.bars.changes(symbol, source)
        if change.kind == "correct" and change.known_at > info.known_at
    ]


def _made_again(desk: Desk, made: Bars, source: Timeframe, reasons: Sequence[str]) -> int:
    """Correct the stored bars that were made of `source` bars which were corrected since."""
    if not len(made):
        return 0
    info = desk.bars.info(made.instrument.symbol, made.timeframe)
    return desk.bars.correct(
        made.until(info.last),
        reason=f"made again of {source} bars, which were {'; '.join(filter(None, reasons))}",
        known_at=desk.clock.now(),
    )
