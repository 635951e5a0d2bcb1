"""Yahoo Finance: the downloads of its page, what yfinance saves, answers of its chart service."""

from dataclasses import replace
from typing import ClassVar

from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.file_times import AS_WRITTEN
from assay.sources.formats.columns import PRICE_NAMES, by_plain_name, chosen, laid_out, only_value
from assay.sources.formats.contract import Format, Layout, Stamp
from assay.sources.reading.raw import Raw

ROLES = {**PRICE_NAMES, "volume": "volume"}
SPLITS_ALONE = Note(
    "adjustment",
    "Yahoo's prices are adjusted for splits but not for dividends; its adjusted close, which is "
    "adjusted for both, was not used",
)
MAYBE_BOTH = Note(
    "adjustment",
    "yfinance adjusts prices for dividends unless it is told not to; without 'Adj Close' the file "
    "does not show whether it did",
)
JOINED = "joined_header"
"""The note of a header of several lines, which yfinance writes: prices, tickers, time."""
ADJUSTED = ("adj_close", "adjclose")
GRANULARITY = "dataGranularity"


class Yahoo(Format):
    """Days named by their date, or shorter bars stamped at their open with an offset from UTC.

    The page gives `Date,Open,High,Low,Close,Adj Close,Volume` (older files end in `Volume,Adj
    Close`); days without trade hold `null`. yfinance writes `Datetime` for shorter bars, adds
    `Dividends` and `Stock Splits`, and since 2024 heads its files with three lines. The chart
    service stamps days with the open of their session, in seconds since 1970.
    """

    order: ClassVar[int] = 30

    def layout(self, raw: Raw) -> Layout | None:
        """See `Format.layout`."""
        known = by_plain_name(raw)
        columns = chosen(known, ROLES)
        time = next((n for n in ("date", "datetime", "timestamp") if n in known), None)
        evidence = _evidence(raw, known)
        if columns is None or time is None or evidence is None:
            return None
        adjusted = next((known[name] for name in ADJUSTED if name in known), None)
        names = known.get("ticker", known.get("symbol"))
        layout = laid_out(
            raw,
            (known[time],),
            columns,
            None if time == "date" else Stamp.OPEN,
            used=[name for name in (adjusted, names) if name],
        )
        length = raw.metadata.get(GRANULARITY)
        return replace(
            layout,
            format="yahoo",
            evidence=f"{evidence}, as Yahoo Finance has it",
            notes=(*layout.notes, SPLITS_ALONE if adjusted else MAYBE_BOTH),
            clock="UTC" if GRANULARITY in raw.metadata else None,
            symbol=only_value(raw.frame[names]) if names else None,
            timeframe=Timeframe(length) if length in set(Timeframe) else None,
            instruments=names,
            days_in=AS_WRITTEN,
        )


def _evidence(raw: Raw, known: dict[str, str]) -> str | None:
    if GRANULARITY in raw.metadata:
        return f"what it says beside the prices ({GRANULARITY!r})"
    adjusted = next((known[name] for name in ADJUSTED if name in known), None)
    if adjusted:
        return f"its column {adjusted!r}"
    if known.keys() >= {"dividends", "stock_splits"}:
        return "its columns 'Dividends' and 'Stock Splits'"
    if any(note.code == JOINED for note in raw.notes):
        return "its header of several lines"
    return None
