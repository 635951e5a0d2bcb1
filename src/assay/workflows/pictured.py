"""A stretch of a stored series as it is drawn: bars, the places of missing ones, flagged ones."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.calendars.table import micro
from assay.core.errors import NotFoundError, SettingsError
from assay.core.values.bars import PRICES, Bars
from assay.core.values.timeframe import Timeframe
from assay.evaluation.candles import encode
from assay.sources.quality.columns import runs
from assay.sources.quality.flaw import Flaw
from assay.workflows.covered import Gap, covered
from assay.workflows.desk import Desk
from assay.workflows.flagged import flaws_of

NEWEST = 300
"""Bars that are drawn if no time is named."""
MOST = 20_000
"""Bars that can be drawn at once."""
BLANKS = 24
"""Places that a gap takes at most, however long it is."""
MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Pictured:
    """Bars of a stretch with what is missing between them and what is flagged, in order of time.

    `slots` are closes (microseconds UTC) of bars that are there and of missing ones, a long gap
    shortened to `BLANKS`; `rows` says of each which row of `bars` it is, -1 for a missing one.
    """

    bars: Bars
    source: str
    simulated: bool
    slots: NDArray[np.int64]
    rows: NDArray[np.int64]
    gaps: tuple[Gap, ...]
    flaws: tuple[Flaw, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data; candles as `evaluation.candles.encode` packs them, in minutes."""
        instrument, time = self.bars.instrument, self.bars.frame["time"].dt.epoch("us").to_numpy()
        prices = self.bars.frame.select(PRICES).to_numpy()
        blank = self.slots[self.rows < 0] // MINUTE
        return {
            "symbol": instrument.symbol,
            "timeframe": self.bars.timeframe,
            "source": self.source,
            "simulated": self.simulated,
            "tick": instrument.tick_size,
            "digits": instrument.price_digits,
            "bars": len(self.bars),
            "first": self.bars.first_time,
            "last": self.bars.last_time,
            "candles": encode(time // MINUTE, np.rint(prices / instrument.tick_size).astype(int)),
            "missing": blank.tolist(),
            "gaps": [{"first": g.first, "last": g.last, "bars": g.bars} for g in self.gaps],
            "flaws": [flaw.to_json() for flaw in self.flaws],
        }


def pictured(
    desk: Desk,
    symbol: str,
    timeframe: Timeframe,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Pictured:
    """Return the bars that closed from `start` to `end` (UTC), ready to be drawn.

    Without `start` the newest `NEWEST` by `end`. No bar in the stretch is a `NotFoundError`, more
    than `MOST` a `SettingsError`.
    """
    instrument = desk.instrument(symbol)
    whole = desk.bars.read(instrument, timeframe)
    name = f"{instrument.symbol} {timeframe}"
    frame = whole.frame.filter(pl.col("time") <= end) if end is not None else whole.frame
    frame = frame.tail(NEWEST) if start is None else frame.filter(pl.col("time") >= start)
    if frame.is_empty():
        raise NotFoundError(
            f"No bar of {name} closed in that stretch; stored are {whole.first_time:%Y-%m-%d %H:%M}"
            f" to {whole.last_time:%Y-%m-%d %H:%M} UTC"
        )
    if frame.height > MOST:
        raise SettingsError(
            f"{frame.height:,} bars of {name} lie in that stretch, and {MOST:,} can be drawn; "
            "choose a shorter one with --from and --to, or longer bars"
        )
    bars = Bars(instrument, timeframe, frame)
    info = desk.bars.info(instrument.symbol, timeframe)
    first, last = bars.first_time, bars.last_time
    found = covered(bars)
    slots, rows = _slots(bars, found.expected, found.there)
    return Pictured(
        bars=bars,
        source=info.source,
        simulated=info.simulated,
        slots=slots,
        rows=rows,
        gaps=tuple(found.gaps()),
        flaws=tuple(
            flaw
            for flaw in flaws_of(desk, whole)
            if flaw.first is not None
            and flaw.last is not None
            and flaw.first <= last
            and flaw.last >= first
        ),
    )


def _slots(
    bars: Bars, expected: NDArray[np.int64], there: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of bars and of missing ones, and the row of each; see `Pictured`."""
    times = bars.frame["time"].dt.epoch("us").to_numpy()
    blank = [expected[a : min(b, a + BLANKS - 1) + 1] for a, b in runs(~there)]
    slots = np.sort(np.concatenate([times, *blank]))
    place = np.minimum(np.searchsorted(times, slots), len(times) - 1)
    return slots, np.where(times[place] == slots, place, -1)


def marked(found: Pictured) -> NDArray[np.bool_]:
    """Return (n,) which bars of the stretch a flaw holds."""
    times = found.bars.frame["time"].dt.epoch("us").to_numpy()
    held = np.zeros(len(times), dtype=np.bool_)
    for flaw in found.flaws:
        assert flaw.first is not None
        assert flaw.last is not None
        held |= (times >= micro(flaw.first)) & (times <= micro(flaw.last))
    return held
