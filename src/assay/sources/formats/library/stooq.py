"""Stooq: its bulk files of all markets and the daily download of one."""

import re
from dataclasses import replace
from typing import ClassVar

from assay.sources.contract import Note
from assay.sources.file_names import LENGTHS
from assay.sources.formats.columns import PRICE_NAMES, by_plain_name, chosen, laid_out, only_value
from assay.sources.formats.contract import Format, Layout, Stamp
from assay.sources.reading.raw import Raw

IN_POLISH = {
    "open": "otwarcie",
    "high": "najwyzszy",
    "low": "najnizszy",
    "close": "zamkniecie",
    "volume": "wolumen",
}
DAILY_NAME = re.compile(r"(?:^|[/\\ ])[\w^.-]+_(?:us|uk|de|jp|hk|hu|pl|v)_d\.csv$")
ADJUSTED = Note(
    "adjustment",
    "Stooq's prices of shares may be adjusted for splits and dividends: the file does not show it",
)
CLOCK = Note(
    "stooq_clock",
    "Stooq does not say which clock its times are; those of American shares look like Warsaw's",
)


class Stooq(Format):
    """Bulk files: `<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,…,<VOL>,<OPENINT>`, PER 5, 60 or D.

    `<DATE>` is YYYYMMDD, `<TIME>` HHMMSS and 000000 for days. That shorter bars are stamped at
    their open, on Warsaw's clock, was seen in files and is documented nowhere; nor is whether
    prices are adjusted. The daily download is `Date,Open,High,Low,Close,Volume`, known by its name
    (`aapl_us_d.csv`), or the same in Polish.
    """

    order: ClassVar[int] = 20

    def layout(self, raw: Raw) -> Layout | None:
        """See `Format.layout`."""
        return _bulk(raw) or _daily(raw)


def _bulk(raw: Raw) -> Layout | None:
    known = by_plain_name(raw)
    columns = chosen(known, {**PRICE_NAMES, "volume": "vol"})
    if columns is None or not known.keys() >= {"ticker", "per", "date", "time", "openint"}:
        return None
    ticker, per = known["ticker"], known["per"]
    length = only_value(raw.frame[per]) or ""
    minutes = 1440 if length == "D" else int(length) if length.isdigit() else 0
    time = ("date",) if minutes == 1440 else ("date", "time")
    layout = laid_out(
        raw,
        [known[name] for name in time],
        columns,
        None if minutes == 1440 else Stamp.OPEN,
        used=[ticker, per, known["time"]],
    )
    return replace(
        layout,
        format="stooq",
        evidence="the columns <TICKER> to <OPENINT> of Stooq's bulk files",
        notes=(*layout.notes, ADJUSTED, *(() if minutes == 1440 else (CLOCK,))),
        symbol=only_value(raw.frame[ticker]),
        timeframe=LENGTHS.get(minutes),
        instruments=ticker,
        server=True,
    )


def _daily(raw: Raw) -> Layout | None:
    known = by_plain_name(raw)
    polish = chosen(known, IN_POLISH)
    if polish is not None and "data" in known:
        return _days(raw, known["data"], polish, "the Polish headings of Stooq's download")
    columns = chosen(known, {**PRICE_NAMES, "volume": "volume"})
    if columns is None or not DAILY_NAME.search(raw.name):
        return None
    if raw.frame.columns[:5] != ["Date", "Open", "High", "Low", "Close"]:
        return None
    return _days(raw, "Date", columns, "the name that Stooq gives its daily download")


def _days(raw: Raw, time: str, columns: dict[str, str], evidence: str) -> Layout:
    layout = laid_out(raw, (time,), columns, None)
    notes = (*layout.notes, ADJUSTED)
    return replace(layout, format="stooq", evidence=evidence, notes=notes)
