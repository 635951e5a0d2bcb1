"""Files whose rows are readable one by one and wrong together."""

import numpy as np
import polars as pl

from assay.core.calendars.grid import MINUTE
from assay.core.calendars.table import Micros, moment_of
from assay.core.errors import DataError
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.reading.raw import Raw

NAMES_OF_INSTRUMENTS = ("ticker", "symbol", "instrument", "pair")
FAR = 3.0
"""Medians of the bars' range by which a bar has to open off the last close to stand apart."""
BLOCK, USUAL = 40, 0.8
"""So many steps in a row, of which such a share must be equal to be another size of bars."""
ENOUGH, TOGETHER = 20, 0.1
"""So many bars that stand apart, and such a share of all bars of one clock time, are a pattern."""


def named_otherwise(raw: Raw, instrument: Instrument, where: str) -> tuple[Note, ...]:
    """Return a note where a column of names calls the instrument otherwise.

    A name that holds the symbol, or is held by it (EURUSD=X, BTCUSD), is the same. Several names
    in one column are refused; empty ones say nothing.
    """
    notes = []
    for name in raw.frame.columns:
        if name.strip().lower() not in NAMES_OF_INSTRUMENTS:
            continue
        texts = raw.frame[name].cast(pl.String).str.strip_chars()
        held = texts.filter(texts != "").unique(maintain_order=True)
        if len(held) > 1:
            first = ", ".join(held.head(3))
            raise DataError(
                f"{where} holds {len(held):,} instruments in its column {name!r} ({first} …): an "
                "import takes a file of one; keep the rows of one"
            )
        if len(held) and not _same_name(held[0], instrument.symbol):
            said = (
                f"The column {name!r} says {held[0]!r}, but the bars were taken as "
                f"{instrument.symbol}: is it the right file?"
            )
            notes.append(Note("other_name", said))
    return tuple(notes)


def _same_name(written: str, symbol: str) -> bool:
    one, other = ("".join(c for c in text.upper() if c.isalnum()) for text in (written, symbol))
    return one in other or other in one


def refuse_broken_joints(frame: pl.DataFrame, timeframe: Timeframe, where: str) -> None:
    """Refuse bars of which those of one clock time do not join on to the next ones.

    A file of hours into which day bars are mixed has, at the hour that stands for the day, the
    close of the whole day: the next bar opens far from it, back where the hour was. Such bars
    tell the future. Looked at are bars with the next one right behind, in the file's own clock.
    """
    if not timeframe.is_intraday or frame.height < 2:
        return
    usual = (frame["high"] / frame["low"]).log().median()
    if not isinstance(usual, float) or usual <= 0:
        return
    next_open, until_next = pl.col("open").shift(-1), pl.col("time").shift(-1) - pl.col("time")
    found = (
        frame.select(
            clock=pl.col("time").dt.hour().cast(pl.Int32) * 60 + pl.col("time").dt.minute(),
            joined=until_next == timeframe.length,
            apart=(next_open / pl.col("close")).log().abs() > FAR * usual,
        )
        .filter("joined")
        .group_by("clock")
        .agg(bars=pl.len(), apart=pl.col("apart").sum())
        .filter(pl.col("apart") >= ENOUGH, pl.col("apart") >= TOGETHER * pl.col("bars"))
        .sort("apart", "clock", descending=[True, False])
    )
    if found.height:
        clock, bars, apart = found.row(0)
        raise DataError(
            f"{where}: longer bars (of a whole day) are mixed in: {apart:,} of {bars:,} bars "
            f"stamped {clock // 60:02}:{clock % 60:02} end far from where the next bar opens, so "
            "they tell the future; fetch the file from another source"
        )


def refuse_other_sizes(times: Micros, timeframe: Timeframe, where: str) -> None:
    """Refuse times whose step changes on the way to that of another timeframe, for a while.

    Looked at are blocks of `BLOCK` steps: in each of them the timeframe's own step, or none, must
    be the usual one.
    """
    steps = np.diff(times)
    whole = len(steps) // BLOCK * BLOCK
    blocks = steps[:whole].reshape(-1, BLOCK)
    for other in Timeframe:
        found = (blocks == other.minutes * MINUTE).sum(axis=1) >= USUAL * BLOCK
        if other is not timeframe and found.any():
            day = moment_of(int(times[int(np.argmax(found)) * BLOCK]))
            raise DataError(
                f"{where}: the bars change their size: about {day:%Y-%m-%d} they are {other} bars, "
                f"elsewhere {timeframe}; split the file there and import each part"
            )
