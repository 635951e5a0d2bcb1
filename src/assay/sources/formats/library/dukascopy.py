"""Dukascopy: the web page's export, JForex' export, and what dukascopy-node downloads."""

import re
from dataclasses import replace
from typing import ClassVar

from assay.sources.contract import Note
from assay.sources.file_times import DateOrder
from assay.sources.formats.columns import PRICE_NAMES, by_plain_name, chosen, is_epoch, laid_out
from assay.sources.formats.contract import Format, Layout, Stamp
from assay.sources.reading.raw import Raw

CLOCKS = {
    "Gmt time": "UTC",
    "Local time": None,
    "Time (UTC)": "UTC",
    "Time (EET)": "Europe/Athens",
}
"""The clock that each heading of the times names; local times have their offset beside them."""
ROLES = {**PRICE_NAMES, "volume": "volume"}
ASK = re.compile(r"[_-]ask[_.-]", re.IGNORECASE)
BY_NODE = re.compile(r"-(?:bid|ask)-\d{4}-\d{2}-\d{2}", re.IGNORECASE)


class Dukascopy(Format):
    """Bars of one side of the quotes, stamped at their open, dates written 31.01.2019.

    The heading of the times names their clock: `Gmt time`, `Time (UTC)`, `Time (EET)` (with summer
    time), or `Local time` with `GMT+0200` in each row. dukascopy-node writes
    `timestamp,open,high,low,close[,volume]` in milliseconds into `eurusd-h1-bid-2019-01-01-….csv`.
    Headings were looked up in files, for the exports are documented nowhere.
    """

    order: ClassVar[int] = 20

    def layout(self, raw: Raw) -> Layout | None:
        """See `Format.layout`."""
        known = by_plain_name(raw)
        columns = chosen(known, ROLES)
        if columns is None:
            return None
        layout = _exported(raw, columns) or _by_node(raw, columns)
        if layout is None or not ASK.search(raw.name):
            return layout
        note = Note("ask_prices", "The name says ASK: the prices are asks, not bids")
        return replace(layout, notes=(*layout.notes, note))


def _exported(raw: Raw, columns: dict[str, str]) -> Layout | None:
    time = next((name for name in raw.frame.columns if name.strip() in CLOCKS), None)
    if time is None:
        return None
    return replace(
        laid_out(raw, (time,), columns, Stamp.OPEN),
        format="dukascopy",
        evidence=f"its heading {time.strip()!r}, as Dukascopy writes it",
        clock=CLOCKS[time.strip()],
        order=DateOrder.DAY_FIRST,
    )


def _by_node(raw: Raw, columns: dict[str, str]) -> Layout | None:
    header = raw.frame.columns
    if header[:5] != ["timestamp", *PRICE_NAMES] or not BY_NODE.search(raw.name):
        return None
    layout = laid_out(raw, ("timestamp",), columns, Stamp.OPEN)
    clock = "UTC" if is_epoch(raw.frame["timestamp"]) else None
    said = "the name and the columns that dukascopy-node gives"
    return replace(layout, format="dukascopy", evidence=said, clock=clock)
