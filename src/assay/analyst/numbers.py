"""The numbers of one timeframe that the analyst reads, from its bars alone."""

import math
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.table import micro
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe

Vector = npt.NDArray[np.float64]
WINDOW_BARS = 300
"""No number looks further back than this."""
SHOWN_BARS = 8
_COLUMNS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class TimeframeNumbers:
    """What the last bars of one timeframe say; None where there are too few bars.

    Returns, ATR: percent of the last close. `vol_percentile` 0..100: the deviation of the last 20
    log returns among the rolling ones of the window. `vol_ratio`: that of the last 20 over the last
    100. `rsi_14` with plain means (Cutler). `dist_sma_*`: close less average, in ATR(14).
    `place_in_range`: place of the close in the 20-bar range, 0..1. `volume_z`: last volume in
    deviations of the 20 before, None where none is published. `gap_atr`: last open less the close
    before, in ATR. `last_bars`: open, high, low, close of the last 8 bars, first open = 100.
    `age_min`: minutes from the last close to the time of the brief.
    """

    timeframe: Timeframe
    bars: int
    age_min: int
    return_1_pct: float | None
    return_5_pct: float | None
    return_20_pct: float | None
    atr_pct: float | None
    vol_percentile: float | None
    vol_ratio: float | None
    rsi_14: float | None
    dist_sma_20_atr: float | None
    dist_sma_50_atr: float | None
    dist_sma_200_atr: float | None
    place_in_range: float | None
    volume_z: float | None
    gap_atr: float | None
    last_bars: tuple[tuple[float, float, float, float], ...]


def numbers_of(bars: Bars, as_of: datetime) -> TimeframeNumbers:
    """Return the numbers of `bars` as of `as_of`; later bars are not looked at."""
    known = known_tail(bars, as_of, WINDOW_BARS)
    found = _numbers_of(bars.timeframe, np.stack([known[c].to_numpy() for c in _COLUMNS]).tobytes())
    if not known.height:
        return found
    last = known["time"][-1]
    return replace(found, age_min=int((as_of - last).total_seconds() // 60))


@lru_cache(maxsize=512)
def _numbers_of(timeframe: Timeframe, values: bytes) -> TimeframeNumbers:
    """Return what numbers of `_COLUMNS` say, of no age; a long bar's are asked for many times."""
    opened, high, low, close, volume = np.frombuffer(values).reshape(len(_COLUMNS), -1)
    atr, returns = _atr(high, low, close), np.diff(np.log(close))
    return TimeframeNumbers(
        timeframe=timeframe,
        bars=close.size,
        age_min=-1,
        return_1_pct=_return(close, 1),
        return_5_pct=_return(close, 5),
        return_20_pct=_return(close, 20),
        atr_pct=_rounded(100 * atr / close[-1]) if atr is not None else None,
        vol_percentile=_vol_percentile(returns),
        vol_ratio=_vol_ratio(returns),
        rsi_14=_rsi(close),
        dist_sma_20_atr=_distance(close, 20, atr),
        dist_sma_50_atr=_distance(close, 50, atr),
        dist_sma_200_atr=_distance(close, 200, atr),
        place_in_range=_place_in_range(high, low, close),
        volume_z=_volume_z(volume),
        gap_atr=_rounded((opened[-1] - close[-2]) / atr) if atr else None,
        last_bars=_rebased(opened, high, low, close),
    )


def known_tail(bars: Bars, as_of: datetime, count: int) -> pl.DataFrame:
    """Return the last `count` rows that had closed by `as_of`; looks up, does not scan."""
    closes = bars.frame["time"].to_numpy().view(np.int64)
    stop = int(closes.searchsorted(micro(as_of), side="right"))
    start = max(0, stop - count)
    return bars.frame.slice(start, stop - start)


def _return(close: Vector, back: int) -> float | None:
    if close.size <= back:
        return None
    return _rounded(100 * (close[-1] / close[-1 - back] - 1))


def _atr(high: Vector, low: Vector, close: Vector) -> float | None:
    """Return the mean true range of the last 14 bars, in price units; None if it is 0."""
    if close.size < 15:
        return None
    before = close[-15:-1]
    true = np.maximum(high[-14:], before) - np.minimum(low[-14:], before)
    return float(true.mean()) or None


def _deviations(returns: Vector, window: int) -> Vector:
    if returns.size < window:
        return np.empty(0)
    rolling: Vector = np.lib.stride_tricks.sliding_window_view(returns, window).std(axis=1)
    return rolling


def _vol_percentile(returns: Vector) -> float | None:
    rolling = _deviations(returns, 20)
    if rolling.size < 40:
        return None
    below = (rolling < rolling[-1]).mean() + 0.5 * (rolling == rolling[-1]).mean()
    return _rounded(100 * below)


def _vol_ratio(returns: Vector) -> float | None:
    if returns.size < 100:
        return None
    long = float(returns[-100:].std())
    return _rounded(float(returns[-20:].std()) / long) if long > 0 else None


def _rsi(close: Vector) -> float | None:
    if close.size < 15:
        return None
    steps = np.diff(close[-15:])
    up, down = float(steps[steps > 0].sum()), float(-steps[steps < 0].sum())
    return _rounded(100 * up / (up + down)) if up + down > 0 else 50.0


def _distance(close: Vector, window: int, atr: float | None) -> float | None:
    if close.size < window or atr is None:
        return None
    return _rounded((close[-1] - close[-window:].mean()) / atr)


def _place_in_range(high: Vector, low: Vector, close: Vector) -> float | None:
    if close.size < 20:
        return None
    top, bottom = float(high[-20:].max()), float(low[-20:].min())
    return _rounded((close[-1] - bottom) / (top - bottom)) if top > bottom else None


def _volume_z(volume: Vector) -> float | None:
    if volume.size < 21:
        return None
    before = volume[-21:-1]
    spread = float(before.std())
    return _rounded((volume[-1] - before.mean()) / spread) if spread > 0 else None


def _rebased(
    opened: Vector, high: Vector, low: Vector, close: Vector
) -> tuple[tuple[float, float, float, float], ...]:
    if not opened.size:
        return ()
    rows = np.stack([opened, high, low, close], axis=1)[-SHOWN_BARS:]
    scaled = 100 * rows / rows[0, 0]
    return tuple(
        (round(float(o), 3), round(float(h), 3), round(float(lo), 3), round(float(c), 3))
        for o, h, lo, c in scaled
    )


def _rounded(value: float) -> float | None:
    number = float(value)
    return round(number, 3) + 0.0 if math.isfinite(number) else None
