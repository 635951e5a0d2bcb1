"""Alpaca: bars of its market data API, as it answers and as its Python package saves them."""

from dataclasses import replace
from typing import ClassVar

from assay.sources.formats.columns import (
    PRICE_NAMES,
    SHORT_NAMES,
    by_plain_name,
    chosen,
    is_epoch,
    laid_out,
    only_value,
)
from assay.sources.formats.contract import Format, Layout, Stamp
from assay.sources.reading.raw import Raw


class Alpaca(Format):
    """Bars in UTC, "always labeled by the beginning time" (Alpaca's forum).

    The package saves `symbol,timestamp,open,high,low,close,volume,trade_count,vwap`; the API
    answers with t (RFC 3339), o, h, l, c, v, n, vw. Days of shares begin at New York's midnight
    (not documented; seen in answers).
    """

    order: ClassVar[int] = 30

    def layout(self, raw: Raw) -> Layout | None:
        """See `Format.layout`."""
        known = by_plain_name(raw)
        if known.keys() >= {"timestamp", "trade_count", "vwap"}:
            columns = chosen(known, {**PRICE_NAMES, "volume": "volume"})
            return (
                None
                if columns is None
                else _told(raw, known, known["timestamp"], columns, "trade_count")
            )
        if known.keys() >= {"t", "n", "vw"} and not is_epoch(raw.frame[known["t"]]):
            columns = chosen(known, SHORT_NAMES)
            return None if columns is None else _told(raw, known, known["t"], columns, "vw")
        return None


def _told(raw: Raw, known: dict[str, str], time: str, columns: dict[str, str], own: str) -> Layout:
    names = known.get("symbol", known.get("s"))
    layout = laid_out(raw, (time,), columns, Stamp.OPEN, used=[names] if names else ())
    return replace(
        layout,
        format="alpaca",
        evidence=f"its columns {time!r} and {own!r}, as Alpaca calls them",
        clock="UTC",
        symbol=only_value(raw.frame[names]) if names else None,
        instruments=names,
        days_in="America/New_York",
    )
