"""Candles of both sides of the quotes in one table, as FXCM, OANDA and joined files have them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import polars as pl

from assay.sources.contract import Note
from assay.sources.formats.columns import PRICE_NAMES, by_plain_name, chosen, is_epoch, laid_out
from assay.sources.formats.contract import Format, Layout, Stamp
from assay.sources.reading.raw import Raw

WRITTEN = ("{price}_{side}", "{side}_{price}", "{side}{price}", "{side}_{short}")
"""open_bid, bid_open, bidopen and bid_o."""
TIMES: Mapping[str, Stamp | None] = {
    "timestamp": Stamp.OPEN,
    "open_time": Stamp.OPEN,
    "time": None,
    "datetime": None,
    "date": None,
}
COUNTS = ("volume", "tickqty", "tick_volume")
BIDS = Note("bid_prices", "The table holds bids and asks: the bids were read, the asks were not")


class BidAsk(Format):
    """Four prices for the bid and four for the ask; the bids become the bars.

    Times mean what their name says, as in any table. FXCM's package writes
    `date,bidopen,bidclose,bidhigh,bidlow,askopen,…,tickqty`.
    """

    order: ClassVar[int] = 60

    def layout(self, raw: Raw) -> Layout | None:
        """See `Format.layout`."""
        known = by_plain_name(raw)
        bids, asks = _side(known, "bid"), _side(known, "ask")
        time = next((name for name in TIMES if name in known), None)
        if bids is None or asks is None or time is None:
            return None
        volume = next((known[name] for name in COUNTS if name in known), None)
        columns = {**bids, **({"volume": volume} if volume else {})}
        layout = laid_out(raw, (known[time],), columns, TIMES[time])
        return replace(
            layout,
            format="bid_ask",
            evidence=f"its columns {bids['open']!r} and {asks['open']!r}",
            clock="UTC" if is_epoch(raw.frame[known[time]]) else None,
            notes=(*layout.notes, BIDS, *_crossed(raw, bids, asks)),
        )


def _crossed(raw: Raw, bids: Mapping[str, str], asks: Mapping[str, str]) -> tuple[Note, ...]:
    """Return a note on rows in which an ask lies below its bid: no market quotes so."""
    below = pl.any_horizontal(
        pl.col(asks[price]).cast(pl.Float64, strict=False)
        < pl.col(bids[price]).cast(pl.Float64, strict=False)
        for price in ("open", "close")
    )
    count = raw.frame.filter(below).height
    if not count:
        return ()
    said = (
        f"{count:,} of {raw.frame.height:,} rows are crossed, the ask below the bid where they "
        "open or close: one of the sides is wrong there"
    )
    return (Note("crossed", said),)


def _side(known: Mapping[str, str], side: str) -> dict[str, str] | None:
    for form in WRITTEN:
        names = {
            price: form.format(price=price, side=side, short=price[0]) for price in PRICE_NAMES
        }
        found = chosen(known, names)
        if found is not None:
            return found
    return None
