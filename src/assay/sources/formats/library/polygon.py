"""Polygon.io (now Massive): its flat files, the answers of its API, and what its package saves."""

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

ROLES = {**PRICE_NAMES, "volume": "volume"}


class Polygon(Format):
    """Aggregates stamped with the start of their window, in UTC, usually of many tickers.

    Flat files are `ticker,volume,open,close,high,low,window_start,transactions` with nanoseconds
    since 1970 (indices have no volume); the API answers with v, vw, o, c, h, l, t (milliseconds)
    and n. The day of a whole market, and the one before today, have T, the ticker, too, and there t
    is the end of the window. The package's names are `timestamp`, `vwap` and `transactions`. Days
    of shares begin at New York's midnight (not documented; seen in answers).
    """

    order: ClassVar[int] = 30

    def layout(self, raw: Raw) -> Layout | None:
        """See `Format.layout`."""
        known = by_plain_name(raw)
        if known.keys() >= {"ticker", "window_start"}:
            columns = chosen(known, ROLES)
            said = "its column 'window_start', as in Polygon's flat files"
            return (
                None
                if columns is None
                else _told(raw, known["window_start"], columns, known["ticker"], said)
            )
        if known.keys() >= {"timestamp", "vwap", "transactions"}:
            columns = chosen(known, ROLES)
            said = "its columns 'vwap' and 'transactions', as Polygon's package calls them"
            return (
                None
                if columns is None
                else _told(raw, known["timestamp"], columns, known.get("ticker"), said)
            )
        short = {name: name for name in raw.frame.columns} if raw.named else {}
        if short.keys() >= {"t", "vw"} and is_epoch(raw.frame["t"]):
            columns = chosen(short, SHORT_NAMES)
            said = "the columns v, vw, o, c, h, l, t of Polygon's API"
            layout = None if columns is None else _told(raw, "t", columns, short.get("T"), said)
            return replace(layout, stamp=Stamp.CLOSE) if layout and "T" in short else layout
        return None


def _told(raw: Raw, time: str, columns: dict[str, str], names: str | None, evidence: str) -> Layout:
    layout = laid_out(raw, (time,), columns, Stamp.OPEN, used=[names] if names else ())
    return replace(
        layout,
        format="polygon",
        evidence=evidence,
        clock="UTC",
        symbol=only_value(raw.frame[names]) if names else None,
        instruments=names,
        days_in="America/New_York",
    )
