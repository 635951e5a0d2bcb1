"""Freqtrade and ccxt: candles as lists of six numbers, and Freqtrade's data folder."""

import re
from dataclasses import replace
from typing import ClassVar

import polars as pl

from assay.core.errors import DataError
from assay.sources.formats.columns import PRICE_NAMES, is_epoch, laid_out, looks
from assay.sources.formats.contract import Format, Layout, Stamp
from assay.sources.reading.raw import Raw

NAME = re.compile(
    r"(?:^|[/\\ ])[A-Za-z0-9]+_[A-Za-z0-9]+(?:_[A-Za-z0-9]+)?-\d+[mhdwM]"
    r"(?:-(?P<kind>\w+))?\.(?:json|json\.gz|feather|parquet)$"
)
NO_BARS = {
    "funding_rate": "funding rates",
    "mark": "mark prices, at which nobody trades",
    "index": "prices of an index, at which nobody trades",
    "premiumIndex": "premiums of a future over its index",
    "open_interest": "open interest",
}
COLUMNS = ["date", *PRICE_NAMES, "volume"]


class Freqtrade(Format):
    """Candles stamped at their open, in milliseconds since 1970 UTC: time, prices, volume.

    JSON is a list of such lists, as ccxt's `fetch_ohlcv` returns them; Feather and Parquet have the
    columns `date` (UTC) to `volume` and are known by their name: `BTC_USDT-1h.feather`,
    `BTC_USDT_USDT-1h-futures.feather`. Files that end in `-funding_rate`, `-mark` and their like
    have the same columns and hold no prices at which anything was traded.
    """

    order: ClassVar[int] = 40

    def layout(self, raw: Raw) -> Layout | None:
        """See `Format.layout`."""
        name = NAME.search(raw.name)
        if raw.frame.width != len(COLUMNS):
            return None
        time, *values = raw.frame.columns
        if name and name["kind"] in NO_BARS and (not raw.named or raw.frame.columns == COLUMNS):
            raise DataError(
                f"{raw.name} holds {NO_BARS[name['kind']]}, no bars: import the file without "
                f"-{name['kind']}"
            )
        if not raw.named and looks(raw.frame[time], r"\d{12,13}"):
            said = "rows of six numbers that begin with milliseconds since 1970, as ccxt gives them"
        elif name and raw.frame.columns == COLUMNS and _is_utc(raw.frame[time]):
            said = "its name and its columns, as Freqtrade writes them"
        else:
            return None
        columns = dict(zip((*PRICE_NAMES, "volume"), values, strict=True))
        layout = laid_out(raw, (time,), columns, Stamp.OPEN)
        return replace(layout, format="freqtrade", evidence=said, clock="UTC")


def _is_utc(column: pl.Series) -> bool:
    zoned = isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None
    return zoned or is_epoch(column)
