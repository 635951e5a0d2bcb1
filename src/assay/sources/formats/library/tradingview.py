"""TradingView: "Export chart data", and the answers of its UDF protocol."""

import re
from dataclasses import replace
from typing import ClassVar

from assay.sources.formats.columns import PRICE_NAMES, SHORT_NAMES, is_epoch, laid_out, looks
from assay.sources.formats.contract import Format, Layout, Stamp
from assay.sources.reading.raw import Raw

NAME = re.compile(r"(?:^|[/\\ ])[A-Z0-9_!.]+_[^\s_/\\]+, \w+(?: ?\(\d+\))?\.csv$", re.IGNORECASE)
ZONED = r"\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:?\d{2})"
UDF = {"s", "t", "o", "h", "l", "c", "v", "nexttime", "nb", "nextTime"}


class TradingView(Format):
    """Bars stamped at their open: `time,open,high,low,close`, then `Volume` and indicators.

    `time` is seconds since 1970 UTC or ISO with an offset, and for days a date. Without the capital
    of `Volume` the table is known by its name alone (`OANDA_XAUUSD, 240_ab12c.csv`). A UDF answer
    has the columns t (seconds), o, h, l, c, v. UDF is documented, the export was seen in files.
    """

    order: ClassVar[int] = 40

    def layout(self, raw: Raw) -> Layout | None:
        """See `Format.layout`."""
        names = raw.frame.columns
        if not raw.named:
            return None
        if {"t", "o", "h", "l", "c"} <= set(names) <= UDF and is_epoch(raw.frame["t"]):
            columns = {role: name for role, name in SHORT_NAMES.items() if name in names}
            return _told(raw, "t", columns, "the columns t, o, h, l, c of TradingView's UDF")
        if names[:5] != ["time", *PRICE_NAMES]:
            return None
        volume = next((name for name in names if name in {"Volume", "volume"}), None)
        time = raw.frame["time"]
        own = volume == "Volume" and (is_epoch(time) or looks(time, ZONED))
        if not own and not NAME.search(raw.name):
            return None
        said = (
            "its columns 'time' to 'Volume' as TradingView exports them"
            if own
            else "the name that TradingView gives its exports"
        )
        columns = {**PRICE_NAMES, **({"volume": volume} if volume else {})}
        return _told(raw, "time", columns, said)


def _told(raw: Raw, time: str, columns: dict[str, str], evidence: str) -> Layout:
    layout = laid_out(raw, (time,), columns, Stamp.OPEN)
    clock = "UTC" if is_epoch(raw.frame[time]) else None
    return replace(layout, format="tradingview", evidence=evidence, clock=clock)
