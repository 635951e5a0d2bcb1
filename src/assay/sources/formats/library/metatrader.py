"""MetaTrader: what its versions 4 and 5 export, and what their Python package hands out."""

from dataclasses import replace
from typing import ClassVar

from assay.sources.formats.columns import (
    PRICE_NAMES,
    TICK_VOLUME,
    by_plain_name,
    chosen,
    laid_out,
    looks,
)
from assay.sources.formats.contract import Format, Layout, Stamp
from assay.sources.reading.raw import Raw

ZONED = r".*(?:Z|[+-]\d{2}:?\d{2})"


class MetaTrader(Format):
    """Bars stamped at their open (`MqlRates.time`: "period start time") in the server's clock.

    MetaTrader 5 exports `<DATE>`, `<TIME>` (not for days), `<OPEN>` to `<CLOSE>`, `<TICKVOL>`,
    `<VOL>` and `<SPREAD>` between tabs; MetaTrader 4 date, clock, four prices and volume without a
    header; `copy_rates_*` gives `time` as seconds since 1970 that are the server's clock too, which
    is documented nowhere. Which clock a broker's server keeps, no file says. Counted are
    ticks: `<VOL>` is empty for currencies.
    """

    order: ClassVar[int] = 20

    def layout(self, raw: Raw) -> Layout | None:
        """See `Format.layout`."""
        return _version_5(raw) or _version_4(raw) or _rates(raw)


def _version_5(raw: Raw) -> Layout | None:
    header = [name.strip() for name in raw.frame.columns]
    known = by_plain_name(raw)
    columns = chosen(known, {**PRICE_NAMES, "volume": "tickvol"})
    if "<TICKVOL>" not in header or "date" not in known or columns is None:
        return None
    time = [known[name] for name in ("date", "time") if name in known]
    said = "the columns <DATE> to <TICKVOL> of an export from MetaTrader 5"
    return _served(laid_out(raw, time, columns, Stamp.OPEN), said)


def _version_4(raw: Raw) -> Layout | None:
    if raw.named or raw.frame.width != 7:
        return None
    date, clock, *values = raw.frame.columns
    if not looks(raw.frame[date], r"\d{4}\.\d{2}\.\d{2}"):
        return None
    if not looks(raw.frame[clock], r"\d{2}:\d{2}"):
        return None
    columns = dict(zip((*PRICE_NAMES, "volume"), values, strict=True))
    said = "lines of date, clock, four prices and volume as MetaTrader 4 exports them"
    return _served(laid_out(raw, (date, clock), columns, Stamp.OPEN), said)


def _rates(raw: Raw) -> Layout | None:
    known = by_plain_name(raw)
    columns = chosen(known, {**PRICE_NAMES, "volume": "tick_volume"})
    time = next((known[name] for name in ("time", "date", "datetime") if name in known), None)
    if "tick_volume" not in known or columns is None or time is None:
        return None
    said = "its column 'tick_volume', which MetaTrader's rates have"
    layout = _served(laid_out(raw, (time,), columns, Stamp.OPEN), said)
    return replace(layout, server=not looks(raw.frame[time], ZONED))


def _served(layout: Layout, evidence: str) -> Layout:
    notes = (*layout.notes, TICK_VOLUME) if "volume" in layout.columns else layout.notes
    return replace(layout, format="metatrader", evidence=evidence, server=True, notes=notes)
