"""Files whose rows are readable one by one and wrong together."""

import polars as pl

from assay.core.errors import DataError
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.file_raw import Raw
from assay.sources.file_rows import Rows

NAMES_OF_INSTRUMENTS = ("ticker", "symbol", "instrument", "pair")
NO_PAIR_ABOVE = 1_000.0
"""No known currency pair has ever traded above this."""
FAR = 3.0
"""Medians of the bars' range by which a bar has to open off the last close to stand apart."""
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


def refuse_points(rows: Rows, instrument: Instrument, where: str) -> None:
    """Refuse prices of a currency pair that were written as whole points."""
    middle = rows.frame["close"].median()
    if instrument.asset_class is not AssetClass.FX or not isinstance(middle, float):
        return
    if middle > NO_PAIR_ABOVE:
        raise DataError(
            f"{where}: the prices lie around {middle:,.0f}, where {instrument.symbol} never "
            "traded; they look like points: divide them (by 100,000, for yen by 1,000)"
        )


def broken_joints(frame: pl.DataFrame, timeframe: Timeframe) -> tuple[Note, ...]:
    """Return a note where the bars of one clock time do not join on to the next ones.

    A file of hours into which day bars are mixed has, at the hour that stands for the day, the
    close of the whole day: the next bar opens far from it, back where the hour was. Such bars
    tell the future. Looked at are bars with the next one right behind.
    """
    if not timeframe.is_intraday or frame.height < 2:
        return ()
    usual = (frame["high"] / frame["low"]).log().median()
    if not isinstance(usual, float) or usual <= 0:
        return ()
    next_open, until_next = pl.col("open").shift(-1), pl.col("time").shift(-1) - pl.col("time")
    found = (
        frame.select(
            clock=pl.col("time").dt.strftime("%H:%M"),
            joined=until_next == timeframe.length,
            apart=(next_open / pl.col("close")).log().abs() > FAR * usual,
        )
        .filter("joined")
        .group_by("clock")
        .agg(bars=pl.len(), apart=pl.col("apart").sum())
        .filter(pl.col("apart") >= ENOUGH, pl.col("apart") >= TOGETHER * pl.col("bars"))
        .sort("apart", descending=True)
    )
    if not found.height:
        return ()
    clock, bars, apart = found.row(0)
    said = (
        f"{apart:,} of {bars:,} bars that close at {clock} UTC end far from where the next bar "
        "opens, as if longer bars (a whole day) were mixed in: such bars tell the future, so do "
        "not train on this file"
    )
    return (Note("broken_joints", said),)
