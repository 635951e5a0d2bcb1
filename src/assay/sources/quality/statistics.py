"""Rules of likelihood: what a sound bar can be, and hardly ever is.

Each looks back, and a spike a few bars ahead, until it is taken back: what is known of a bar does
not change afterwards.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.grid import MINUTE
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.columns import Columns, Floats, runs
from assay.sources.quality.flaw import Code
from assay.sources.quality.structure import Found
from assay.sources.splits import Split, adjusted, find_splits

SPIKE = 15.0
"""Local ATRs, of the 14 bars before, where the next bar takes it back; a later one has to take back
more, times the root of the bars it took: so much further a price wanders in them by itself."""
REVERSED, TAKEN_BACK = 0.5, 3
"""The share of the way that has to be given back, and the bars in which: later it is a move."""
ATR_BARS, QUIET_BARS, QUIET = 14, 250, 0.25
"""The ATR counts at least a quarter of its median over so many bars: after a standstill any move
would be a spike."""
STALE = 6
"""Equal closes in a row, with no break between the bars."""
THIN, SLOTS, LEAST_SLOTS = 0.01, 20, 10
"""Of the median volume of the 20 bars before at the same time of day, known for 10 at least;"""
LATEST = 240
"""where there are not so many yet, of the last 240 bars."""


def statistical(
    bars: Columns,
    instrument: Instrument,
    timeframe: Timeframe,
    market: Calendar,
    *,
    since: int = 0,
) -> list[Found]:
    """Return the flaws of sound bars in order of time, by their places in `bars`.

    Of what ended and was known before row `since` some is left out: to judge a few new bars, only
    as many of those before them are gone through as the rules look back.
    """
    if len(bars) < 2:
        return []
    length = timeframe.minutes * MINUTE if timeframe.is_intraday else None
    found: list[Found] = []
    if instrument.asset_class is AssetClass.EQUITY:
        whole = Bars(instrument, timeframe, bars.frame())
        splits = find_splits(whole, market)
        found += _splits(whole, splits)
        if splits:  # the bars around one are compared as if it had always been
            bars = Columns.of(adjusted(whole, splits).frame)
    return [*found, *_spikes(bars, since), *_stale(bars, length), *_thin(bars, length, since)]


def _spikes(bars: Columns, since: int) -> Iterator[Found]:
    """Yield highs and lows far from the closes on both sides: reached, and given back.

    How far a low is off is measured as the high of the price turned over, for prices move in
    ratios: half is as far as double. Counted in the price itself no low could be 15 ATR off where
    the ATR is more than a fifteenth of it. An extreme that a bar goes beyond before it is given
    back is none.
    """
    begin = max(0, since - TAKEN_BACK - QUIET_BARS - ATR_BARS - 1)
    bars = bars.take(slice(begin, None)) if begin else bars
    scale, before = _local_atr(bars), _later(bars.close, -1)
    for side, sign, extreme in (("high", 1.0, bars.high), ("low", -1.0, bars.low)):
        from_before = sign * (extreme - before)
        left = scale > 0
        for took in range(1, TAKEN_BACK + 1):
            after = _later(bars.close, took)
            from_after = sign * (extreme - after)
            away = np.fmax(from_before, from_after)
            back = np.minimum(from_before, from_after) >= REVERSED * away
            if sign < 0:
                away = np.fmax(from_before * before, from_after * after) / extreme
            if took > 1:
                left &= sign * (extreme - _later(extreme, took - 1)) >= 0
                left &= sign * (extreme - _later(extreme, took)) >= 0
            with np.errstate(invalid="ignore"):
                spiked = left & back & (away >= SPIKE * np.sqrt(took) * scale)
            for place in np.flatnonzero(spiked).tolist():
                size = away[place] / scale[place]
                when = "the next bar" if took == 1 else f"the {took} bars after it"
                said = f"its {side} lies {size:.0f} local ATR off, and {when} took it back"
                at = begin + place
                yield Found(Code.SPIKE, at, at, at + took, said)
            left &= ~spiked


def _later(values: Floats, bars: int) -> Floats:
    """Return what each of the values is so many bars later, NaN where there is none."""
    found = np.full(values.size, np.nan)
    if bars > 0:
        found[:-bars] = values[bars:]
    else:
        found[-bars:] = values[:bars]
    return found


def _local_atr(bars: Columns) -> Floats:
    """Return the mean true range of the 14 bars before each, NaN for the first."""
    previous = np.concatenate([[np.nan], bars.close[:-1]])
    true_range = np.fmax(bars.high, previous) - np.fmin(bars.low, previous)
    mean, last = np.full(true_range.size, np.nan), true_range.size - ATR_BARS
    if last > 0:  # each of its own bars alone, wherever the columns begin
        whole = sum(true_range[place : place + last] for place in range(ATR_BARS))
        mean[ATR_BARS:] = whole / ATR_BARS
    known = pl.Series(mean, nan_to_null=True)
    usual = QUIET * known.rolling_median(QUIET_BARS, min_samples=ATR_BARS).to_numpy()
    scale: Floats = np.fmax(mean, usual)
    return scale


def _stale(bars: Columns, length: int | None) -> Iterator[Found]:
    same = np.diff(bars.close) == 0
    if length is not None:
        same &= np.diff(bars.time) == length
    for start, end in runs(same):
        bars_in = end - start + 2
        if bars_in >= STALE:
            said = f"{bars_in} closes in a row are the same"
            yield Found(Code.STALE, start, end + 1, start + STALE - 1, said)


def _thin(bars: Columns, length: int | None, since: int) -> Iterator[Found]:
    if not (bars.volume[since:] < THIN * bars.volume.max()).any():
        return  # what is usual is no more than the largest
    if not np.median(bars.volume) > 0:
        return
    slot = (
        bars.time % (1440 * MINUTE) if length is not None else np.zeros(len(bars), dtype=np.int64)
    )
    rows = np.flatnonzero(np.isin(slot, slot[since:])) if since else np.arange(slot.size)
    at_the_time = pl.col("volume").rolling_median(SLOTS, min_samples=LEAST_SLOTS).shift(1)
    frame = pl.DataFrame({"slot": slot[rows], "volume": bars.volume[rows]})
    alike = frame.select(at_the_time.over("slot")).to_series().to_numpy()
    near = pl.Series(bars.volume[max(0, since - LATEST) :])
    latest = _later(near.rolling_median(LATEST, min_samples=SLOTS).to_numpy(), -1)
    new = len(bars) - since
    usual = np.where(np.isnan(alike[-new:]), latest[-new:], alike[-new:])
    with np.errstate(invalid="ignore"):
        thin = bars.volume[since:] < THIN * usual
    for start, end in runs(thin):
        said = "less than a hundredth of the volume that is usual at this time of day"
        yield Found(Code.THIN_VOLUME, since + start, since + end, since + start, said)


def _splits(bars: Bars, splits: Sequence[Split]) -> Iterator[Found]:
    for split in splits:
        place = int(bars.frame["time"].search_sorted(split.at))
        said = f"it looks like an unadjusted {split.name} split"
        yield Found(Code.SPLIT, place, place, place, said)
