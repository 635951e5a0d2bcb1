"""HistData.com: minutes of currencies, metals and indices, as ASCII or for MetaTrader."""

import re
from dataclasses import replace
from typing import ClassVar

from assay.sources.contract import Note
from assay.sources.formats.columns import PRICE_NAMES, laid_out, looks
from assay.sources.formats.contract import Format, Layout, Stamp
from assay.sources.reading.raw import Raw

CLOCK = Note(
    "histdata_clock",
    "HistData says that its clock is UTC-5 all year, but its files keep other clocks in some years",
)
NO_VOLUME = Note("no_volume", "HistData publishes no volume: volume is 0 in every bar")
FOR_METATRADER = re.compile(r"DAT_MT_[A-Z0-9]{6,}_M1")


class HistData(Format):
    """Bid prices of minutes, stamped at their open, without a header.

    "Generic ASCII" (`DAT_ASCII_EURUSD_M1_2019`) is `YYYYMMDD HHMMSS;open;high;low;close;volume`;
    "MetaTrader" (`DAT_MT_…`) is what MetaTrader 4 writes, known by its name. The specification says
    "EST without daylight savings"; files of 2018 and 2019 were measured to keep New York's and
    London's summer time, so that the clock is left open.
    """

    order: ClassVar[int] = 10

    def layout(self, raw: Raw) -> Layout | None:
        """See `Format.layout`."""
        if raw.named or raw.frame.width not in {6, 7}:
            return None
        first, *values = raw.frame.columns
        if raw.frame.width == 6 and looks(raw.frame[first], r"\d{8} \d{6}"):
            said = "lines of YYYYMMDD HHMMSS, four prices and a volume as HistData writes them"
            return _minutes(raw, (first,), values, said)
        if raw.frame.width == 7 and FOR_METATRADER.search(raw.name):
            date, clock, *values = raw.frame.columns
            return _minutes(raw, (date, clock), values, "the name DAT_MT_… that HistData gives")
        return None


def _minutes(raw: Raw, time: tuple[str, ...], values: list[str], evidence: str) -> Layout:
    columns = dict(zip((*PRICE_NAMES, "volume"), values, strict=True))
    empty = looks(raw.frame[columns["volume"]], r"0(?:\.0+)?")
    layout = laid_out(raw, time, columns, Stamp.OPEN)
    notes = (*layout.notes, CLOCK, *((NO_VOLUME,) if empty else ()))
    return replace(layout, format="histdata", evidence=evidence, server=True, notes=notes)
