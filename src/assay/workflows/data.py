"""The verbs on stored bars: list, show, resample."""

from dataclasses import dataclass

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.resample import resample
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.store.series import SeriesInfo
from assay.workflows.desk import Desk


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
