"""Binance: the klines of its public data and of its API."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import polars as pl

from assay.sources.file_names import LENGTHS
from assay.sources.formats.columns import (
    PRICE_NAMES,
    by_plain_name,
    chosen,
    is_epoch,
    laid_out,
    looks,
)
from assay.sources.formats.contract import Format, Layout, Stamp
from assay.sources.reading.raw import Raw

EPOCHS = r"\d{13}|\d{16}"
OWN = ("quote", "taker", "number_of_trades")
"""Headings that begin so are Binance's."""


class Binance(Format):
    """Twelve columns: open time, four prices, volume (of the base coin), close time, and more.

    Files of the spot market have no header, those of futures one (`open_time,…,close_time,
    quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore`). Times are milliseconds
    since 1970 UTC, for spot from 2025-01-01 on microseconds; the close is the last instant of the
    bar.
    """

    order: ClassVar[int] = 20

    def layout(self, raw: Raw) -> Layout | None:
        """See `Format.layout`."""
        if raw.named:
            return _with_header(raw)
        names = raw.frame.columns
        if len(names) not in {11, 12}:
            return None
        opens, closes = (raw.frame[names[place]] for place in (0, 6))
        if not looks(opens, EPOCHS) or not looks(closes, EPOCHS):
            return None
        columns = dict(zip((*PRICE_NAMES, "volume"), names[1:6], strict=True))
        said = f"{len(names)} columns without a header that begin and go on as Binance's klines"
        return _told(raw, names[0], names[6], columns, said)


def _with_header(raw: Raw) -> Layout | None:
    known = by_plain_name(raw)
    columns = chosen(known, {**PRICE_NAMES, "volume": "volume"})
    if columns is None or not known.keys() >= {"open_time", "close_time"}:
        return None
    own = [known[name] for name in known if name.startswith(OWN)]
    if not own:
        return None
    said = f"its columns 'open_time', 'close_time' and {own[0]!r}, as Binance calls them"
    return _told(raw, known["open_time"], known["close_time"], columns, said)


def _told(raw: Raw, opens: str, closes: str, columns: Mapping[str, str], evidence: str) -> Layout:
    layout = laid_out(raw, (opens,), columns, Stamp.OPEN, used=(closes,))
    minutes = _minutes(raw.frame[opens], raw.frame[closes])
    return replace(
        layout,
        format="binance",
        evidence=evidence,
        clock="UTC" if is_epoch(raw.frame[opens]) else None,
        timeframe=LENGTHS.get(minutes),
    )


def _minutes(opens: pl.Series, closes: pl.Series) -> int:
    """Return the usual length of a bar, 0 if the times are no numbers or it is no whole minute."""
    if not is_epoch(opens) or not is_epoch(closes):
        return 0
    first, last = (column.head(100).cast(pl.Int64, strict=False) for column in (opens, closes))
    per_minute = 60_000_000 if looks(opens, r"\d{16}") else 60_000
    length = (last - first + 1).drop_nulls().mode().sort()
    return int(length[0]) // per_minute if len(length) and length[0] % per_minute == 0 else 0
